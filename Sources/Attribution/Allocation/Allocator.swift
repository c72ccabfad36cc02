package import KubernetesModel

/// Divides what a cluster costs per hour among those who cause it.
///
/// Time is linear in the state; per node there is one sort of its Pods and, per resource, one of its remainders.
package struct Allocator {
    private let state: ClusterState
    private let index: ClusterIndex
    private let input: AllocationInput
    private let requests: RequestTable
    private var overhead: OverheadKinds
    private var lines: [CostLine] = []
    private var problems: [AllocationProblem] = []

    /// - Parameter index: of this very state.
    package static func allocate(
        _ state: ClusterState, index: ClusterIndex, input: AllocationInput = AllocationInput()
    ) -> Allocation {
        var allocator = Allocator(state, index, input)
        return allocator.run()
    }

    private init(_ state: ClusterState, _ index: ClusterIndex, _ input: AllocationInput) {
        self.state = state
        self.index = index
        self.input = input
        requests = RequestTable(state.pool)
        overhead = OverheadKinds(state.pool)
    }

    private mutating func run() -> Allocation {
        lines.reserveCapacity(state.pods.count + 2 * state.nodes.count)
        var unpricedPods = 0
        let nodes = allocateNodes(&unpricedPods)
        reportStrayPods()
        var storage = StorageAllocator(state: state, index: index, pricer: StoragePricer(policy: input.pricing))
        storage.allocate(into: &lines, &problems)
        LoadBalancerAllocator(state: state, index: index).allocate(
            pricer: StoragePricer(policy: input.pricing), into: &lines, &problems)
        for (place, cost) in input.externalCosts.enumerated() {
            guard let nanos = UInt64(exactly: cost.perHour.nanos), nanos <= UInt64(Int64.max) else {
                problems.append(.absurdExternalCost(cost.name, cost.perHour))
                continue
            }
            lines.append(CostLine(kind: .external, object: Int32(clamping: place), other: nanos))
        }
        return Allocation(
            currency: input.pricing.currency, lines: lines, nodes: nodes, volumes: storage.costs, problems: problems,
            unpricedPods: unpricedPods)
    }

    // MARK: - Nodes

    private mutating func allocateNodes(_ unpricedPods: inout Int) -> [NodeCost] {
        let pricer = NodePricer(policy: input.pricing, list: input.prices, external: input.external)
        var allocator = NodeAllocator()
        var costs: [NodeCost] = []
        costs.reserveCapacity(state.nodes.count)
        var shares: [PodShare] = []
        for (place, record) in state.nodes.enumerated() {
            let node = NodeFacts(record, state: state, requests: requests, input: input, pricer: pricer)
            let start = lines.count
            guard index.node(named: record.name) == place else {
                // Its Pods, and its price, count the first time.
                problems.append(.duplicateNode(node.name))
                costs.append(
                    NodeCost(
                        pricing: NodePricing(price: nil), capacityType: node.capacityType, split: nil,
                        lines: start..<start))
                continue
            }
            problems += node.problems
            collect(onNode: place, node, into: &shares)
            var split: NodeSplit?
            if let price = node.pricing.price {
                split = allocator.allocate(
                    node, index: Int32(clamping: place), price: price.perHour, shares: shares,
                    bases: input.settings.split.bases(hasGPUs: node.capacity.gpuUnits > 0), lines: &lines,
                    problems: &problems)
            }
            if split == nil { unpricedPods += shares.count }
            costs.append(
                NodeCost(
                    pricing: node.pricing, capacityType: node.capacityType, split: split, lines: start..<lines.count))
        }
        return costs
    }

    /// The Pods that take up room on a node, in the order of their UIDs.
    private mutating func collect(onNode place: Int, _ node: NodeFacts, into shares: inout [PodShare]) {
        shares.removeAll(keepingCapacity: true)
        for pod in index.pods(onNode: place) {
            let record = state.pods[pod]
            guard record.occupiesNode else { continue }
            if case .pod(let first)? = index.place(of: record.uid), first != pod {
                problems.append(.duplicateUID(pod: name(record)))
                continue
            }
            shares.append(share(of: record, at: pod, node))
        }
        shares.sort { left, right in
            let (first, second) = (state.pods[Int(left.pod)], state.pods[Int(right.pod)])
            if first.uid != second.uid { return first.uid < second.uid }
            // Manifests have no UIDs.
            return name(first) < name(second)
        }
    }

    private mutating func share(of pod: PodRecord, at place: Int, _ node: NodeFacts) -> PodShare {
        // The init containers' peak is set aside only until they have run.
        let list = pod.phase == .pending ? pod.requests : pod.runningRequests
        let asked = requests[list].vector(node.scale)
        var share = PodShare(
            pod: Int32(clamping: place), isOverhead: pod.isMirror || overhead.contains(pod.controller.kind),
            charged: asked)
        guard place < input.usage.count, let usage = input.usage[place] else { return share }
        share.charged.millicores = max(asked.millicores, usage.millicores)
        share.charged.memory = max(asked.memory, usage.memory)
        share.unused.millicores = asked.millicores - min(asked.millicores, usage.millicores)
        share.unused.memory = asked.memory - min(asked.memory, usage.memory)
        share.exceedsRequest = usage.millicores > asked.millicores || usage.memory > asked.memory
        return share
    }

    private func name(_ pod: PodRecord) -> String { state.text(pod.namespace) + "/" + state.text(pod.name) }

    /// Pods of nodes that are not there, and Pods whose devices no request names.
    private mutating func reportStrayPods() {
        var strays: [StringID: Int] = [:]
        var claiming = 0
        for pod in state.pods where pod.occupiesNode {
            if index.node(named: pod.node) == nil { strays[pod.node, default: 0] += 1 }
            if !pod.resourceClaims.isEmpty { claiming += 1 }
        }
        let named = strays.map { (state.text($0.key), $0.value) }.sorted { $0.0 < $1.0 }
        problems += named.map { .unknownNode($0, pods: $1) }
        if claiming > 0 { problems.append(.claimedDevices(pods: claiming)) }
    }
}

/// Controllers that put a Pod onto every node: their Pods are the nodes' overhead.
private struct OverheadKinds {
    private let pool: RecordPool
    private var known: [KindID: Bool] = [.none: false]

    init(_ pool: RecordPool) { self.pool = pool }

    mutating func contains(_ kind: KindID) -> Bool {
        if let answer = known[kind] { return answer }
        let name = pool[kind]
        // OpenKruise's is Kubernetes' own with more ways to update.
        let answer = name.kind == "DaemonSet" && (name.group == "apps" || name.group == "apps.kruise.io")
        known[kind] = answer
        return answer
    }
}
