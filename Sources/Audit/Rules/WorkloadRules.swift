import Attribution
import KubernetesModel
import LabelPolicy

/// Labels of workloads that are missing or wrong, and what that means for counts.
struct WorkloadRules {
    private(set) var candidates: [Candidate] = []
    /// Roots that are judged, and those that are attributed.
    private(set) var workloads = 0
    private(set) var attributed = 0
    /// By rule: roots whose Pods all have a value.
    private(set) var attributedByRule: [Int]
    /// By namespace.
    private(set) var ofNamespace: [StringID: Counts] = [:]
    /// By place in `AuditedCluster.groupsByRoot`.
    private(set) var isAttributed: [Bool] = []

    struct Counts {
        var workloads = 0
        var attributed = 0
    }

    private let cluster: AuditedCluster

    init(_ cluster: AuditedCluster) {
        self.cluster = cluster
        attributedByRule = [Int](repeating: 0, count: cluster.policy.labels.count)
        for range in cluster.groupsByRoot { add(range) }
    }

    /// The Pods of one root with the same reason at one label.
    private struct Fault {
        let rule: Int
        let reason: Reason
        var level: Level
        var dearest: Int
        var gaps: Set<Gap>
        var pods = 0
        var unpricedPods = 0
        var cost = Money.zero
        var isUncertain = true
    }

    private mutating func add(_ range: Range<Int>) {
        var faults: [Fault] = []
        var standing = JudgedWorkloads.Standing()
        for place in range {
            let entry = cluster.verdict(of: place)
            standing.add(entry)
            for label in entry.verdict.labels {
                guard label.isOpen, let gap = label.gap else { continue }
                Self.add(gap, label, place, cluster, to: &faults)
            }
        }
        workloads += 1
        if standing.isAttributed { attributed += 1 }
        isAttributed.append(standing.isAttributed)
        for rule in attributedByRule.indices where !standing.lacking.contains(rule) { attributedByRule[rule] += 1 }
        let namespace = cluster.namespace(of: range)
        ofNamespace[namespace, default: Counts()].workloads += 1
        if standing.isAttributed { ofNamespace[namespace, default: Counts()].attributed += 1 }
        let root = cluster.roots[cluster.groups.groups[range.lowerBound].key.root]
        candidates += faults.map { fault in
            Candidate(
                origin: .workload(group: fault.dearest, variants: fault.gaps.count), reason: fault.reason,
                rule: fault.rule, level: fault.level, subject: root, pods: fault.pods, unpricedPods: fault.unpricedPods,
                // All its Pods run where no price is known: then neither is theirs.
                cost: fault.unpricedPods > 0 && fault.cost.isZero ? nil : fault.cost, isUncertain: fault.isUncertain)
        }
    }

    private static func add(
        _ gap: Gap, _ label: LabelVerdict, _ place: Int, _ cluster: AuditedCluster, to faults: inout [Fault]
    ) {
        let group = cluster.groups.groups[place]
        let known = faults.firstIndex { $0.rule == label.rule && $0.reason == gap.reason }
        let index = known ?? faults.count
        if known == nil {
            faults.append(
                Fault(rule: label.rule, reason: gap.reason, level: label.level, dearest: place, gaps: []))
        } else if cluster.isDearer(place, faults[index].dearest) {
            faults[index].dearest = place
        }
        faults[index].gaps.insert(gap)
        faults[index].pods += group.pods
        faults[index].unpricedPods += group.unpricedPods
        faults[index].cost += group.cost
        if label.level == .required { faults[index].level = .required }
        if !gap.isUncertain { faults[index].isUncertain = false }
    }
}
