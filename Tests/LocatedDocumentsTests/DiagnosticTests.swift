import LocatedDocuments
import Testing

@Suite struct DiagnosticTests {
    private func rendered(_ text: String, line: Int, from: String, length: Int? = nil, remedy: String? = nil) -> String
    {
        let file = SourceFile(name: "policy.yaml", text: text)
        let bytes = Array(text.utf8)
        let needle = Array(from.utf8)
        let offset = (0..<bytes.count).first { bytes[$0...].starts(with: needle) } ?? 0
        return file.diagnostic(
            .error, "bad", remedy: remedy, at: file.position(atOffset: offset), length: length
        ).rendered
    }

    @Test func excerptHasACaretUnderThePlace() {
        #expect(
            rendered("spec:\n  vaules: 1\n", line: 2, from: "vaules", length: 6, remedy: "did you mean \"values\"?")
                == """
                policy.yaml:2:3: error: bad
                      vaules: 1
                      ^~~~~~
                    did you mean "values"?
                """)
    }

    @Test func caretStandsRightBehindTabsAndWideCharacters() {
        #expect(
            rendered("a:\t日本e\u{301}: x", line: 1, from: "x") == """
                policy.yaml:1:10: error: bad
                    a:\t日本e\u{301}: x
                      \t       ^
                """)
        #expect(rendered("k: 日本 y", line: 1, from: "日", length: 2).hasSuffix("\n       ^~~~"))
    }

    @Test func controlCharactersDoNotReachTheTerminal() {
        let file = SourceFile(name: "a\u{1B}[31m", text: "k: \u{1B}[2J\u{202E}x\n")
        let text = file.diagnostic(.warning, "m\u{7}\nn", remedy: "r\u{9B}", at: .start).rendered
        #expect(!text.unicodeScalars.contains { ["\u{1B}", "\u{7}", "\u{202E}", "\u{9B}"].contains($0) })
        #expect(text.split(separator: "\n").count == 4)
        #expect(!file.diagnostic(.warning, "a\nb", at: .start).line.contains("\n"))
    }

    /// Control and format characters, wherever in Unicode they are: escape, delete, C1, Arabic letter mark, zero width,
    /// separators, isolates, a byte order mark, a language tag.
    @Test(
        arguments: [
            "\u{0}", "\u{1B}", "\u{7F}", "\u{9B}", "\u{AD}", "\u{61C}", "\u{200B}", "\u{200F}", "\u{2028}", "\u{2029}",
            "\u{202E}", "\u{2066}", "\u{FEFF}", "\u{FFF9}", "\u{E0041}",
        ] as [Unicode.Scalar])
    func whatATerminalWouldActOnIsReplaced(scalar: Unicode.Scalar) {
        #expect(Terminal.printable("a\(scalar)b") == "a\u{FFFD}b")
        let file = SourceFile(name: "t.yaml", text: "k: \(scalar)x\n")
        #expect(file.excerpt(around: .start).text == "k: \u{FFFD}x")
    }

    @Test func textOfEveryScriptIsPrintable() {
        let text = "aÉß日本e\u{301}😀—\u{A0}"
        #expect(Terminal.printable(text) == text)
    }

    @Test func longLinesAreCut() {
        let text = "{\"a\": \"" + String(repeating: "é", count: 5000) + "\", b" + String(repeating: "x", count: 5000)
        let lines = rendered(text, line: 1, from: ", b").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].count < 220)
        #expect(lines[1].hasPrefix("    …é") && lines[1].hasSuffix("x…"))
        #expect(lines[2] == "    " + String(repeating: " ", count: 101) + "^")
    }

    @Test func theEndOfTheFileHasAnExcerptToo() {
        let file = SourceFile(name: "f", text: "a: [")
        #expect(
            file.diagnostic(.note, "m", at: file.position(atOffset: 4)).rendered
                == "f:1:5: note: m\n    a: [\n        ^")
        #expect(SourceFile(name: "f", text: "").diagnostic(.error, "m", at: .start).rendered == "f:1:1: error: m")
    }

    // MARK: Suggestions

    private static let suggestions: [(String, [String], String?)] = [
        ("vaules", ["key", "values", "level"], "values"), ("tema", ["team"], "team"),
        ("costcenter", ["costCenters"], "costCenters"),
        ("cost_center", ["cost-center", "costs"], "cost-center"), ("ml-plattform", ["ml-platform"], "ml-platform"),
        ("x", ["y"], "y"), ("abc", ["xyz"], nil), ("tm", ["team"], nil), ("", ["a"], nil), ("team", ["team"], nil),
        ("mode", ["modes", "mod"], "modes"), ("levle", ["lev", "level"], "level"),
        (String(repeating: "a", count: 65), [String(repeating: "a", count: 64)], nil),
    ]

    @Test(arguments: suggestions)
    func suggestionIsTheNearestWord(word: String, candidates: [String], expected: String?) {
        #expect(didYouMean(word, candidates) == expected)
    }

    @Test func foundDescriptionsNameWhatWasFound() {
        let text = """
            - {}
            - []
            - yes
            - true
            - 0x10
            - 7
            - 'x'
            - ''
            -
            - ~
            - |
              two
              lines
            """
        let found = read(text).documents.first?.root.sequence?.map(\.foundDescription)
        #expect(
            found == [
                "a mapping", "a list", "the boolean true (written `yes`)", "the boolean true",
                "the number 16 (written `0x10`)", "the number 7", "the string \"x\"", "an empty string", "nothing",
                "null",
                "the string \"two…\"",
            ])
    }
}
