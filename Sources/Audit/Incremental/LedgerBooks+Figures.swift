import Attribution
import KubernetesModel
import LabelPolicy

extension LedgerBooks {
    /// Sums as they are: in time linear in owners, namespaces and node groups.
    func figures(_ evaluator: Evaluator, at now: Timestamp) -> AuditFigures {
        let labels = evaluator.policy.labels
        let verdicts = standings.verdicts
        var figures = AuditFigures(at: now, currency: currency)
        figures.costPerHour = sums.total
        figures.ownership = sums.all
        figures.owners = sums.owners(verdicts, billing)
        let attributed = sums.attributedByRule(verdicts, rules: labels.count)
        func share(_ workloads: Int, _ spend: Money) -> AuditReport.Share {
            AuditReport.Share(
                attributedWorkloads: workloads, workloads: totals.workloads, attributedSpend: spend, spend: sums.total)
        }
        figures.coverage = AuditReport.Coverage(
            all: share(totals.attributed, sums.all.attributed),
            byLabel: labels.enumerated().map { rule, label in
                AuditReport.LabelCoverage(
                    label: label.key.text, share: share(totals.attributedByRule[rule], attributed[rule]))
            })
        figures.unattributed = sums.unattributedInNamespace.flatMap { namespace, sums in
            sums.counts.byReason.filter { !$0.unattributed.isZero }.map { count in
                AuditFigures.UnattributedCost(
                    namespace: objects.text(namespace), reason: count.reason, costPerHour: count.unattributed)
            }
        }.sorted()
        figures.nodeGroups = nodeGroupFigures.sorted { $0.name < $1.name }
        figures.pods = objects.livePods
        figures.nodes = objects.nodes.count
        figures.namespaces = objects.namespaces.count
        return figures
    }

    private var nodeGroupFigures: [AuditFigures.NodeGroupFigures] {
        var unpriced: [Int: Int] = [:]
        for node in unpricedNodes { if let group = nodes[node].group { unpriced[group, default: 0] += 1 } }
        return nodeGroups.groups.enumerated().map { place, group in
            let number = nodeGroups.numbers[place]
            let ownership = ownership(ofGroup: number)
            return AuditFigures.NodeGroupFigures(
                name: group.name, nodes: group.nodes.count, unpricedNodes: unpriced[number] ?? 0,
                costPerHour: ownership.sum, ownership: ownership, tags: nodeGroups.readings[place].compactMap(\.row))
        }
    }

    func ownership(ofGroup number: Int) -> AuditReport.Ownership {
        sums.ofNodeGroup.indices.contains(number) ? sums.ofNodeGroup[number] : AuditReport.Ownership()
    }
}
