/// The kinds of the containers that are open while a value is skipped: one bit per level, set for an object.
protocol JSONNesting {
    var count: Int { get }
    var isInObject: Bool { get }
    mutating func push(isObject: Bool)
    mutating func pop()
}

/// Up to 64 levels in a register: every object that is not built to be deep.
private struct ShallowNesting: JSONNesting {
    static let capacity = UInt64.bitWidth

    private(set) var bits: UInt64 = 0
    private(set) var count = 0

    var isInObject: Bool {
        @inline(__always) get { bits & 1 == 1 }
    }

    @inline(__always)
    mutating func push(isObject: Bool) {
        bits = bits &<< 1 | (isObject ? 1 : 0)
        count &+= 1
    }

    @inline(__always)
    mutating func pop() {
        bits &>>= 1
        count &-= 1
    }
}

/// Up to `JSONCursor.maximumDepth` levels on the stack.
private struct DeepNesting: JSONNesting {
    /// Enough for `JSONCursor.maximumDepth` bits.
    private var words: InlineArray<157, UInt64>
    private(set) var count: Int

    /// Goes on where `shallow` is full.
    init(_ shallow: ShallowNesting) {
        words = InlineArray(repeating: 0)
        count = 0
        for level in 0..<shallow.count {
            // The lowest bit of `shallow` is its innermost level.
            push(isObject: shallow.bits >> UInt64(shallow.count - 1 - level) & 1 == 1)
        }
    }

    var isInObject: Bool {
        let level = count &- 1
        return words[level &>> 6] &>> UInt64(truncatingIfNeeded: level) & 1 == 1
    }

    mutating func push(isObject: Bool) {
        // A masking shift takes the count modulo 64.
        let mask: UInt64 = 1 &<< UInt64(truncatingIfNeeded: count)
        if isObject {
            words[count &>> 6] |= mask
        } else {
            words[count &>> 6] &= ~mask
        }
        count &+= 1
    }

    mutating func pop() {
        count &-= 1
    }
}

extension JSONCursor {
    /// Passes the next value, checked like every other, and returns the range of its bytes without the white space
    /// around it; `JSONCursor(_:range:)` reads it later.
    ///
    /// Linear in the value's length, without recursion and without an allocation.
    @discardableResult
    package mutating func skipValue() throws(JSONError) -> Range<Int> {
        offset = document.indexAfterWhitespace(from: offset)
        let start = offset
        try passValue()
        return Range(uncheckedBounds: (start, offset))
    }

    /// The same, where no white space is left.
    @inline(__always)
    mutating func passValue() throws(JSONError) {
        // Half of the values that nobody reads are strings.
        if offset < document.count, document[offset] == UInt8(ascii: "\"") {
            offset = try document.scanString(from: offset &+ 1).end &+ 1
        } else {
            offset = try document.indexAfterValue(at: offset, levels: Self.maximumDepth &- depth)
        }
    }
}

extension JSONBytes {
    /// - Parameter levels: how deep the value may be nested.
    fileprivate func indexAfterValue(at start: Int, levels: Int) throws(JSONError) -> Int {
        var shallow = ShallowNesting()
        var index = start
        if try skip(from: &index, nesting: &shallow, capacity: min(ShallowNesting.capacity, levels)) {
            return index
        }
        return try skipDeep(from: index, below: shallow, capacity: levels)
    }

    @inline(never)
    private func skipDeep(from start: Int, below shallow: ShallowNesting, capacity: Int) throws(JSONError) -> Int {
        var index = start
        var deep = DeepNesting(shallow)
        if try skip(from: &index, nesting: &deep, capacity: capacity) {
            return index
        }
        throw JSONError(.nestingTooDeep(limit: JSONCursor.maximumDepth), at: index)
    }

    /// Passes values until all that was opened is closed.
    /// - Parameter index: the first byte of a value; moved behind the last, or to the container that found no room.
    /// - Returns: whether the value ended before `nesting` was full.
    @inline(__always)
    private func skip(
        from index: inout Int, nesting: inout some JSONNesting, capacity: Int
    ) throws(JSONError) -> Bool {
        // Whether a member's name comes before the next value, with `index` at its opening quote: scanned in one place
        // for all that lead to one, so that it is inlined here.
        var isAtName = false
        value: while true {
            if isAtName {
                isAtName = false
                index = try scanName(from: index &+ 1).value
            }
            guard index < count else {
                throw unexpected(at: index, expected: .value)
            }
            switch self[index] {
            case UInt8(ascii: "\""):
                index = try scanString(from: index &+ 1).end &+ 1
            case UInt8(ascii: "{"):
                guard nesting.count < capacity else { return false }
                index = indexAfterWhitespace(from: index &+ 1)
                guard index < count, self[index] == UInt8(ascii: "}") else {
                    nesting.push(isObject: true)
                    try checkQuote(at: index, expected: .memberNameOrObjectEnd)
                    isAtName = true
                    continue value
                }
                index &+= 1
            case UInt8(ascii: "["):
                guard nesting.count < capacity else { return false }
                index = indexAfterWhitespace(from: index &+ 1)
                guard index < count else {
                    throw unexpected(at: index, expected: .valueOrArrayEnd)
                }
                guard self[index] == UInt8(ascii: "]") else {
                    nesting.push(isObject: false)
                    continue value
                }
                index &+= 1
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                index = try scanNumber(from: index)
            case UInt8(ascii: "t"):
                index = try scanTrue(at: index)
            case UInt8(ascii: "f"):
                index = try scanFalse(at: index)
            case UInt8(ascii: "n"):
                index = try scanNull(at: index)
            default:
                throw unexpectedValue(at: index)
            }

            // A value ended; so may the containers around it.
            while nesting.count > 0 {
                if nesting.isInObject {
                    // In compact documents, which is what the API server sends, a name follows its comma at once.
                    if hasNextName(at: index) {
                        index &+= 1
                        isAtName = true
                        continue value
                    }
                    index = indexAfterWhitespace(from: index)
                    guard index < count else {
                        throw unexpected(at: index, expected: .commaOrObjectEnd)
                    }
                    if self[index] == UInt8(ascii: ",") {
                        index = indexAfterWhitespace(from: index &+ 1)
                        try checkQuote(at: index, expected: .memberName)
                        isAtName = true
                        continue value
                    }
                    guard self[index] == UInt8(ascii: "}") else {
                        throw unexpected(at: index, expected: .commaOrObjectEnd)
                    }
                } else {
                    index = indexAfterWhitespace(from: index)
                    guard index < count else {
                        throw unexpected(at: index, expected: .commaOrArrayEnd)
                    }
                    if self[index] == UInt8(ascii: ",") {
                        index = indexAfterWhitespace(from: index &+ 1)
                        continue value
                    }
                    guard self[index] == UInt8(ascii: "]") else {
                        throw unexpected(at: index, expected: .commaOrArrayEnd)
                    }
                }
                nesting.pop()
                index &+= 1
            }
            return true
        }
    }

    @inline(__always)
    func checkQuote(at index: Int, expected: JSONError.Expectation) throws(JSONError) {
        guard index < count, self[index] == UInt8(ascii: "\"") else {
            throw unexpected(at: index, expected: expected)
        }
    }

    /// The error for a byte that starts no value; an array's end is expected too if it stands behind the `[`.
    @inline(never)
    private func unexpectedValue(at index: Int) -> JSONError {
        let before = buffer[..<index].last { !Self.isWhitespace($0) }
        return unexpected(at: index, expected: before == UInt8(ascii: "[") ? .valueOrArrayEnd : .value)
    }
}
