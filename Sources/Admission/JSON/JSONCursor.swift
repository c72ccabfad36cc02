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
/// or, where the members it reads are known before, by their positions in a table, with `nextMember(in:)`.
///
/// Each member and each element must be consumed (read or skipped) before the next is asked for. Members come in the
/// document's order with duplicates, so a reader that assigns on every match keeps the last, as the API server does.
/// A cursor is a small value: a copy of it marks a place to come back to.
///
/// The bytes are borrowed: a cursor and the tokens it hands out are valid only as long as the buffer is.
package struct JSONCursor {
    /// Levels of objects and arrays that may be open at once: the limit of Go's encoding/json, which the API server
    /// applies to the same bytes, so that no object can be stored that this cursor refuses for its depth.
    package static let maximumDepth = 10_000

    let document: JSONBytes

    /// Byte offset of the next unread byte, counted from the document's first byte.
    package internal(set) var offset: Int

    /// Objects and arrays opened and not yet closed.
    var depth: Int

    /// Whether an object or array was opened and nothing of it was read yet: no comma is due.
    private var isAtFirstItem = false

    package init(_ bytes: UnsafeRawBufferPointer) {
        document = JSONBytes(bytes)
        offset = 0
        depth = 0
    }

    /// A cursor on a part of a document, such as a range `skipValue()` returned; it ends where the range ends, and
    /// its offsets and errors still count from the document's first byte. A range outside the buffer is clamped.
    package init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        document = JSONBytes(bytes).prefix(range.upperBound)
        offset = range.lowerBound
        depth = 0
    }

    /// The document from its first byte to where this cursor ends.
    package var bytes: UnsafeRawBufferPointer { document.buffer }

    /// The kind of the next value, told by its first byte. Reads nothing but white space.
    package mutating func peek() throws(JSONError) -> JSONKind {
        offset = document.indexAfterWhitespace(from: offset)
        guard offset < document.count, let kind = Self.kind(startingWith: document[offset]) else {
            throw document.unexpected(at: offset, expected: .value)
        }
        return kind
    }

    package mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"), .object)
    }

    package mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["), .array)
    }

    /// Enters the object that comes next; false, and past it, for anything else.
    package mutating func enterObject() throws(JSONError) -> Bool { try enter(UInt8(ascii: "{")) }

    /// Enters the array that comes next; false, and past it, for anything else.
    package mutating func enterArray() throws(JSONError) -> Bool { try enter(UInt8(ascii: "[")) }

    /// The string that comes next; nil, and past it, for anything else.
    package mutating func stringIfAny() throws(JSONError) -> JSONStringToken? {
        offset = document.indexAfterWhitespace(from: offset)
        guard offset < document.count, document[offset] == UInt8(ascii: "\"") else {
            try passOther()
            return nil
        }
        return try token()
    }

    /// The start of the string that comes next; the empty text for anything else, which is passed.
    package mutating func text(maximumBytes: Int) throws(JSONError) -> String {
        try stringIfAny()?.text(maximumBytes: maximumBytes) ?? ""
    }

    /// The text of a member of the object that comes next, whose name alone is in `table`; empty for anything else.
    package mutating func textMember(_ table: JSONKeyTable, maximumBytes: Int) throws(JSONError) -> String {
        var result = ""
        guard try enterObject() else { return result }
        while try nextMember(in: table) != nil { result = try text(maximumBytes: maximumBytes) }
        return result
    }

    /// The name of the next member, with the cursor before its value; nil, with the cursor after the `}`, when the
    /// object has no more.
    package mutating func nextMember() throws(JSONError) -> JSONStringToken? { try nextName() }

    /// The position in `table` of the next member it knows, with the cursor before its value; nil, with the cursor
    /// after the `}`, when the object has no more. The members between, most of what there is, are passed.
    package mutating func nextMember(in table: JSONKeyTable) throws(JSONError) -> Int? {
        while let name = try nextName() {
            if let position = table.position(of: name) { return position }
            try passValue()
        }
        return nil
    }

    @inline(__always)
    private mutating func nextName() throws(JSONError) -> JSONStringToken? {
        // In compact documents, which is what the API server sends, a name follows its comma or brace at once.
        let index: Int
        if isAtFirstItem {
            guard offset < document.count, document[offset] == UInt8(ascii: "\"") else { return try nextNameAnyhow() }
            isAtFirstItem = false
            index = offset
        } else if document.hasNextName(at: offset) {
            index = offset &+ 1
        } else if offset < document.count, document[offset] == UInt8(ascii: "}") {
            close(at: offset)
            return nil
        } else {
            return try nextNameAnyhow()
        }
        return try name(at: index)
    }

    @inline(never)
    private mutating func nextNameAnyhow() throws(JSONError) -> JSONStringToken? {
        var index = document.indexAfterWhitespace(from: offset)
        guard index < document.count else {
            throw document.unexpected(at: index, expected: isAtFirstItem ? .memberNameOrObjectEnd : .commaOrObjectEnd)
        }
        if document[index] == UInt8(ascii: "}") {
            close(at: index)
            return nil
        }
        var expected = JSONError.Expectation.memberNameOrObjectEnd
        if !isAtFirstItem {
            guard document[index] == UInt8(ascii: ",") else {
                throw document.unexpected(at: index, expected: .commaOrObjectEnd)
            }
            index = document.indexAfterWhitespace(from: index &+ 1)
            expected = .memberName
        }
        isAtFirstItem = false
        try document.checkQuote(at: index, expected: expected)
        return try name(at: index)
    }

    /// The name whose opening quote is at `index`; moves before its value.
    @inline(__always)
    private mutating func name(at index: Int) throws(JSONError) -> JSONStringToken {
        let start = index &+ 1
        let (end, hasEscapes, value) = try document.scanName(from: start)
        offset = value
        return token(start, end, hasEscapes: hasEscapes)
    }

    /// Whether the array has one more element, with the cursor before it; else the cursor stands after the `]`.
    package mutating func nextElement() throws(JSONError) -> Bool {
        var index = document.indexAfterWhitespace(from: offset)
        guard index < document.count else {
            throw document.unexpected(at: index, expected: isAtFirstItem ? .valueOrArrayEnd : .commaOrArrayEnd)
        }
        if document[index] == UInt8(ascii: "]") {
            close(at: index)
            return false
        }
        if isAtFirstItem {
            isAtFirstItem = false
            guard Self.kind(startingWith: document[index]) != nil else {
                throw document.unexpected(at: index, expected: .valueOrArrayEnd)
            }
        } else {
            guard document[index] == UInt8(ascii: ",") else {
                throw document.unexpected(at: index, expected: .commaOrArrayEnd)
            }
            index = document.indexAfterWhitespace(from: index &+ 1)
            guard index < document.count, Self.kind(startingWith: document[index]) != nil else {
                throw document.unexpected(at: index, expected: .value)
            }
        }
        offset = index
        return true
    }

    package mutating func string() throws(JSONError) -> JSONStringToken {
        offset = document.indexAfterWhitespace(from: offset)
        guard offset < document.count, document[offset] == UInt8(ascii: "\"") else {
            throw wrongKind(expected: .string)
        }
        return try token()
    }

    /// The string whose opening quote is next.
    @inline(__always)
    private mutating func token() throws(JSONError) -> JSONStringToken {
        let start = offset &+ 1
        let (end, hasEscapes) = try document.scanString(from: start)
        offset = end &+ 1
        return token(start, end, hasEscapes: hasEscapes)
    }

    package mutating func bool() throws(JSONError) -> Bool {
        guard try peek() == .bool else { throw wrongKind(expected: .bool) }
        let value = document[offset] == UInt8(ascii: "t")
        offset = value ? try document.scanTrue(at: offset) : try document.scanFalse(at: offset)
        return value
    }

    package mutating func null() throws(JSONError) {
        guard try peek() == .null else { throw wrongKind(expected: .null) }
        offset = try document.scanNull(at: offset)
    }

    /// The range of a number's text. A number is checked against the grammar only: one beyond every machine type
    /// (`1e810`) is legal, and what it means is the reader's to say.
    package mutating func number() throws(JSONError) -> Range<Int> {
        guard try peek() == .number else { throw wrongKind(expected: .number) }
        let start = offset
        offset = try document.scanNumber(from: start)
        return start..<offset
    }

    /// Checks that nothing but white space follows.
    package mutating func endDocument() throws(JSONError) {
        offset = document.indexAfterWhitespace(from: offset)
        guard offset == document.count else {
            throw JSONError(.trailingContent(document[offset]), at: offset)
        }
    }
}

extension JSONCursor {
    private mutating func begin(_ opening: UInt8, _ kind: JSONKind) throws(JSONError) {
        offset = document.indexAfterWhitespace(from: offset)
        guard offset < document.count, document[offset] == opening else {
            throw wrongKind(expected: kind)
        }
        try open()
    }

    @inline(__always)
    private mutating func enter(_ opening: UInt8) throws(JSONError) -> Bool {
        offset = document.indexAfterWhitespace(from: offset)
        guard offset < document.count, document[offset] == opening else {
            try passOther()
            return false
        }
        try open()
        return true
    }

    /// Passes a value that is not of the kind that was looked for; what begins no value at all is refused as such.
    private mutating func passOther() throws(JSONError) {
        _ = try peek()
        try skipValue()
    }

    /// Moves behind the bracket that is next.
    @inline(__always)
    private mutating func open() throws(JSONError) {
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
    func token(_ start: Int, _ end: Int, hasEscapes: Bool) -> JSONStringToken {
        JSONStringToken(contents: document[start, end], offset: start, hasEscapes: hasEscapes)
    }

    /// The error for a value, or something that is none, at `offset` where a value of one kind was asked for.
    @inline(never)
    private func wrongKind(expected: JSONKind) -> JSONError {
        guard offset < document.count, let found = Self.kind(startingWith: document[offset]) else {
            return document.unexpected(at: offset, expected: .value)
        }
        return JSONError(.wrongKind(found: found, expected: expected), at: offset)
    }
}
