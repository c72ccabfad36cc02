/// "Did you mean": the candidate nearest to a word that was not found.
package enum NearestMatch {
    /// Longer words are not compared: nobody mistypes them, and the cost is the product of the lengths.
    package static let maximumLength = 64
    /// At most so many candidates are looked at, so that a denial stays well under a millisecond even with a huge
    /// registry (some 0.2 µs for a candidate of like length, next to nothing for the others).
    package static let maximumCandidates = 4_096

    /// The nearest candidate within a third of the word's length (at least one, at most three edits) that `isUsable`;
    /// the first of equals. Case does not count as a difference, so `ML-Platform` finds `ml-platform`.
    package static func find(
        _ word: String, among candidates: some Sequence<String>, where isUsable: (String) -> Bool = { _ in true }
    ) -> String? {
        let length = word.utf8.count
        guard length > 0, length <= maximumLength else { return nil }
        var comparison = Comparison(word)
        var best: String?
        var limit = min(3, max(1, length / 3))
        for candidate in candidates.prefix(maximumCandidates) {
            let other = candidate.utf8.count
            guard other <= maximumLength, abs(other - length) <= limit else { continue }
            guard let distance = comparison.distance(to: candidate, limit: limit) else { continue }
            // A word that shares no letter with the candidate does not mean it.
            guard distance < max(length, other), isUsable(candidate) else { continue }
            best = candidate
            if distance == 0 { break }
            limit = distance - 1
        }
        return best
    }

    /// Edits (insert, delete, replace, swap of neighbours) that turn one word into the other: the optimal string
    /// alignment distance, by rows that are used again for every candidate.
    private struct Comparison {
        private let word: [UInt8]
        private var other: [UInt8] = []
        private var beforeLast = [Int](repeating: 0, count: maximumLength + 1)
        private var last = [Int](repeating: 0, count: maximumLength + 1)
        private var current = [Int](repeating: 0, count: maximumLength + 1)

        init(_ word: String) { self.word = word.utf8.map(Self.folded) }

        private static func folded(_ byte: UInt8) -> UInt8 { LabelSyntax.isUppercase(byte) ? byte | 0x20 : byte }

        /// Nil when it is more than `limit`.
        mutating func distance(to candidate: String, limit: Int) -> Int? {
            other.removeAll(keepingCapacity: true)
            for byte in candidate.utf8 { other.append(Self.folded(byte)) }
            let width = other.count + 1
            for column in 0..<width { last[column] = column }
            for (row, byte) in word.enumerated() {
                current[0] = row + 1
                var least = row + 1
                for (column, otherByte) in other.enumerated() {
                    var cost = min(last[column + 1], current[column]) + 1
                    cost = min(cost, last[column] + (byte == otherByte ? 0 : 1))
                    if row > 0, column > 0, byte == other[column - 1], word[row - 1] == otherByte {
                        cost = min(cost, beforeLast[column - 1] + 1)
                    }
                    current[column + 1] = cost
                    least = min(least, cost)
                }
                // No value of a later row is less than the least of this one: a swap takes the row before it, whose
                // values are at most one less, and adds one.
                if least > limit { return nil }
                swap(&beforeLast, &last)
                swap(&last, &current)
            }
            return last[width - 1] <= limit ? last[width - 1] : nil
        }
    }
}
