import Attribution
import KubernetesModel
import LabelPolicy

/// A finding before its words: what it takes to count and to order it. Words are made only for those that are shown.
struct Candidate {
    /// What it is about, and what the words are made of.
    enum Origin {
        /// A label of a workload: the dearest of its groups with this fault, and how many different faults there are.
        case workload(group: Int, variants: Int)
        case namespace(StringID, verdict: Int, mends: AuditReport.Mending)
        /// A claim or load balancer, by its own labels.
        case object(verdict: Int)
        case exemption(Int)
        case team(Int, used: AuditReport.Mending)
        case mismatch(root: Int, environment: String, groups: [AuditReport.GroupEnvironment])
        case unpriced(nodeGroup: Int, nodes: Int, causes: [String])
        case tagMissing(nodeGroup: Int, reading: Int)
        case tagDrift(nodeGroup: Int, reading: Int)
        /// Index into the allocation's volumes.
        case unmounted(Int, verdict: Int?)
        case pruned(PrunedKind)
    }

    var origin: Origin
    var reason: Reason
    /// Index into the policy's labels; nil where none is at fault.
    var rule: Int?
    var level: Level
    var subject: ObjectReference
    var pods = 0
    var unpricedPods = 0
    /// Nil where no price is known.
    var cost: Money? = .zero
    var isUncertain = false

    /// The order among those of equal cost and level.
    func precedes(_ other: Candidate) -> Bool {
        if subject != other.subject { return subject < other.subject }
        if rule != other.rule { return (rule ?? -1) < (other.rule ?? -1) }
        return reason.rawValue < other.reason.rawValue
    }
}

/// The worst of the candidates, in a report's order.
struct CandidateRanking {
    /// The order of a report, without the parts that are texts.
    private struct Rank {
        let isRequired: Bool
        let cost: Int128
        let place: Int

        func equals(_ other: Rank) -> Bool { isRequired == other.isRequired && cost == other.cost }

        func comesBefore(_ other: Rank) -> Bool {
            cost == other.cost ? isRequired && !other.isRequired : cost > other.cost
        }
    }

    /// Sorting by texts is much dearer than by numbers, so runs of equals are sorted only as far as they are shown.
    static func first(_ count: Int, of candidates: [Candidate]) -> [Candidate] {
        var order = candidates.enumerated().map { place, candidate in
            Rank(isRequired: candidate.level == .required, cost: candidate.cost?.nanos ?? 0, place: place)
        }
        order.sort { $0.comesBefore($1) }
        var start = 0
        while start < order.count, start < count {
            var end = start + 1
            while end < order.count, order[start].equals(order[end]) { end += 1 }
            if end - start > 1 {
                order[start..<end].sort { candidates[$0.place].precedes(candidates[$1.place]) }
            }
            start = end
        }
        return order.prefix(count).map { candidates[$0.place] }
    }
}
