import Foundation
import LabelPolicy
import TestSupport
import Testing

@Suite struct PatternTests {
    static let ab62 = String(repeating: "ab", count: 31)
    static let a63 = String(repeating: "a", count: 63)

    @Test(
        arguments: [
            ("", "", true), ("", "a", false), ("abc", "abc", true), ("abc", "abcd", false), ("abc", "xabc", false),
            ("abc", "ab", false), ("abc", "ABC", false),
            // Alternation and groups.
            ("a|b", "a", true), ("a|b", "b", true), ("a|b", "ab", false), ("ab|cd", "abd", false), ("a|", "", true),
            ("|a", "a", true), ("(a|b)c", "bc", true), ("(?:a|b)c", "ac", true), ("()", "", true), ("(|a)b", "b", true),
            // Sets.
            (".", "x", true), (".", "", false), (".*", ab62, true), (".", "\u{E9}", false), ("a.c", "a-c", true),
            ("[a-c]+", "abcba", true), ("[a-c]+", "abd", false), ("[^a-c]", "d", true), ("[^a-c]", "b", false),
            ("[^a-c]", "\u{E9}", false), ("[a-]", "-", true), ("[-a]", "-", true), ("[]a]", "]", true),
            ("[^]a]", "]", false), ("[a^]", "^", true), ("[.]", ".", true), ("[.]", "x", false), ("[\\d_]", "7", true),
            ("[\\w-]+", "a-b", true), ("[\\.-9]+", "./09", true), ("[\\.-9]", "-", false), ("[+-\\.]+", "+,-.", true),
            ("[+-\\.]", "/", false), ("[a\\]]", "]", true), ("[\\-a]", "-", true), ("[(*]", "(", true),
            ("\\d+", "2026", true), ("\\d", "x", false), ("\\w+", "aZ_9", true), ("\\w", "-", false),
            ("\\.", ".", true),
            ("\\.", "x", false), ("\\\\", "\\", true), ("a\\$", "a$", true), ("\\^a", "^a", true),
            // Quantifiers.
            ("a*", "", true), ("a*", "aaaa", true), ("a+", "", false), ("a+", "aaa", true), ("a?", "", true),
            ("a?", "aa", false), ("a{2}", "aa", true), ("a{2}", "a", false), ("a{2}", "aaa", false),
            ("a{2,}", "a", false),
            ("a{2,}", "aaaaa", true), ("a{1,3}", "aaa", true), ("a{1,3}", "aaaa", false), ("a{1,3}", "", false),
            ("a{0}", "", true), ("a{0}", "a", false), ("a{0,}", "aa", true), ("(ab){2}", "abab", true),
            ("(ab){2}", "ab", false), ("a{63}", a63, true), ("a{62}", a63, false), ("(a{0}){3}b", "b", true),
            ("(a|b{0})+c", "aac", true), ("(a?){3}", "aa", true), ("(a?){3}", "aaaa", false), ("(a+){2}", "a", false),
            ("(a+){2}", "aa", true), ("(a{2,}|b)+", "aabaaa", true), ("(a{2,}|b)+", "aaba", false),
            ("a*?b", "aab", true), ("a+?", "aa", true), ("a??b", "b", true), ("a{2}?", "aa", true),
            // Anchors at the ends change nothing.
            ("^abc$", "abc", true), ("^abc", "abcd", false), ("abc$", "xabc", false), ("^a|b$", "b", true),
            ("^", "", true),
            ("$", "", true), ("$", "a", false),
            ("a\\d|[x-z]{2}", "a7", true), ("a\\d|[x-z]{2}", "zx", true), ("a\\d|[x-z]{2}", "z7", false),
            ("[A-Z]{2}-\\d{4}", "AB-1234", true), ("[A-Z]{2}-\\d{4}", "AB-12345", false), ("a}", "a}", true),
            ("a]", "a]", true), ("a,b", "a,b", true),
            // More states than one machine word holds.
            ("[ab]{62}", ab62, true), ("[ab]{61}", ab62, false), ("(ab|ba){20,31}", ab62, true),
            ("(ab|ba){20,30}", ab62, false), ("([a-z]{1,20}-){2}[a-z]{1,20}", "team-of-research", true),
            ("([a-z]{1,20}-){2}[a-z]{1,20}", "team-research", false), ("(a|b){50,}", ab62, true),
            ("(a|b){50,}", "abab", false),
        ] as [(Pattern, String, Bool)])
    func table(_ pattern: Pattern, _ value: String, _ matches: Bool) { #expect(pattern.matches(value) == matches) }

    static let flags = PatternError.Problem.unsupported("'(?': look-around, flags and named groups")

    @Test(
        arguments: [
            ("(", .unclosedGroup, 1), ("a(b", .unclosedGroup, 2), ("a(b(c)", .unclosedGroup, 2),
            (")", .unopenedGroup, 1),
            ("ab)", .unopenedGroup, 3), ("a|b)c", .unopenedGroup, 4),
            ("[", .unclosedClass, 1), ("ab[cd", .unclosedClass, 3), ("[]", .unclosedClass, 1),
            ("[^]", .unclosedClass, 1),
            ("[a-", .unclosedClass, 1), ("x[z-a]", .reversedRange, 3), ("x[z-\\.]", .reversedRange, 3),
            ("[\\.--]", .reversedRange, 2),
            ("*", .nothingToRepeat, 1), ("a|+", .nothingToRepeat, 3), ("(*a)", .nothingToRepeat, 2),
            ("{2}", .nothingToRepeat, 1), ("a**", .nothingToRepeat, 3), ("a+*", .nothingToRepeat, 3),
            ("a?+", .nothingToRepeat, 3), ("a{2}{3}", .nothingToRepeat, 5), ("a*??", .nothingToRepeat, 4),
            ("a*?*", .nothingToRepeat, 4), ("a???", .nothingToRepeat, 4),
            ("a{", .badRepetition, 2), ("a{}", .badRepetition, 2), ("a{,3}", .badRepetition, 2),
            ("a{2", .badRepetition, 2),
            ("a{2,", .badRepetition, 2), ("a{3,2}", .badRepetition, 2), ("a{x}", .badRepetition, 2),
            ("a{1,x}", .badRepetition, 2),
            ("a{64}", .countTooLarge(limit: 63), 2), ("ab{1,64}", .countTooLarge(limit: 63), 3),
            ("a{99999999999999999999999}", .countTooLarge(limit: 63), 2), ("a{64,}", .countTooLarge(limit: 63), 2),
            ("a\\", .trailingBackslash, 2), ("[\\", .trailingBackslash, 2), ("\\b", .unknownEscape("b"), 1),
            ("a\\D", .unknownEscape("D"), 2), ("\\0", .unknownEscape("0"), 1),
            ("(a)\\1", .unsupported("a back-reference"), 4),
            ("a\\x41", .unknownEscape("x"), 2), ("[\\s]", .unknownEscape("s"), 2),
            ("(?", flags, 1), ("(?i)a", flags, 1), ("a(?=b)", flags, 2), ("(?<n>a)", flags, 1),
            ("[[:alpha:]]", .unsupported("a named class such as [:alpha:]"), 2),
            ("x[a-\\d]", .unsupported("a class as the end of a range"), 5),
            ("a^b", .anchorInside("^"), 2), ("a$b", .anchorInside("$"), 2), ("^^a", .anchorInside("^"), 2),
            ("(^a)", .anchorInside("^"), 2), ("(a$)", .anchorInside("$"), 3), ("a$|b", .anchorInside("$"), 2),
            ("caf\u{E9}", .notASCII, 4), (String(repeating: "a", count: 257), .tooLong(limit: 256), 257),
            (
                String(repeating: "(", count: 51) + String(repeating: ")", count: 51), .nestedTooDeeply(limit: 50), 51
            ),
            ("(((a{63}){63}){63}){63}", .tooComplex(limit: 512), 1),
            ("(a|b){63}(c|d){63}(e|f){63}", .tooComplex(limit: 512), 1),
            // Nothing is left of ASCII: the only way to write a class that cannot match.
            ("[^\u{0}-\u{7F}]", .emptyClass, 1),
        ] as [(String, PatternError.Problem, Int)])
    func errors(_ text: String, _ problem: PatternError.Problem, _ column: Int) {
        let error = #expect(throws: PatternError.self) { try Pattern(text) }
        #expect(error?.problem == problem)
        #expect(error?.column == column)
        #expect(error?.explanation.isEmpty == false)
    }

    /// Patterns that cost a backtracking matcher, or a naive compiler, exponential time: each is compiled or refused,
    /// and matched, sooner than anybody could wait for the exponential way.
    @Test(arguments: [
        "(a*)*b", "(a+)+b", "(a|a)*b", "(a|a|b)*c", "(.*)*c", "((a*)*)*b", "(a?){30}(a){30}", "(a|b|ab)*c",
        "((a|b)*(a|b)*){20}c", "(a{0,31}){15}b", "(.*.*.*.*.*.*.*.*)c", "(((((((((a+)+)+)+)+)+)+)+)+)+b",
        // Nothing, repeated: 63 to the power of 36.
        nested("", 36), nested("a{0}", 36), nested("()()", 36), nested("|", 36), nested("(a{0}|b{0}){0}", 34),
        String(repeating: "(", count: 50) + "a" + String(repeating: ")*", count: 50),
    ])
    func worstCases(_ text: String) throws {
        let pattern: Pattern
        do { pattern = try Pattern(text) } catch {
            #expect(error.problem == .tooComplex(limit: Pattern.maximumStates))
            return
        }
        #expect(pattern.stateCount <= Pattern.maximumStates)
        for value in ["", Self.a63, Self.ab62, Self.ab62 + "c"] { _ = pattern.matches(value) }
    }

    static func nested(_ inner: String, _ depth: Int) -> String {
        String(repeating: "(", count: depth) + inner + String(repeating: "){63}", count: depth)
    }

    @Test func sizesAreWhatTheTextSays() {
        // A state a character and repetition, and one to accept: a `+` never doubles what it repeats.
        #expect(("abc" as Pattern).stateCount == 4)
        #expect(("(((((a+)+)+)+)+)+" as Pattern).stateCount == 8)
        #expect(("a{3,}" as Pattern).stateCount == 5)
    }

    @Test func equalByText() {
        #expect(("a+" as Pattern) == "a+")
        #expect(("a+" as Pattern) != "aa*")
        #expect(Set<Pattern>(["a+", "a+", "b"]).count == 2)
        #expect(("a+" as Pattern).description == "a+")
    }
}
