import Attribution
import KubernetesModel
import LabelPolicy

/// The definition that holds for each kind: of several the first by its path.
struct PrunedKinds {
    private var byKind: [GroupKind: PrunedKind] = [:]

    init(_ kinds: [PrunedKind]) {
        for kind in kinds.sorted(by: { ($0.kind, $0.path) < ($1.kind, $1.path) }) where byKind[kind.kind] == nil {
            byKind[kind.kind] = kind
        }
    }

    var isEmpty: Bool { byKind.isEmpty }

    subscript(_ kind: GroupKind) -> PrunedKind? { byKind[kind] }
}

/// Kinds whose Pods lack labels because the API server removes those of their templates.
struct PrunedKindRules {
    private var sums: [GroupKind: Candidate] = [:]

    init() {}

    init(_ cluster: AuditedCluster, kinds: [PrunedKind]) {
        let kinds = PrunedKinds(kinds)
        if kinds.isEmpty { return }
        for (place, group) in cluster.groups.groups.enumerated() {
            let root = cluster.index.workloadRoots[group.key.root]
            guard let kind = kinds[cluster.state.pool[root.kind]] else { continue }
            add(
                kind, cluster.verdict(of: place).verdict, pods: group.pods, unpricedPods: group.unpricedPods,
                cost: group.cost)
        }
    }

    /// Adds Pods of the kind with one verdict.
    mutating func add(_ kind: PrunedKind, _ verdict: Verdict, pods: Int, unpricedPods: Int, cost: Money) {
        let open = verdict.labels.filter { $0.isOpen && $0.gap?.problem == .missing }
        guard !open.isEmpty else { return }
        var sum =
            sums[kind.kind]
            ?? Candidate(
                origin: .pruned(kind), reason: .metadataPruned, level: .recommended, subject: Self.definition(kind))
        if open.contains(where: { $0.level == .required }) { sum.level = .required }
        sum.pods += pods
        sum.unpricedPods += unpricedPods
        sum.cost = (sum.cost ?? .zero) + cost
        sums[kind.kind] = sum
    }

    var candidates: [Candidate] { sums.sorted { $0.key < $1.key }.map(\.value) }

    private static func definition(_ kind: PrunedKind) -> ObjectReference {
        ObjectReference(
            apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition",
            name: "\(kind.resource).\(kind.kind.group)")
    }
}
