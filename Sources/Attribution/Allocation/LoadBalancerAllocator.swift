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

    func allocate(pricer: StoragePricer, into lines: inout [CostLine], _ problems: inout [AllocationProblem]) {
        guard !state.services.isEmpty else { return }
        let rate = pricer.loadBalancer(on: cloud)
        let pods = podsByNamespace()
        for (place, service) in state.services.enumerated() {
            guard let rate, let nanos = UInt64(exactly: rate.amount.nanos), nanos <= UInt64(Int64.max) else {
                problems.append(
                    .unpricedLoadBalancer(state.text(service.namespace) + "/" + state.text(service.name)))
                continue
            }
            let object = Int32(clamping: place)
            let behind = self.pods(behind: service, among: pods[service.namespace] ?? [])
            guard !behind.isEmpty,
                let parts = rate.amount.distributed(over: [UInt64](repeating: 1, count: behind.count))
            else {
                lines.append(CostLine(kind: .loadBalancer, object: object, other: nanos))
                continue
            }
            for (pod, part) in zip(behind, parts) {
                lines.append(
                    CostLine(
                        kind: .loadBalancer,
                        node: index.node(named: state.pods[pod].node).map { Int32(clamping: $0) } ?? -1,
                        pod: Int32(clamping: pod), object: object, other: UInt64(clamping: part.nanos)))
            }
        }
    }

    /// The cloud of the first node that says one: a cluster is in one cloud.
    private var cloud: Cloud? {
        for node in state.nodes where !node.providerID.isEmpty {
            let id = state.text(node.providerID)
            if id.hasPrefix("aws:") { return .aws }
            if id.hasPrefix("gce:") { return .googleCloud }
            if id.hasPrefix("azure:") { return .azure }
        }
        return nil
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
        let wanted = state.pool.labelSets[service.selector]
        guard !wanted.isEmpty else { return [] }
        // The Pods of a workload share their set of labels.
        var answers: [LabelSetID: Bool] = [:]
        let found = candidates.filter { pod in
            let labels = state.pods[pod].labels
            if let answer = answers[labels] { return answer }
            let answer = wanted.allSatisfy { state.pool.labelSets.value(of: $0.key, in: labels) == $0.value }
            answers[labels] = answer
            return answer
        }
        return found.sorted { state.pods[$0].uid < state.pods[$1].uid }
    }
}
