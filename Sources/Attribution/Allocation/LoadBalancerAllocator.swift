import KubernetesModel

/// Divides the cost of each Service of type LoadBalancer evenly among the Pods that its selector finds; where it finds
/// none, the cost stays with the Service.
struct LoadBalancerAllocator {
    private let state: ClusterState
    private let index: ClusterIndex

    init(state: ClusterState, index: ClusterIndex) {
        self.state = state
        self.index = index
    }

    /// - Returns: what each costs per hour; nil if there are none, or it is not known.
    func allocate(
        pricer: StoragePricer, into lines: inout [CostLine], _ problems: inout [AllocationProblem]
    ) -> Rate? {
        guard !state.services.isEmpty else { return nil }
        let rate = pricer.loadBalancer(on: cloud)
        let pods = podsByNamespace()
        for (place, service) in state.services.enumerated() {
            guard let rate, rate.isAmount else {
                problems.append(
                    .unpricedLoadBalancer(state.text(service.namespace) + "/" + state.text(service.name)))
                continue
            }
            let behind = self.pods(behind: service, among: pods[service.namespace] ?? []).map { pod in
                (pod: pod, node: index.node(named: state.pods[pod].node).map { Int32(clamping: $0) } ?? -1)
            }
            lines += CostLine.ofLoadBalancer(Int32(clamping: place), cost: rate.amount, pods: behind)
        }
        return rate.flatMap { $0.isAmount ? $0 : nil }
    }

    private var cloud: Cloud? {
        var counts = CloudCounts()
        for node in state.nodes { counts.add(state.text(node.providerID)) }
        return counts.cloud
    }

    /// Pods on nodes, of the namespaces that have a load balancer.
    private func podsByNamespace() -> [StringID: [Int]] {
        var pods: [StringID: [Int]] = [:]
        for service in state.services { pods[service.namespace] = [] }
        for (place, pod) in state.pods.enumerated() where pod.occupiesNode && pods[pod.namespace] != nil {
            if case .pod(let first)? = index.place(of: pod.uid), first != place { continue }
            pods[pod.namespace]?.append(place)
        }
        return pods
    }

    /// A Service without a selector has endpoints of its own making; no Pod is known to be behind it.
    private func pods(behind service: ServiceRecord, among candidates: [Int]) -> [Int] {
        // The Pods of a workload share their set of labels.
        var answers: [LabelSetID: Bool] = [:]
        let found = candidates.filter { pod in
            let labels = state.pods[pod].labels
            if let answer = answers[labels] { return answer }
            let answer = state.pool.labelSets.selects(service.selector, labels)
            answers[labels] = answer
            return answer
        }
        return found.sorted { state.pods[$0].uid < state.pods[$1].uid }
    }
}

/// In which cloud a cluster is: that of most of its nodes, as their provider ids say; there is hardly ever a second one.
package struct CloudCounts: Sendable, Hashable {
    private var counts: [Cloud: Int] = [:]

    package init() {}

    package mutating func add(_ providerID: String) {
        if let cloud = Self.cloud(providerID) { counts[cloud, default: 0] += 1 }
    }

    package mutating func remove(_ providerID: String) {
        if let cloud = Self.cloud(providerID) { counts[cloud, default: 0] -= 1 }
    }

    package var cloud: Cloud? {
        let clouds: [Cloud] = [.aws, .googleCloud, .azure]
        return clouds.filter { counts[$0, default: 0] > 0 }.max { left, right in
            // Of as many the first of the list.
            counts[left, default: 0] != counts[right, default: 0]
                ? counts[left, default: 0] < counts[right, default: 0]
                : (clouds.firstIndex(of: left) ?? 0) > (clouds.firstIndex(of: right) ?? 0)
        }
    }

    private static func cloud(_ providerID: String) -> Cloud? {
        if providerID.hasPrefix("aws:") { return .aws }
        if providerID.hasPrefix("gce:") { return .googleCloud }
        return providerID.hasPrefix("azure:") ? .azure : nil
    }
}

extension Rate {
    /// Whether it is within what a line can hold: not below zero, and at most 63 bits.
    package var isAmount: Bool {
        UInt64(exactly: amount.nanos).map { $0 <= UInt64(Int64.max) } ?? false
    }
}
