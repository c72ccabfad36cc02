import Attribution
import KubernetesModel

/// An allocation summed up by what an audit asks for: Pods, volumes, load balancers, node groups, namespaces.
struct CostBook {
    /// By Pod of the state, with its part of volumes and load balancers; nothing for Pods that cost nothing.
    private(set) var ofPod: [Money]
    /// By service of the state.
    private(set) var ofService: [Money]
    /// By volume of the allocation.
    private(set) var unmounted: [Money]
    /// Of Pods, unmounted claims and load balancers in each namespace.
    private(set) var ofNamespace: [StringID: Money] = [:]
    private(set) var nodes = Money.zero
    private(set) var volumes = Money.zero
    private(set) var loadBalancers = Money.zero
    private(set) var external = Money.zero

    var total: Money { nodes + volumes + loadBalancers + external }

    init(_ allocation: Allocation, _ state: ClusterState) {
        ofPod = [Money](repeating: .zero, count: state.pods.count)
        ofService = [Money](repeating: .zero, count: state.services.count)
        unmounted = [Money](repeating: .zero, count: allocation.volumes.count)
        for line in allocation.lines { add(line, allocation, state) }
    }

    private mutating func add(_ line: CostLine, _ allocation: Allocation, _ state: ClusterState) {
        let total = line.total
        let object = Int(line.object)
        switch line.kind {
        case .pod, .overhead, .unallocated, .systemReserved, .undivided: nodes += total
        case .volume: volumes += total
        case .unmounted:
            volumes += total
            if unmounted.indices.contains(object) {
                unmounted[object] += total
                if let claim = allocation.volumes[object].claim, state.claims.indices.contains(claim) {
                    ofNamespace[state.claims[claim].namespace, default: .zero] += total
                }
            }
        case .loadBalancer:
            loadBalancers += total
            if ofService.indices.contains(object) {
                ofService[object] += total
                if line.pod < 0 { ofNamespace[state.services[object].namespace, default: .zero] += total }
            }
        case .external: external += total
        }
        let pod = Int(line.pod)
        if ofPod.indices.contains(pod) {
            ofPod[pod] += total
            ofNamespace[state.pods[pod].namespace, default: .zero] += total
        }
    }
}
