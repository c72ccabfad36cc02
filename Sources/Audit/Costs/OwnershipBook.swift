import Attribution
import KubernetesModel
import LabelPolicy

/// To whom the cluster's money belongs: in all, by node group, by namespace, by label and by who is billed.
struct OwnershipBook {
    private(set) var sums: OwnershipSums
    /// By rule of the policy: spend of Pods that have a value for it.
    let attributedByRule: [Money]
    /// Who is billed.
    let owners: [AuditReport.OwnerCost]

    init(_ cluster: AuditedCluster, sharing: SharingSettings) {
        let entries = cluster.verdicts.entries
        let rules = BillingRules(cluster.policy)
        sums = OwnershipSums(verdicts: entries.count, nodeGroups: cluster.nodeGroups.groups.count)
        var shared = SharedNamespaces(sharing)
        let standings = entries.map { $0.standing(rules) }
        let (state, groups) = (cluster.state, cluster.groups)
        for line in cluster.allocation.lines {
            let pod = Int(line.pod)
            var place = OwnershipSums.Place()
            if state.pods.indices.contains(pod) {
                place.namespace = state.pods[pod].namespace
                let group = groups.ofPod[pod]
                if group >= 0 {
                    let number = groups.groups[group].verdict
                    place.verdict = (number, standings[number])
                }
            } else if line.kind == .loadBalancer, state.services.indices.contains(Int(line.object)) {
                place.namespace = state.services[Int(line.object)].namespace
            }
            place.isShared = !place.namespace.isEmpty && shared.contains(place.namespace, in: state.pool)
            if OwnershipSums.isOfNode(line), cluster.nodeGroups.ofNode.indices.contains(Int(line.node)) {
                place.nodeGroup = cluster.nodeGroups.ofNode[Int(line.node)]
            }
            sums.add(line, place)
        }
        let verdicts = entries.enumerated().map { (number: $0.offset, verdict: $0.element.verdict) }
        attributedByRule = sums.attributedByRule(verdicts, rules: cluster.policy.labels.count)
        owners = sums.owners(verdicts, rules)
    }
}

extension VerdictTable.Entry {
    func standing(_ rules: BillingRules) -> OwnershipSums.Standing {
        OwnershipSums.Standing(
            isAttributed: isAttributed, firstReason: firstReason, isBilled: rules.account(verdict) != nil)
    }
}
