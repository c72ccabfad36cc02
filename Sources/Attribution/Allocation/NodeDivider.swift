package import KubernetesModel

/// Prices nodes and divides each among its Pods, one at a time: all of a state after the other, or the one on which a
/// Pod has changed. Keeps what nodes have in common; the pool of the states is always the same one, or a copy of it.
package struct NodeDivider {
    private let input: AllocationInput
    private let pricer: NodePricer
    private var allocator = NodeAllocator()
    private var requests = RequestTable()
    private var overhead = OverheadKinds()
    private var shares: [PodShare] = []

    package init(_ input: AllocationInput) {
        self.input = input
        pricer = NodePricer(policy: input.pricing, list: input.prices, external: input.external)
    }

    /// Appends the node's lines, which sum to its price; none if it has no price.
    ///
    /// - Parameters:
    ///   - place: of the node in the state.
    ///   - pods: places of those that take up room on it, each UID once, in any order.
    package mutating func divide(
        _ place: Int, of state: ClusterState, among pods: some Sequence<Int>, into lines: inout [CostLine],
        _ problems: inout [AllocationProblem]
    ) -> NodeCost {
        requests.extend(to: state.pool)
        let node = facts(state.nodes[place], state)
        let start = lines.count
        problems += node.problems
        collect(pods, node, state)
        var split: NodeSplit?
        if let price = node.pricing.price {
            split = allocator.allocate(
                node, index: Int32(clamping: place), price: price.perHour, shares: shares,
                bases: input.settings.split.bases(hasGPUs: node.capacity.gpuUnits > 0), lines: &lines,
                problems: &problems)
        }
        return NodeCost(
            pricing: node.pricing, capacityType: node.capacityType, split: split, lines: start..<lines.count)
    }

    /// A node that stands in the state already: it costs nothing a second time.
    mutating func duplicate(_ record: NodeRecord, in state: ClusterState, at start: Int) -> NodeCost {
        requests.extend(to: state.pool)
        return NodeCost(
            pricing: NodePricing(price: nil), capacityType: facts(record, state).capacityType, split: nil,
            lines: start..<start)
    }

    private func facts(_ record: NodeRecord, _ state: ClusterState) -> NodeFacts {
        NodeFacts(record, state: state, requests: requests, input: input, pricer: pricer)
    }

    /// The Pods' shares in the order of their UIDs.
    private mutating func collect(_ pods: some Sequence<Int>, _ node: NodeFacts, _ state: ClusterState) {
        shares.removeAll(keepingCapacity: true)
        for pod in pods { shares.append(share(of: state.pods[pod], at: pod, node, state.pool)) }
        shares.sort { left, right in
            let (first, second) = (state.pods[Int(left.pod)], state.pods[Int(right.pod)])
            if first.uid != second.uid { return first.uid < second.uid }
            // Manifests have no UIDs.
            return Self.name(first, state) < Self.name(second, state)
        }
    }

    private mutating func share(
        of pod: PodRecord, at place: Int, _ node: NodeFacts, _ pool: RecordPool
    ) -> PodShare {
        let asked = requests[pod.currentRequests].vector(node.scale)
        var share = PodShare(
            pod: Int32(clamping: place), isOverhead: pod.isMirror || overhead.contains(pod.controller.kind, in: pool),
            charged: asked)
        guard place < input.usage.count, let usage = input.usage[place] else { return share }
        share.charged.millicores = max(asked.millicores, usage.millicores)
        share.charged.memory = max(asked.memory, usage.memory)
        share.unused.millicores = asked.millicores - min(asked.millicores, usage.millicores)
        share.unused.memory = asked.memory - min(asked.memory, usage.memory)
        share.exceedsRequest = usage.millicores > asked.millicores || usage.memory > asked.memory
        return share
    }

    private static func name(_ pod: PodRecord, _ state: ClusterState) -> String {
        state.text(pod.namespace) + "/" + state.text(pod.name)
    }
}

/// Controllers that put a Pod onto every node: their Pods are the nodes' overhead.
private struct OverheadKinds {
    private var known: [KindID: Bool] = [.none: false]

    mutating func contains(_ kind: KindID, in pool: RecordPool) -> Bool {
        if let answer = known[kind] { return answer }
        let name = pool[kind]
        // OpenKruise's is Kubernetes' own with more ways to update.
        let answer = name.kind == "DaemonSet" && (name.group == "apps" || name.group == "apps.kruise.io")
        known[kind] = answer
        return answer
    }
}
