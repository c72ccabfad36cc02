import KubernetesModel

/// Divides the cost of each volume evenly among the Pods that mount it now; what nobody mounts is a line of its own.
struct StorageAllocator {
    private let state: ClusterState
    private let index: ClusterIndex
    private let pricer: StoragePricer
    private(set) var costs: [VolumeCost] = []

    init(state: ClusterState, index: ClusterIndex, pricer: StoragePricer) {
        self.state = state
        self.index = index
        self.pricer = pricer
    }

    mutating func allocate(into lines: inout [CostLine], _ problems: inout [AllocationProblem]) {
        guard !state.volumes.isEmpty || !state.claims.isEmpty else { return }
        let mounts = Mounts(state: state, index: index)
        for (place, volume) in state.volumes.enumerated() where index.volume(named: volume.name) == place {
            let claim = index.claim(named: volume.claimName, namespace: volume.claimNamespace)
            // A claim of the same name that came after the volume's own is bound to another volume.
            let bound = claim.flatMap { state.claims[$0].volume == volume.name ? $0 : nil }
            add(
                volume: place, claim: bound, bytes: volume.capacity, storageClass: volume.storageClass,
                driver: volume.driver, name: state.text(volume.name), mounts, &lines, &problems)
        }
        for (place, claim) in state.claims.enumerated() {
            guard !claim.volume.isEmpty, index.volume(named: claim.volume) == nil,
                index.claim(named: claim.name, namespace: claim.namespace) == place
            else { continue }
            add(
                volume: nil, claim: place, bytes: claim.capacity > 0 ? claim.capacity : claim.requested,
                storageClass: claim.storageClass, driver: .empty,
                name: state.text(claim.namespace) + "/" + state.text(claim.name), mounts, &lines, &problems)
        }
    }

    private mutating func add(
        volume: Int?, claim: Int?, bytes: Int64, storageClass: StringID, driver: StringID, name: String,
        _ mounts: Mounts, _ lines: inout [CostLine], _ problems: inout [AllocationProblem]
    ) {
        switch pricer.volume(bytes: bytes, storageClass: state.text(storageClass), driver: state.text(driver)) {
        case .local: return
        case .unpriced: problems.append(.unpricedVolume(name))
        case .priced(let cost, let rate):
            let object = Int32(clamping: costs.count)
            costs.append(VolumeCost(volume: volume, claim: claim, cost: cost, rate: rate))
            let pods = claim.map(mounts.pods(ofClaim:)) ?? []
            lines += CostLine.ofVolume(object, cost: cost, pods: pods.map { ($0, mounts.node(of: $0)) })
        }
    }
}

/// Which Pods mount which claims: those that are on a node and have not ended.
private struct Mounts {
    private let state: ClusterState
    private let index: ClusterIndex
    private var byClaim: [Int: [Int]] = [:]

    init(state: ClusterState, index: ClusterIndex) {
        self.state = state
        self.index = index
        for (place, pod) in state.pods.enumerated() where pod.occupiesNode && !pod.volumeClaims.isEmpty {
            if case .pod(let first)? = index.place(of: pod.uid), first != place { continue }
            // Two volumes of a Pod may name one claim.
            for claim in Set(state.pool[pod.volumeClaims]) {
                if let claim = index.claim(named: claim, namespace: pod.namespace) {
                    byClaim[claim, default: []].append(place)
                }
            }
        }
        // In an order of their own, so that equal Pods always get the same unit.
        for (claim, pods) in byClaim where pods.count > 1 {
            byClaim[claim] = pods.sorted { state.pods[$0].uid < state.pods[$1].uid }
        }
    }

    func pods(ofClaim claim: Int) -> [Int] { byClaim[claim] ?? [] }

    func node(of pod: Int) -> Int32 {
        index.node(named: state.pods[pod].node).map { Int32(clamping: $0) } ?? -1
    }
}
