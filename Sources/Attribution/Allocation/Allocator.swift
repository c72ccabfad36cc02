package import KubernetesModel

/// Divides what a cluster costs per hour among those who cause it.
///
/// Time is linear in the state; per node there is one sort of its Pods and, per resource, one of its remainders.
package struct Allocator {
    private let state: ClusterState
    private let index: ClusterIndex
    private let input: AllocationInput
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
    }

    private mutating func run() -> Allocation {
        lines.reserveCapacity(state.pods.count + 2 * state.nodes.count)
        var unpricedPods = 0
        let nodes = allocateNodes(&unpricedPods)
        reportStrayPods()
        var storage = StorageAllocator(state: state, index: index, pricer: StoragePricer(policy: input.pricing))
        storage.allocate(into: &lines, &problems)
        let loadBalancerRate = LoadBalancerAllocator(state: state, index: index).allocate(
            pricer: StoragePricer(policy: input.pricing), into: &lines, &problems)
        ExternalCost.allocate(input.externalCosts, into: &lines, &problems)
        return Allocation(
            currency: input.pricing.currency, lines: lines, nodes: nodes, volumes: storage.costs,
            loadBalancerRate: loadBalancerRate, problems: problems, unpricedPods: unpricedPods)
    }

    // MARK: - Nodes

    private mutating func allocateNodes(_ unpricedPods: inout Int) -> [NodeCost] {
        var divider = NodeDivider(input)
        var costs: [NodeCost] = []
        costs.reserveCapacity(state.nodes.count)
        var pods: [Int] = []
        for (place, record) in state.nodes.enumerated() {
            pods.removeAll(keepingCapacity: true)
            guard index.node(named: record.name) == place else {
                // Its Pods, and its price, count the first time.
                problems.append(.duplicateNode(state.text(record.name)))
                costs.append(divider.duplicate(record, in: state, at: lines.count))
                continue
            }
            for pod in index.pods(onNode: place) where state.pods[pod].occupiesNode {
                if case .pod(let first)? = index.place(of: state.pods[pod].uid), first != pod {
                    problems.append(.duplicateUID(pod: name(state.pods[pod])))
                } else {
                    pods.append(pod)
                }
            }
            let cost = divider.divide(place, of: state, among: pods, into: &lines, &problems)
            if cost.split == nil { unpricedPods += pods.count }
            costs.append(cost)
        }
        return costs
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
