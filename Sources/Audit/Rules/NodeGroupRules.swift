import Attribution
import KubernetesModel
import LabelPolicy

/// What is wrong with node groups: tags that lack or drift, nodes without a price.
struct NodeGroupRules {
    private(set) var candidates: [Candidate] = []
    private(set) var advice: [AuditReport.Advice] = []

    /// Mixed groups named in one report.
    static let maximumMixedGroups = 20

    private let cluster: AuditedCluster
    private let ownership: [AuditReport.Ownership]

    /// - Parameter ownership: by node group.
    init(_ cluster: AuditedCluster, ownership: [AuditReport.Ownership]) {
        self.cluster = cluster
        self.ownership = ownership
        for place in cluster.nodeGroups.groups.indices {
            addTags(place)
            addUnpriced(place)
        }
    }

    static func reference(_ group: NodeGroup) -> ObjectReference {
        ObjectReference(apiVersion: PolicyRules.apiVersion, kind: "NodeGroup", name: group.name)
    }

    // MARK: - Tags

    /// What a tag would attribute that no workload's label does: the rest of the group's price.
    private mutating func addTags(_ place: Int) {
        let group = cluster.nodeGroups.groups[place]
        if group.key.provider == .fargate { return }
        let cost = ownership[place].sum - ownership[place].attributed
        for (index, reading) in cluster.readings[place].enumerated() where reading.tag != nil {
            func candidate(_ origin: Candidate.Origin, _ reason: Reason) -> Candidate {
                Candidate(
                    origin: origin, reason: reason, rule: reading.rule, level: .recommended,
                    subject: Self.reference(group), cost: cost)
            }
            let isUntagged = reading.missingNodes > 0 && reading.carriedValues.isEmpty
            if isUntagged || !reading.carriersWithout.isEmpty {
                candidates.append(candidate(.tagMissing(nodeGroup: place, reading: index), .tagMissing))
            }
            if reading.isDrifting {
                candidates.append(candidate(.tagDrift(nodeGroup: place, reading: index), .tagDrift))
            }
        }
    }

    // MARK: - Prices

    private mutating func addUnpriced(_ place: Int) {
        let group = cluster.nodeGroups.groups[place]
        var causes: Set<String> = []
        var nodes = 0
        var pods = 0
        for node in group.nodes where cluster.allocation.nodes[node].pricing.price == nil {
            nodes += 1
            pods += cluster.index.pods(onNode: node).count { cluster.state.pods[$0].occupiesNode }
            for problem in cluster.allocation.nodes[node].pricing.problems { causes.insert(problem.description) }
        }
        guard nodes > 0 else { return }
        candidates.append(
            Candidate(
                origin: .unpriced(nodeGroup: place, nodes: nodes, causes: causes.sorted()), reason: .unpriced,
                level: .required, subject: Self.reference(group), pods: pods, unpricedPods: pods, cost: nil))
    }

    /// Groups that are one in name only: their price is no single one. Karpenter's are meant to be.
    mutating func addMixed(_ rows: [AuditReport.NodeGroupRow]) {
        let mixed = rows.filter { $0.isMixed && $0.provider != .karpenter && !$0.identity.isInferred }
        for row in mixed.prefix(Self.maximumMixedGroups) {
            let types = row.instanceTypes.prefix(4).map { GapText.clean($0, 63) }.joined(separator: ", ")
            let kinds = row.capacity.map(\.type.rawValue).joined(separator: ", ")
            advice.append(
                AuditReport.Advice(
                    topic: .mixedNodeGroup(name: row.name),
                    message: "node group \(GapText.quote(row.name)) is mixed: \(types); \(kinds)",
                    remedy: "expect different prices for the same request, or make a group of each"))
        }
    }
}
