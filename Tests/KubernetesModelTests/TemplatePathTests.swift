import KubernetesModel
import TestSupport
import Testing

@Suite struct TemplatePathTests {
    @Test(arguments: [
        ("spec.template", TemplatePath("spec", "template")),
        ("spec.workers[*].template", TemplatePath("spec", "workers", .anyElement, "template")),
        ("spec.replicaSpecs.*.template", TemplatePath("spec", "replicaSpecs", .anyMember, "template")),
        ("spec.steps[*][*].inline", TemplatePath("spec", "steps", .anyElement, .anyElement, "inline")),
        ("spec", TemplatePath("spec")),
        ("*", TemplatePath(.anyMember)),
        ("*[*]", TemplatePath(.anyMember, .anyElement)),
        ("a-b_c9", TemplatePath("a-b_c9")),
        ("spec[\"acme.io/pod\"].template", TemplatePath("spec", "acme.io/pod", "template")),
        ("[\"a.b\"]", TemplatePath("a.b")),
        ("[\"a.b\"][*]", TemplatePath("a.b", .anyElement)),
        ("spec[\"a\\\"b\\\\c\"]", TemplatePath("spec", "a\"b\\c")),
        ("spec[\"]\"].x", TemplatePath("spec", "]", "x")),
        ("spec[\"*\"]", TemplatePath("spec", .member("*"))),
        ("spec[\"größe\"]", TemplatePath("spec", "größe")),
    ])
    func `reads a path`(text: String, path: TemplatePath) throws {
        #expect(try TemplatePath(parsing: text) == path)
        #expect(path.description == text)
    }

    @Test func `a quoted name that needs no quotes loses them`() throws {
        #expect(try TemplatePath(parsing: "spec[\"template\"]").description == "spec.template")
    }

    @Test(
        arguments: [
            ("", .empty, 1),
            (".spec.template", .leadingDot, 1),
            ("$.spec.template", .leadingDollar, 1),
            ("[*].template", .leadingElement, 1),
            ("spec..template", .emptySegment, 6),
            ("spec.[*]", .emptySegment, 6),
            ("spec.template.", .trailingDot, 14),
            ("spec.tem plate", .unexpectedCharacter(" "), 9),
            (" spec", .unexpectedCharacter(" "), 1),
            ("spec.größe", .unexpectedCharacter("ö"), 8),
            ("spec/template", .unexpectedCharacter("/"), 5),
            ("spec.a\nb", .unexpectedCharacter("\n"), 7),
            ("spec]", .unexpectedCharacter("]"), 5),
            ("spec.workers[*]template", .missingDot, 16),
            ("spec[\"a.b\"]c", .missingDot, 12),
            ("spec.work*", .wildcardInName, 10),
            ("spec.**", .wildcardInName, 6),
            ("spec.workers[0]", .elementIndex, 13),
            ("spec.workers[-1]", .elementIndex, 13),
            ("spec.workers[]", .badBracket, 13),
            ("spec.workers[", .badBracket, 13),
            ("spec.workers[*", .badBracket, 13),
            ("spec.workers[**]", .badBracket, 13),
            ("spec['a']", .badBracket, 5),
            ("spec[a]", .badBracket, 5),
            ("spec[\"a", .unterminatedQuote, 5),
            ("spec[\"a\"", .unterminatedQuote, 5),
            ("spec[\"a\\", .unterminatedQuote, 5),
            ("spec[\"a\\n\"]", .badEscape("n"), 9),
            ("spec[\"\"]", .emptyName, 5),
            ("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", .tooDeep, 65),
        ] as [(String, TemplatePathError.Reason, Int)])
    func `says what is wrong and where`(text: String, reason: TemplatePathError.Reason, column: Int) {
        let error = #expect(throws: TemplatePathError.self) { try TemplatePath(parsing: text) }
        #expect(error == TemplatePathError(reason: reason, text: text, column: column))
    }

    @Test func `the deepest and longest paths are read`() throws {
        let deepest = TemplatePath(segments: Array(repeating: "a", count: TemplatePath.maximumDepth))
        #expect(try TemplatePath(parsing: deepest.description) == deepest)
        let longest = String(repeating: "a", count: TemplatePath.maximumLength)
        #expect(try TemplatePath(parsing: longest) == TemplatePath(.member(longest)))
        #expect(throws: TemplatePathError(reason: .tooLong(bytes: 513), text: longest + "a", column: 1)) {
            try TemplatePath(parsing: longest + "a")
        }
    }

    @Test func `a message names place and remedy in one line`() {
        let error = #expect(throws: TemplatePathError.self) { try TemplatePath(parsing: "spec.workers[0].template") }
        #expect(
            error?.description
                == "template path 'spec.workers[0].template', column 13: a bracket holds a number: "
                + "a path names every element: write [*]")
    }

    @Test func `a message stays one line whatever the text`() {
        let error = #expect(throws: TemplatePathError.self) { try TemplatePath(parsing: "spec.a\r\n\u{2028}b") }
        #expect(
            error?.description.hasPrefix(
                "template path 'spec.a\\u{d}\\u{a}\\u{2028}b', column 7: unexpected character '\\u{d}'") == true)
    }

    @Test func `the built-in catalogue keeps to the limits`() {
        let paths = WorkloadCatalogue.builtin.kinds.flatMap(\.templates).flatMap { template in
            [template.path] + template.labelSources.map { template.path.appending($0.path) }
        }
        #expect(paths.map(\.segments.count).max() == 13)
        #expect(paths.map(\.description.utf8.count).max() == 113)
    }

    /// What is rendered reads back as itself.
    @Test func `rendering and reading are inverse`() throws {
        var random = SeededGenerator(seed: 2026)
        for _ in 0..<20_000 {
            var segments: [TemplatePath.Segment] = []
            for index in 0..<Int.random(in: 1...TemplatePath.maximumDepth / 4, using: &random) {
                switch Int.random(in: 0..<6, using: &random) {
                case 0 where index > 0: segments.append(.anyElement)
                case 1: segments.append(.anyMember)
                default: segments.append(.member(name(using: &random)))
                }
            }
            let path = TemplatePath(segments: segments)
            #expect(try TemplatePath(parsing: path.description) == path)
        }
    }

    /// Any text is read or refused, and what is read renders to something that reads the same.
    @Test func `no text is read as two paths`() {
        var random = SeededGenerator(seed: 7)
        let alphabet: [Character] = ["a", ".", "*", "[", "]", "\"", "\\", "ö", "0", "-", " "]
        var accepted = 0
        for _ in 0..<200_000 {
            let count = Int.random(in: 0...8, using: &random)
            let text = String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
            do throws(TemplatePathError) {
                let path = try TemplatePath(parsing: text)
                accepted += 1
                #expect(try TemplatePath(parsing: path.description) == path)
                #expect(path.segments.first != .anyElement)
            } catch {
                #expect(error.column >= 1)
                #expect(error.column <= text.unicodeScalars.count + 1)
            }
        }
        #expect(accepted > 1_000)
    }

    private func name(using random: inout SeededGenerator) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "9", "_", "-", ".", "*", "[", "]", "\"", "\\", "/", " ", "ü", "\u{301}",
        ]
        var view = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            view.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
        }
        return String(view)
    }
}
