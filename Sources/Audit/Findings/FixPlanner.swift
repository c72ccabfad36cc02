import KubernetesModel
import LabelPolicy

/// Finds the place where a label is best set, and the value to propose.
struct FixPlanner {
    /// What a namespace could do for the workloads in it.
    struct NamespaceOffer {
        let name: String
        let mends: AuditReport.Mending
    }

    private let policy: Policy
    private let catalogue: WorkloadCatalogue
    private let teams: [String: Team]
    private let teamRule: Int?
    /// Kinds whose templates lose their labels.
    private let pruned: Set<GroupKind>

    init(policy: Policy, catalogue: WorkloadCatalogue, pruned: [PrunedKind]) {
        self.policy = policy
        self.catalogue = catalogue
        teams = Dictionary((policy.registry?.teams ?? []).map { ($0.name.text, $0) }) { first, _ in first }
        teamRule = policy.labels.firstIndex { $0.values.registered == .team }
        self.pruned = Set(pruned.map(\.kind))
    }

    /// Why a workload's owner is not there.
    enum MissingOwner {
        /// It was looked for.
        case gone
        /// Its kind could not be read, or was not given.
        case unread(KindGap)

        func explanation(_ root: ObjectReference) -> String {
            switch self {
            case .gone: "it is not in this cluster"
            case .unread(.refused): "it could not be read; allow its kind to be listed to see whether it has the label"
            case .unread(.notGiven): "no \(root.kind) is among the objects that were given"
            }
        }
    }

    // MARK: - Workloads

    /// The best place, and another that restarts nothing where the best one does.
    func plan(
        _ label: LabelVerdict, _ gap: Gap, of verdict: Verdict, root: ObjectReference, kind: GroupKind,
        missing: MissingOwner?, offer: NamespaceOffer?
    ) -> (fix: Fix, gentler: Fix?) {
        let rule = policy.labels[label.rule]
        if case .outsideValidity = gap.problem { return (.manual(Self.renewal(gap)), nil) }
        let value = proposal(label, gap, verdict)
        let key = rule.key.text
        func edit(_ place: LabelEdit.Place, _ effect: FixEffect) -> Fix {
            .label(
                LabelEdit(
                    target: root, resource: KubectlResource.name(of: root, catalogue: catalogue), place: place,
                    key: key,
                    value: value, effect: effect))
        }
        let isAbsent = gap.takesDefault(keepsEmpty: kind != Self.pod)
        if isAbsent {
            if let fix = atRejectedSource(gap, rule, value, root: root, verdict) { return (fix, nil) }
            if let offer, offer.mends.workloads > 1 { return (namespaceEdit(rule, offer, value), nil) }
        }
        // An owner's label supplies what the Pods lack; it does not win over what they say.
        let ownerHelps = isAbsent && rule.defaultFrom.contains(.owner) && missing == nil
        let own: Fix? = ownerHelps ? edit(.own, .immediate) : nil
        if kind == Self.pod { return (edit(.own, .immediate), nil) }
        if let missing {
            return (
                offer.map { namespaceEdit(rule, $0, value) }
                    ?? .manual(
                        "set \(key) where its owner \(root.kind) \"\(GapText.clean(root.name, 253))\" is made: "
                            + missing.explanation(root)),
                nil
            )
        }
        guard let template = template(of: kind) else {
            return (own ?? .manual("set the label \(key) of the Pods through the \(root.kind) that makes them"), nil)
        }
        switch template {
        case .path(let path):
            let effect = Self.effect(of: kind)
            if effect == .immutable { return (own ?? edit(.template(path), effect), nil) }
            // Kubernetes' own kinds and those like them; what a custom resource's controller does is its own affair.
            if effect == .controllerDecides, let own { return (own, edit(.template(path), effect)) }
            return (edit(.template(path), effect), effect.mayRestart || effect != .immediate ? own : nil)
        case .places(let text):
            if let own { return (own, nil) }
            return (edit(.templates(text), .controllerDecides), nil)
        }
    }

    /// A default that was there and was refused is mended where it stands.
    private func atRejectedSource(
        _ gap: Gap, _ rule: LabelRule, _ value: ProposedValue, root: ObjectReference, _ verdict: Verdict
    ) -> Fix? {
        guard let rejected = gap.rejectedDefaults.first else { return nil }
        if case .outsideValidity = rejected.problem { return .manual(Self.renewal(gap)) }
        switch rejected.source {
        case .owner where root.kind != "Pod":
            return .label(
                LabelEdit(
                    target: root, resource: KubectlResource.name(of: root, catalogue: catalogue), place: .own,
                    key: rule.key.text, value: value, effect: .immediate))
        case .namespace where !root.namespace.isEmpty:
            let namespace = ObjectReference(apiVersion: "v1", kind: "Namespace", name: root.namespace)
            return .label(
                LabelEdit(
                    target: namespace, resource: "namespace", place: .own, key: rule.key.text, value: value,
                    effect: .immediate))
        case .own, .alias, .owner, .namespace, .registry, .value, .nodegroup: return nil
        }
    }

    private func namespaceEdit(_ rule: LabelRule, _ offer: NamespaceOffer, _ value: ProposedValue) -> Fix {
        .label(
            LabelEdit(
                target: ObjectReference(apiVersion: "v1", kind: "Namespace", name: offer.name), resource: "namespace",
                place: .own, key: rule.key.text, value: value, effect: .immediate, mends: offer.mends))
    }

    /// Has the workload's Pods run on nodes with this label only; nil where its template cannot be reached by one patch,
    /// or cannot be changed.
    func nodeSelector(_ label: (key: String, value: String), for root: ObjectReference, kind: GroupKind) -> Fix? {
        let effect = Self.effect(of: kind)
        guard kind != Self.pod, effect != .immutable, case .path(let path)? = template(of: kind),
            path.suffix(2) == ["metadata", "labels"]
        else {
            return nil
        }
        return .label(
            LabelEdit(
                target: root, resource: KubectlResource.name(of: root, catalogue: catalogue),
                place: .template(path.dropLast(2) + ["spec", "nodeSelector"]), key: label.key,
                value: .known(label.value), effect: effect))
    }

    private enum Template {
        case path([String])
        /// In lists or maps.
        case places(String)
    }

    /// Where the labels of the kind's Pods are written; nil where nobody knows, or where the API server removes them.
    private func template(of kind: GroupKind) -> Template? {
        guard !pruned.contains(kind), let known = catalogue.kind(kind) else { return nil }
        let paths = known.templates.map { location in
            switch location.labels.anchor {
            case .template: location.path.appending(location.labels.path)
            case .object: location.labels.path
            }
        }
        guard let first = paths.first else { return nil }
        let members = first.segments.compactMap { segment -> String? in
            if case .member(let name) = segment { name } else { nil }
        }
        if Set(paths).count == 1, members.count == first.segments.count { return .path(members) }
        var seen: Set<TemplatePath> = []
        return .places(paths.filter { seen.insert($0).inserted }.map(\.description).joined(separator: ", "))
    }

    private static let pod = GroupKind(group: "", kind: "Pod")

    /// What a changed template leads to.
    private static func effect(of kind: GroupKind) -> FixEffect {
        switch (kind.group, kind.kind) {
        case ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("argoproj.io", "Rollout"),
            ("serving.knative.dev", "Service"):
            .rollout
        case ("apps", "ReplicaSet"), ("", "ReplicationController"): .newPods
        case ("batch", "CronJob"), ("argoproj.io", "CronWorkflow"): .nextJob
        case ("batch", "Job"): .immutable
        default: .controllerDecides
        }
    }

    private static func renewal(_ gap: Gap) -> String {
        let team = gap.found ?? gap.rejectedDefaults.first?.value ?? ""
        return "extend the registration of team \(GapText.quote(team)), or bill the workload to another team"
    }

    // MARK: - Objects with labels of their own

    func plan(_ label: LabelVerdict, _ gap: Gap, of verdict: Verdict, object: ObjectReference) -> Fix {
        if case .outsideValidity = gap.problem { return .manual(Self.renewal(gap)) }
        return .label(
            LabelEdit(
                target: object, resource: KubectlResource.name(of: object, catalogue: catalogue), place: .own,
                key: policy.labels[label.rule].key.text, value: proposal(label, gap, verdict), effect: .immediate))
    }

    // MARK: - Values

    /// The nearest allowed value, or the only one; else a placeholder.
    func proposal(_ label: LabelVerdict, _ gap: Gap, _ verdict: Verdict) -> ProposedValue {
        let rule = policy.labels[label.rule]
        if let nearest = gap.nearest { return .known(nearest) }
        if case .notOfTeam(let team, let dimension) = gap.problem, let only = only(of: team, dimension) {
            return .known(only)
        }
        if let allowed = rule.values.oneOf, allowed.count == 1, let only = allowed.first { return .known(only.text) }
        if let dimension = rule.values.registered, dimension != .team, let team = team(of: verdict),
            let only = only(of: team, dimension)
        {
            return .known(only)
        }
        return .placeholder(String(rule.key.name))
    }

    /// Whom the subject is billed to.
    func team(of verdict: Verdict) -> String? {
        teamRule.flatMap { rule in verdict.labels.first { $0.rule == rule }?.attribution?.value }
    }

    private func only(of name: String, _ dimension: RegistryDimension) -> String? {
        guard let team = teams[name] else { return nil }
        let values: [LabelValue]
        switch dimension {
        case .team: values = []
        case .costCenter: values = team.costCenters
        case .environment: values = team.environments
        }
        return values.count == 1 ? values.first?.text : nil
    }
}
