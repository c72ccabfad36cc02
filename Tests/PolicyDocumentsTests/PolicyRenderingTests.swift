import KubernetesModel
import LabelPolicy
import LocatedDocuments
import PolicyDocuments
import TestSupport
import Testing

@Suite struct PolicyRenderingTests {
    @Test func renderingIsCanonical() {
        let loaded = read(
            """
            kind: AttributionPolicy
            apiVersion: tallygate.io/v1alpha1
            spec:
              exclude: {namespaces: ["kube-*"]}
              modes: [{mode: enforce, namespaceSelector: {matchLabels: {tier: "1", b: c}}}]
              labels:
              - values: {synonyms: {prod: production, p: production}, oneOf: [production]}
                level: required
                key: environment
              - {key: "on", level: recommended, defaultFrom: [{value: "yes"}], values: {pattern: ".*"}}
            metadata: {name: p}
            """
        ).loaded
        let yaml = loaded.map { PolicyRendering($0).yaml(comments: ["Effective policy", "from p.yaml"]) }
        #expect(
            yaml == """
                # Effective policy
                # from p.yaml
                apiVersion: tallygate.io/v1alpha1
                kind: AttributionPolicy
                metadata:
                  name: p
                spec:
                  mode: warn
                  subjects: [workloads, namespaces]
                  labels:
                  - key: environment
                    level: required
                    values:
                      oneOf: [production]
                      synonyms:
                        p: production
                        prod: production
                  - key: "on"
                    level: recommended
                    values:
                      pattern: ".*"
                    defaultFrom:
                    - value: "yes"
                  modes:
                  - namespaceSelector:
                      matchLabels:
                        b: c
                        tier: "1"
                    mode: enforce
                  exclude:
                    namespaces: ["kube-*"]

                """)
    }

    @Test func theExampleReadsBack() throws {
        let loaded = try #require(read(fullExample).loaded)
        check(loaded)
        #expect(
            PolicyRendering(loaded).json.hasPrefix(
                #"[{"apiVersion":"tallygate.io/v1alpha1","kind":"AttributionPolicy","#))
    }

    @Test func theBuiltInReadsBack() { check(.builtIn) }

    /// Whatever policy there is, rendered and read it is the same.
    @Test func everyPolicyReadsBack() {
        var generator = PolicyGenerator(seed: 7)
        var sound = 0
        for _ in 0..<150 {
            let policy = generator.policy()
            guard policy.problems().isEmpty else { continue }
            sound += 1
            check(
                LoadedPolicy(
                    policy: policy, addedKinds: generator.kinds(), catalogue: .builtin, sources: []))
        }
        #expect(sound > 40)
    }

    private func check(_ loaded: LoadedPolicy, sourceLocation: SourceLocation = #_sourceLocation) {
        let rendering = PolicyRendering(loaded)
        for text in [rendering.yaml(comments: ["a\nb: c"]), rendering.jsonLines] {
            let result = read(text)
            #expect(result.errors.map(\.rendered) == [], sourceLocation: sourceLocation)
            #expect(result.loaded?.policy == loaded.policy, sourceLocation: sourceLocation)
            #expect(result.loaded?.addedKinds == loaded.addedKinds, sourceLocation: sourceLocation)
            #expect(result.loaded?.pricing == loaded.pricing, sourceLocation: sourceLocation)
            #expect(result.loaded?.hash == loaded.hash, sourceLocation: sourceLocation)
            let again = result.loaded.map { PolicyRendering($0).json }
            #expect(again == rendering.json, sourceLocation: sourceLocation)
        }
    }

    // MARK: Hash

    /// The hash follows the meaning: comments do not count, a changed mode does.
    @Test func hashFollowsTheMeaning() {
        #expect(LoadedPolicy.builtIn.hash.count == 16)
        #expect(LoadedPolicy.builtIn.hash == read("# a comment\n" + BuiltInPolicyText.yaml).loaded?.hash)
        #expect(LoadedPolicy.builtIn.hash != read(fullExample).loaded?.hash)
        let stricter = BuiltInPolicyText.yaml.replacing("mode: warn", with: "mode: audit")
        #expect(LoadedPolicy.builtIn.hash != read(stricter).loaded?.hash)
    }
}

/// Random policies from legal parts; not all of them are sound together.
struct PolicyGenerator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func chance() -> Bool { Bool.random(using: &generator) }

    private mutating func some<Element>(_ elements: [Element]) -> [Element] {
        elements.filter { _ in Bool.random(using: &generator) }.shuffled(using: &generator)
    }

    private mutating func one<Element>(_ elements: [Element], or other: Element) -> Element {
        elements.randomElement(using: &generator) ?? other
    }

    /// Values that YAML might take for something else.
    private static let values: [LabelValue] = [
        "a", "yes", "no", "1", "1.5", "0x10", "1e3", "2026-01-01", "null", "true", "y", "A_b.c-d", "0777", "production",
    ]

    private static let keys: [LabelKey] = [
        "team", "cost-center", "environment", "on", "1", "a.b/c", "x_y", "example.com/no", "null", "Z",
    ]

    private static let texts = [
        "plain", "with: colon", "# hash", "'quotes' \"double\"", "back\\slash", "line\nbreak", "tab\t", "ü 日本 😀", "~",
        "- dash", "*star", "&and", "{a}", "[b]", "trailing ", "a\u{7F}b", "a\u{85}b", "\u{2028}x", "@at", "%p", "!bang",
        "?", "12:30",
        "\u{FEFF}bom", "#ml-platform", "x, y",
    ]

    private mutating func text() -> String { one(Self.texts, or: "x") }
    private mutating func value() -> LabelValue? { Self.values.randomElement(using: &generator) }
    private mutating func date() -> CivilDate {
        CivilDate(daysSinceEpoch: .random(in: 20_000...40_000, using: &generator))
    }

    mutating func policy() -> Policy {
        let keys = Array(Self.keys.shuffled(using: &generator).prefix(.random(in: 1...5, using: &generator)))
        let hasRegistry = chance()
        let rules = keys.map { rule($0, hasRegistry: hasRegistry) }
        let modes = (0..<Int.random(in: 0...2, using: &generator)).map { _ in modeRule() }
        return Policy(
            name: one(["p", "a.b-c", "1", "null"], or: "p"), mode: one(Mode.allCases, or: .warn),
            ratchet: chance() ? Ratchet(until: date(), pods: one([.keep, .deny], or: .keep)) : nil,
            subjects: Set(some(SubjectKind.allCases) + [.workloads]), labels: rules, modes: modes,
            excludedNamespaces: some(["kube-*", "a", "*", "0x1"]),
            registry: hasRegistry ? registry() : nil,
            exemptions: (0..<Int.random(in: 0...2, using: &generator)).map { exemption("e\($0)", keys) })
    }

    private mutating func rule(_ key: LabelKey, hasRegistry: Bool) -> LabelRule {
        var values = ValueRule()
        if chance() { values.oneOf = some(Self.values) + (Self.values.prefix(1)) }
        if let oneOf = values.oneOf { values.oneOf = Array(Set(oneOf)).sorted() }
        if chance(), let target = values.oneOf?.first {
            values.synonyms = ["Other": target]
        }
        if values.oneOf == nil, chance() {
            values.pattern = try? Pattern(one(["[a-z]+", ".*", "a|b\\.c", "\\d{2,3}"], or: "a"))
        }
        if hasRegistry { values.registered = RegistryDimension(inferredFrom: key) }
        var sources = some([DefaultSource.owner, .namespace])
        if chance(), values.oneOf == nil, let value = value() { sources.append(.value(value)) }
        let aliases = chance() ? [LabelKey(stringLiteral: "alias.of/x-\(key.name)-x")] : []
        return LabelRule(
            key: key, level: one(Level.allCases, or: .required), aliases: aliases, values: values, defaultFrom: sources,
            requiredWhenGPU: chance(), tag: chance() ? text() : nil)
    }

    private mutating func modeRule() -> ModeRule {
        var selector: LabelSelector?
        if chance() {
            var made = LabelSelector()
            for key in some(Self.keys) { made.matchLabels[key] = one(["", "1", "yes", "x"], or: "") }
            for key in some(Self.keys) {
                let operation = one(LabelSelector.Operator.allCases, or: .exists)
                let values = operation == .in || operation == .notIn ? ["", "null", "a"] : []
                made.matchExpressions.append(.init(key: key, operator: operation, values: values))
            }
            selector = made
        }
        let subjects: Set<SubjectKind>? = chance() ? Set(some(SubjectKind.allCases) + [.claims]) : nil
        return ModeRule(namespaceSelector: selector, subjects: subjects, mode: one(Mode.allCases, or: .warn))
    }

    private mutating func registry() -> Registry {
        let names = Self.values.shuffled(using: &generator)
        let teams = names.prefix(.random(in: 0...5, using: &generator)).enumerated().map { index, name in
            let from = date()
            return Team(
                name: name, aliases: [LabelValue(stringLiteral: "alias-\(index)")],
                costCenters: some(Self.values), environments: some(Self.values), validFrom: chance() ? from : nil,
                validUntil: chance() ? CivilDate(daysSinceEpoch: from.daysSinceEpoch + 5) : nil,
                contact: .init(slack: chance() ? text() : nil, email: chance() ? text() : nil),
                monthlyBudgetNanos: chance() ? .random(in: 0...Int64.max, using: &generator) : nil)
        }
        return Registry(teams: teams)
    }

    private mutating func exemption(_ name: String, _ keys: [LabelKey]) -> Exemption {
        let match = Exemption.Match(
            namespaces: ["legacy-*"], kinds: some(["Job", "Pod", "No"]),
            names: some(["a", "*"]),
            users: some(["system:x", "jane@example.com", "*: {}"]),
            serviceAccounts: some(["ci/*", "*/x"]))
        return Exemption(
            name: name, match: match, labels: chance() ? Array(keys.prefix(2)) : nil, owner: text(), reason: text(),
            ticket: chance() ? text() : nil, expires: date())
    }

    mutating func kinds() -> [WorkloadKind] {
        guard chance(),
            let path = try? TemplatePath(parsing: one(["spec.template", "spec.a[*].b", "spec[\"a.b\"].*.t"], or: "a"))
        else { return [] }
        let kind = try? WorkloadKind(
            validatingGroup: "acme.io", kind: "Training", versions: chance() ? ["v1"] : ["v1", "v2beta1"],
            resource: "trainings", templates: [TemplateLocation(path)], document: "d")
        return kind.map { [$0] } ?? []
    }
}
