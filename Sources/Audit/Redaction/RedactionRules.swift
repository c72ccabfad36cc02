import Attribution
import KubernetesModel
import LabelPolicy

/// Which texts of a cluster a redaction leaves readable: those by which the audit would come out otherwise.
///
/// A name stays if the policy or the prices name it (or match it by a pattern) and would not match its pseudonym. The
/// value of a cost label stays if the policy judges it otherwise than its pseudonym: it is a registered team, one of a
/// list, matches a pattern. What tells a node's price stays.
struct RedactionRules {
    private let evaluator: Evaluator
    private let now: Timestamp
    private let namespaces: [Glob]
    private let objects: [Glob]
    private let nodes: [Glob]
    /// Values that a selector of the policy or of the prices names, by the label's key.
    private var named: [String: Set<String>] = [:]
    /// Rules that read a label, or a tag of this key.
    private var rules: [String: [LabelRule]] = [:]
    /// The label of the policy for which a cloud tag of this key stands.
    private var keyOfTag: [String: String] = [:]
    private let keys: RecordFilters
    private let annotation: String?
    /// Labels of a Machine that name its group.
    private let machineKeys = Set(MachineLabel.table.flatMap(\.keys))
    /// Of labels whose values name a node group, a machine, or something else that somebody has made up.
    private let naming: Set<String>

    /// The label by which selectors name a namespace, which stands for its name.
    private static let namespaceLabel = "kubernetes.io/metadata.name"

    init(
        policy: Policy, pricing: PricingPolicy, allocation: AllocationSettings, settings: AuditSettings,
        at now: Timestamp
    ) {
        evaluator = Evaluator(policy)
        self.now = now
        namespaces =
            policy.excludedNamespaces + policy.exemptions.flatMap(\.match.namespaces)
            + allocation.sharing.sharedNamespaces
        objects = policy.exemptions.flatMap(\.match.names)
        nodes = pricing.overrides.flatMap(\.match.nodes)
        keys = AuditFilters.make(policy: policy, pricing: pricing, settings: settings)
        annotation = pricing.annotation
        naming = Set(settings.nodeGroupKeys + ProviderLabel.table.map(\.key))
        for selector in policy.modes.compactMap(\.namespaceSelector) { add(selector) }
        for selector in pricing.overrides.compactMap(\.match.nodeSelector) { add(selector) }
        for rule in policy.labels {
            for key in [rule.key] + rule.aliases { rules[key.text, default: []].append(rule) }
            if let tag = rule.tag, rules[tag] == nil { keyOfTag[tag] = rule.key.text }
        }
    }

    private mutating func add(_ selector: LabelSelector) {
        for (key, value) in selector.matchLabels { named[key.text, default: []].insert(value) }
        for requirement in selector.matchExpressions {
            named[requirement.key.text, default: []].formUnion(requirement.values)
        }
    }

    // MARK: Names

    func keepsNamespace(_ name: String, insteadOf word: String) -> Bool {
        named[Self.namespaceLabel]?.contains(name) == true || differs(namespaces, name, word)
    }

    func keepsObject(_ name: String, insteadOf word: String) -> Bool { differs(objects, name, word) }

    func keepsNode(_ name: String, insteadOf word: String) -> Bool { differs(nodes, name, word) }

    private func differs(_ globs: [Glob], _ name: String, _ word: String) -> Bool {
        globs.contains { $0.matches(name) != $0.matches(word) }
    }

    // MARK: Labels and annotations

    /// Keys that the audit reads stay; that an object has a label `acme.example/merger` is nobody's business.
    func keepsKey(_ key: String) -> Bool {
        keys.pods.labels.keeps(key) || keys.nodes.labels.keeps(key) || key == Self.namespaceLabel
            || keyOfTag[key] != nil || machineKeys.contains(key)
    }

    /// The text whose pseudonym stands for a value: spellings that the policy takes for one value share one.
    func stem(_ value: String, of key: String) -> String {
        let rules = rules[keyOfTag[key] ?? key] ?? []
        return rules.contains(where: \.values.lowercased) ? value.lowercased() : value
    }

    func keepsValue(_ value: String, of key: String, insteadOf word: String) -> Bool {
        if named[key]?.contains(value) == true { return true }
        let own = keyOfTag[key] ?? key
        guard let rules = rules[own] else {
            // Types, zones, capacity, accelerators: what a price hangs on.
            return keys.nodes.labels.keeps(key) && !keys.pods.labels.keeps(key) && !naming.contains(key)
        }
        for rule in rules {
            let written = rule.values.lowercased ? value.lowercased() : value
            // Two spellings of one value must stay that.
            for (spelling, canonical) in rule.values.synonyms where [spelling.text, canonical.text].contains(written) {
                return true
            }
        }
        return judgement(of: own, value) != judgement(of: own, word)
    }

    /// What the policy says of a workload with this one label.
    private func judgement(of key: String, _ value: String) -> [Judgement] {
        let subject = Subject(
            kind: .workloads, objectKind: "", name: "", namespace: .absent(), labels: evaluator.observe([key: value]))
        return evaluator.evaluate(subject, at: now, suggesting: false).labels.map { label in
            Judgement(isAttributed: label.attribution != nil, reason: label.gap?.reason)
        }
    }

    private struct Judgement: Equatable {
        let isAttributed: Bool
        let reason: Reason?
    }

    func keepsAnnotation(_ key: String) -> Bool { key == annotation }
}
