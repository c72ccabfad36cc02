/// A name pattern of exemptions and exclusions: `*` stands for any run of characters, everything else for itself.
///
/// Matching is greedy with one point of return, so its cost is bounded by the product of the two lengths, both of
/// which are bounded (object names hold at most 253 characters).
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    /// Whether it stands for itself only, in ASCII, as most do.
    private let isLiteral: Bool

    package init(_ text: String) {
        self.text = text
        isLiteral = text.utf8.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "*") }
    }

    package var description: String { text }

    package func matches(_ candidate: String) -> Bool {
        let pattern = text.utf8
        let name = candidate.utf8
        // Texts of one length in bytes, one of them ASCII, are equal only byte by byte.
        if isLiteral { return pattern.count == name.count && text == candidate }
        var patternIndex = pattern.startIndex
        var nameIndex = name.startIndex
        var star: (pattern: String.Index, name: String.Index)?
        while nameIndex < name.endIndex {
            if patternIndex < pattern.endIndex, pattern[patternIndex] == UInt8(ascii: "*") {
                patternIndex = pattern.index(after: patternIndex)
                star = (patternIndex, nameIndex)
            } else if patternIndex < pattern.endIndex, pattern[patternIndex] == name[nameIndex] {
                patternIndex = pattern.index(after: patternIndex)
                nameIndex = name.index(after: nameIndex)
            } else if let last = star {
                patternIndex = last.pattern
                nameIndex = name.index(after: last.name)
                star = (last.pattern, nameIndex)
            } else {
                return false
            }
        }
        while patternIndex < pattern.endIndex, pattern[patternIndex] == UInt8(ascii: "*") {
            patternIndex = pattern.index(after: patternIndex)
        }
        return patternIndex == pattern.endIndex
    }
}

extension Array where Element == Glob {
    /// Whether any of the patterns matches; no pattern at all matches nothing.
    func anyMatches(_ candidate: String) -> Bool { contains { $0.matches(candidate) } }
}
