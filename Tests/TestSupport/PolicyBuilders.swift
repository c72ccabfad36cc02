package import LabelPolicy

// Literals for the types of the policy, so that tables of cases read like the documents they stand for. A literal that
// does not hold is a mistake in the test, hence the trap. With these in sight `LabelKey("team")` is the literal too and
// does not throw; only `LabelKey(text)` of a variable checks and throws.

extension LabelKey: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        do { self = try LabelKey(text) } catch { fatalError("label key \"\(text)\" \(error.explanation)") }
    }
}

extension LabelValue: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        do { self = try LabelValue(text) } catch { fatalError("label value \"\(text)\" \(error.explanation)") }
    }
}

extension Pattern: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        do { self = try Pattern(text) } catch { fatalError("\(text), column \(error.column): \(error.explanation)") }
    }
}

extension CivilDate: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        guard let date = CivilDate(text) else { fatalError("\(text) is no date") }
        self = date
    }
}

extension Glob: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}

extension Timestamp {
    /// A moment of that day, in UTC.
    package static func on(_ day: CivilDate, hour: Int64 = 12, minute: Int64 = 0, second: Int64 = 0) -> Timestamp {
        Timestamp(secondsSinceEpoch: day.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second)
    }
}

extension Policy {
    /// A policy of these rules that enforces; everything else is as in a document that leaves it out.
    package static func enforcing(
        _ labels: LabelRule..., registry: Registry? = nil, exemptions: [Exemption] = []
    ) -> Policy {
        Policy(name: "test", mode: .enforce, labels: labels, registry: registry, exemptions: exemptions)
    }

    /// The example of the manual: team, cost center and environment from a registry, `model` on GPUs.
    package static let finance = Policy(
        name: "cost-attribution", mode: .enforce,
        labels: [
            LabelRule(
                key: "team", level: .required, aliases: ["owner-team", "app.kubernetes.io/team"],
                values: ValueRule(registered: .team, lowercased: true), defaultFrom: [.owner, .namespace], tag: "Team"),
            LabelRule(
                key: "cost-center", level: .required, aliases: ["costCenter", "cost_center"],
                values: ValueRule(registered: .costCenter), defaultFrom: [.owner, .namespace, .registry],
                tag: "CostCenter"),
            .environment, .project, .model,
        ],
        registry: .finance)
}

extension LabelRule {
    /// The rules that the built-in policy and the documentation's example share.
    package static let environment = LabelRule(
        key: "environment", level: .required,
        values: ValueRule(
            oneOf: ["production", "staging", "development"],
            synonyms: ["prod": "production", "stage": "staging", "dev": "development"]),
        defaultFrom: [.owner, .namespace], tag: "Environment")
    package static let project = LabelRule(key: "project", level: .recommended, tag: "Project")
    package static let model = LabelRule(key: "model", level: .recommended, requiredWhenGPU: true)
}

extension Registry {
    package static let finance = Registry(teams: [
        Team(
            name: "ml-platform", aliases: ["mlp"], costCenters: ["product", "research"],
            environments: ["production", "staging"], validFrom: "2026-01-01", validUntil: "2026-12-31"),
        Team(name: "payments", costCenters: ["checkout"]),
    ])
}

extension Evaluator {
    /// A workload with these labels, in a namespace that is known and supplies nothing unless one is given.
    package func workload(
        _ labels: [String: String] = [:], owners: [[String: String]] = [], namespace: NamespaceContext? = nil,
        kind: SubjectKind = .workloads, objectKind: String = "Pod", name: String = "web-1", gpu: Bool = false,
        requester: String? = nil
    ) -> Subject {
        Subject(
            kind: kind, objectKind: objectKind, name: name,
            namespace: namespace ?? self.namespace("shop", labels: [:]), labels: observe(labels),
            owners: owners.map(observe), requestsGPU: gpu, requester: requester.map(Requester.init(username:)))
    }
}

extension Verdict {
    /// The verdict on one label; nil when the policy does not ask it of the subject.
    package subscript(key: LabelKey) -> LabelVerdict? { labels.first { $0.key == key } }
}
