import Admission
import Foundation
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Patches on random Pods under random policies, applied by an independent JSON Patch implementation.
@Suite struct PatchPropertyTests {
    private static let ruleKeys: [LabelKey] = ["team", "cost-center", "environment", "acme.io/tier", "x_y.z"]
    private static let aliasKeys: [LabelKey] = ["owner-team", "app.kubernetes.io/team", "costCenter", "env", "tier"]
    private static let values = [
        "ml-platform", "mlp", "MLP", "ML-Platform", "search", "product", "research", "Production", "prod", "production",
        "dev", "gold", "", "a b", "-x", "x-", "é", String(repeating: "y", count: 63), String(repeating: "z", count: 64),
    ]

    /// One seed's world.
    private struct World {
        let policy: Policy
        let facts: FakeFacts
        let pod: String
        let isControlled: Bool
        let isNamespaceReadable: Bool
    }

    @Test func randomPoliciesAndPods() throws {
        var worlds = 0
        var patched = 0
        for seed in 0..<1_500 {
            var generator = TestSupport.SeededGenerator(seed: UInt64(seed))
            guard let world = Self.world(&generator) else { continue }
            worlds += 1
            if try Self.check(world, "seed \(seed)") { patched += 1 }
        }
        // The property is worth something only if it was put to work.
        #expect(worlds > 750)
        #expect(patched > 250)
    }

    // MARK: The property

    /// Returns whether there was a patch.
    private static func check(_ world: World, _ note: Comment) throws -> Bool {
        let gate = TestGate(world.policy, facts: world.facts)
        let review = ReviewBuilder.pod(world.pod).by(ReviewBuilder.replicaSetController)
        let reply = try gate.reply(review, .mutating)
        #expect(reply.isAllowed, note)
        let before = try JSONValue(parsing: world.pod)
        guard let patch = try reply.patch else {
            #expect(reply.decision.patch.isEmpty, note)
            try checkNothingIsLeft(world, before, note)
            return false
        }
        #expect(world.policy.mode != .audit, note)
        #expect(patch.elements?.isEmpty == false, note)
        let after = try JSONPatchReference.apply(patch, to: before)

        // A second pass has nothing to do.
        let second = try gate.reply(.pod(after.json).by(ReviewBuilder.replicaSetController), .mutating)
        #expect(try second.patch == nil, note)

        // Nothing but labels changed.
        #expect(without(labelsOf: after) == without(labelsOf: before), note)
        let labels = try #require(after["metadata"]?["labels"]?.members, note)
        let rules = Dictionary(uniqueKeysWithValues: world.policy.labels.map { ($0.key.text, $0) })
        for (key, value) in before["metadata"]?["labels"]?.members ?? [:] where labels[key] != value {
            // Changed: a rule's own key, on a Pod nobody selects, which was empty or spelled otherwise.
            let rule = try #require(rules[key], note)
            #expect(!world.isControlled, note)
            let old = try #require(value.text, note)
            #expect(old.isEmpty || isSpelling(old, of: labels[key]?.text, rule, world.policy.registry), note)
        }
        for (key, value) in labels where before["metadata"]?["labels"]?[key] != value {
            #expect(rules[key] != nil, note)
            let text = try #require(value.text, note)
            #expect(text.wholeMatch(of: /[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?/) != nil, note)
        }
        try checkNothingIsLeft(world, after, note)
        return true
    }

    private static func without(labelsOf document: JSONValue) -> JSONValue {
        guard var members = document.members, var metadata = members["metadata"]?.members else { return document }
        metadata["labels"] = nil
        members["metadata"] = .object(metadata)
        return .object(members)
    }

    /// Whether `old` is another way to write `new`: by case, synonym or the registry's alias.
    private static func isSpelling(_ old: String, of new: String?, _ rule: LabelRule, _ registry: Registry?) -> Bool {
        guard let new else { return false }
        var meant = rule.values.lowercased ? old.lowercased() : old
        if let value = try? LabelValue(meant), let synonym = rule.values.synonyms[value] { meant = synonym.text }
        if rule.values.registered == .team {
            for team in registry?.teams ?? [] where team.aliases.contains(where: { $0.text == meant }) {
                meant = team.name.text
            }
        }
        return meant == new && old != new
    }

    /// No label is missing or empty although a source of defaults has a value the rule accepts.
    private static func checkNothingIsLeft(_ world: World, _ pod: JSONValue, _ note: Comment) throws {
        guard world.policy.mode != .audit, world.isNamespaceReadable, let metadata = pod["metadata"]?.members else {
            return
        }
        if case .null? = metadata["labels"] {
        } else if metadata["labels"] != nil, metadata["labels"]?.members == nil {
            return
        }
        var labels = (metadata["labels"]?.members ?? [:]).compactMapValues(\.text)
        let evaluator = Evaluator(world.policy)
        for rule in world.policy.labels {
            let present = metadata["labels"]?[rule.key.text]
            guard present == nil || (present == .string("") && !world.isControlled) else { continue }
            let aliased = rule.aliases.contains { metadata["labels"]?[$0.text]?.text?.isEmpty == false }
            if aliased { continue }
            for candidate in candidates(for: rule, world) {
                labels[rule.key.text] = candidate
                let verdict = evaluator.evaluate(evaluator.workload(labels), at: .on("2026-06-15"))[rule.key]
                #expect(verdict?.gap != nil, "\(note): \(rule.key) could be \(candidate)")
            }
            labels[rule.key.text] = present?.text
        }
    }

    /// What a rule's sources say, read apart from the product.
    private static func candidates(for rule: LabelRule, _ world: World) -> [String] {
        func read(_ labels: [String: String]) -> [String] {
            if let own = labels[rule.key.text], !own.isEmpty { return [own] }
            let found = rule.aliases.compactMap { labels[$0.text] }.filter { !$0.isEmpty }
            // Aliases that may contradict each other supply nothing for sure.
            return found.count == 1 ? found : []
        }
        return rule.defaultFrom.flatMap { source -> [String] in
            switch source {
            case .owner: world.isControlled ? world.facts.controllers.values.flatMap { $0.flatMap(read) } : []
            case .namespace:
                if case .labels(let labels)? = world.facts.namespaces["ml"] { read(labels) } else { [] }
            case .registry: []
            case .value(let value): [value.text]
            }
        }
    }

    // MARK: Worlds

    /// Nil for a policy that would not load.
    private static func world(_ generator: inout TestSupport.SeededGenerator) -> World? {
        var aliases = aliasKeys.shuffled(using: &generator)
        let hasRegistry = generator.oneIn(2)
        let rules = ruleKeys.shuffled(using: &generator).prefix(Int.random(in: 1...4, using: &generator)).map { key in
            rule(key, &aliases, hasRegistry, &generator)
        }
        var policy = Policy(name: "random", mode: generator.pick([.enforce, .warn, .warn, .audit]), labels: rules)
        if hasRegistry {
            policy.registry = Registry(teams: [
                Team(
                    name: "ml-platform", aliases: ["mlp"], costCenters: ["product", "research"],
                    environments: generator.oneIn(2) ? ["production", "dev"] : []),
                Team(name: "search", costCenters: generator.oneIn(2) ? ["product"] : []),
            ])
        }
        guard policy.problems().isEmpty else { return nil }

        let isControlled = generator.oneIn(3)
        let isReadable = !generator.oneIn(6)
        var facts = FakeFacts(namespaces: ["ml": isReadable ? .labels(labels(&generator)) : .unreadable])
        if isControlled {
            facts.controllers = ["ReplicaSet/web-6c9f/rs-1": [labels(&generator), labels(&generator)]]
        }
        return World(
            policy: policy, facts: facts, pod: pod(labels(&generator), isControlled: isControlled, &generator),
            isControlled: isControlled, isNamespaceReadable: isReadable)
    }

    private static func rule(
        _ key: LabelKey, _ aliases: inout [LabelKey], _ hasRegistry: Bool,
        _ generator: inout TestSupport.SeededGenerator
    ) -> LabelRule {
        var rule = LabelRule(key: key, level: generator.oneIn(3) ? .recommended : .required)
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            if let alias = aliases.popLast() { rule.aliases.append(alias) }
        }
        rule.values.lowercased = generator.oneIn(3)
        if hasRegistry, generator.oneIn(2) { rule.values.registered = RegistryDimension(inferredFrom: key) }
        if rule.values.registered == nil, generator.oneIn(3) { rule.values.oneOf = ["production", "dev", "gold"] }
        if rule.values.registered == nil, generator.oneIn(3) { rule.values.synonyms = ["prod": "production"] }
        if generator.oneIn(2) { rule.defaultFrom.append(.owner) }
        if generator.oneIn(2) { rule.defaultFrom.append(.namespace) }
        if rule.values.registered == .costCenter || rule.values.registered == .environment, generator.oneIn(2) {
            rule.defaultFrom.append(.registry)
        }
        if generator.oneIn(3) {
            rule.defaultFrom.append(.value(generator.pick(["production", "gold", "prod", "mlp"])))
        }
        return rule
    }

    private static func labels(_ generator: inout TestSupport.SeededGenerator) -> [String: String] {
        var labels: [String: String] = [:]
        for key in ruleKeys + aliasKeys where generator.oneIn(4) { labels[key.text] = generator.pick(values) }
        if generator.oneIn(2) { labels["app"] = "web" }
        return labels
    }

    private static func pod(
        _ labels: [String: String], isControlled: Bool, _ generator: inout TestSupport.SeededGenerator
    ) -> String {
        func members(_ labels: [String: String]) -> String {
            labels.sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
        }
        let map = generator.pick([
            "{\(members(labels))}", "{\(members(labels))}", "{\(members(labels))}", "null", "-", "[]",
        ])
        var metadata = [#""name":"web-1""#, #""annotations":{"team":"not-a-label"}"#]
        if map != "-" { metadata.append(#""labels":\#(map)"#) }
        if isControlled { metadata.append(String(ManifestText.owner().dropLast())) }
        let text = metadata.shuffled(using: &generator).joined(separator: ",")
        return
            #"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1e400"},"#
            + #"{"name":"Y","value":null}],"ports":[{"containerPort":8080}]}],"nodeSelector":{"team":"x"},"#
            + #""priority":-0.5,"hostNetwork":false},"metadata":{\#(text)},"status":{}}"#
    }
}

/// The reference implementation itself, by the examples of RFC 6902's appendix and the errors it must make.
@Suite struct JSONPatchReferenceTests {
    @Test(arguments: [
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
        (#"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        (#"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#),
        (#"{"baz":"qux"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#, #"{"baz":"boo"}"#),
        (#"{"a":["x"]}"#, #"[{"op":"add","path":"/a/-","value":["y"]}]"#, #"{"a":["x",["y"]]}"#),
        (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
        (
            #"{"a":null}"#, #"[{"op":"add","path":"/a","value":{}},{"op":"add","path":"/a/b~1c","value":"1"}]"#,
            #"{"a":{"b/c":"1"}}"#
        ),
        (#"{"a":1}"#, #"[{"op":"replace","path":"","value":2}]"#, "2"),
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, nil),
        (#"{"foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"qux"}]"#, nil),
        (#"{"foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, nil),
        (#"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, nil),
        (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/3","value":2}]"#, nil),
        (#"{"a":[1]}"#, #"[{"op":"replace","path":"/a/01","value":2}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"add","path":"b","value":2}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"add","path":"/~2","value":2}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"add","path":"/b"}]"#, nil), (#"{"a":1}"#, #"{"op":"add"}"#, nil),
    ])
    func applies(document: String, patch: String, result: String?) throws {
        let apply = { try JSONPatchReference.apply(JSONValue(parsing: patch), to: JSONValue(parsing: document)).json }
        if let result {
            #expect(try apply() == result)
        } else {
            #expect(throws: JSONPatchReference.Failure.self) { try apply() }
        }
    }
}
