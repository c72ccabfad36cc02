package import LabelPolicy

/// Whose the costs are: for every Pod, Service and external cost its effective label values, and for Pods and nodes the
/// workload and node group. Values are given once for each distinct set of them, and objects point to theirs, so that
/// sums over lines compare numbers.
///
/// The caller fills it from verdicts; an array that is shorter than the state's says that nothing is known of the rest.
package struct CostOwners: Sendable {
    /// The effective values of one set of labels.
    package struct Values: Sendable, Hashable {
        /// By the order of `keys`; nil where there is none.
        package var values: [String?]
        /// Whether every required label has a value that the policy accepts.
        package var isComplete: Bool

        package init(values: [String?], isComplete: Bool) {
            self.values = values
            self.isComplete = isComplete
        }

        /// - Parameter keys: those of the owners, as label keys.
        package init(_ verdict: Verdict, keys: [LabelKey]) {
            values = keys.map { key in verdict.labels.first { $0.key == key }?.attribution?.value }
            isComplete = !verdict.labels.contains { $0.level == .required && $0.gap != nil }
        }
    }

    /// The labels costs can be summed up by: `team`, `cost-center`.
    package var keys: [String]
    package var sets: [Values]
    /// By Pod, index into `sets`.
    package var setOfPod: [Int]
    /// By Service, index into `sets`.
    package var setOfService: [Int]
    /// By external cost, index into `sets`.
    package var setOfExternal: [Int]
    package var workloads: [String]
    /// By Pod, index into `workloads`.
    package var workloadOfPod: [Int]
    package var nodeGroups: [String]
    /// By node, index into `nodeGroups`.
    package var groupOfNode: [Int]

    package init(
        keys: [String], sets: [Values] = [], setOfPod: [Int] = [], setOfService: [Int] = [], setOfExternal: [Int] = [],
        workloads: [String] = [], workloadOfPod: [Int] = [], nodeGroups: [String] = [], groupOfNode: [Int] = []
    ) {
        self.keys = keys
        self.sets = sets
        self.setOfPod = setOfPod
        self.setOfService = setOfService
        self.setOfExternal = setOfExternal
        self.workloads = workloads
        self.workloadOfPod = workloadOfPod
        self.nodeGroups = nodeGroups
        self.groupOfNode = groupOfNode
    }

    /// Index into `sets`; nil where nothing is known.
    func set(pod: Int32) -> Int? { Self.at(pod, of: setOfPod, below: sets.count) }
    func set(service: Int32) -> Int? { Self.at(service, of: setOfService, below: sets.count) }
    func set(external: Int32) -> Int? { Self.at(external, of: setOfExternal, below: sets.count) }
    func workload(pod: Int32) -> Int? { Self.at(pod, of: workloadOfPod, below: workloads.count) }
    func nodeGroup(node: Int32) -> Int? { Self.at(node, of: groupOfNode, below: nodeGroups.count) }

    private static func at(_ place: Int32, of array: [Int], below limit: Int) -> Int? {
        guard place >= 0, Int(place) < array.count else { return nil }
        let index = array[Int(place)]
        return index >= 0 && index < limit ? index : nil
    }
}

/// By what costs are summed up.
package enum Dimension: Sendable, Hashable {
    /// Index into `CostOwners.keys`.
    case label(Int)
    case namespace
    case nodeGroup
    case workload
}

/// Rows for costs that are nobody's.
package enum ReservedRow: String, Sendable, Hashable, CaseIterable {
    case idle = "__idle__"
    /// Of Pods without the label; of nodes that stay undivided.
    case unallocated = "__unallocated__"
    case unmounted = "__unmounted__"
    /// Overhead and shared namespaces, without a value of their own and not passed on.
    case shared = "__shared__"
    case external = "__external__"
}

extension ReservedRow {
    /// Where a line goes that no owner is known of.
    ///
    /// - Parameter inSharedNamespace: whether its Pod or Service is in a namespace that serves all others.
    package init(for line: CostLine, inSharedNamespace: Bool) {
        switch line.kind {
        case .unallocated, .systemReserved: self = .idle
        case .overhead: self = .shared
        case .unmounted: self = .unmounted
        case .external: self = .external
        case .undivided: self = .unallocated
        case .pod, .volume, .loadBalancer: self = inSharedNamespace ? .shared : .unallocated
        }
    }
}
