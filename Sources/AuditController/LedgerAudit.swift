package import Attribution
package import Audit
package import ClusterReading
package import KubernetesModel
package import LabelPolicy

/// Audits what has changed: a round costs what its changes touch, not what the cluster has.
package struct LedgerAudit: ClusterAuditing {
    private var ledger: AuditLedger
    /// What was told of kinds that may not be read.
    private var refused: Set<GroupKind> = []

    /// - Parameter cluster: how it is called.
    package init(
        policy: Policy, catalogue: WorkloadCatalogue, input: AuditInput, cluster: String, at now: Timestamp
    ) {
        ledger = AuditLedger(policy: policy, catalogue: catalogue, input: input, cluster: cluster, at: now)
    }

    package mutating func apply(_ changes: [FeedChange]) {
        for change in changes { ledger.apply(ClusterChange(change)) }
    }

    package mutating func take(_ prices: ExternalPrices?) { ledger.apply(.prices(prices)) }

    package mutating func refuse(_ kinds: Set<GroupKind>) -> Bool {
        guard kinds != refused else { return false }
        refused = kinds
        ledger.apply(.kindGaps(Dictionary(uniqueKeysWithValues: kinds.map { ($0, KindGap.refused) })))
        return true
    }

    package mutating func figures(at now: Timestamp) -> AuditFigures { ledger.figures(at: now) }

    package mutating func takeChangedScopes() -> Set<ClusterScope> { ledger.takeChangedScopes() }

    package mutating func findings(of scope: ClusterScope) -> [AuditReport.Finding] { ledger.findings(of: scope) }

    package func nextChange(after now: Timestamp) -> Timestamp? { ledger.nextChange(after: now) }
}

extension ClusterChange {
    fileprivate init(_ change: FeedChange) {
        switch change {
        case .upsert(let state): self = .upsert(state)
        case .remove(let kind, let namespace, let name):
            self = .remove(ObjectIdentity(ObjectIdentity.Resource(kind), namespace: namespace, name: name))
        case .pruned(let kinds): self = .prunedKinds(kinds)
        case .replace(let kind, let state): self = .replace(ObjectIdentity.Resource(kind), with: state)
        }
    }
}

extension ObjectIdentity.Resource {
    fileprivate init(_ kind: GroupKind) {
        self =
            switch kind.group.isEmpty ? kind.kind : "" {
            case "Pod": .pods
            case "Node": .nodes
            case "Namespace": .namespaces
            case "PersistentVolumeClaim": .claims
            case "PersistentVolume": .volumes
            case "Service": .loadBalancers
            default: kind.showsTags ? .tagCarriers(kind) : .owners(kind)
            }
    }
}
