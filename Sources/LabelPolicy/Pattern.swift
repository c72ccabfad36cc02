/// A regular expression over label values: anchored at both ends, matched in time linear in the value.
///
/// The syntax is the common subset of RE2: literals, `.`, classes `[a-z]` `[^…]`, `\d \w`, groups, alternation and the
/// quantifiers `* + ? {n} {n,} {n,m}`. Look-around and back-references do not exist: they cannot be matched in linear
/// time, and no pattern of a user may make the gate slow. `^` and `$` are accepted at the ends, where they change nothing.
package struct Pattern: Sendable, CustomStringConvertible {
    /// Longer patterns are refused: a label value has 63 characters.
    package static let maximumLength = 256
    /// States of the compiled automaton. A match takes at most states × length of the value steps of a few words each:
    /// some 40 µs at this bound, and well under 1 µs for patterns in use.
    package static let maximumStates = 512

    package let text: String
    /// States of Thompson's automaton: the measure of `maximumStates`.
    package let stateCount: Int
    private let automaton: PatternAutomaton

    /// Compiles `text`.
    /// - Throws: `PatternError`, with the column (from 1) at which the pattern cannot be read.
    package init(_ text: String) throws(PatternError) {
        var compiler = try PatternCompiler(text)
        let (states, start) = try compiler.compile()
        stateCount = states.count
        automaton = PatternAutomaton(states: states, start: start)
        self.text = text
    }

    package var description: String { text }

    /// Whether the whole of `value` matches.
    package func matches(_ value: String) -> Bool { automaton.matches(value) }
}

extension Pattern: Hashable {
    package static func == (left: Pattern, right: Pattern) -> Bool { left.text == right.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// Why a pattern cannot be compiled, and at which column of it (from 1).
package struct PatternError: Error, Hashable, Sendable {
    package enum Problem: Hashable, Sendable {
        case tooLong(limit: Int)
        case tooComplex(limit: Int)
        case nestedTooDeeply(limit: Int)
        case countTooLarge(limit: Int)
        case notASCII
        case unclosedGroup
        case unopenedGroup
        case unclosedClass
        case emptyClass
        case reversedRange
        case nothingToRepeat
        case badRepetition
        case trailingBackslash
        case unknownEscape(Character)
        case unsupported(String)
        case anchorInside(Character)
    }

    package let problem: Problem
    package let column: Int

    package var explanation: String {
        switch problem {
        case .tooLong(let limit): "the pattern is longer than \(limit) characters; shorten it"
        case .tooComplex(let limit): "the pattern needs more than \(limit) states; use smaller repetition counts"
        case .nestedTooDeeply(let limit): "groups nest deeper than \(limit); drop the needless ones"
        case .countTooLarge(let limit): "no label value is longer than \(limit) characters; use a smaller count"
        case .notASCII: "label values are ASCII, so this character can never match; remove it"
        case .unclosedGroup: "'(' is never closed; add ')'"
        case .unopenedGroup: "')' closes no group; remove it or write '\\)'"
        case .unclosedClass: "'[' is never closed; add ']'"
        case .emptyClass: "the class is empty and can never match"
        case .reversedRange: "the range runs backwards; write the smaller character first"
        case .nothingToRepeat: "there is nothing before the quantifier to repeat; write '\\' before it to mean itself"
        case .badRepetition: "a repetition is {n}, {n,} or {n,m} with n <= m"
        case .trailingBackslash: "the pattern ends in a lone backslash"
        case .unknownEscape(let character): "'\\\(character)' is not known; \\d, \\w and escaped punctuation are"
        case .unsupported(let what):
            "\(what): not in the syntax, which has literals, '.', [classes], \\d, \\w, groups, '|', * + ? and {n,m}"
        case .anchorInside(let character):
            "'\(character)' stands inside the pattern; patterns always match whole values"
        }
    }
}
