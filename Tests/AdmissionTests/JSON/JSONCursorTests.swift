import Admission
import Testing

/// What the cursor hands out, on documents that are read as the gate's code reads them.
@Suite struct JSONCursorTests {
    @Test func readsADocumentByRecursiveDescent() throws {
        let read = try withCursor(
            #" { "kind" : "Pod", "metadata":{"labels":{"team":"a","te\u0061m":"b"}},"n":[1,-2.5e3],"t":true,"x":null} "#
        ) { cursor in
            var read: [String] = []
            try cursor.beginObject()
            while let key = try cursor.nextMember() {
                if key.matches("kind") {
                    #expect(try cursor.peek() == .string)
                    read.append(try cursor.string().decode())
                } else if key.matches("metadata") {
                    try cursor.beginObject()
                    while let key = try cursor.nextMember() {
                        #expect(key.matches("labels"))
                        try cursor.beginObject()
                        while let key = try cursor.nextMember() {
                            #expect(key.matches("team"))
                            read.append("\(key.decode())=\(try cursor.string().decode())")
                        }
                    }
                } else if key.matches("n") {
                    try cursor.beginArray()
                    while try cursor.nextElement() {
                        let range = try cursor.number()
                        read.append(String(decoding: cursor.bytes[range], as: UTF8.self))
                    }
                } else if key.matches("t") {
                    read.append(try cursor.bool() ? "yes" : "no")
                } else {
                    #expect(key.matches("x"))
                    try cursor.null()
                }
            }
            try cursor.endDocument()
            return read
        }
        #expect(read == ["Pod", "team=a", "team=b", "1", "-2.5e3", "yes"])
    }

    @Test func aSkippedRangeIsReadLaterWithTheDocumentsOffsets() throws {
        let text = #"{"spec": [ {"a":"b"} ] ,"z":1}"#
        try withCursor(text) { cursor in
            try cursor.beginObject()
            _ = try cursor.nextMember()
            let range = try cursor.skipValue()
            #expect(String(decoding: cursor.bytes[range], as: UTF8.self) == #"[ {"a":"b"} ]"#)

            var inner = JSONCursor(cursor.bytes, range: range)
            try inner.beginArray()
            #expect(try inner.nextElement())
            try inner.beginObject()
            let key = try #require(try inner.nextMember())
            #expect(key.offset == 13)
            #expect(key.range == 13..<14)
            #expect(try inner.string().matches("b"))
            #expect(try inner.nextMember() == nil)
            #expect(try !inner.nextElement())
            try inner.endDocument()

            #expect(try cursor.nextMember()?.matches("z") == true)
        }
    }

    /// A reader that takes elements only by what `nextElement` says must not take a `]` or `,` for one.
    @Test(arguments: [("[1,]", 3), ("[1,,2]", 3), ("[1, }", 4), ("[1,", 3)])
    func anAnnouncedElementIsThere(text: String, offset: Int) throws {
        try withCursor(text) { cursor in
            try cursor.beginArray()
            #expect(try cursor.nextElement())
            _ = try cursor.number()
            let error = #expect(throws: JSONError.self) { try cursor.nextElement() }
            #expect(error?.offset == offset)
        }
    }

    @Test func aCopyMarksAPlaceToComeBackTo() throws {
        try withCursor(#"[[1,2],3]"#) { cursor in
            try cursor.beginArray()
            _ = try cursor.nextElement()
            let mark = cursor
            let first = try cursor.skipValue()
            cursor = mark
            #expect(try cursor.skipValue() == first)
        }
    }

    @Test(arguments: [
        ("[1]", JSONKind.array), ("{}", .object), ("\"\"", .string), ("-1", .number), ("0", .number), ("true", .bool),
        ("false", .bool), ("null", .null),
    ])
    func anotherKindThanAskedForIsNamed(text: String, kind: JSONKind) throws {
        let readers: [(JSONKind, (inout JSONCursor) throws -> Void)] = [
            (.object, { try $0.beginObject() }), (.array, { try $0.beginArray() }), (.string, { _ = try $0.string() }),
            (.number, { _ = try $0.number() }), (.bool, { _ = try $0.bool() }), (.null, { try $0.null() }),
        ]
        for (asked, read) in readers {
            try withCursor("  " + text) { cursor in
                #expect(try cursor.peek() == kind)
                if asked == kind {
                    try read(&cursor)
                } else {
                    #expect(throws: JSONError(.wrongKind(found: kind, expected: asked), at: 2)) { try read(&cursor) }
                }
            }
        }
    }
}

/// Runs `body` with a cursor on the text's UTF-8.
func withCursor<Result>(_ text: String, _ body: (inout JSONCursor) throws -> Result) rethrows -> Result {
    try withCursor(Array(text.utf8), body)
}

func withCursor<Result>(_ bytes: [UInt8], _ body: (inout JSONCursor) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes { buffer in
        var cursor = JSONCursor(buffer)
        return try body(&cursor)
    }
}
