import KubernetesModel

/// One Pod on a node, as far as the division of the node's price is concerned.
struct PodShare {
    let pod: Int32
    let isOverhead: Bool
    /// What it pays for: what it asks for, or uses if that is more.
    var charged: ResourceVector
    /// What of it is asked for and not used; zero where usage is not known.
    var unused = ResourceVector()
    /// Whether any of `charged` is usage beyond the request.
    var exceedsRequest = false
}

/// Divides the prices of nodes, one at a time. Keeps its arrays between nodes.
struct NodeAllocator {
    private var remainder = LargestRemainder()
    private var weights: [UInt64] = []
    private var parts: [UInt64] = []
    private var cpuShares: [UInt64] = []
    private var memoryShares: [UInt64] = []
    private var gpuShares: [UInt64] = []

    /// Appends the node's lines, which sum to its price.
    ///
    /// - Parameter shares: in an order of their own (by UID), so that equal Pods always get the same unit.
    /// - Returns: the price by resource; nil if it stays undivided.
    mutating func allocate(
        _ node: NodeFacts, index: Int32, price: Money, shares: [PodShare], bases: SplitBases,
        lines: inout [CostLine], problems: inout [AllocationProblem]
    ) -> NodeSplit? {
        if node.capacity.isZero || !node.capacity.isPlausible {
            problems.append(
                node.capacity.isZero ? .noCapacity(node: node.name) : .absurdCapacity(node: node.name))
        }
        guard
            let split = NodeSplit(
                price: price, amounts: node.capacity, unitsPerGPU: node.scale.unitsPerGPU, bases: bases)
        else {
            if !node.capacity.isZero, node.capacity.isPlausible { problems.append(.weightless(node: node.name)) }
            lines.append(CostLine(kind: .undivided, node: index, other: UInt64(clamping: price.nanos)))
            return nil
        }
        divide(split.cpu, \.millicores, .cpu, node, shares, &problems)
        swap(&cpuShares, &parts)
        divide(split.memory, \.memory, .memory, node, shares, &problems)
        swap(&memoryShares, &parts)
        divide(split.gpu, \.gpuUnits, .gpu, node, shares, &problems)
        swap(&gpuShares, &parts)
        for (place, share) in shares.enumerated() {
            lines.append(
                CostLine(
                    kind: share.isOverhead ? .overhead : .pod, node: index, pod: share.pod, cpu: cpuShares[place],
                    memory: memoryShares[place], gpu: gpuShares[place], overRequested: overRequested(share, at: place)))
        }
        for (offset, kind) in [CostLine.Kind.unallocated, .systemReserved].enumerated() {
            let place = shares.count + offset
            let line = CostLine(
                kind: kind, node: index, cpu: cpuShares[place], memory: memoryShares[place], gpu: gpuShares[place])
            if !line.total.isZero { lines.append(line) }
        }
        return split
    }

    /// Fills `parts` with those of one resource's cost: each Pod's, then what is not allocated, then what is reserved.
    private mutating func divide(
        _ cost: Money, _ amount: KeyPath<ResourceVector, UInt64>, _ resource: SplitResource, _ node: NodeFacts,
        _ shares: [PodShare], _ problems: inout [AllocationProblem]
    ) {
        weights.removeAll(keepingCapacity: true)
        var held: UInt64 = 0
        var exceedsRequest = false
        for share in shares {
            let charged = share.charged[keyPath: amount]
            weights.append(charged)
            held = held.saturatingSum(charged)
            if share.exceedsRequest { exceedsRequest = true }
        }
        let capacity = node.capacity[keyPath: amount]
        let allocatable = node.allocatable[keyPath: amount]
        if held > allocatable {
            let cause: AllocationProblem.NegativeIdle =
                if capacity == 0 || allocatable == 0 { .notOffered } else if exceedsRequest { .usage } else {
                    .requests
                }
            problems.append(.negativeIdle(node: node.name, resource, excess: held - allocatable, cause))
        }
        if allocatable > capacity {
            problems.append(
                .negativeIdle(
                    node: node.name, resource, excess: allocatable - capacity, .allocatableAboveCapacity))
        }
        // Where Pods hold more than there is, nothing is idle and each pays its part of the whole: the price of the
        // resource is what it is, only its unit gets cheaper. The problem above says by how much.
        weights.append(held > allocatable ? 0 : allocatable - held)
        weights.append(allocatable > capacity ? 0 : capacity - allocatable)
        // A resource without cost has no capacity, or no base; there may be no weight either.
        _ = remainder.distribute(UInt64(clamping: cost.nanos), over: weights, into: &parts)
    }

    /// The unused part of a Pod's cost, rounded down.
    private func overRequested(_ share: PodShare, at place: Int) -> UInt64 {
        guard !share.unused.isZero else { return 0 }
        func part(_ cost: UInt64, _ unused: UInt64, _ charged: UInt64) -> UInt64 {
            guard charged > 0, unused <= charged else { return 0 }
            // At most the cost.
            return charged.dividingFullWidth(cost.multipliedFullWidth(by: unused)).quotient
        }
        return part(cpuShares[place], share.unused.millicores, share.charged.millicores)
            &+ part(memoryShares[place], share.unused.memory, share.charged.memory)
    }
}
