package import KubernetesModel

/// Whose the money is, per hour. Idle capacity counts into the total: money that is spent on nothing is not attributed
/// either.
package struct SpendCoverage: Sendable, Hashable {
    /// Has a value (of the label, or of every required label).
    package var attributed = Money.zero
    /// Of Pods, load balancers and external costs without one; nodes that stay undivided.
    package var unattributed = Money.zero
    package var idle = Money.zero
    /// DaemonSets and static Pods without a value: the node's, not forgotten.
    package var overhead = Money.zero
    /// Shared namespaces without a value.
    package var shared = Money.zero
    package var unmounted = Money.zero

    package var total: Money { attributed + unattributed + idle + overhead + shared + unmounted }

    /// Hundredths of a per cent of the total, rounded down so that only everything is 100 %; nil without any spend.
    package var basisPoints: Int? { ratio(attributed, of: total) }

    package init() {}
}

/// How many have a value.
package struct CountCoverage: Sendable, Hashable {
    package var attributed = 0
    package var total = 0

    package var basisPoints: Int? { total > 0 ? attributed * 10_000 / total : nil }

    package init() {}
}

private func ratio(_ part: Money, of whole: Money) -> Int? {
    guard whole > .zero else { return nil }
    // Sums of a cluster's costs are far below the 2^113 at which this would overflow; a wrong sum would give nil.
    let product = part.nanos.multipliedReportingOverflow(by: 10_000)
    return product.overflow ? nil : Int(exactly: product.partialValue / whole.nanos)
}

/// Coverage of a cluster or of a part of it.
package struct Coverage: Sendable, Hashable {
    /// Workloads with Pods on nodes, outside of shared namespaces and without DaemonSets: all Pods must have the value.
    package var workloads = CountCoverage()
    package var spend = SpendCoverage()

    package init() {}
}

/// Coverage of the cluster, or of one group of it.
package struct CoverageRow: Sendable, Hashable {
    package var name: String
    package var reserved: ReservedRow?
    /// Of all required labels together.
    package var complete = Coverage()
    /// By label, in the order of `CostOwners.keys`.
    package var byLabel: [Coverage]

    init(name: String, reserved: ReservedRow?, labels: Int) {
        self.name = name
        self.reserved = reserved
        byLabel = [Coverage](repeating: Coverage(), count: labels)
    }
}

/// Counts what share of workloads and of money has an owner.
package struct CoverageReport: Sendable {
    package let whole: CoverageRow
    /// By group, dearest first; the reserved rows (idle capacity and the like) last.
    package let groups: [CoverageRow]

    package init(
        _ allocation: Allocation, state: ClusterState, owners: CostOwners, by dimension: Dimension,
        sharing: SharingSettings = SharingSettings()
    ) {
        var counter = CoverageCounter(state, owners: owners, dimension: dimension, sharing: sharing)
        for line in allocation.lines { counter.add(line) }
        counter.finishWorkloads()
        whole = counter.whole
        groups = counter.sortedGroups()
    }
}

private struct CoverageCounter {
    private(set) var whole: CoverageRow
    private var groups: [CoverageRow] = []
    private var sorter: LineSorter
    private let owners: CostOwners
    /// By workload; nil: has no Pod that counts. Which labels all of its Pods have so far, and in which group it is.
    private var workloads: [WorkloadStanding?]

    private struct WorkloadStanding {
        var group: Int
        var isComplete: Bool
        var hasLabel: [Bool]
    }

    init(_ state: ClusterState, owners: CostOwners, dimension: Dimension, sharing: SharingSettings) {
        self.owners = owners
        sorter = LineSorter(state, owners: owners, dimension: dimension, sharing: sharing)
        whole = CoverageRow(name: "", reserved: nil, labels: owners.keys.count)
        workloads = [WorkloadStanding?](repeating: nil, count: owners.workloads.count)
    }

    mutating func add(_ line: CostLine) {
        let nature = sorter.nature(of: line)
        let set = sorter.valueSet(of: line).map { owners.sets[$0] }
        let home: Int
        switch sorter.own(line) {
        case .group(let group):
            home = group
            add(line.total, line.kind, nature, set, to: group)
        case .split(let split):
            let (numbers, weights) = sorter.splits[split]
            home = numbers.first ?? 0
            let parts = line.total.distributed(over: weights) ?? []
            for (group, part) in zip(numbers, parts) { add(part, line.kind, nature, set, to: group) }
        case nil:
            home = LineSorter.index(of: LineSorter.reserved(for: line, nature: nature))
            add(line.total, line.kind, nature, set, to: home)
        }
        Self.add(line.total, line.kind, nature, set, to: &whole)
        if line.kind == .pod, nature == .direct { count(line, set, in: home) }
    }

    private mutating func add(
        _ amount: Money, _ kind: CostLine.Kind, _ nature: LineSorter.Nature, _ set: CostOwners.Values?, to group: Int
    ) {
        begin(group)
        Self.add(amount, kind, nature, set, to: &groups[group])
    }

    private mutating func begin(_ group: Int) {
        while groups.count <= group {
            let reserved = groups.count < LineSorter.reservedCount ? ReservedRow.allCases[groups.count] : nil
            groups.append(
                CoverageRow(name: sorter.names[groups.count], reserved: reserved, labels: owners.keys.count))
        }
    }

    private static func add(
        _ amount: Money, _ kind: CostLine.Kind, _ nature: LineSorter.Nature, _ set: CostOwners.Values?,
        to row: inout CoverageRow
    ) {
        let without = column(kind, nature)
        row.complete.spend[keyPath: set?.isComplete == true ? \.attributed : without] += amount
        for label in row.byLabel.indices {
            row.byLabel[label].spend[keyPath: has(label, set) ? \.attributed : without] += amount
        }
    }

    private static func has(_ label: Int, _ set: CostOwners.Values?) -> Bool {
        guard let set, label < set.values.count else { return false }
        return set.values[label] != nil
    }

    /// Where money without a value counts.
    private static func column(
        _ kind: CostLine.Kind, _ nature: LineSorter.Nature
    ) -> WritableKeyPath<SpendCoverage, Money> {
        switch nature {
        case .idle: \.idle
        case .overhead: \.overhead
        case .sharedNamespace: \.shared
        case .direct: kind == .unmounted ? \.unmounted : \.unattributed
        }
    }

    // MARK: - Workloads

    private mutating func count(_ line: CostLine, _ set: CostOwners.Values?, in group: Int) {
        guard let workload = owners.workload(pod: line.pod) else { return }
        var standing =
            workloads[workload]
            ?? WorkloadStanding(
                group: group, isComplete: true, hasLabel: [Bool](repeating: true, count: owners.keys.count))
        // Pods of one workload in several groups (rare: labels that differ, several node groups) count in the last of
        // the numbering, whatever the order of the lines.
        standing.group = max(standing.group, group)
        if set?.isComplete != true { standing.isComplete = false }
        for label in standing.hasLabel.indices where !Self.has(label, set) { standing.hasLabel[label] = false }
        workloads[workload] = standing
    }

    mutating func finishWorkloads() {
        for case let standing? in workloads {
            begin(standing.group)
            Self.count(standing, in: &groups[standing.group])
            Self.count(standing, in: &whole)
        }
    }

    private static func count(_ standing: WorkloadStanding, in row: inout CoverageRow) {
        row.complete.workloads.total += 1
        if standing.isComplete { row.complete.workloads.attributed += 1 }
        for label in row.byLabel.indices {
            row.byLabel[label].workloads.total += 1
            if standing.hasLabel[label] { row.byLabel[label].workloads.attributed += 1 }
        }
    }

    func sortedGroups() -> [CoverageRow] {
        let totals = groups.map(\.complete.spend.total)
        let filled = groups.indices.filter { !totals[$0].isZero || groups[$0].complete.workloads.total > 0 }
        let named = filled.filter { $0 >= LineSorter.reservedCount }.sorted { left, right in
            totals[left] != totals[right] ? totals[left] > totals[right] : groups[left].name < groups[right].name
        }
        return (named + filled.filter { $0 < LineSorter.reservedCount }).map { groups[$0] }
    }
}
