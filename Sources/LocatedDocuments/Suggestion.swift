/// The candidate a misspelt word was most likely meant to be, or nil when none is near.
///
/// Near is what one slip in a short word, or two in a longer one, can do: a letter wrong, missing, added, or two
/// neighbours swapped (Damerau–Levenshtein distance). A word that differs in case, `-` or `_` alone is always near.
package func didYouMean(_ word: String, _ candidates: some Sequence<String>) -> String? {
    let wordScalars = Array(word.unicodeScalars.prefix(SuggestionLimits.wordLength + 1))
    guard !wordScalars.isEmpty, wordScalars.count <= SuggestionLimits.wordLength else { return nil }
    let folded = fold(word)
    let allowed = wordScalars.count <= SuggestionLimits.shortWord ? 1 : 2
    var best: (candidate: String, distance: Int)?
    for candidate in candidates.prefix(SuggestionLimits.candidates) where candidate != word {
        if fold(candidate) == folded { return candidate }
        let scalars = Array(candidate.unicodeScalars.prefix(SuggestionLimits.wordLength + 1))
        let limit = min(allowed, (best?.distance ?? Int.max) - 1)
        guard limit > 0, let distance = editDistance(wordScalars, scalars, atMost: limit) else { continue }
        best = (candidate, distance)
    }
    return best?.candidate
}

/// Bounds of `didYouMean`; the work is at most the product of all three, some 30 ms, for one message.
private enum SuggestionLimits {
    /// Longer than any field name, label key's name or team: beyond it a suggestion is noise.
    static let wordLength = 64
    /// Of at most this many letters, two wrong ones leave too little to recognise.
    static let shortWord = 4
    /// More than a large company has teams.
    static let candidates = 5_000
}

private func fold(_ word: String) -> String {
    String(word.lowercased().filter { $0 != "-" && $0 != "_" })
}

/// Optimal string alignment distance when it is at most `limit`, else nil.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar], atMost limit: Int) -> Int? {
    guard abs(left.count - right.count) <= limit else { return nil }
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for (row, scalar) in left.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(right.count + 1)
        for (column, other) in right.enumerated() {
            var distance = min(
                last[column] + (scalar == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, scalar == right[column - 1], left[row - 1] == other {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            current.append(distance)
        }
        if let least = current.min(), least > limit { return nil }
        (beforeLast, last) = (last, current)
    }
    return last.last.flatMap { $0 <= limit ? $0 : nil }
}
