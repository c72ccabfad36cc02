import LocatedDocuments
import Testing

@Suite struct DocumentReaderTests {
    @Test(arguments: [
        ("", ""), ("\n\n", ""), ("# only a comment\n", ""), ("---\n---\n", ""), ("--- # c\n...\n", ""), ("null\n", ""),
        ("a: 1", #"{"a":1}"#), ("a: 1\n---\nb: 2\n", "{\"a\":1}\n{\"b\":2}"),
        ("---\n# Source: chart/templates/x.yaml\n---\n# Source: y\na: 1\n", #"{"a":1}"#),
        ("--- {a: 1}\n--- [x, z]\n", "{\"a\":1}\n[\"x\",\"z\"]"), ("a: 1\n...\nb: 2\n", "{\"a\":1}\n{\"b\":2}"),
        ("a: 1\n...\n%YAML 1.1\n---\nb: 2\n", "{\"a\":1}\n{\"b\":2}"), ("%YAML 1.1\n---\na: 1\n", #"{"a":1}"#),
        ("a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n", "{\"a\":1}\n{\"b\":\"x\\ny\\n\"}"),
        ("\u{FEFF}a: 1\n", #"{"a":1}"#), ("\u{FEFF}{\"a\": 1}", #"{"a":1}"#), ("---a\n", #""---a""#),
        ("a: |\n  ---\n  x\n", #"{"a":"---\nx\n"}"#), ("a: \"\\0\\x41\"\n", #"{"a":"\u0000A"}"#),
        ("{a: b}\n", #"{"a":"b"}"#), ("{\"a\": 1}\n{\"b\": 2}\n", "{\"a\":1}\n{\"b\":2}"),
        ("{\"a\": \"\\ud83d\\ude00\"}\n---\n{\"b\": 2}\n---\nc: 3", "{\"a\":\"😀\"}\n{\"b\":2}\n{\"c\":3}"),
        ("{\n\t\"a\":\t1 # comment\n}\n", #"{"a":1}"#), ("[]", "[]"), ("{}", "{}"), ("? a\n: b\n", #"{"a":"b"}"#),
        ("a:\n- 1\n-   - 2\n", #"{"a":[1,[2]]}"#), ("a: !!set {}\n", #"{"a":{}}"#),
    ])
    func streamsReadAsKubectlReadsThem(text: String, expected: String) {
        #expect(json(text) == expected)
    }

    @Test(arguments: [
        ("x: &x {a: 1}\nz: *x\n", #"{"x":{"a":1},"z":{"a":1}}"#),
        ("- &k v\n- {*k : 1}\n", #"["v",{"v":1}]"#),
        ("x: &x {a: 1, b: 2}\nz: {<<: *x, b: 3}\n", #"{"x":{"a":1,"b":2},"z":{"a":1,"b":3}}"#),
        // kubectl lets a merge key override what stands above it.
        ("x: &x {a: 1, b: 2}\nz: {b: 3, <<: [*x, {c: 4, a: 5}]}\n", #"{"x":{"a":1,"b":2},"z":{"b":2,"c":4,"a":1}}"#),
        ("<<: {a: 1}\nb: 2\n", #"{"a":1,"b":2}"#), ("a: <<\n", #"{"a":"<<"}"#),
        ("a: &a 1\na2: &a 2\nb: *a\n", #"{"a":1,"a2":2,"b":2}"#),
    ])
    func aliasesAndMergeKeysAreExpanded(text: String, expected: String) {
        #expect(json(text) == expected)
    }

    @Test(arguments: [
        ("a: *x\n", "1:4", "the alias *x refers to no anchor"),
        ("a: &a\n- *a\n", "2:3", "the alias *a stands inside what it refers to"),
        ("x: &x 1\n---\ny: *x\n", "3:4", "the alias *x refers to no anchor"),
        ("<<: 1\n", "1:5", "the merge key << takes a mapping or a list of mappings, found the number 1"),
        ("a:\n\tb: 1\n", "2:1", "a tab where YAML takes only spaces"),
        ("a: b: c\n", "1:5", "a second `:` where only one key fits"),
        ("a: 1\nbcd\ne: 2\n", "2:1", "this line is neither `key: value` nor part of the value above"),
        ("a: 1\n b: 2\n", "2:3", "a second `:` where only one key fits"),
        ("a:\n  b: 1\n c: 2\n", "3:2", "a key was expected here"),
        ("a: 'x\nb: 1\n", "1:4", "the string that starts here has no closing quote"),
        ("a: {b: 1\n", "1:4", "the `{` here is not closed"), ("a: [1, 2\nb: 1\n", "1:4", "the `[` here is not closed"),
        ("a: @b\n", "1:4", "a value cannot start with @"), ("a: !x!y z\n", "1:4", "a tag whose handle is not defined"),
        ("a: \"\\q\"\n", "1:5", "YAML has no such escape inside double quotes"),
        ("a: b\u{1}\n", "1:5", "a control character, which YAML does not allow"),
        ("é: b\u{1}\n", "1:5", "a control character, which YAML does not allow"),
        ("a: 1\n\u{FEFF}b: 1\n", "2:1", "a byte order mark in the middle of the file"),
        ("[a, b]: 1\n", "1:1", "a key must be a string, found a list"),
        ("{{ .Values.x }}: 1\n", "1:2", "a key must be a string, found a mapping"),
        ("~: 1\n", "1:1", "a key must be a string, found null"),
        ("a: 1\nb:\n  a: 1\n  c: 2\n  a: 3\n", "5:3", "the key \"a\" stands here again, first in line 3"),
        ("1: a\n\"1\": b\n", "2:1", "the key \"1\" stands here again, first in line 1"),
        ("{\"a\": 1}\n[", "2:2", "the JSON ends where"), ("ok: 1\n---\n'", "3:1", "the string that starts here"),
    ])
    func errorsNameTheirPlace(text: String, expectedPlace: String, message: String) {
        let diagnostics = read(text).diagnostics
        #expect(diagnostics.count == 1)
        #expect(diagnostics.first.map { place($0.position) } == expectedPlace)
        #expect(diagnostics.first?.message.hasPrefix(message) == true, "\(diagnostics.first?.message ?? "none")")
    }

    @Test func anErrorHidesNoOtherDocument() {
        let stream = read("a: 1\n---\nb: [\n---\nc: 3\n---\n'\n---\nd: 4\n")
        #expect(stream.documents.map { $0.root.mapping?.first?.name } == ["a", "c", "d"])
        #expect(stream.diagnostics.map(\.position.line) == [3, 7])
    }

    @Test func duplicateKeysAreReportedAsAskedAndTheLastCounts() {
        let file = SourceFile(name: "f", text: "a: 1\nb: 2\na: 3\n")
        for severity in [Diagnostic.Severity.error, .warning, nil] {
            let stream = DocumentReader(limits: .manifests, duplicateKeys: severity).read(file)
            #expect(stream.diagnostics.map(\.severity) == (severity.map { [$0] } ?? []))
            #expect(stream.documents.first?.root["a"]?.resolved == .integer("3"))
        }
    }

    @Test(arguments: [2, 8, 9, 40])
    func duplicatesAreFoundInMappingsOfAnySize(count: Int) {
        var lines = (0..<count).map { "k\($0): \($0)" }
        lines.append("k1: again")
        let stream = read(lines.joined(separator: "\n"))
        #expect(stream.diagnostics.map(\.position.line) == [count + 1])
        #expect(stream.documents.first?.root.mapping?.count == count)
    }

    // MARK: Encodings

    @Test(arguments: [
        ([0xFF, 0xFE, 0x61, 0x00], "the file is encoded in UTF-16 or UTF-32", "1:1"),
        ([0xFE, 0xFF, 0x00, 0x61], "the file is encoded in UTF-16 or UTF-32", "1:1"),
        ([0x61, 0x00, 0x3A, 0x00], "the file is encoded in UTF-16 or UTF-32", "1:1"),
        ([0x61, 0x3A, 0x0A, 0xC3, 0xA9, 0xC3, 0x28], "the file is not valid UTF-8 from here on", "2:2"),
    ])
    func otherEncodingsAreRefused(bytes: [UInt8], message: String, expectedPlace: String) {
        let stream = DocumentReader(limits: .manifests, duplicateKeys: .error)
            .read(SourceFile(name: "f", bytes: bytes))
        #expect(stream.diagnostics.map(\.message) == [message])
        #expect(stream.diagnostics.map { place($0.position) } == [expectedPlace])
    }

    // MARK: Limits

    private static let tight = DocumentLimits(fileBytes: 1000, documents: 3, nodes: 50, depth: 5, diagnostics: 2)

    @Test(arguments: [
        (String(repeating: "#", count: 1001), "the file has 1001 bytes"),
        ("a\n---\nb\n---\nc\n---\nd\n", "the file holds"),
        (String(repeating: "- a\n", count: 50), "the file stands for more than 50 values"),
        ("[" + String(repeating: "1,", count: 50) + "1]", "the file stands for more than 50 values"),
        ("[[[[[[]]]]]]", "mappings and lists are nested more than 5 deep"),
        ("- - - - - - a", "mappings and lists are nested more than 5 deep"),
        ("a: &a [[[1]]]\nb: [[*a]]", "mappings and lists are nested more than 5 deep"),
    ])
    func limitsAreErrors(text: String, message: String) {
        let stream = read(text, limits: Self.tight)
        #expect(stream.diagnostics.count == 1)
        #expect(stream.diagnostics.first?.message.hasPrefix(message) == true, "\(stream.diagnostics)")
    }

    @Test func justBelowTheLimitsIsRead() {
        let text = "[[[[[]]]]]\n---\n" + "[" + String(repeating: "1,", count: 42) + "1]\n---\na\n"
        let stream = read(text, limits: Self.tight)
        #expect(stream.diagnostics.isEmpty)
        #expect(stream.documents.count == 3)
    }

    @Test func aliasesOfAliasesAreBounded() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<30 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        let stream = read(text)
        #expect(stream.documents.isEmpty)
        #expect(stream.diagnostics.first?.message.hasPrefix("the file stands for more than") == true)
    }

    @Test func diagnosticsAreBounded() {
        #expect(read("'\n---\n'\n---\n'\n---\n'\n", limits: Self.tight).diagnostics.count == 2)
        #expect(read("{a: 1, a: 1, a: 1, a: 1}", limits: Self.tight).diagnostics.count == 2)
    }
}
