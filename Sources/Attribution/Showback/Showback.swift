package import KubernetesModel

/// Costs summed up by owner. The rows sum to the allocation's total, exactly, whatever is shared.
package struct Showback: Sendable {
    package let dimension: Dimension
    package let currency: Currency
    /// Owners, dearest first, then the reserved rows that are not empty.
    package let rows: [ShowbackRow]
    package let total: Money
    /// Values that look like `a:60,b:40` and are not: their costs are unallocated.
    package let malformedSplits: [String]
    /// Whom custom parts name and nobody knows, sorted: their parts stay where they came from.
    package let unknownNames: [String]

    package init(
        _ allocation: Allocation, state: ClusterState, owners: CostOwners, by dimension: Dimension,
        sharing: SharingSettings = SharingSettings(), customNames: CustomNames = .rows
    ) {
        var sums = ShowbackSums(
            state, owners: owners, dimension: dimension, sharing: sharing, customNames: customNames)
        for line in allocation.lines { sums.add(line) }
        sums.share()
        self.dimension = dimension
        currency = allocation.currency
        rows = sums.rows()
        total = rows.lazy.map(\.total).sum()
        malformedSplits = sums.sorter.malformedSplits
        unknownNames = sums.unknownNames.sorted()
    }
}

/// What the names of `SharingRule.custom` are in one table: a policy writes them for one, and the others are made too.
package enum CustomNames: Sendable, Hashable {
    /// Its rows: each of them is one, with costs or without.
    case rows
    /// Its rows, as far as they have one already or are among these.
    case known(Set<String>)
    /// Another table's: nothing is passed on here.
    case foreign
}

private struct ShowbackSums {
    private(set) var sorter: LineSorter
    private let sharing: SharingSettings
    private let dimension: Dimension
    private let customNames: CustomNames
    private(set) var unknownNames: Set<String> = []
    /// By group.
    private var sums: [ShowbackRow] = []
    /// What is passed on.
    private var idle = Money.zero
    private var overhead = Money.zero
    private var shared = Money.zero
    /// By group, its place among all names: strings are compared once, not in every sort.
    private var ranks: [Int] = []

    init(
        _ state: ClusterState, owners: CostOwners, dimension: Dimension, sharing: SharingSettings,
        customNames: CustomNames
    ) {
        sorter = LineSorter(state, owners: owners, dimension: dimension, sharing: sharing)
        self.sharing = sharing
        self.dimension = dimension
        self.customNames = customNames
    }

    // MARK: - Lines

    mutating func add(_ line: CostLine) {
        let nature = sorter.nature(of: line)
        // A node group's idle part and overhead are its own.
        if dimension != .nodeGroup, isPassedOn(line, nature) { return }
        let amounts = LineAmounts(line)
        switch sorter.own(line) {
        case .group(let group): add(amounts, line.kind, to: group)
        case .split(let split):
            let (groups, weights) = sorter.splits[split]
            for (group, part) in zip(groups, amounts.distributed(over: weights)) { add(part, line.kind, to: group) }
        case nil:
            add(amounts, line.kind, to: LineSorter.index(of: LineSorter.reserved(for: line, nature: nature)))
        }
    }

    /// Whether the line goes into what is passed on, where it is then added.
    private mutating func isPassedOn(_ line: CostLine, _ nature: LineSorter.Nature) -> Bool {
        switch nature {
        case .direct: return false
        case .idle:
            guard sharing.idle != .separate else { return false }
            idle += line.total
        case .overhead:
            guard sharing.overhead != .separate else { return false }
            overhead += line.total
        case .sharedNamespace:
            guard sharing.namespaces != .separate else { return false }
            shared += line.total
        }
        return true
    }

    private mutating func add(_ amounts: LineAmounts, _ kind: CostLine.Kind, to group: Int) {
        begin(group)
        sums[group].add(amounts, of: kind)
    }

    /// Makes sure that there is a sum for the group.
    private mutating func begin(_ group: Int) {
        while sums.count <= group {
            let reserved = sums.count < LineSorter.reservedCount ? ReservedRow.allCases[sums.count] : nil
            sums.append(ShowbackRow(name: sorter.names[sums.count], reserved: reserved))
        }
    }

    // MARK: - Sharing

    mutating func share() {
        begin(sorter.names.count - 1)
        rankNames()
        // All by the same measure, so that the order does not count and nothing is shared twice.
        let own = sums.map(\.onNodes)
        share(idle, sharing.idle, own, \.idle, leftIn: .idle)
        share(overhead, sharing.overhead, own, \.overhead, leftIn: .shared)
        share(shared, sharing.namespaces, own, \.shared, leftIn: .shared)
    }

    private mutating func share(
        _ amount: Money, _ rule: SharingRule, _ own: [Money], _ column: WritableKeyPath<ShowbackRow, Money>,
        leftIn row: ReservedRow
    ) {
        guard !amount.isZero else { return }
        var weights: [(group: Int, weight: UInt128)] = []
        switch rule {
        case .separate: break
        case .even:
            for group in own.indices where group >= LineSorter.reservedCount && !sums[group].own.isZero {
                weights.append((group, 1))
            }
        case .weighted:
            // Unlabelled Pods cause idle capacity like all others.
            let unallocated = LineSorter.index(of: .unallocated)
            for (group, cost) in own.enumerated()
            where (group >= LineSorter.reservedCount || group == unallocated) && !cost.isZero {
                weights.append((group, cost.nanos.magnitude))
            }
        case .custom(let parts):
            weights = custom(parts, leftIn: row)
            begin(sorter.names.count - 1)
            rankNames()
        }
        weights.sort { ranks[$0.group] < ranks[$1.group] }
        guard let parts = amount.distributed(overWide: weights.map(\.weight)) else {
            // Nobody to pass it on to.
            sums[LineSorter.index(of: row)][keyPath: column] += amount
            return
        }
        for (weight, part) in zip(weights, parts) { sums[weight.group][keyPath: column] += part }
    }

    private mutating func custom(
        _ parts: [String: UInt64], leftIn row: ReservedRow
    ) -> [(group: Int, weight: UInt128)] {
        let known: Set<String>?
        switch customNames {
        case .foreign: return []
        case .rows: known = nil
        case .known(let names): known = names
        }
        var weights: [(group: Int, weight: UInt128)] = []
        var left: UInt128 = 0
        for (name, weight) in parts where weight > 0 {
            if known?.contains(name) == false, !sorter.has(name) {
                unknownNames.insert(name)
                left += UInt128(weight)
            } else {
                weights.append((sorter.group(name), UInt128(weight)))
            }
        }
        if left > 0 { weights.append((LineSorter.index(of: row), left)) }
        return weights
    }

    private mutating func rankNames() {
        guard ranks.count != sums.count else { return }
        let names = sums.map(\.name)
        ranks = [Int](repeating: 0, count: names.count)
        for (rank, group) in names.indices.sorted(by: { names[$0] < names[$1] }).enumerated() { ranks[group] = rank }
    }

    func rows() -> [ShowbackRow] {
        // Numbers are sorted, not rows: there may be a hundred thousand workloads.
        let totals = sums.map(\.total)
        let filled = sums.indices.filter { !totals[$0].isZero || sums[$0].pods > 0 }
        let owners = filled.filter { $0 >= LineSorter.reservedCount }.sorted { left, right in
            totals[left] != totals[right] ? totals[left] > totals[right] : ranks[left] < ranks[right]
        }
        return (owners + filled.filter { $0 < LineSorter.reservedCount }).map { sums[$0] }
    }
}
