import Attribution
import KubernetesModel
import LabelPolicy

/// Workloads that run on a node group of another environment.
struct EnvironmentRules {
    private(set) var candidates: [Candidate] = []

    private let cluster: AuditedCluster

    init(_ cluster: AuditedCluster) {
        self.cluster = cluster
        meet()
    }

    private struct Meeting: Hashable {
        let root: Int
        let group: Int
        let environment: String
    }

    private mutating func meet() {
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
                    origin: .mismatch(root: root, environment: groups.first?.own ?? "", groups: groups.map(\.there)),
                    reason: .environmentMismatch, rule: rule, level: .recommended, subject: cluster.roots[root],
                    pods: groups.map(\.there.pods).reduce(0, +), cost: groups.map(\.there.costPerHour).sum()))
        }
    }
}
