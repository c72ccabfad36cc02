import Testing

@testable import LocatedDocuments

@Suite struct JSONTests {
    @Test(arguments: [
        ("{\"a\":[1,-2.5e+3,true,false,null,\"x\"]}", "{\"a\":[1,-2.5e+3,true,false,null,\"x\"]}"),
        (" \r\n\t{ } ", "{}"), ("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\"]"),
        ("[\"\\ud83d\\ude00 \\u00e9 \\u0000\"]", "[\"😀 é \\u0000\"]"),
        (
            "[\"\\ud83d\", \"\\ud83dx\", \"\\ude00\", \"\\ud83d\\u0041\"]",
            "[\"\u{FFFD}\",\"\u{FFFD}x\",\"\u{FFFD}\",\"\u{FFFD}A\"]"
        ),
        ("[1e810, 123456789012345678901234567890, -0]", "[1e810,123456789012345678901234567890,-0]"),
        ("{\"" + String(repeating: "k", count: 2000) + "\": 1}", "{\"" + String(repeating: "k", count: 2000) + "\":1}"),
    ])
    func jsonIsReadAndRendered(text: String, expected: String) {
        let stream = read(text, name: "t.json")
        #expect(stream.diagnostics.isEmpty)
        #expect(stream.documents.first?.syntax == .json)
        #expect(json(text, name: "t.json") == expected)
    }

    @Test(arguments: [
        ("{\"a\":1,}", "1:8: error: expected a key in double quotes, found `}`; remove the comma before it"),
        ("[1,]", "1:4: error: expected a value, found `]`; remove the comma before it"),
        ("[1 2]", "1:4: error: expected `,` or `]`, found `2`"),
        ("{\"a\" 1}", "1:6: error: expected `:` after the key, found `1`"),
        ("{\"a\": \"b", "1:7: error: the string that starts here has no closing quote; add the missing `\"`"),
        ("[\"a\nb\"]", "1:4: error: a line break inside a JSON string; close the string, or write \\n"),
        ("[\"a\tb\"]", "1:4: error: a control character inside a JSON string; write it as an escape such as \\t"),
        ("[01]", "1:2: error: a JSON number has no leading zeros; quote the value if it is text"),
        ("[1.]", "1:4: error: expected a digit, found `]`; remove the comma before it"),
        ("[tru]", "1:2: error: expected a value, found `t`"), ("[é]", "1:2: error: expected a value, found `é`"),
        ("[\"\\x\"]", "1:3: error: JSON has no such escape; write `\\\\` for a backslash"),
        ("[\"\\u12g4\"]", "1:3: error: \\u takes four hexadecimal digits"),
        (
            "{\"a\":",
            "1:6: error: the JSON ends where a value should stand; close what is open, or restore the part that was cut off"
        ),
        ("[1] x", "1:5: error: expected a value, found `x`"),
    ])
    func brokenJSONNamesItsPlace(text: String, expected: String) {
        // The parser alone: the reader would try YAML in flow style next, which allows some of these.
        let file = SourceFile(name: "t.json", text: text)
        var parser = JSONTreeParser(file: file, range: 0..<file.bytes.count)
        var budget = DocumentBudget(limits: .manifests)
        do {
            while try parser.nextValue(budget: &budget) != nil {}
            Issue.record("accepted")
        } catch {
            let place = place(file.position(atOffset: error.offset))
            #expect("\(place): error: \(error.message)" + (error.remedy.map { "; \($0)" } ?? "") == expected)
        }
    }

    /// What is no JSON, but YAML; and what is neither is reported as what it was more likely meant to be.
    @Test(arguments: [
        ("{\"a\": 1,}", #"{"a":1}"#), ("{a: 'b'}", #"{"a":"b"}"#), ("[1 2]", #"["1 2"]"#),
        (
            "{\"a\": tru\u{1}}",
            "t.yaml:1:10: error: a control character, which YAML does not allow; remove it, or write it as an escape inside double quotes"
        ),
        ("{\"a\": \"\\ud83d\\ude00\",\n \"b\" 1}", "t.yaml:2:6: error: expected `:` after the key, found `1`"),
        (
            "{{ .Values }}\na: b",
            "t.yaml:1:2: error: a key must be a string, found a mapping; if this is a template's `{{ … }}`, render the template first; if it is a value, quote it"
        ),
    ])
    func otherwiseItIsYAML(text: String, expected: String) {
        #expect(json(text) == expected)
    }

    @Test func renderingIsBounded() {
        let stream = read("a: &a \(String(repeating: "x", count: 900))\nb: [*a, *a, *a]\n")
        let root = stream.documents.first?.root
        #expect(throws: JSONRenderingError.self) { try root?.json(maximumBytes: 1000) }
        #expect(throws: Never.self) { try root?.json(maximumBytes: 5000) }
    }

    // MARK: Pointers

    private let pod = """
        metadata:
          name: x
          labels:
            app.kubernetes.io/name: y
        spec:
          containers:
          - name: c
        """

    @Test(arguments: [
        ("/metadata/labels/app.kubernetes.io~1name", true, "4:5"), ("/metadata/labels/team", false, "3:3"),
        ("/metadata/annotations/a", false, "1:1"), ("/spec/containers/0/name", true, "7:5"),
        ("/spec/containers/0", true, "7:5"), ("/spec/containers/1", false, "6:3"),
        ("/spec/containers/01", false, "6:3"),
        ("/metadata/name/x", false, "2:3"), ("", true, "1:1"), ("/nothing", false, "1:1"),
        ("/spec/containers/-1", false, "6:3"), ("/spec/containers/99999999999999999999", false, "6:3"),
    ])
    func pointersLeadToTheNearestNode(text: String, isComplete: Bool, expectedPlace: String) throws {
        let root = try #require(read(pod).documents.first?.root)
        let pointer = try #require(JSONPointer(text))
        #expect(pointer.description == text)
        let found = root.lookup(pointer)
        #expect(found.isComplete == isComplete)
        #expect(place(found.position) == expectedPlace)
        #expect((root.node(at: pointer) != nil) == isComplete)
    }

    @Test(arguments: ["a", "/~", "/~2"])
    func badPointersAreRefused(text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test func pointersEscape() {
        #expect(JSONPointer(tokens: ["a/b", "~", ""]).description == "/a~1b/~0/")
        #expect(JSONPointer("/a~1b/~0/")?.tokens == ["a/b", "~", ""])
    }
}
