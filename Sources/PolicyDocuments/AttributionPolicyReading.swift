import LabelPolicy
import LocatedDocuments

/// An AttributionPolicy as read, with the places its parts came from.
struct ReadAttributionPolicy {
    var policy: Policy
    var log: FileLog
    var spec: LocatedNode
    /// One for each of `policy.labels`.
    var labelNodes: [LocatedNode]
    /// One for each of `policy.modes`.
    var modeNodes: [LocatedNode]
}

extension FileLog {
    /// - Returns: nil if there is no `spec` to speak of.
    func attributionPolicy(_ document: DocumentHead) -> ReadAttributionPolicy? {
        guard
            let spec = document.spec(
                fields: ["mode", "ratchet", "subjects", "labels", "modes", "exclude"],
                advice: [
                    "teams": "teams stand in a document of `kind: Registry`",
                    "exemptions": "each exemption is a document of `kind: Exemption`",
                ])
        else { return nil }
        let mode = spec.optional("mode").flatMap { choice(Mode.self, $0, spec.path("mode")) }
        let subjects = spec.optional("subjects").flatMap { self.subjects($0, spec.path("subjects")) }
        var labels: [(LabelRule, LocatedNode)] = []
        if let node = spec.required("labels", remedy: "list the labels that cost is attributed by"),
            let read = readable(node, spec.path("labels"), labelRule)
        {
            labels = read
        }
        var modes: [(ModeRule, LocatedNode)] = []
        if let node = spec.optional("modes"), let read = readable(node, spec.path("modes"), modeRule) { modes = read }
        let excluded = spec.object("exclude", fields: ["namespaces"]).flatMap { exclude in
            exclude.required("namespaces", remedy: "list the namespaces to leave alone").flatMap { node in
                list(node, exclude.path("namespaces")) { glob($0, $1, allows: Unicode.Scalar.isNameCharacter) }
            }
        }
        let policy = Policy(
            name: document.name ?? "", mode: mode ?? .warn, ratchet: ratchet(spec),
            subjects: subjects ?? [.workloads, .namespaces], labels: labels.map(\.0), modes: modes.map(\.0),
            excludedNamespaces: excluded ?? Policy.builtIn.excludedNamespaces)
        return ReadAttributionPolicy(
            policy: policy, log: self, spec: spec.node, labelNodes: labels.map(\.1), modeNodes: modes.map(\.1))
    }

    /// The items of a list that could be read, each with its node: the rest of a policy is judged all the same.
    private func readable<Element>(
        _ node: LocatedNode, _ path: String, _ read: (LocatedNode, String) -> Element?
    ) -> [(Element, LocatedNode)]? {
        guard let pairs = list(node, path, { item, path in (read(item, path), item) }) else { return nil }
        return pairs.compactMap { value, node in value.map { ($0, node) } }
    }

    private func ratchet(_ spec: ObjectReader) -> Ratchet? {
        guard let reader = spec.object("ratchet", fields: ["until", "pods"]) else { return nil }
        let until = reader.required("until", remedy: "name the last day of grace, such as `until: \"2027-01-31\"`")
            .flatMap { date($0, reader.path("until")) }
        let pods = reader.optional("pods")
            .flatMap { choice(Ratchet.PodsAfterDeadline.self, $0, reader.path("pods")) }
        return until.map { Ratchet(until: $0, pods: pods ?? .keep) }
    }

    private func subjects(_ node: LocatedNode, _ path: String) -> Set<SubjectKind>? {
        let words = SubjectKind.allCases.map(\.rawValue)
        let read = filledList(node, path, remedy: "name some of \(listed(words)), or remove the line") {
            choice(SubjectKind.self, $0, $1)
        }
        return read.map(Set.init)
    }

    // MARK: Modes

    private func modeRule(_ node: LocatedNode, _ path: String) -> ModeRule? {
        guard
            let reader = ObjectReader(node, path: path, fields: ["namespaceSelector", "subjects", "mode"], log: self)
        else { return nil }
        let mode = reader.required("mode", remedy: "add `mode: enforce`, `mode: warn` or `mode: audit`")
            .flatMap { choice(Mode.self, $0, reader.path("mode")) }
        let subjects = reader.optional("subjects").map { self.subjects($0, reader.path("subjects")) }
        var selector: LabelSelector?
        if reader.node.entry("namespaceSelector") != nil {
            guard let read = labelSelector(reader, "namespaceSelector") else { return nil }
            selector = read
        }
        // A list that could not be read must not become "all": the rule is left out.
        if let subjects, subjects == nil { return nil }
        return mode.map { ModeRule(namespaceSelector: selector, subjects: subjects ?? nil, mode: $0) }
    }

    func labelSelector(_ parent: ObjectReader, _ field: String) -> LabelSelector? {
        guard let reader = parent.object(field, fields: ["matchLabels", "matchExpressions"]) else { return nil }
        var selector = LabelSelector()
        if let node = reader.optional("matchLabels") {
            guard let labels = matchLabels(node, reader.path("matchLabels")) else { return nil }
            selector.matchLabels = labels
        }
        if let node = reader.optional("matchExpressions") {
            guard let expressions = list(node, reader.path("matchExpressions"), requirement) else { return nil }
            selector.matchExpressions = expressions
        }
        return selector
    }

    private func matchLabels(_ node: LocatedNode, _ path: String) -> [LabelKey: String]? {
        guard let entries = node.mapping else {
            error(
                "\(path) must be a mapping, found \(node.foundDescription)",
                remedy: "write label keys with their values, such as {environment: production}", at: node)
            return nil
        }
        var labels: [LabelKey: String] = [:]
        for entry in entries {
            guard let key = labelKey(entry.key, "the key in \(path)"),
                let value = selectorValue(entry.value, "\(path).\(entry.name)")
            else { continue }
            labels[key] = value
        }
        return labels.count == entries.count ? labels : nil
    }

    /// The value of a label as a selector has it: it may be empty.
    private func selectorValue(_ node: LocatedNode, _ path: String) -> String? {
        guard let text = string(node, path) else { return nil }
        if let problem = LabelSyntax.problem(ofValue: text) {
            error("\(path): the label value \"\(text)\" \(problem.explanation)", at: node)
            return nil
        }
        return text
    }

    private func requirement(_ node: LocatedNode, _ path: String) -> LabelSelector.Requirement? {
        guard let reader = ObjectReader(node, path: path, fields: ["key", "operator", "values"], log: self) else {
            return nil
        }
        let key = reader.required("key", remedy: "name the label").flatMap { labelKey($0, reader.path("key")) }
        let operation = reader.required("operator", remedy: "add In, NotIn, Exists or DoesNotExist")
            .flatMap { choice(LabelSelector.Operator.self, $0, reader.path("operator")) }
        let valuesNode = reader.optional("values")
        let values = valuesNode.map { list($0, reader.path("values"), selectorValue) }
        guard let key, let operation else { return nil }
        switch operation {
        case .in, .notIn:
            guard let values else {
                error("\(path) has no values, which \(operation.rawValue) needs", remedy: "list them", at: node)
                return nil
            }
            guard let list = values else { return nil }
            guard !list.isEmpty else {
                error(
                    "\(reader.path("values")) is empty, which \(operation.rawValue) does not allow",
                    remedy: "list values, or use Exists or DoesNotExist", at: valuesNode ?? node)
                return nil
            }
            return LabelSelector.Requirement(key: key, operator: operation, values: list)
        case .exists, .doesNotExist:
            guard values == nil || values == .some(.some([])) else {
                error(
                    "\(operation.rawValue) takes no values", remedy: "remove them, or use In or NotIn",
                    at: valuesNode ?? node)
                return nil
            }
            return LabelSelector.Requirement(key: key, operator: operation)
        }
    }
}
