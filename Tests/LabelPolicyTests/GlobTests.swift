import LabelPolicy
import TestSupport
import Testing

@Suite struct GlobTests {
    @Test(
        arguments: [
            ("kube-system", "kube-system", true), ("kube-system", "kube-systems", false),
            ("kube-system", "kube-syste", false), ("", "", true), ("", "a", false), ("*", "", true),
            ("*", "anything", true), ("**", "x", true), ("nightly-*", "nightly-", true),
            ("nightly-*", "nightly-42", true),
            ("nightly-*", "a-nightly-42", false), ("*-job", "a-job", true), ("*-job", "a-jobs", false),
            ("a*b*c", "abc", true), ("a*b*c", "a-b-b-c", true), ("a*b*c", "acb", false), ("*a*", "bab", true),
            ("*aab", "aaaab", true), ("*ab*ab", "abab", true), ("*ab*ab", "ab", false), ("a?c", "abc", false),
            ("a?c", "a?c", true), ("[ab]", "a", false), ("a.c", "abc", false),
            ("system:serviceaccount:ci:*", "system:serviceaccount:ci:bot", true), ("Prod*", "production", false),
            ("\u{212A}", "K", false),
        ] as [(Glob, String, Bool)])
    func table(_ pattern: Glob, _ name: String, _ matches: Bool) { #expect(pattern.matches(name) == matches) }

    /// Agreement with the definition: a star is nothing, or one character and a star.
    @Test func agreesWithDefinition() {
        func matches(_ pattern: Substring, _ name: Substring) -> Bool {
            guard let first = pattern.first else { return name.isEmpty }
            if first == "*" {
                return matches(pattern.dropFirst(), name) || (!name.isEmpty && matches(pattern, name.dropFirst()))
            }
            return first == name.first && matches(pattern.dropFirst(), name.dropFirst())
        }
        var random = SeededGenerator(seed: 1)
        func word(_ longest: Int, _ letters: [String]) -> String {
            (0..<Int.random(in: 0...longest, using: &random)).map { _ in random.pick(letters) }.joined()
        }
        for _ in 0..<10_000 {
            let pattern = word(7, ["a", "b", "*"])
            let name = word(9, ["a", "b"])
            #expect(Glob(pattern).matches(name) == matches(pattern[...], name[...]), "\(pattern) against \(name)")
        }
    }
}
