import Attribution
package import KubernetesModel
package import LabelPolicy

/// A policy as documents: canonical, in a stable order, and with every default written out. What is rendered reads back
/// as the same policy.
package struct PolicyRendering: Sendable {
    private let policy: Policy
    private let addedKinds: [WorkloadKind]
    private let pricing: LoadedPricing?

    package init(policy: Policy, addedKinds: [WorkloadKind], pricing: LoadedPricing? = nil) {
        self.policy = policy
        self.addedKinds = addedKinds
        self.pricing = pricing
    }

    package init(_ loaded: LoadedPolicy) {
        self.init(policy: loaded.policy, addedKinds: loaded.addedKinds, pricing: loaded.pricing)
    }

    /// A stream of YAML documents.
    /// - Parameter comments: lines for the top, for example the sources.
    package func yaml(comments: [String] = []) -> String {
        let head = comments.flatMap { $0.split(whereSeparator: \.isNewline) }.map { "# \($0)\n" }.joined()
        return head + documents.map(\.yaml).joined(separator: "---\n")
    }

    /// A JSON array of the documents, in one line.
    package var json: String { RenderedValue.list(documents).json }

    /// One line of JSON for each document: a stream that reads back.
    package var jsonLines: String { documents.map { $0.json + "\n" }.joined() }

    // MARK: Documents

    private var documents: [RenderedValue] {
        var documents = [document(.attributionPolicy, policy.name, attributionSpec)]
        if let registry = policy.registry {
            // Registries of several documents have become one.
            documents.append(document(.registry, "registry", [("teams", .list(registry.teams.map(team)))]))
        }
        documents += policy.exemptions.map { document(.exemption, $0.name, exemptionSpec($0)) }
        documents += addedKinds.map(workloadKind)
        if let pricing { documents.append(document(.pricing, pricing.name, pricing.renderedSpec)) }
        return documents
    }

    private func document(
        _ kind: DocumentHead.Kind, _ name: String, _ spec: [(String, RenderedValue)]
    ) -> RenderedValue {
        .object([
            ("apiVersion", .string(DocumentHead.apiVersion)), ("kind", .string(kind.rawValue)),
            ("metadata", .object([("name", .string(name))])), ("spec", .object(spec)),
        ])
    }

    private var attributionSpec: [(String, RenderedValue)] {
        var spec: [(String, RenderedValue)] = [("mode", .string(policy.mode.rawValue))]
        if let ratchet = policy.ratchet {
            spec.append(
                (
                    "ratchet",
                    .object([
                        ("until", .string(ratchet.until.description)), ("pods", .string(ratchet.pods.rawValue)),
                    ])
                ))
        }
        spec.append(("subjects", subjects(policy.subjects)))
        spec.append(("labels", .list(policy.labels.map(rule))))
        if !policy.modes.isEmpty { spec.append(("modes", .list(policy.modes.map(mode)))) }
        // Always: absent means the system namespaces, not none.
        spec.append(("exclude", .object([("namespaces", .strings(policy.excludedNamespaces.map(\.text)))])))
        return spec
    }

    private func subjects(_ subjects: Set<SubjectKind>) -> RenderedValue {
        .strings(SubjectKind.allCases.filter(subjects.contains).map(\.rawValue))
    }

    // MARK: Labels

    private func rule(_ rule: LabelRule) -> RenderedValue {
        var fields: [(String, RenderedValue)] = [
            ("key", .string(rule.key.text)), ("level", .string(rule.level.rawValue)),
        ]
        if !rule.aliases.isEmpty { fields.append(("aliases", .strings(rule.aliases.map(\.text)))) }
        let values = values(rule.values)
        if !values.isEmpty { fields.append(("values", .object(values))) }
        if !rule.defaultFrom.isEmpty { fields.append(("defaultFrom", .list(rule.defaultFrom.map(source)))) }
        if rule.requiredWhenGPU { fields.append(("requiredWhen", .object([("gpu", .bool(true))]))) }
        if let tag = rule.tag { fields.append(("tag", .string(tag))) }
        return .object(fields)
    }

    private func values(_ rule: ValueRule) -> [(String, RenderedValue)] {
        var fields: [(String, RenderedValue)] = []
        if let dimension = rule.registered { fields.append(("registered", .string(dimension.rawValue))) }
        if rule.lowercased { fields.append(("normalize", .string("lowercase"))) }
        if let oneOf = rule.oneOf { fields.append(("oneOf", .strings(oneOf.map(\.text)))) }
        if !rule.synonyms.isEmpty {
            let pairs = rule.synonyms.sorted { $0.key < $1.key }
            fields.append(("synonyms", .object(pairs.map { ($0.key.text, .string($0.value.text)) })))
        }
        if let pattern = rule.pattern { fields.append(("pattern", .string(pattern.text))) }
        return fields
    }

    private func source(_ source: DefaultSource) -> RenderedValue {
        switch source {
        case .owner: .string("owner")
        case .namespace: .string("namespace")
        case .registry: .string("registry")
        case .value(let value): .object([("value", .string(value.text))])
        }
    }

    // MARK: Modes

    private func mode(_ rule: ModeRule) -> RenderedValue {
        var fields: [(String, RenderedValue)] = []
        if let selector = rule.namespaceSelector { fields.append(("namespaceSelector", .selector(selector))) }
        if let subjects = rule.subjects { fields.append(("subjects", self.subjects(subjects))) }
        fields.append(("mode", .string(rule.mode.rawValue)))
        return .object(fields)
    }

    // MARK: Registry

    private func team(_ team: Team) -> RenderedValue {
        var fields: [(String, RenderedValue)] = [("name", .string(team.name.text))]
        for (name, values) in [
            ("aliases", team.aliases), ("costCenters", team.costCenters), ("environments", team.environments),
        ] where !values.isEmpty {
            fields.append((name, .strings(values.map(\.text))))
        }
        for (name, day) in [("validFrom", team.validFrom), ("validUntil", team.validUntil)] {
            if let day { fields.append((name, .string(day.description))) }
        }
        var contact: [(String, RenderedValue)] = []
        if let slack = team.contact.slack { contact.append(("slack", .string(slack))) }
        if let email = team.contact.email { contact.append(("email", .string(email))) }
        if !contact.isEmpty { fields.append(("contact", .object(contact))) }
        if let budget = team.monthlyBudgetNanos {
            fields.append(("monthlyBudget", .amount(Money(nanos: budget))))
        }
        return .object(fields)
    }

    // MARK: Exemptions and kinds

    private func exemptionSpec(_ exemption: Exemption) -> [(String, RenderedValue)] {
        let match = exemption.match
        let lists = [
            ("namespaces", match.namespaces.map(\.text)), ("kinds", match.kinds), ("names", match.names.map(\.text)),
            ("users", match.users.map(\.text)), ("serviceAccounts", match.serviceAccounts.map(\.text)),
        ]
        let fields = lists.filter { !$0.1.isEmpty }.map { ($0.0, RenderedValue.strings($0.1)) }
        var spec: [(String, RenderedValue)] = [("match", .object(fields))]
        if let labels = exemption.labels { spec.append(("labels", .strings(labels.map(\.text)))) }
        spec.append(("owner", .string(exemption.owner)))
        spec.append(("reason", .string(exemption.reason)))
        if let ticket = exemption.ticket { spec.append(("ticket", .string(ticket))) }
        spec.append(("expires", .string(exemption.expires.description)))
        return spec
    }

    private func workloadKind(_ kind: WorkloadKind) -> RenderedValue {
        let name: String =
            switch kind.origin {
            case .policy(let document): document
            case .builtin: kind.resource
            }
        let versions: (String, RenderedValue) =
            if kind.versions.count == 1, let version = kind.versions.first {
                ("version", .string(version))
            } else {
                ("versions", .strings(kind.versions))
            }
        return document(
            .workloadKind, name,
            [
                ("group", .string(kind.group)), versions, ("kind", .string(kind.kind)),
                ("resource", .string(kind.resource)),
                ("templatePaths", .strings(kind.templates.map(\.path.description))),
            ])
    }
}
