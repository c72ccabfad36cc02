import LabelPolicy
import LocatedDocuments
import PolicyDocuments
import TestSupport
import Testing

@Suite struct FuzzTests {
    /// Damaged policies: nothing traps, an error always has a place, and what loads has no problem.
    @Test func damagedPoliciesNeverTrap() {
        let lines = fullExample.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let words = [
            "{}", "[]", "null", "yes", "1", "x", "- a", "~", "''", "*a", "registered: true", "{value: a}", "2027-13-01",
        ]
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<250 {
            var changed = lines
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<changed.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: changed.remove(at: index)
                case 1: changed.insert(changed.randomElement(using: &generator) ?? "", at: index)
                case 2:
                    if let colon = changed[index].firstIndex(of: ":") {
                        changed[index] = changed[index][...colon] + " " + (words.randomElement(using: &generator) ?? "")
                    }
                case 3:
                    let characters = Array(changed[index])
                    if let at = characters.indices.randomElement(using: &generator) {
                        changed[index] = String(characters[..<at]) + String(characters[(at + 1)...])
                    }
                default: changed[index] += words.randomElement(using: &generator) ?? ""
                }
                if changed.isEmpty { changed = lines }
            }
            let result = read(changed.joined(separator: "\n"))
            for diagnostic in result.diagnostics {
                #expect(diagnostic.position.line >= 1 && !diagnostic.message.isEmpty)
                #expect(!diagnostic.rendered.isEmpty)
            }
            #expect((result.loaded == nil) == !result.errors.isEmpty)
            if let policy = result.loaded?.policy { #expect(policy.problems().isEmpty) }
        }
    }
}
