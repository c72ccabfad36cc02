import Attribution
import KubernetesModel
import LabelPolicy

/// The rows of namespaces and node groups.
struct RowBuilder {
    let cluster: AuditedCluster
    let ownership: OwnershipBook
    let workloads: WorkloadRules
    /// Verdicts on namespaces.
    let namespaceVerdicts: [StringID: Int]
    /// By namespace and by node group, by their names.
    let findingsOfNamespace: [String: ReasonSums]
    let findingsOfNodeGroup: [String: Int]

    // MARK: - Namespaces

    mutating func namespaces() -> [AuditReport.NamespaceRow] {
        let names = cluster.namespacesInUse.filter { cluster.covers($0) }
        var pods: [StringID: Int] = [:]
        for pod in cluster.state.pods where !pod.hasEnded { pods[pod.namespace, default: 0] += 1 }
        var contexts = cluster.namespaces
        return names.map { row($0, pods[$0] ?? 0, contexts.context($0)) }.sorted { left, right in
            left.costPerHour != right.costPerHour ? left.costPerHour > right.costPerHour : left.name < right.name
        }
    }

    private func row(_ name: StringID, _ pods: Int, _ context: NamespaceContext) -> AuditReport.NamespaceRow {
        let text = cluster.state.text(name)
        let counts = workloads.ofNamespace[name]
        var findings = findingsOfNamespace[text] ?? ReasonSums()
        if let unattributed = ownership.sums.unattributedInNamespace[name] { findings.merge(unattributed) }
        return AuditReport.NamespaceRow(
            name: text, isKnown: cluster.index.namespace(named: name) != nil,
            isExcluded: cluster.evaluator.isExcluded(namespace: text),
            mode: cluster.evaluator.mode(for: .workloads, in: context),
            supplies: namespaceVerdicts[name].map { FindingWriter.effective(cluster.verdicts.entries[$0].verdict) }
                ?? [],
            pods: pods,
            coverage: AuditReport.Share(
                attributedWorkloads: counts?.attributed ?? 0, workloads: counts?.workloads ?? 0,
                attributedSpend: ownership.sums.attributedInNamespace[name] ?? .zero,
                spend: cluster.costs.ofNamespace[name] ?? .zero), findings: findings.counts)
    }

    // MARK: - Node groups

    func nodeGroups() -> [AuditReport.NodeGroupRow] {
        let workloads = workloadsByNodeGroup()
        return cluster.nodeGroups.groups.indices.map { row($0, workloads[$0]) }.sorted { left, right in
            left.price != right.price ? left.price > right.price : left.name < right.name
        }
    }

    private struct GroupCounts {
        var workloads = 0
        var attributed = 0
        var pods = 0
    }

    private struct Stay: Hashable {
        let group: Int
        let root: Int
    }

    private func workloadsByNodeGroup() -> [GroupCounts] {
        var counts = [GroupCounts](repeating: GroupCounts(), count: cluster.nodeGroups.groups.count)
        var isAttributed = [Bool](repeating: false, count: cluster.index.workloadRoots.count)
        for (place, range) in cluster.groupsByRoot.enumerated() {
            isAttributed[cluster.groups.groups[range.lowerBound].key.root] = workloads.isAttributed[place]
        }
        var seen: Set<Stay> = []
        for (node, group) in cluster.nodeGroups.ofNode.enumerated() {
            for pod in cluster.index.pods(onNode: node) where cluster.state.pods[pod].occupiesNode {
                counts[group].pods += 1
                let workload = cluster.groups.ofPod[pod]
                guard workload >= 0 else { continue }
                let root = cluster.groups.groups[workload].key.root
                guard seen.insert(Stay(group: group, root: root)).inserted else { continue }
                counts[group].workloads += 1
                if isAttributed[root] { counts[group].attributed += 1 }
            }
        }
        return counts
    }

    private func row(_ place: Int, _ counts: GroupCounts) -> AuditReport.NodeGroupRow {
        let group = cluster.nodeGroups.groups[place]
        let ownership = ownership.sums.ofNodeGroup[place]
        let nodes = group.nodes.map { cluster.state.nodes[$0] }
        var row = AuditReport.NodeGroupRow(
            name: group.name, provider: group.key.provider, identity: group.key.identity, nodes: nodes.count,
            pods: counts.pods, instanceTypes: texts(nodes.map(\.instanceType)), zones: texts(nodes.map(\.zone)),
            price: ownership.sum, ownership: ownership,
            coverage: AuditReport.Share(
                attributedWorkloads: counts.attributed, workloads: counts.workloads,
                attributedSpend: ownership.attributed, spend: ownership.sum),
            findings: findingsOfNodeGroup[group.name] ?? 0)
        var capacity: [NodeCapacity: Int] = [:]
        for node in nodes {
            capacity[NodeCapacity(node, provider: group.key.provider, in: cluster.state.pool), default: 0] += 1
        }
        row.capacity = NodeCapacity.allCases.compactMap { type in
            capacity[type].map { AuditReport.CapacityShare(type: type, nodes: $0) }
        }
        row.unpricedNodes = group.nodes.count { cluster.allocation.nodes[$0].pricing.price == nil }
        row.prices = prices(group)
        row.tags = cluster.readings[place].compactMap(\.row)
        return row
    }

    private func texts(_ ids: [StringID]) -> [String] {
        Set(ids).filter { !$0.isEmpty }.map { cluster.state.text($0) }.sorted()
    }

    private struct PriceKey: Hashable {
        let type: StringID
        let capacity: NodeCapacity
        let price: Price
    }

    private func prices(_ group: NodeGroup) -> [AuditReport.PriceRow] {
        var counts: [PriceKey: Int] = [:]
        for node in group.nodes {
            guard let price = cluster.allocation.nodes[node].pricing.price else { continue }
            let record = cluster.state.nodes[node]
            let capacity = NodeCapacity(record, provider: group.key.provider, in: cluster.state.pool)
            counts[PriceKey(type: record.instanceType, capacity: capacity, price: price), default: 0] += 1
        }
        return counts.map { key, nodes in
            AuditReport.PriceRow(
                instanceType: cluster.state.text(key.type), capacity: key.capacity, perHour: key.price.perHour,
                source: key.price.source.rawValue, origin: key.price.origin, date: key.price.date,
                flags: key.price.flags.codes, nodes: nodes)
        }.sorted { left, right in
            if left.perHour != right.perHour { return left.perHour > right.perHour }
            return (left.instanceType, left.capacity.rawValue, left.source, left.origin, left.nodes)
                < (right.instanceType, right.capacity.rawValue, right.source, right.origin, right.nodes)
        }
    }
}
