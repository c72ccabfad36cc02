import Admission
import Testing

/// Comparing and decoding of strings.
@Suite struct JSONStringTokenTests {
    @Test(arguments: [
        (#""team""#, "team"), (#""te\u0061m""#, "team"), (#""\u0074\u0065\u0061\u006d""#, "team"), (#""""#, ""),
        (#""a\/b""#, "a/b"), (#""app.kubernetes.io\/team""#, "app.kubernetes.io/team"), (#""\ud83d\ude00""#, "😀"),
        (#""😀""#, "😀"), (#""\u00e9é""#, "éé"), (#""\"\\\b\f\n\r\t""#, "\"\\\u{8}\u{C}\n\r\t"), (#""\u0000""#, "\0"),
        (#""12345678""#, "12345678"), (#""123456789""#, "123456789"), (#""\ud800""#, "\u{FFFD}"),
    ])
    func comparesDecoded(literal: String, text: String) throws {
        try withToken(literal) { token in
            #expect(token.decode() == text)
            #expect(Array(token.decode().utf8) == Array(text.utf8))
            #expect(token.matches(text: text))
            #expect(token.isEmpty == text.isEmpty)
            #expect(!token.matches(text: text + "x"))
            #expect(!token.matches(text: "x" + text))
            if !text.isEmpty {
                #expect(!token.matches(text: String(text.unicodeScalars.dropLast())))
                #expect(!token.matches(text: String(text.unicodeScalars.dropFirst())))
                #expect(!token.matches(text: String(text.unicodeScalars.dropLast()) + "~"))
            }
            #expect((token.unescaped == nil) == literal.contains("\\"))
            if let unescaped = token.unescaped {
                #expect(Array(unescaped) == Array(text.utf8))
            }
        }
    }

    /// Every length and every place of a difference, through each way the comparison is taken.
    @Test(arguments: 0..<40)
    func findsADifferenceAnywhere(length: Int) throws {
        let text = String("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ".prefix(length))
        try withToken("\"\(text)\"") { #expect($0.matches(text: text)) }
        try withToken("\"\(text)\\u005a\"") { #expect($0.matches(text: text + "Z")) }
        for place in 0..<length {
            var other = Array(text.utf8)
            other[place] = UInt8(ascii: "~")
            try withToken("\"\(text)\"") { #expect(!$0.matches(text: String(decoding: other, as: UTF8.self))) }
        }
    }

    @Test func comparesWithStaticText() throws {
        try withToken(#""labels""#) { token in
            #expect(token.matches("labels" as StaticString))
            #expect(!token.matches("label" as StaticString))
            #expect(!token.matches("labelS" as StaticString))
        }
        try withToken(#""l\u0061bels""#) { #expect($0.matches("labels" as StaticString)) }
        try withToken(#""x""#) { #expect($0.matches("x" as StaticString)) }
        try withToken(#""""#) { #expect($0.matches("" as StaticString)) }
    }

    /// Canonically equivalent text is other text, as it is for label keys.
    @Test func comparesBytesNotCharacters() throws {
        try withToken("\"e\u{301}\"") { #expect(!$0.matches("é")) }
    }

    @Test(arguments: [
        (#""team""#, 10, "team", false), (#""team""#, 4, "team", false), (#""team""#, 3, "tea", true),
        (#""team""#, 0, "", true), (#""""#, 0, "", false), (#""team""#, -1, "", true), (#""aé""#, 3, "aé", false),
        (#""aé""#, 2, "a", true), (#""é""#, 1, "", true), (#""😀x""#, 4, "😀", true), (#""😀x""#, 3, "", true),
        (#""a😀""#, 2, "a", true), (#""a\ud83d\ude00""#, 4, "a", true), (#""a\ud83d\ude00""#, 5, "a😀", false),
        (#""\u0041\u0042""#, 1, "A", true), (#""\u0041\u0042""#, 2, "AB", false), (#""ab計""#, 5, "ab計", false),
        (#""ab計""#, 4, "ab", true), (#""ab計c""#, 5, "ab計", true), (#""éé""#, 3, "é", true),
    ])
    func decodesUpToABound(literal: String, bound: Int, text: String, isTruncated: Bool) throws {
        try withToken(literal) { token in
            let decoded = token.decode(maximumBytes: bound)
            #expect(decoded.text == text)
            #expect(decoded.isTruncated == isTruncated)
        }
    }

    @Test func aTableTellsWhichKeyATokenIs() throws {
        let long = String(repeating: "k", count: 70)
        let keys = ["team", "cost-center", "app.kubernetes.io/team", "", "tier", "team", long, long + "k", "é"]
        let table = JSONKeyTable(keys)
        for key in keys {
            let position = keys.firstIndex(of: key)
            try withToken("\"\(key)\"") { #expect(table.position(of: $0) == position) }
            let escaped = key.utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined()
            try withToken("\"\(escaped)\"") { #expect(table.position(of: $0) == position) }
        }
        for other in ["teams", "tea", "Team", "k", "cost-centre", "\\u0000", String(long.dropLast()), long + "kk", "e"]
        {
            try withToken("\"\(other)\"") { #expect(table.position(of: $0) == nil) }
        }
        try withToken(#""team""#) { #expect(JSONKeyTable([]).position(of: $0) == nil) }
    }

    private func withToken(_ literal: String, _ body: (JSONStringToken) throws -> Void) throws {
        try withCursor(literal) { cursor in
            let token = try cursor.string()
            #expect(cursor.offset == literal.utf8.count)
            #expect(token.hasEscapes == literal.contains("\\"))
            try body(token)
        }
    }
}
