import Attribution
import KubernetesModel

/// A piece of a ledger's objects as a state of its own: Pods with all their controllers and namespaces. It shares the
/// ledger's pool, so it must be gone before the next object is carried there.
struct StatePart {
    var state: ClusterState
    /// Places in the ledger's state of the Pods, nodes, … of this one.
    private(set) var pods: [Int] = []
    private(set) var nodes: [Int] = []
    private(set) var services: [Int] = []
    private(set) var placeOfNode: [Int: Int] = [:]

    private var placeOfClaim: [Int: Int] = [:]
    private let objects: LedgerObjects

    init(_ objects: LedgerObjects, pods: Set<Int>, owners: Set<Int> = []) {
        self.objects = objects
        state = ClusterState(cluster: objects.state.cluster, pool: objects.state.pool)
        state.kindGaps = objects.state.kindGaps
        let chain = ControllerChain(state: objects.state, places: objects.places)
        var namespaces: Set<StringID> = []
        var known: Set<RecordPlace> = []
        for owner in owners.sorted() {
            let record = objects.state.owners[owner]
            add(.owner(owner), &known)
            namespaces.insert(record.namespace)
            addControllers(of: record.controller, in: record.namespace, chain, &known)
        }
        for pod in pods.sorted() {
            let record = objects.state.pods[pod]
            self.pods.append(pod)
            state.pods.append(record)
            namespaces.insert(record.namespace)
            addControllers(of: record.controller, in: record.namespace, chain, &known)
        }
        for namespace in namespaces { addNamespace(namespace) }
    }

    /// A controller that is not what the reference says is left out: it proves nothing.
    private mutating func addControllers(
        of reference: ControllerReference, in namespace: StringID, _ chain: ControllerChain,
        _ known: inout Set<RecordPlace>
    ) {
        var (reference, namespace) = (reference, namespace)
        while let place = chain.place(of: reference, in: namespace), !known.contains(place) {
            add(place, &known)
            switch place {
            case .owner(let owner):
                reference = objects.state.owners[owner].controller
                namespace = objects.state.owners[owner].namespace
            // A Pod that controls others is of the same workload.
            case .pod, .node: return
            }
        }
    }

    private mutating func add(_ place: RecordPlace, _ known: inout Set<RecordPlace>) {
        guard known.insert(place).inserted else { return }
        switch place {
        case .owner(let owner): state.owners.append(objects.state.owners[owner])
        case .node(let node): addNode(node)
        case .pod: break
        }
    }

    mutating func addNode(_ place: Int) {
        guard placeOfNode[place] == nil else { return }
        placeOfNode[place] = nodes.count
        nodes.append(place)
        state.nodes.append(objects.state.nodes[place])
    }

    mutating func addNamespace(_ name: StringID) {
        if let place = objects.namespaces[name], !state.namespaces.contains(where: { $0.name == name }) {
            state.namespaces.append(objects.state.namespaces[place])
        }
    }

    mutating func addService(_ place: Int) {
        services.append(place)
        state.services.append(objects.state.services[place])
    }

    /// - Returns: its place here.
    @discardableResult
    mutating func addClaim(_ place: Int) -> Int {
        if let known = placeOfClaim[place] { return known }
        placeOfClaim[place] = state.claims.count
        state.claims.append(objects.state.claims[place])
        return state.claims.count - 1
    }

    /// Adds a volume's objects.
    ///
    /// - Returns: its cost by their places here.
    mutating func addVolume(_ cost: VolumeCost) -> VolumeCost {
        let claim = cost.claim.map { addClaim($0) }
        guard let place = cost.volume else {
            return VolumeCost(volume: nil, claim: claim, cost: cost.cost, rate: cost.rate)
        }
        state.volumes.append(objects.state.volumes[place])
        return VolumeCost(volume: state.volumes.count - 1, claim: claim, cost: cost.cost, rate: cost.rate)
    }
}
