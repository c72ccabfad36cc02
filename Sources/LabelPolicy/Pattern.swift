/// A regular expression over label values: anchored at both ends, matched in time linear in the value.
///
/// The syntax is the common subset of RE2: literals, `.`, classes `[a-z]` `[^…]`, `\d \w`, groups, alternation and the
/// quantifiers `* + ? {n} {n,} {n,m}`. Look-around and back-references do not exist: they cannot be matched in linear
/// time, and no pattern of a user may make the gate slow. `^` and `$` are accepted at the ends, where they change nothing.
package struct Pattern: Sendable, CustomStringConvertible {
    /// Longer patterns are refused: a label value has 63 characters.
    package static let maximumLength = 256
    /// States of the compiled automaton. A match visits at most states × 64 steps, some 30 µs at this bound.
    package static let maximumStates = 512

    package let text: String
    private let states: [PatternState]
    private let start: Int

    /// Compiles `text`.
    /// - Throws: `PatternError`, with the column (from 1) at which the pattern cannot be read.
    package init(_ text: String) throws(PatternError) {
        var compiler = try PatternCompiler(text)
        (states, start) = try compiler.compile()
        self.text = text
    }

    package var description: String { text }

    /// Whether the whole of `value` matches.
    package func matches(_ value: String) -> Bool {
        var current = StateSet(capacity: states.count)
        var next = StateSet(capacity: states.count)
        enter(start, &current)
        for byte in value.utf8 {
            next.removeAll()
            for index in current.members {
                if case .byte(let set, let target) = states[index], set.contains(byte) { enter(target, &next) }
            }
            if next.members.isEmpty { return false }
            swap(&current, &next)
        }
        return current.members.contains { if case .accept = states[$0] { true } else { false } }
    }

    /// Adds a state and everything reachable from it without reading a byte. Each state is entered once a byte, which
    /// is what bounds the match.
    private func enter(_ state: Int, _ set: inout StateSet) {
        var pending = [state]
        while let index = pending.popLast() {
            guard set.insert(index) else { continue }
            if case .split(let first, let second) = states[index] {
                pending.append(second)
                pending.append(first)
            }
        }
    }
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
        case .unsupported(let what): "\(what) cannot be matched in linear time and is not supported"
        case .anchorInside(let character):
            "'\(character)' stands inside the pattern; patterns always match whole values"
        }
    }
}

/// A set of bytes, as a bitmap.
struct ByteSet: Hashable, Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    var isEmpty: Bool { low == 0 && high == 0 }

    /// Bytes outside ASCII are never members: they are in no label value.
    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low & (1 << UInt64(byte)) != 0 : byte < 128 && high & (1 << UInt64(byte - 64)) != 0
    }

    mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
    }

    mutating func insert(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

    mutating func formUnion(_ other: ByteSet) {
        low |= other.low
        high |= other.high
    }

    var inverted: ByteSet {
        var result = ByteSet()
        result.low = ~low
        result.high = ~high
        return result
    }
}

enum PatternState: Sendable {
    case byte(ByteSet, Int)
    case split(Int, Int)
    case accept
}

/// A set of state numbers that can be walked in order of insertion and emptied in the time of its members.
private struct StateSet {
    var members: [Int] = []
    private var present: [Bool]

    init(capacity: Int) { present = [Bool](repeating: false, count: capacity) }

    mutating func insert(_ state: Int) -> Bool {
        if present[state] { return false }
        present[state] = true
        members.append(state)
        return true
    }

    mutating func removeAll() {
        for state in members { present[state] = false }
        members.removeAll(keepingCapacity: true)
    }
}
