import Attribution
import KubernetesModel
import LabelPolicy

/// To whom the cluster's money belongs: in all, by node group, by namespace and by label.
struct OwnershipBook {
    private(set) var all = AuditReport.Ownership()
    /// Of the prices of their nodes.
    private(set) var ofNodeGroup: [AuditReport.Ownership]
    /// Spend of attributed workloads by namespace.
    private(set) var attributedInNamespace: [StringID: Money] = [:]
    /// By rule of the policy: spend of Pods that have a value for it.
    private(set) var attributedByRule: [Money]
    /// Spend that the reason keeps from being attributed.
    private(set) var unattributed = ReasonSums()
    private(set) var unattributedInNamespace: [StringID: ReasonSums] = [:]

    init(
        _ allocation: Allocation, _ state: ClusterState, _ groups: WorkloadGroups, _ verdicts: [VerdictTable.Entry],
        _ nodeGroups: NodeGroups, rules: Int
    ) {
        ofNodeGroup = [AuditReport.Ownership](repeating: AuditReport.Ownership(), count: nodeGroups.groups.count)
        attributedByRule = [Money](repeating: .zero, count: rules)
        // Summed up by verdict first: there are few, and each has many labels.
        var byVerdict = [Money](repeating: .zero, count: verdicts.count)
        for line in allocation.lines {
            let pod = Int(line.pod)
            let group = groups.ofPod.indices.contains(pod) ? groups.ofPod[pod] : -1
            let entry = group >= 0 ? verdicts[groups.groups[group].verdict] : nil
            let owner = Self.owner(of: line, entry)
            let total = line.total
            all[keyPath: owner] += total
            all.idle.overRequested += line.overRequested
            if let node = Self.node(of: line), nodeGroups.ofNode.indices.contains(node) {
                ofNodeGroup[nodeGroups.ofNode[node]][keyPath: owner] += total
                ofNodeGroup[nodeGroups.ofNode[node]].idle.overRequested += line.overRequested
            }
            guard group >= 0, let entry else { continue }
            byVerdict[groups.groups[group].verdict] += total
            let namespace = state.pods[pod].namespace
            if entry.isAttributed {
                attributedInNamespace[namespace, default: .zero] += total
            } else if owner == \.unattributed, let reason = entry.firstReason {
                unattributed.add(total, reason)
                unattributedInNamespace[namespace, default: ReasonSums()].add(total, reason)
            }
        }
        for (verdict, sum) in byVerdict.enumerated() where !sum.isZero {
            for label in verdicts[verdict].verdict.labels where label.attribution != nil {
                attributedByRule[label.rule] += sum
            }
        }
    }

    /// The node whose price the line is part of.
    private static func node(of line: CostLine) -> Int? {
        switch line.kind {
        case .pod, .overhead, .unallocated, .systemReserved, .undivided: line.node >= 0 ? Int(line.node) : nil
        case .volume, .unmounted, .loadBalancer, .external: nil
        }
    }

    private static func owner(
        of line: CostLine, _ entry: VerdictTable.Entry?
    ) -> WritableKeyPath<AuditReport.Ownership, Money> {
        switch line.kind {
        case .pod, .volume:
            guard let entry else { return \.excluded }
            return entry.isAttributed ? \.attributed : \.unattributed
        case .overhead: return entry?.isAttributed == true ? \.attributed : \.overhead
        case .unallocated: return \.idle.unallocated
        case .systemReserved: return \.idle.systemReserved
        case .undivided: return \.unallocated
        case .unmounted: return \.unmounted
        case .loadBalancer:
            if line.pod < 0 { return \.unallocated }
            guard let entry else { return \.excluded }
            return entry.isAttributed ? \.attributed : \.unattributed
        case .external: return \.external
        }
    }
}
