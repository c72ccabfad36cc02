import Attribution
import KubernetesModel
import LabelPolicy

/// Kinds whose Pods lack labels because the API server removes those of their templates.
struct PrunedKindRules {
    private(set) var candidates: [Candidate] = []

    init(_ cluster: AuditedCluster, kinds: [PrunedKind]) {
        guard !kinds.isEmpty else { return }
        var byKind: [GroupKind: PrunedKind] = [:]
        for kind in kinds.sorted(by: { ($0.kind, $0.path) < ($1.kind, $1.path) }) where byKind[kind.kind] == nil {
            byKind[kind.kind] = kind
        }
        var sums: [GroupKind: Candidate] = [:]
        for (place, group) in cluster.groups.groups.enumerated() {
            let root = cluster.index.workloadRoots[group.key.root]
            guard let kind = byKind[cluster.state.pool[root.kind]] else { continue }
            let open = cluster.verdict(of: place).verdict.labels.filter { $0.isOpen && $0.gap?.problem == .missing }
            guard !open.isEmpty else { continue }
            var sum =
                sums[kind.kind]
                ?? Candidate(
                    origin: .pruned(kind), reason: .metadataPruned, level: .recommended, subject: Self.definition(kind))
            if open.contains(where: { $0.level == .required }) { sum.level = .required }
            sum.pods += group.pods
            sum.unpricedPods += group.unpricedPods
            sum.cost = (sum.cost ?? .zero) + group.cost
            sums[kind.kind] = sum
        }
        candidates = sums.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func definition(_ kind: PrunedKind) -> ObjectReference {
        ObjectReference(
            apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition",
            name: "\(kind.resource).\(kind.kind.group)")
    }
}
