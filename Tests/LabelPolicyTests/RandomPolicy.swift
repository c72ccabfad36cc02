import LabelPolicy
import TestSupport

/// Random policies and subjects over a small vocabulary, so that values meet synonyms, aliases, lists and registries
/// often. Not every policy is sound: `sound` draws until one is.
struct RandomPolicy {
    static let words: [LabelValue] = ["a", "b", "c", "A", "B", "ab", "Ab", "a1", "b-1", "c_2"]
    static let aliases: [LabelKey] = ["x1", "x2", "x3", "acme.io/x4", "x5"]
    static let keys: [(LabelKey, RegistryDimension?)] = [
        ("team", .team), ("cost-center", .costCenter), ("environment", .environment), ("project", nil), ("model", nil),
    ]
    static let patterns: [Pattern] = ["[a-z].*", "[a-zA-Z]+", ".{1,2}", "a.*|b.*"]

    static func sound(_ random: inout SeededGenerator) -> Policy {
        while true {
            let policy = any(&random)
            if policy.problems().isEmpty { return policy }
        }
    }

    static func any(_ random: inout SeededGenerator) -> Policy {
        var free = aliases.shuffled(using: &random)
        var rules: [LabelRule] = []
        for (key, dimension) in keys.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random)) {
            var rule = LabelRule(key: key, level: random.pick(Level.allCases), requiredWhenGPU: random.oneIn(4))
            for _ in 0..<random.pick([0, 1, 2]) { if let alias = free.popLast() { rule.aliases.append(alias) } }
            rule.values.lowercased = random.oneIn(3)
            if random.oneIn(2) { rule.values.registered = dimension }
            if random.oneIn(4) { rule.values.oneOf = several(3, &random) }
            if random.oneIn(5) { rule.values.pattern = random.pick(patterns) }
            for _ in 0..<random.pick([0, 0, 1, 2]) { rule.values.synonyms[random.pick(words)] = random.pick(words) }
            let sources: [DefaultSource] = [.owner, .namespace, .registry, .value(random.pick(words))]
            rule.defaultFrom = Array(sources.shuffled(using: &random).prefix(random.pick([0, 1, 2, 3])))
            rules.append(rule)
        }
        let names = words.shuffled(using: &random)
        let teams = (0..<2).map { index in
            Team(
                name: names[index], aliases: random.oneIn(2) ? [names[index + 2]] : [],
                costCenters: several(2, &random), environments: random.oneIn(3) ? [] : several(2, &random),
                validFrom: random.oneIn(4) ? "2026-06-16" : nil, validUntil: random.oneIn(4) ? "2026-06-15" : nil)
        }
        let exempted: [LabelKey]? = random.oneIn(2) ? nil : [rules[0].key]
        return Policy(
            name: "random", mode: random.pick(Mode.allCases), labels: rules,
            registry: random.oneIn(8) ? nil : Registry(teams: teams),
            exemptions: random.oneIn(3)
                ? [
                    Exemption(
                        name: "e", match: .init(namespaces: ["shop"]), labels: exempted, owner: "o", reason: "r",
                        expires: random.pick(["2026-06-14", "2026-06-15"]))
                ] : [])
    }

    private static func several(_ most: Int, _ random: inout SeededGenerator) -> [LabelValue] {
        Array(words.shuffled(using: &random).prefix(Int.random(in: 1...most, using: &random)))
    }

    static func labels(_ policy: Policy, _ random: inout SeededGenerator) -> [String: String] {
        var labels: [String: String] = [:]
        for key in policy.labels.flatMap({ [$0.key] + $0.aliases }) where random.oneIn(2) {
            labels[key.text] = random.pick(["", "-bad", "nobody"] + words.map(\.text))
        }
        return labels
    }
}
