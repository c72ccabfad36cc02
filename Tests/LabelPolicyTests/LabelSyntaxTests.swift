import LabelPolicy
import TestSupport
import Testing

@Suite struct LabelSyntaxTests {
    static let long63 = String(repeating: "a", count: 63)
    static let long253 = [63, 63, 63, 61].map { String(repeating: "a", count: $0) }.joined(separator: ".")

    @Test(arguments: [
        "a", "Z", "0", "team", "TEAM", "a-b_c.d", "1.2.3", "a--b", "a..b", long63,
    ])
    func legalValue(_ text: String) throws {
        #expect(LabelSyntax.problem(ofValue: text) == nil)
        #expect(try LabelValue(text).text == text)
    }

    @Test func emptyValueIsLegalButBillsNobody() {
        #expect(LabelSyntax.problem(ofValue: "") == nil)
        #expect(throws: LabelSyntaxProblem.emptyName) { try LabelValue(String()) }
    }

    @Test(arguments: [
        (long63 + "a", LabelSyntaxProblem.tooLong(length: 64, limit: 63)),
        // 22 three-byte characters: Kubernetes counts bytes.
        (String(repeating: "\u{20AC}", count: 22), .tooLong(length: 66, limit: 63)),
        ("-a", .badStart("'-'")), ("_a", .badStart("'_'")), (".a", .badStart("'.'")),
        ("a-", .badEnd("'-'")), ("a_", .badEnd("'_'")), ("a.", .badEnd("'.'")), ("-", .badStart("'-'")),
        ("a b", .illegalCharacter("a space")), (" a", .illegalCharacter("a space")),
        ("a/b", .illegalCharacter("'/'")), ("a:b", .illegalCharacter("':'")), ("a@b", .illegalCharacter("'@'")),
        ("a\n", .illegalCharacter("a control character")), ("a\u{0}b", .illegalCharacter("a control character")),
        ("a\u{7F}", .illegalCharacter("a control character")),
        ("caf\u{E9}", .illegalCharacter("a character outside ASCII")),
        // The Kelvin sign, which Swift's string comparison takes for a K.
        ("\u{212A}", .illegalCharacter("a character outside ASCII")),
    ])
    func illegalValue(_ text: String, _ problem: LabelSyntaxProblem) {
        #expect(LabelSyntax.problem(ofValue: text) == problem)
        #expect(throws: problem) { try LabelValue(text) }
    }

    @Test(arguments: [
        "team", "cost-center", "costCenter", "cost_center", "a.b", "app.kubernetes.io/team", "a/B", "0/0", "x-y.z/n",
        long63, long253 + "/" + long63,
        // Only the whole prefix is bounded, not each of its parts.
        String(repeating: "a", count: 100) + "/x",
    ])
    func legalKey(_ text: String) throws {
        #expect(LabelSyntax.problem(ofKey: text) == nil)
        #expect(try LabelKey(text).text == text)
    }

    @Test(arguments: [
        ("", LabelSyntaxProblem.emptyName), ("a/", .emptyName), ("/", .badPrefix("")), ("/a", .badPrefix("")),
        ("a/b/c", .severalSlashes), ("a//b", .severalSlashes),
        (long63 + "a", .tooLong(length: 64, limit: 63)), ("a/" + long63 + "a", .tooLong(length: 64, limit: 63)),
        (long253 + "a/x", .badPrefix(long253 + "a")),
        ("Acme.io/team", .badPrefix("Acme.io")), ("a_b/team", .badPrefix("a_b")), ("-a/team", .badPrefix("-a")),
        ("a-/team", .badPrefix("a-")), ("a..b/team", .badPrefix("a..b")), (".a/team", .badPrefix(".a")),
        ("a./team", .badPrefix("a.")), ("a.-b/team", .badPrefix("a.-b")),
        ("-team", .badStart("'-'")), ("team-", .badEnd("'-'")), ("te am", .illegalCharacter("a space")),
        ("x/team.", .badEnd("'.'")), ("te\u{E4}m", .illegalCharacter("a character outside ASCII")),
    ])
    func illegalKey(_ text: String, _ problem: LabelSyntaxProblem) {
        #expect(LabelSyntax.problem(ofKey: text) == problem)
        #expect(throws: problem) { try LabelKey(text) }
    }

    /// Every byte in every place, against the regular expression of apimachinery spelled out.
    @Test func everyByte() {
        func allowed(_ byte: UInt8, inside: Bool) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): inside
            default: false
            }
        }
        for byte in UInt8(0)...127 {
            let character = String(Character(Unicode.Scalar(byte)))
            #expect((LabelSyntax.problem(ofValue: character + "b") == nil) == allowed(byte, inside: false))
            #expect((LabelSyntax.problem(ofValue: "b" + character) == nil) == allowed(byte, inside: false))
            #expect((LabelSyntax.problem(ofValue: "b" + character + "b") == nil) == allowed(byte, inside: true))
        }
    }

    @Test(
        arguments: [
            ("team", "team"), ("app.kubernetes.io/team", "team"), ("a/b.c", "b.c"),
        ] as [(LabelKey, String)])
    func nameOfKey(_ key: LabelKey, _ name: String) { #expect(key.name == Substring(name)) }

    @Test(arguments: [
        LabelSyntaxProblem.emptyName, .tooLong(length: 64, limit: 63), .illegalCharacter("'/'"), .badStart("'-'"),
        .badEnd("'-'"), .badPrefix("A"), .severalSlashes,
    ])
    func explanationsAreOneLine(_ problem: LabelSyntaxProblem) {
        #expect(!problem.explanation.isEmpty)
        #expect(!problem.explanation.contains("\n"))
    }
}
