/// A forward-only pull cursor over the bytes of one JSON document.
///
/// The cursor checks everything it passes against RFC 8259, also what is skipped, and materialises nothing but what
/// it is asked for. Typed code reads a document by recursive descent:
///
///     var cursor = JSONCursor(bytes)
///     try cursor.beginObject()
///     while let key = try cursor.nextMember() {
///         if key.matches("metadata") { … } else { try cursor.skipValue() }
///     }
///     try cursor.endDocument()
///
/// Each member and each element must be consumed (read or skipped) before the next is asked for. Members come in the
/// document's order with duplicates, so a reader that assigns on every match keeps the last, as the API server does.
/// A cursor is a small value: a copy of it marks a place to come back to.
///
/// The bytes are borrowed: a cursor and the tokens it hands out are valid only as long as the buffer is.
///
/// Invariant, on which every unchecked index operation of this folder rests: `0 <= offset <= count`, a byte is
/// read only after its index was compared with `count`, and no sum of an index and a small constant can
/// overflow because no buffer comes near `Int.max`. Debug builds check every access all the same.
package struct JSONCursor {
    /// Levels of objects and arrays that may be open at once: the limit of Go's encoding/json, which the API server
    /// applies to the same bytes, so that no object can be stored that this cursor refuses for its depth.
    package static let maximumDepth = 10_000

    /// The document from its first byte to where this cursor ends.
    package let bytes: UnsafeRawBufferPointer

    /// `bytes.count`, which would be worked out anew, nil check and all, at every one of the comparisons with it.
    let count: Int

    /// Byte offset of the next unread byte, counted from the document's first byte.
    package internal(set) var offset: Int

    /// Objects and arrays opened and not yet closed.
    var depth: Int

    /// Whether an object or array was opened and nothing of it was read yet: no comma is due.
    private var isAtFirstItem = false

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        count = bytes.count
        self.offset = 0
        self.depth = 0
    }

    /// A cursor on a part of a document, such as a range `skipValue()` returned; it ends where the range ends, and
    /// its offsets and errors still count from the document's first byte. A range outside the buffer is clamped.
    package init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<range.upperBound])
        count = range.upperBound
        self.offset = range.lowerBound
        self.depth = 0
    }

    /// The kind of the next value, told by its first byte. Reads nothing but white space.
    package mutating func peek() throws(JSONError) -> JSONKind {
        offset = indexAfterWhitespace(from: offset)
        guard offset < count, let kind = Self.kind(startingWith: bytes[offset]) else {
            throw unexpected(at: offset, expected: .value)
        }
        return kind
    }

    package mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"), .object)
    }

    package mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["), .array)
    }

    /// The name of the next member, with the cursor before its value; nil, with the cursor after the `}`, when the
    /// object has no more.
    package mutating func nextMember() throws(JSONError) -> JSONStringToken? {
        // In compact documents, which is what the API server sends, a name follows its comma at once.
        if !isAtFirstItem, hasPair(",", "\"", at: offset) {
            let (token, valueIndex) = try scanMemberName(at: offset &+ 1)
            offset = valueIndex
            return token
        }
        return try nextMemberAnyhow()
    }

    private mutating func nextMemberAnyhow() throws(JSONError) -> JSONStringToken? {
        var index = indexAfterWhitespace(from: offset)
        guard index < count else {
            throw unexpected(at: index, expected: isAtFirstItem ? .memberNameOrObjectEnd : .commaOrObjectEnd)
        }
        if bytes[index] == UInt8(ascii: "}") {
            close(at: index)
            return nil
        }
        if isAtFirstItem {
            isAtFirstItem = false
            guard bytes[index] == UInt8(ascii: "\"") else {
                throw unexpected(at: index, expected: .memberNameOrObjectEnd)
            }
        } else {
            guard bytes[index] == UInt8(ascii: ",") else {
                throw unexpected(at: index, expected: .commaOrObjectEnd)
            }
            index = indexAfterWhitespace(from: index &+ 1)
        }
        let (token, valueIndex) = try scanMemberName(at: index)
        offset = valueIndex
        return token
    }

    /// Whether the array has one more element, with the cursor before it; else the cursor stands after the `]`.
    package mutating func nextElement() throws(JSONError) -> Bool {
        var index = indexAfterWhitespace(from: offset)
        guard index < count else {
            throw unexpected(at: index, expected: isAtFirstItem ? .valueOrArrayEnd : .commaOrArrayEnd)
        }
        if bytes[index] == UInt8(ascii: "]") {
            close(at: index)
            return false
        }
        if isAtFirstItem {
            isAtFirstItem = false
            guard Self.kind(startingWith: bytes[index]) != nil else {
                throw unexpected(at: index, expected: .valueOrArrayEnd)
            }
        } else {
            guard bytes[index] == UInt8(ascii: ",") else {
                throw unexpected(at: index, expected: .commaOrArrayEnd)
            }
            index = indexAfterWhitespace(from: index &+ 1)
            guard index < count, Self.kind(startingWith: bytes[index]) != nil else {
                throw unexpected(at: index, expected: .value)
            }
        }
        offset = index
        return true
    }

    package mutating func string() throws(JSONError) -> JSONStringToken {
        offset = indexAfterWhitespace(from: offset)
        guard offset < count, bytes[offset] == UInt8(ascii: "\"") else {
            throw wrongKind(expected: .string)
        }
        let start = offset &+ 1
        let (end, hasEscapes) = try scanString(from: start)
        offset = end &+ 1
        return token(start..<end, hasEscapes: hasEscapes)
    }

    package mutating func bool() throws(JSONError) -> Bool {
        guard try peek() == .bool else { throw wrongKind(expected: .bool) }
        let value = bytes[offset] == UInt8(ascii: "t")
        offset = value ? try scanTrue(at: offset) : try scanFalse(at: offset)
        return value
    }

    package mutating func null() throws(JSONError) {
        guard try peek() == .null else { throw wrongKind(expected: .null) }
        offset = try scanNull(at: offset)
    }

    /// The range of a number's text. A number is checked against the grammar only: one beyond every machine type
    /// (`1e810`) is legal, and what it means is the reader's to say.
    package mutating func number() throws(JSONError) -> Range<Int> {
        guard try peek() == .number else { throw wrongKind(expected: .number) }
        let start = offset
        offset = try scanNumber(from: start)
        return start..<offset
    }

    /// Checks that nothing but white space follows.
    package mutating func endDocument() throws(JSONError) {
        offset = indexAfterWhitespace(from: offset)
        guard offset == count else {
            throw JSONError(.trailingContent(bytes[offset]), at: offset)
        }
    }
}

extension JSONCursor {
    private mutating func begin(_ opening: UInt8, _ kind: JSONKind) throws(JSONError) {
        offset = indexAfterWhitespace(from: offset)
        guard offset < count, bytes[offset] == opening else {
            throw wrongKind(expected: kind)
        }
        guard depth < Self.maximumDepth else {
            throw JSONError(.nestingTooDeep(limit: Self.maximumDepth), at: offset)
        }
        depth &+= 1
        offset &+= 1
        isAtFirstItem = true
    }

    private mutating func close(at index: Int) {
        // A reader that asks for members outside of any object must not take the count below zero.
        depth = max(0, depth &- 1)
        offset = index &+ 1
        isAtFirstItem = false
    }

    @inline(__always)
    static func kind(startingWith byte: UInt8) -> JSONKind? {
        switch byte {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: nil
        }
    }

    @inline(__always)
    func token(_ range: Range<Int>, hasEscapes: Bool) -> JSONStringToken {
        JSONStringToken(
            contents: UnsafeRawBufferPointer(rebasing: bytes[range]), offset: range.lowerBound, hasEscapes: hasEscapes)
    }

    /// The error for a place where the grammar allows only `expected`.
    @inline(never)
    func unexpected(at index: Int, expected: JSONError.Expectation) -> JSONError {
        guard index < count else {
            let isEmpty = bytes.allSatisfy { Self.isWhitespace($0) }
            return JSONError(isEmpty ? .emptyDocument : .unexpectedEnd(expected: expected), at: index)
        }
        if index == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            return JSONError(.byteOrderMark, at: 0)
        }
        return JSONError(.unexpectedByte(bytes[index], expected: expected), at: index)
    }

    /// The error for a value, or something that is none, at `offset` where a value of one kind was asked for.
    @inline(never)
    private func wrongKind(expected: JSONKind) -> JSONError {
        guard offset < count, let found = Self.kind(startingWith: bytes[offset]) else {
            return unexpected(at: offset, expected: .value)
        }
        return JSONError(.wrongKind(found: found, expected: expected), at: offset)
    }
}
