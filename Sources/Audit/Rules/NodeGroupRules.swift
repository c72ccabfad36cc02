import Attribution
import KubernetesModel
import LabelPolicy

/// What is wrong with node groups: tags that lack or drift, nodes without a price, workloads of another environment.
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
        addMismatches()
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

    // MARK: - Environments

    private struct Meeting: Hashable {
        let root: Int
        let group: Int
        let environment: String
    }

    private mutating func addMismatches() {
        guard let rule = cluster.environmentRule, cluster.environments.contains(where: { $0 != nil }) else { return }
        var ofVerdict: [Int: String?] = [:]
        var met: [Meeting: (pods: Int, cost: Money)] = [:]
        for (pod, group) in cluster.groups.ofPod.enumerated() where group >= 0 {
            let record = cluster.state.pods[pod]
            guard let node = cluster.index.node(named: record.node),
                let environment = cluster.environments[cluster.nodeGroups.ofNode[node]]
            else { continue }
            let number = cluster.groups.groups[group].verdict
            let own: String?
            if let known = ofVerdict[number] {
                own = known
            } else {
                let labels = cluster.verdicts.entries[number].verdict.labels
                own = labels.first { $0.rule == rule }?.attribution?.value
                ofVerdict[number] = own
            }
            guard let own, own != environment else { continue }
            let meeting = Meeting(
                root: cluster.groups.groups[group].key.root, group: cluster.nodeGroups.ofNode[node], environment: own)
            met[meeting, default: (0, .zero)].pods += 1
            met[meeting, default: (0, .zero)].cost += cluster.costs.ofPod[pod]
        }
        addMismatches(met, rule)
    }

    private mutating func addMismatches(_ met: [Meeting: (pods: Int, cost: Money)], _ rule: Int) {
        var byRoot: [Int: [(Meeting, pods: Int, cost: Money)]] = [:]
        for (meeting, sum) in met { byRoot[meeting.root, default: []].append((meeting, sum.pods, sum.cost)) }
        for (root, meetings) in byRoot {
            let groups = meetings.map { meeting, pods, cost in
                (
                    own: meeting.environment,
                    there: AuditReport.GroupEnvironment(
                        group: cluster.nodeGroups.groups[meeting.group].name,
                        environment: cluster.environments[meeting.group] ?? "", pods: pods, costPerHour: cost)
                )
            }.sorted { left, right in
                left.there.costPerHour != right.there.costPerHour
                    ? left.there.costPerHour > right.there.costPerHour
                    : (left.there.group, left.own) < (right.there.group, right.own)
            }
            candidates.append(
                Candidate(
                    origin: .mismatch(environment: groups.first?.own ?? "", groups: groups.map(\.there)),
                    reason: .environmentMismatch, rule: rule, level: .recommended, subject: cluster.roots[root],
                    pods: groups.map(\.there.pods).reduce(0, +), cost: groups.map(\.there.costPerHour).sum()))
        }
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
