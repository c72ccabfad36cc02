/// "Did you mean": the candidate nearest to a word that was not found.
package enum NearestMatch {
    /// Longer words are not compared: nobody mistypes them, and the cost is the product of the lengths.
    package static let maximumLength = 64
    /// At most so many candidates are looked at, so that a denial costs microseconds even with a huge registry.
    package static let maximumCandidates = 4_096

    /// The nearest candidate within a third of the word's length (at least one, at most three edits); the first of
    /// equals. Case does not count as a difference, so `ML-Platform` finds `ml-platform`.
    package static func find(_ word: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= maximumLength else { return nil }
        var best: (candidate: String, distance: Int)?
        var limit = min(3, max(1, wanted.count / 3))
        for candidate in candidates.prefix(maximumCandidates) {
            let other = Array(candidate.lowercased().utf8)
            guard other.count <= maximumLength, abs(other.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, other)
            if distance <= limit, distance < best?.distance ?? .max {
                best = (candidate, distance)
                limit = distance
            }
        }
        return best?.candidate
    }

    /// Edits (insert, delete, replace, swap of neighbours) that turn one word into the other: the optimal string
    /// alignment distance.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, rightByte) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1)
                cost = min(cost, last[column] + (leftByte == rightByte ? 0 : 1))
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
