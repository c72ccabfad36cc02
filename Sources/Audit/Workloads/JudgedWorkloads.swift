import KubernetesModel
import LabelPolicy

/// The workloads of a state with their verdicts, whatever they cost. A state that holds all Pods of a workload, its
/// owners and its namespace gives the same verdicts on it as the whole cluster's.
struct JudgedWorkloads {
    private(set) var groups: WorkloadGroups
    private(set) var verdicts: VerdictTable
    private(set) var namespaces: NamespaceTable

    init(_ state: ClusterState, _ index: ClusterIndex, _ evaluator: Evaluator, at now: Timestamp) {
        groups = WorkloadGroups(state, index, evaluator)
        verdicts = VerdictTable(state, index, evaluator, at: now)
        namespaces = NamespaceTable(state, index, evaluator)
        for place in groups.groups.indices {
            let number = verdicts.number(
                of: groups.groups[place].key, groups.projection, groups.chains, &namespaces)
            groups.setVerdict(number, of: place)
        }
    }

    /// What a workload counts as in coverage, of the verdicts on its groups.
    struct Standing {
        /// Every required label of all its Pods has a value, or an exemption that holds.
        private(set) var isAttributed = true
        /// Rules for which some of its Pods have no value.
        private(set) var lacking: Set<Int> = []

        mutating func add(_ entry: VerdictTable.Entry) {
            if !entry.isAttributed { isAttributed = false }
            for label in entry.verdict.labels where label.attribution == nil { lacking.insert(label.rule) }
        }
    }
}

extension WorkloadGroups {
    /// Groups of one root after the other.
    var byRoot: [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        for place in groups.indices {
            let isLast = place + 1 == groups.count
            if isLast || groups[place + 1].key.root != groups[place].key.root {
                ranges.append(start..<place + 1)
                start = place + 1
            }
        }
        return ranges
    }
}
