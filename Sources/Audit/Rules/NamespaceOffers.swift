import Attribution
import KubernetesModel
import LabelPolicy

/// What labels on namespaces would mend: one edit for many workloads, and no restart.
struct NamespaceOffers {
    struct Offer {
        var mends = AuditReport.Mending()
        var pods = 0
        /// Different values that workloads of the namespace have of their own, up to two.
        var ownValues: Set<String> = []

        /// A namespace whose workloads belong to several teams must not give one of them to the rest.
        var isSound: Bool { mends.workloads > 0 && ownValues.count <= 1 }
    }

    private(set) var offers: [AuditedCluster.OfferKey: Offer] = [:]

    init(_ cluster: AuditedCluster) {
        let rules = cluster.policy.labels.map { $0.defaultFrom.contains(.namespace) }
        guard rules.contains(true) else { return }
        // The root that was counted last: its groups stand together.
        var last: [AuditedCluster.OfferKey: Int] = [:]
        for (place, group) in cluster.groups.groups.enumerated()
        where cluster.index.namespace(named: group.key.namespace) != nil {
            let judged = cluster.verdict(of: place)
            for label in judged.verdict.labels where rules[label.rule] {
                let key = AuditedCluster.OfferKey(namespace: group.key.namespace, rule: label.rule)
                if let attribution = label.attribution {
                    switch attribution.source {
                    case .own, .alias, .owner:
                        if offers[key, default: Offer()].ownValues.count < 2 {
                            offers[key, default: Offer()].ownValues.insert(attribution.value)
                        }
                    case .namespace, .registry, .value, .nodegroup: break
                    }
                }
                guard label.isOpen, let gap = label.gap, gap.takesDefault(keepsEmpty: judged.subject.keepsEmpty) else {
                    continue
                }
                if last[key] != group.key.root { offers[key, default: Offer()].mends.workloads += 1 }
                last[key] = group.key.root
                offers[key, default: Offer()].mends.costPerHour += group.cost
                offers[key, default: Offer()].pods += group.pods
            }
        }
    }
}
