/// What one owner costs per hour.
package struct ShowbackRow: Sendable, Hashable {
    package var name: String
    package var reserved: ReservedRow?
    package var cpu = Money.zero
    package var memory = Money.zero
    package var gpu = Money.zero
    package var storage = Money.zero
    package var loadBalancers = Money.zero
    package var external = Money.zero
    /// Nodes that stay undivided.
    package var undivided = Money.zero
    /// Its own where costs are grouped by node group (or the row is `__idle__`), else what was passed on to it.
    package var idle = Money.zero
    /// Passed on: DaemonSets and static Pods.
    package var overhead = Money.zero
    /// Passed on: shared namespaces.
    package var shared = Money.zero
    /// Of its own cost, what Pods ask for and do not use. Contained in the other columns; only known with usage.
    package var overRequested = Money.zero
    /// Pods that have a part in it.
    package var pods = 0

    init(name: String, reserved: ReservedRow?) {
        self.name = name
        self.reserved = reserved
    }

    /// What it causes itself.
    package var own: Money { cpu + memory + gpu + storage + loadBalancers + external + undivided }
    package var total: Money { own + idle + overhead + shared }
    /// What it causes on nodes: the measure by which common costs are passed on.
    var onNodes: Money { cpu + memory + gpu }

    /// Adds a line's amounts to the columns of its kind.
    mutating func add(_ amounts: LineAmounts, of kind: CostLine.Kind) {
        switch kind {
        case .pod, .overhead:
            cpu += amounts.cpu
            memory += amounts.memory
            gpu += amounts.gpu
            overRequested += amounts.overRequested
            pods += 1
        case .unallocated, .systemReserved: idle += amounts.cpu + amounts.memory + amounts.gpu
        case .undivided: undivided += amounts.other
        case .volume, .unmounted: storage += amounts.other
        case .loadBalancer: loadBalancers += amounts.other
        case .external: external += amounts.other
        }
    }
}

/// The amounts of a line, or of an owner's part in it.
struct LineAmounts {
    var cpu: Money
    var memory: Money
    var gpu: Money
    var other: Money
    var overRequested: Money

    init(_ line: CostLine) {
        cpu = line.cpu
        memory = line.memory
        gpu = line.gpu
        other = line.other
        overRequested = line.overRequested
    }

    /// Parts that sum to this, column by column.
    func distributed(over weights: [UInt64]) -> [LineAmounts] {
        var parts = [LineAmounts](repeating: self, count: weights.count)
        for column in [\LineAmounts.cpu, \.memory, \.gpu, \.other, \.overRequested] {
            // Weights of a split are above zero, so each amount finds its takers.
            guard let shares = self[keyPath: column].distributed(over: weights) else { continue }
            for (place, share) in shares.enumerated() { parts[place][keyPath: column] = share }
        }
        return parts
    }
}
