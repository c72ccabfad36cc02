package import KubernetesModel

/// What a node costs.
package struct NodeCost: Sendable, Hashable {
    package let pricing: NodePricing
    package let capacityType: CapacityType
    /// The price by resource; nil if the node has no price or it stays undivided.
    package let split: NodeSplit?
    /// Of `Allocation.lines`; empty without a price.
    package let lines: Range<Int>

    package init(pricing: NodePricing, capacityType: CapacityType, split: NodeSplit?, lines: Range<Int>) {
        self.pricing = pricing
        self.capacityType = capacityType
        self.split = split
        self.lines = lines
    }
}

/// What a volume costs.
package struct VolumeCost: Sendable, Hashable {
    /// Index into `ClusterState.volumes`; nil for a claim whose volume was not read.
    package let volume: Int?
    /// Index into `ClusterState.claims`; nil if no claim is bound to it.
    package let claim: Int?
    /// Per hour.
    package let cost: Money
    package let rate: Rate

    package init(volume: Int?, claim: Int?, cost: Money, rate: Rate) {
        self.volume = volume
        self.claim = claim
        self.cost = cost
        self.rate = rate
    }
}

/// A cluster's cost per hour, piece by piece. An index of a line is one into the state it was made from.
package struct Allocation: Sendable {
    package var currency: Currency
    /// Those of nodes first, in the state's order of nodes.
    package var lines: [CostLine]
    /// In the state's order.
    package var nodes: [NodeCost]
    package var volumes: [VolumeCost]
    /// Per hour, of each load balancer; nil if there is none, or no price of it.
    package var loadBalancerRate: Rate?
    package var problems: [AllocationProblem]
    /// Pods on nodes without a price, or whose price stays undivided: their cost is unknown, not zero.
    package var unpricedPods: Int

    package init(
        currency: Currency, lines: [CostLine], nodes: [NodeCost], volumes: [VolumeCost],
        loadBalancerRate: Rate? = nil, problems: [AllocationProblem] = [], unpricedPods: Int = 0
    ) {
        self.currency = currency
        self.lines = lines
        self.nodes = nodes
        self.volumes = volumes
        self.loadBalancerRate = loadBalancerRate
        self.problems = problems
        self.unpricedPods = unpricedPods
    }

    package var total: Money { lines.lazy.map(\.total).sum() }

    /// The sum of each Pod's lines, in the state's order of Pods: its part of the node, of volumes and load balancers. Nil
    /// for Pods that are on no node, and for those whose part of the node is not known.
    package func costOfPods(_ state: ClusterState) -> [Money?] {
        var costs = [Money?](repeating: nil, count: state.pods.count)
        // The lines of nodes come first.
        for line in lines where line.pod >= 0 && Int(line.pod) < costs.count {
            let pod = Int(line.pod)
            switch line.kind {
            case .pod, .overhead: costs[pod] = line.total
            case .volume, .loadBalancer: costs[pod] = costs[pod].map { $0 + line.total }
            case .unallocated, .systemReserved, .undivided, .unmounted, .external: break
            }
        }
        return costs
    }
}
