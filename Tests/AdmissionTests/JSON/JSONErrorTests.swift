import Admission
import Testing

/// Messages: one line that says what was found, what was expected and where.
@Suite struct JSONErrorTests {
    @Test(arguments: [
        ("", "line 1, column 1: expected a JSON value, found an empty document"),
        (" \n ", "line 2, column 2: expected a JSON value, found an empty document"),
        (
            "\u{FEFF}{}",
            "line 1, column 1: expected a JSON value, found a byte order mark; save the document without one"
        ),
        ("{\n  \"a\": 1\n  \"b\": 2\n}", "line 3, column 3: expected ',' or '}' after the member, found '\"'"),
        ("{\"é計\":x}", "line 1, column 7: expected a value, found 'x'"),
        ("{\"a\":1,}", "line 1, column 8: expected a member name in double quotes after ',', found '}'"),
        ("{a:1}", "line 1, column 2: expected a member name in double quotes or '}', found 'a'"),
        ("{\"a\" 1}", "line 1, column 6: expected ':' after the member name, found '1'"),
        ("[1,]", "line 1, column 4: expected a value, found ']'"),
        ("[,", "line 1, column 2: expected a value or ']', found ','"),
        ("[1\n\n 2]", "line 3, column 2: expected ',' or ']' after the element, found '2'"),
        ("[", "line 1, column 2: expected a value or ']', found the end of the document"),
        ("{\"a\":", "line 1, column 6: expected a value, found the end of the document"),
        ("{\"a\":1", "line 1, column 7: expected ',' or '}' after the member, found the end of the document"),
        ("[\"a", "line 1, column 4: expected the string's closing '\"', found the end of the document"),
        (
            "\"a\nb\"",
            "line 1, column 3: expected an escape such as \\n or \\u0000, found the unescaped control character byte 0x0A in a string"
        ),
        (#""\x""#, "line 1, column 3: expected one of \"\\/bfnrtu after the backslash, found 'x'"),
        (#""\u12g4""#, "line 1, column 6: expected four hexadecimal digits after \\u, found something else"),
        (
            "01",
            "line 1, column 2: expected '.', an exponent or the end of the number after its leading zero, found another digit"
        ),
        ("-", "line 1, column 2: expected a digit, found the end of the document"),
        ("1. ", "line 1, column 3: expected a digit, found a space"),
        ("[nul]", "line 1, column 5: expected the literal null, found ']'"),
        ("tru\u{1}", "line 1, column 4: expected the literal true or false, found byte 0x01"),
        ("{} é", "line 1, column 4: expected the end of the document after its value, found byte 0xC3"),
        ("1\r\n2", "line 2, column 1: expected the end of the document after its value, found '2'"),
    ])
    func saysWhatWasFoundExpectedAndWhere(text: String, message: String) throws {
        let bytes = Array(text.utf8)
        let error = try #require(skipError(bytes))
        #expect(bytes.withUnsafeBytes { error.message(in: $0) } == message)
    }

    @Test func placesInvalidUTF8AtItsFirstByte() throws {
        let bytes: [UInt8] = Array("[\"é".utf8) + [0xE2, 0x28] + Array("\"]".utf8)
        let error = try #require(skipError(bytes))
        #expect(error == JSONError(.invalidUTF8, at: 4))
        #expect(
            bytes.withUnsafeBytes { error.message(in: $0) }
                == "line 1, column 4: expected UTF-8 text, found an invalid byte sequence in a string")
    }

    @Test func namesTheLimitOnNesting() throws {
        let bytes = JSONNestingTests.arrays(JSONCursor.maximumDepth + 1)
        let error = try #require(skipError(bytes))
        #expect(
            bytes.withUnsafeBytes { error.message(in: $0) }
                == "line 1, column 10001: expected at most 10000 nested objects and arrays, found one more")
    }

    @Test func placesByOffsetWithoutTheDocument() {
        #expect(
            "\(JSONError(.wrongKind(found: .null, expected: .object), at: 7))"
                == "byte 7: expected an object, found null")
    }

    /// A column counts scalars, so that an error behind text of any script is where an editor shows it.
    @Test func anOffsetOutsideTheDocumentIsHarmless() {
        let bytes = Array("ab".utf8)
        bytes.withUnsafeBytes { document in
            #expect(JSONError(.emptyDocument, at: 99).position(in: document) == (1, 3))
            #expect(JSONError(.emptyDocument, at: -1).position(in: document) == (1, 1))
        }
    }
}
