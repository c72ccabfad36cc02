/// A compiled pattern, ready to match: Glushkov's position automaton with sets of positions as bitmaps.
///
/// Thompson's automaton has states that read nothing. They are followed here once, when the pattern is compiled, so that
/// a match does nothing but intersect and join bitmaps; up to 63 positions fit one machine word and need no memory.
struct PatternAutomaton: Sendable {
    /// Position 0 stands for "accepted"; it reads nothing. Each other position reads one byte.
    private static let accepted = 0

    /// Words in one set of positions.
    private let width: Int
    /// The positions at which a match may begin.
    private let first: [UInt64]
    /// For each position the set of positions that may come after it.
    private let following: [UInt64]
    /// For each byte of ASCII the set of positions that read it.
    private let reading: [UInt64]

    init(states: [PatternState], start: Int) {
        var positions = [Int](repeating: Self.accepted, count: states.count)
        var count = 1
        for (index, state) in states.enumerated() {
            if case .byte = state {
                positions[index] = count
                count += 1
            }
        }
        let width = (count + 63) / 64

        /// Joins to `sets`, from the word at `offset`, the positions reachable from `state` without reading a byte.
        func close(_ state: Int, into sets: inout [UInt64], at offset: Int) {
            var seen = [Bool](repeating: false, count: states.count)
            var pending = [state]
            while let index = pending.popLast() {
                if seen[index] { continue }
                seen[index] = true
                switch states[index] {
                case .split(let one, let other): pending += [other, one]
                case .byte, .accept:
                    let position = positions[index]
                    sets[offset + position / 64] |= 1 << UInt64(position % 64)
                }
            }
        }

        var first = [UInt64](repeating: 0, count: width)
        var following = [UInt64](repeating: 0, count: width * count)
        var reading = [UInt64](repeating: 0, count: width * 128)
        close(start, into: &first, at: 0)
        for (index, state) in states.enumerated() {
            guard case .byte(let set, let target) = state else { continue }
            let position = positions[index]
            close(target, into: &following, at: position * width)
            for byte in UInt8(0)..<128 where set.contains(byte) {
                reading[Int(byte) * width + position / 64] |= 1 << UInt64(position % 64)
            }
        }
        self.width = width
        self.first = first
        self.following = following
        self.reading = reading
    }

    /// Whether the whole of `value` matches. A byte outside ASCII never does.
    func matches(_ value: String) -> Bool { width == 1 ? matchesInOneWord(value) : matchesInWords(value) }

    private func matchesInOneWord(_ value: String) -> Bool {
        var current = first[0]
        for byte in value.utf8 {
            guard byte < 128 else { return false }
            var members = current & reading[Int(byte)]
            var next: UInt64 = 0
            while members != 0 {
                next |= following[members.trailingZeroBitCount]
                members &= members - 1
            }
            if next == 0 { return false }
            current = next
        }
        return current & 1 << UInt64(Self.accepted) != 0
    }

    private func matchesInWords(_ value: String) -> Bool {
        var current = first
        var next = [UInt64](repeating: 0, count: width)
        for byte in value.utf8 {
            guard byte < 128 else { return false }
            for word in 0..<width { next[word] = 0 }
            var alive = false
            for word in 0..<width {
                var members = current[word] & reading[Int(byte) * width + word]
                alive = alive || members != 0
                while members != 0 {
                    let row = (word * 64 + members.trailingZeroBitCount) * width
                    for column in 0..<width { next[column] |= following[row + column] }
                    members &= members - 1
                }
            }
            if !alive { return false }
            swap(&current, &next)
        }
        return current[0] & 1 << UInt64(Self.accepted) != 0
    }
}

/// A state of Thompson's automaton.
enum PatternState: Sendable {
    case byte(ByteSet, Int)
    case split(Int, Int)
    case accept
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
