import Admission
import Testing

/// RFC 8259 by classes of documents. Each goes both ways through the cursor: skipped, and read by the typed methods.
@Suite struct JSONConformanceTests {
    @Test(arguments: legal)
    func acceptsLegalDocuments(document: Document) {
        #expect(skipError(document.bytes) == nil)
        #expect(readError(document.bytes) == nil)
    }

    @Test(arguments: illegal)
    func refusesIllegalDocuments(document: Document) throws {
        let skipped = try #require(skipError(document.bytes))
        let read = try #require(readError(document.bytes))
        // Both ways find the same first error.
        #expect(skipped == read)
        #expect((0...document.bytes.count).contains(skipped.offset))
    }

    /// Inside another value the same text must be refused too: what ends a document may not end an element.
    @Test(arguments: illegal)
    func refusesIllegalDocumentsInsideAnother(document: Document) {
        #expect(skipError(Array("[0,".utf8) + document.bytes + Array("]".utf8)) != nil)
        #expect(skipError(Array("{\"a\":".utf8) + document.bytes + Array("}".utf8)) != nil)
    }

    @Test(arguments: legal)
    func refusesEveryTruncation(document: Document) {
        // A number has prefixes that are numbers; in an array it has not.
        let whole = Array("[".utf8) + document.bytes + Array("]".utf8)
        for length in 0..<whole.count {
            #expect(skipError(Array(whole.prefix(length))) != nil, "cut to \(length) bytes")
        }
    }

    /// What RFC 8259 leaves to the implementation, and what it is here.
    @Test(arguments: implementationDefined)
    func decidesWhatTheStandardLeavesOpen(document: Document, expected: JSONTree?) throws {
        #expect((skipError(document.bytes) == nil) == (expected != nil))
        #expect((try? JSONTree.read(document.bytes)) == expected)
    }

    static let legal: [Document] = [
        // Any value may be a document; white space is the four characters, anywhere between tokens.
        "0", "-0", "\"\"", "true", "false", "null", "[]", "{}", " [ ] ", "\t{\n}\r ", "[ ]", "{ }", "\n\r\t 1",
        "[1 , 2\t,\n3\r]", "{ \"a\" : 1 , \"b\"\t:\n2 }", "[[],[[]],{}]", "{\"a\":{\"b\":{\"c\":[]}}}",
        "[true,false,null]",
        // Numbers.
        "[0.0]", "[-0.0]", "[1]", "[-1]", "[123456789]", "[1.5]", "[-1.5]", "[0.123456789]", "[1e5]", "[1E5]",
        "[1e+5]", "[1e-5]", "[1.5E+05]", "[0e0]", "[0e00]", "[-0e-0]", "[10]", "[20e1]", "[1e00007]",
        "[1.7976931348623157e308]", "[123123123123123123123123123123]", "[0.00000000000000000000000000000000000001]",
        // Strings and their escapes.
        "\"a\"", "\" \"", "\"abcdefg\"", "\"abcdefgh\"", "\"abcdefghi\"", "\"abcdefghijklmnop\"", "[\"\",\"\"]",
        #""\"\\\/\b\f\n\r\t""#, #""\u0061\u00e9\u8a08\u0000\u001f""#, #""\uABCD\uabcd\uAbCd""#, #""\ud83d\ude00""#,
        #""\u2028\u2029\ufeff\uffff\ufffe""#, #""\\\\""#, #""\\\"""#, #""\\u0061""#, #""a\u0022b""#, #""/""#,
        "\"\u{7F}\"", "\"'\"", "\"[{]}:,\"", #"{"\u0061\n":1}"#, "{\"\":0}", "{\"\":{\"\":{}}}",
        // Raw UTF-8, at the first and last of each length, around the surrogates, and non-characters.
        "\"é\"", "\"計\"", "\"😀\"", "\"aé計😀z\"", "{\"計\":\"é\"}", .quoted(0xC2, 0x80), .quoted(0xDF, 0xBF),
        .quoted(0xE0, 0xA0, 0x80), .quoted(0xED, 0x9F, 0xBF), .quoted(0xEE, 0x80, 0x80), .quoted(0xEF, 0xBF, 0xBF),
        .quoted(0xF0, 0x90, 0x80, 0x80), .quoted(0xF4, 0x8F, 0xBF, 0xBF), .quoted(0xEF, 0xBB, 0xBF),
        "\"abcdefgé\"", "\"abcdefghé\"", "\"é234567\"", "\"\u{2028}\"",
        // Names may repeat, be long, look like other things.
        "{\"a\":1,\"a\":2}", "{\"true\":true,\"null\":null}", "{\"0\":0}", "[\"]\",\"}\"]",
    ]

    static let illegal: [Document] = [
        // Nothing, or not a value.
        "", " ", "\n\t\r ", "a", "*", "'", "`", "?", "$", "@", ".", "-", "+", "_", "undefined", "NaN", "Infinity",
        "-Infinity", "-NaN", "Inf", "nan", "nil", "None", "True", "TRUE", "Null", "FALSE", "tru", "truE", "true1",
        "fals", "falsey", "nul", "nulll", "n", "t", "f", "truefalse", "t rue",
        // White space that is none.
        .bytes(0x0C), .bytes(0x5B, 0x0C, 0x5D), .bytes(0x5B, 0x0B, 0x5D), .bytes(0x5B, 0x00, 0x5D), .bytes(0x00),
        .bytes(0x5B, 0xC2, 0xA0, 0x5D), .bytes(0x5B, 0xE2, 0x81, 0xA0, 0x5D), .bytes(0x31, 0x00),
        .bytes(0x5B, 0x7F, 0x5D),
        .bytes(0x5B, 0x31, 0xE2, 0x80, 0xA8, 0x5D),
        // Byte order marks, and other encodings.
        .bytes(0xEF, 0xBB, 0xBF), .bytes(0xEF, 0xBB, 0xBF, 0x5B, 0x5D), .bytes(0xEF, 0xBB, 0x7B, 0x7D),
        .bytes(0xFE, 0xFF, 0x00, 0x5B, 0x00, 0x5D), .bytes(0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00),
        .bytes(0x5B, 0x00, 0x5D, 0x00), .bytes(0x00, 0x5B, 0x00, 0x5D),
        // Comments.
        "/**/1", "1/**/", "//\n1", "1//", "# a\n1", "[1,/* */2]", "{\"a\":1 // one\n}", "{/**/}", "[#\n]", "<!-- -->[]",
        // Numbers.
        "+1", "[+1]", "[++1]", "[01]", "[-01]", "[00]", "[012]", "[-012]", "[-]", "[--1]", "[.5]", "[-.5]", "[1.]",
        "[-1.]", "[0.]", "[0.e1]", "[1.e1]", "[1..2]", "[1.2.3]", "[1e]", "[1E]", "[1e+]", "[1E-]", "[1e1.5]",
        "[1ee2]", "[1e+-2]", "[e1]", "[E5]", "[0x1F]", "[0x]", "[0b1]", "[0o7]", "[1_000]", "[1 000]", "[1,000.]",
        "[- 1]", "[1 .5]", "[1 e5]", "[1a]", "[-a]", "[1f]", "[1L]", "[Infinity]", "[-Infinity]", "[NaN]", "[$1]",
        .bytes(0x5B, 0xEF, 0xBC, 0x91, 0x5D), .bytes(0x5B, 0x31, 0xE5, 0x5D), "[1é]", "[0.1.]", "[2.e+3]", "[9.e]",
        // Arrays.
        "[", "]", "[[", "[]]", "[1", "[1,", "[1,]", "[,]", "[,1]", "[1,,2]", "[1,,]", "[1 2]", "[1;2]", "[1:2]",
        "[\"a\":1]",
        "[1}", "[}", "[{]", "[{}", "[{]}", "[1,\n", "[\"\"", "[\"a\",", "[true", "[\"a\" \"b\"]", "[x]", "[[1]", "[]1",
        "[][]",
        // Objects.
        "{", "}", "{{", "{}}", "{]", "{1:1}", "{a:1}", "{'a':1}", "{null:null}", "{[]:1}", "{\"a\"}", "{\"a\":}",
        "{\"a\"",
        "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\":1,,\"b\":2}", "{,}", "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\" 1}", "{\"a\"::1}", "{\"a\",1}", "{\"a\"=1}", "{\"a\"=>1}", "{\"a\":1;\"b\":2}", "{\"a\":1]",
        "{\"a\":1,b}",
        "{\"a\":1,\"b\"}", "{\"a\":1,1}", "{:1}", "{\"a\":b}", "{\"a\":\"b\"", "{\"a\":{\"b\":1}", "{\"a\" : }", "{}{}",
        "{},",
        "{\"a", "{\"", "{ \"a\":1,} ", "{\"a\":1,\n", "{true:1}", "{\"a\" \"b\"}", "[{\"a\":1,]}",
        // Strings.
        "\"", "\"a", "'a'", "a\"", "\"a\"b\"", "\"\\\"", "\"\\", "\"\\u", "\"\\u0", "\"\\u00", "\"\\u004", "\"\\u0041",
        #""\a""#, #""\v""#, #""\0""#, #""\x41""#, #""\'""#, #""\U0041""#, #""\ ""#, #""\é""#, #""\1""#, #""\{41}""#,
        #""\u""#, #""\u1""#, #""\u12""#, #""\u123""#, #""\u123g""#, #""\ug123""#, #""\u 123""#, #""\u-123""#,
        #""\u+123""#, #""\u00é""#, #""\ud83d\u""#, #""\ud83d\ude0""#, #""\ud83d\x""#, #""\u00A""#, #""\u{41}""#,
        "\"\n\"", "\"\t\"", "\"\r\"", "\"abcdefg\n\"", "\"abcdefgh\n\"", "{\"a\nb\":1}", .quoted(0x00), .quoted(0x1F),
        .quoted(0x08), .quoted(0x61, 0x00, 0x61), .quoted(0x5C, 0x00), .quoted(0x5C, 0x0A), "\\u0022a\\u0022", "[\\n]",
        // Invalid UTF-8: alone, cut off, overlong, surrogates, beyond U+10FFFF, and never legal bytes.
        .quoted(0x80), .quoted(0xBF), .quoted(0x61, 0x80), .quoted(0xC2), .quoted(0xC2, 0x61), .quoted(0xC2, 0xC2),
        .quoted(0xE2, 0x82), .quoted(0xE2, 0x82, 0x61), .quoted(0xE2, 0x61, 0x82), .quoted(0xF0, 0x9F, 0x98),
        .quoted(0xF0, 0x9F, 0x98, 0x61), .quoted(0xF0, 0x9F, 0x61, 0x80), .quoted(0xC0, 0x80), .quoted(0xC0, 0xAF),
        .quoted(0xC1, 0xBF), .quoted(0xE0, 0x80, 0x80), .quoted(0xE0, 0x9F, 0xBF), .quoted(0xF0, 0x80, 0x80, 0x80),
        .quoted(0xF0, 0x8F, 0xBF, 0xBF), .quoted(0xED, 0xA0, 0x80), .quoted(0xED, 0xBF, 0xBF),
        .quoted(0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80), .quoted(0xF4, 0x90, 0x80, 0x80), .quoted(0xF5, 0x80, 0x80, 0x80),
        .quoted(0xF8, 0x88, 0x80, 0x80, 0x80), .quoted(0xFC, 0x84, 0x80, 0x80, 0x80, 0x80), .quoted(0xFE),
        .quoted(0xFF),
        .quoted(0xE9), .quoted(0xC3, 0xA9, 0xA9), .quoted(0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0xC3),
        .quoted(0xC3, 0xA9, 0xFF), .bytes(0xE9), .bytes(0x5B, 0xFF, 0x5D), .bytes(0x22, 0xC3), .bytes(0x22, 0xE2, 0x82),
        .bytes(0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D), .bytes(0x22, 0x5C, 0xC3, 0xA9, 0x22),
        .bytes(0x22, 0xC3, 0xA9),
        // More than one value.
        "1 2", "1,", ",1", "[],", "null null", "\"\"\"\"", "{}#", "{} a", "[] \"a\"", "1]", "1}", "\"a\":1",
        "[]\u{FEFF}",
    ]

    static let implementationDefined: [(Document, JSONTree?)] = [
        // A surrogate that is no half of a pair is legal by the grammar and decodes to U+FFFD, as the API server's
        // Go does; what follows it stays.
        (#""\ud800""#, .string("\u{FFFD}")), (#""\udc00""#, .string("\u{FFFD}")),
        (#""\udbff\udbff""#, .string("\u{FFFD}\u{FFFD}")), (#""\ude00\ud83d""#, .string("\u{FFFD}\u{FFFD}")),
        (#""\udc00\udc00""#, .string("\u{FFFD}\u{FFFD}")), (#""\udc00\ud83d\ude00""#, .string("\u{FFFD}😀")),
        (#""\ud83d\ud83d\ude00""#, .string("\u{FFFD}😀")), (#""\ud800\u0041""#, .string("\u{FFFD}A")),
        (#""\ud800\n""#, .string("\u{FFFD}\n")), (#""\ud800z""#, .string("\u{FFFD}z")),
        (#""\uD83Dude00""#, .string("\u{FFFD}ude00")), (#""\ud83d\\ude00""#, .string("\u{FFFD}\\ude00")),
        (#"{"\ud800":1}"#, .object([.init(name: ["\u{FFFD}"], value: .number("1"))])),
        // Numbers of any size and length: the text is kept.
        ("1e810", .number("1e810")), ("-1e-810", .number("-1e-810")),
        ("[0.4e00669999999999999999999999999]", .array([.number("0.4e00669999999999999999999999999")])),
        ("-0", .number("-0")), ("18446744073709551616", .number("18446744073709551616")),
        // Members in their order, all of them.
        (
            #"{"a":1,"b":2,"\u0061":3}"#,
            .object([
                .init(name: ["a"], value: .number("1")), .init(name: ["b"], value: .number("2")),
                .init(name: ["a"], value: .number("3")),
            ])
        ),
        // U+0000 and non-characters are text like any other.
        (#""\u0000\uffff""#, .string("\0\u{FFFF}")),
        // A byte order mark is refused, though a parser may ignore it.
        (.bytes(0xEF, 0xBB, 0xBF, 0x7B, 0x7D), nil),
        // Invalid UTF-8 is refused, not repaired.
        (.quoted(0xFF), nil),
    ]
}

/// The limit on nesting, which is by depth and not by count.
@Suite struct JSONNestingTests {
    static let limit = JSONCursor.maximumDepth

    @Test(arguments: [1, 63, 64, 65, 127, 128, 129, 1_000, limit - 1, limit])
    func skipsNestingUpToTheLimit(depth: Int) {
        #expect(skipError(Self.arrays(depth)) == nil)
        #expect(skipError(Self.objects(depth)) == nil)
        #expect(skipError(Self.alternating(depth)) == nil)
    }

    @Test(arguments: [limit + 1, limit + 2, 100_000])
    func refusesNestingBeyondTheLimit(depth: Int) {
        let reason = JSONError.Reason.nestingTooDeep(limit: Self.limit)
        #expect(skipError(Self.arrays(depth)) == JSONError(reason, at: Self.limit))
        #expect(skipError(Self.objects(depth))?.reason == reason)
        #expect(skipError(Self.alternating(depth))?.reason == reason)
        // Without the ends, and without anything inside, the first container too many is still what is wrong.
        #expect(skipError(Array(repeating: UInt8(ascii: "["), count: depth)) == JSONError(reason, at: Self.limit))
    }

    /// A wrong end at every level around the places where the nesting's storage changes.
    @Test(arguments: [1, 2, 63, 64, 65, 66, 128, 129, 200])
    func tellsTheTwoKindsApartAtEveryDepth(depth: Int) {
        for wrong in 0..<depth {
            var document = Self.alternating(depth)
            let index = document.count - 1 - wrong
            document[index] = document[index] == UInt8(ascii: "]") ? UInt8(ascii: "}") : UInt8(ascii: "]")
            #expect(skipError(document)?.offset == index)
        }
    }

    @Test func opensAndSkipsCountTogether() throws {
        let opened = Self.limit - 70
        try withCursor(Self.arrays(Self.limit)) { cursor in
            for _ in 0..<opened {
                try cursor.beginArray()
                #expect(try cursor.nextElement())
            }
            try cursor.skipValue()
            for _ in 0..<opened {
                #expect(try !cursor.nextElement())
            }
            try cursor.endDocument()
        }
        let reason = JSONError.Reason.nestingTooDeep(limit: Self.limit)
        for opened in [0, 1, Self.limit - 65, Self.limit - 64, Self.limit - 63, Self.limit - 1, Self.limit] {
            try withCursor(Self.arrays(Self.limit + 1)) { cursor in
                for _ in 0..<opened {
                    try cursor.beginArray()
                    _ = try cursor.nextElement()
                }
                #expect(throws: JSONError(reason, at: Self.limit)) { try cursor.skipValue() }
            }
        }
        try withCursor(Self.arrays(Self.limit + 1)) { cursor in
            for _ in 0..<Self.limit {
                try cursor.beginArray()
                _ = try cursor.nextElement()
            }
            #expect(throws: JSONError(reason, at: Self.limit)) { try cursor.beginArray() }
        }
    }

    @Test func siblingsDoNotAddUp() {
        let arrays = String(repeating: "[[[]]],", count: 10_000)
        #expect(skipError(Array("[\(arrays)0]".utf8)) == nil)
        let deep = String(repeating: "[", count: 62) + String(repeating: "[[[[]]],[]],", count: 200) + "0"
        #expect(skipError(Array((deep + String(repeating: "]", count: 62)).utf8)) == nil)
    }

    static func arrays(_ depth: Int) -> [UInt8] {
        Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
    }

    static func objects(_ depth: Int) -> [UInt8] {
        Array((String(repeating: #"{"a":"#, count: depth - 1) + "{" + String(repeating: "}", count: depth)).utf8)
    }

    /// Objects in arrays in objects, with an irregular pattern of kinds.
    static func alternating(_ depth: Int) -> [UInt8] {
        var head = ""
        var tail = ""
        for level in 0..<depth {
            let isObject = level % 3 == 0 || level % 7 == 2
            head += isObject ? #"{"a":"# : "["
            tail += isObject ? "}" : "]"
        }
        return Array((head + "0" + String(tail.reversed())).utf8)
    }
}
