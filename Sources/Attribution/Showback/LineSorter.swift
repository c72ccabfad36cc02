package import KubernetesModel
import LabelPolicy

/// Tells to which row of a report each line belongs. Groups are numbered: the reserved rows first, in the order of their
/// declaration, then the values as they come.
struct LineSorter {
    /// Where a line goes before anything is shared.
    enum Target {
        case group(Int)
        /// Of `splits`.
        case split(Int)
    }

    /// What a line is, whoever's it is.
    enum Nature {
        case direct, idle, overhead, sharedNamespace
    }

    private(set) var names: [String] = ReservedRow.allCases.map(\.rawValue)
    /// Groups in the order of their names, with their weights.
    private(set) var splits: [(groups: [Int], weights: [UInt64])] = []
    /// Values that look like splits and are none.
    private(set) var malformedSplits: [String] = []
    private let state: ClusterState
    private let owners: CostOwners
    private let dimension: Dimension
    private var groups: [String: Int] = [:]
    private var targetOfSet: [Target?] = []
    private var groupOfNamespace: [StringID: Int] = [:]
    private var sharedNamespaces: SharedNamespaces
    private var groupOfWorkload: [Int] = []
    private var groupOfNodeGroup: [Int] = []

    static let reservedCount = ReservedRow.allCases.count

    init(_ state: ClusterState, owners: CostOwners, dimension: Dimension, sharing: SharingSettings) {
        self.state = state
        self.owners = owners
        self.dimension = dimension
        sharedNamespaces = SharedNamespaces(sharing)
        switch dimension {
        case .label(let label):
            for set in owners.sets {
                let value = label >= 0 && label < set.values.count ? set.values[label] : nil
                targetOfSet.append(value.flatMap { target($0) })
            }
        case .workload: for name in owners.workloads { groupOfWorkload.append(group(name)) }
        case .nodeGroup: for name in owners.nodeGroups { groupOfNodeGroup.append(group(name)) }
        case .namespace: break
        }
    }

    static func index(of row: ReservedRow) -> Int { ReservedRow.allCases.firstIndex(of: row) ?? 0 }

    func has(_ name: String) -> Bool { groups[name] != nil }

    mutating func group(_ name: String) -> Int {
        if let known = groups[name] { return known }
        names.append(name)
        groups[name] = names.count - 1
        return names.count - 1
    }

    private mutating func target(_ value: String) -> Target? {
        guard let split = SplitValue(value) else {
            malformedSplits.append(value)
            return nil
        }
        if split.parts.count == 1 { return .group(group(split.parts[0].value)) }
        var numbers: [Int] = []
        for part in split.parts { numbers.append(group(part.value)) }
        splits.append((numbers, split.parts.map(\.weight)))
        return .split(splits.count - 1)
    }

    // MARK: - Lines

    mutating func nature(of line: CostLine) -> Nature {
        switch line.kind {
        case .unallocated, .systemReserved: .idle
        case .overhead: .overhead
        case .pod, .volume, .loadBalancer:
            if let namespace = namespace(of: line), sharedNamespaces.contains(namespace, in: state.pool) {
                .sharedNamespace
            } else {
                .direct
            }
        case .undivided, .unmounted, .external: .direct
        }
    }

    private func namespace(of line: CostLine) -> StringID? {
        if line.pod >= 0, Int(line.pod) < state.pods.count { return state.pods[Int(line.pod)].namespace }
        if line.kind == .loadBalancer, line.object >= 0, Int(line.object) < state.services.count {
            return state.services[Int(line.object)].namespace
        }
        return nil
    }

    /// The line's own group; nil if it has none, so that it goes to a reserved row.
    mutating func own(_ line: CostLine) -> Target? {
        switch dimension {
        case .label: return valueSet(of: line).flatMap { targetOfSet[$0] }
        case .namespace:
            guard let id = namespace(of: line) else { return nil }
            if let known = groupOfNamespace[id] { return .group(known) }
            let number = group(state.text(id))
            groupOfNamespace[id] = number
            return .group(number)
        case .nodeGroup: return owners.nodeGroup(node: line.node).map { .group(groupOfNodeGroup[$0]) }
        case .workload: return owners.workload(pod: line.pod).map { .group(groupOfWorkload[$0]) }
        }
    }

    /// The set of values that holds for a line; nil for lines that cannot have any.
    func valueSet(of line: CostLine) -> Int? {
        switch line.kind {
        case .pod, .overhead, .volume: owners.set(pod: line.pod)
        case .loadBalancer: line.pod >= 0 ? owners.set(pod: line.pod) : owners.set(service: line.object)
        case .external: owners.set(external: line.object)
        case .unallocated, .systemReserved, .undivided, .unmounted: nil
        }
    }

    /// Where a line without a group of its own goes.
    static func reserved(for line: CostLine, nature: Nature) -> ReservedRow {
        ReservedRow(for: line, inSharedNamespace: nature == .sharedNamespace)
    }
}

/// Which namespaces serve all others; each is matched once.
package struct SharedNamespaces {
    private let patterns: [Glob]
    private var known: [StringID: Bool] = [:]

    package init(_ sharing: SharingSettings) { patterns = sharing.sharedNamespaces }

    /// - Parameter pool: always the same one, or copies of it.
    package mutating func contains(_ namespace: StringID, in pool: RecordPool) -> Bool {
        if let answer = known[namespace] { return answer }
        let name = pool.strings[namespace]
        let answer = patterns.contains { $0.matches(name) }
        known[namespace] = answer
        return answer
    }
}
