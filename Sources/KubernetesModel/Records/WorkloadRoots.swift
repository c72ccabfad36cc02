/// The top of a chain of controllers: what findings and costs of a Pod are said of.
package struct WorkloadRoot: Sendable, Hashable {
    /// How the chain ended.
    package enum End: UInt8, Sendable, Hashable {
        /// At an object without a controller.
        case top
        /// At a controller that is not in the state: it is gone, its kind was not read, or the reference is forged (the
        /// object with its UID is of another kind, name or namespace). The root is what the reference names.
        case missing
        /// In a circle of owners. The root is the one with the smallest UID, whichever Pod is asked.
        case cycle
        /// After `WorkloadRoots.maximumDepth` controllers. The root is the last one seen.
        case tooDeep
    }

    package let kind: KindID
    /// Empty for an object that is in none. Of a missing controller, the namespace of what it controls.
    package let namespace: StringID
    package let name: StringID
    package let uid: ObjectUID
    /// Its record; nothing if the controller is missing.
    package let place: RecordPlace?
    package let end: End
}

/// The roots of all Pods and owners of a state.
struct WorkloadRoots: Sendable {
    /// Longest chain followed. The longest in use has six (KServe on Knative: InferenceService, Service, Configuration,
    /// Revision, Deployment, ReplicaSet); more than twice that is a mistake.
    static let maximumDepth = 16

    /// Each once.
    private(set) var distinct: [WorkloadRoot] = []
    /// For every owner and every Pod of the state, its root's place in `distinct`.
    private(set) var ofOwner: [Int] = []
    private(set) var ofPod: [Int] = []

    private var known: [WorkloadRoot: Int] = [:]

    init(_ state: ClusterState, places: [ObjectUID: RecordPlace]) {
        let chain = ControllerChain(state: state, places: places)
        ofOwner.reserveCapacity(state.owners.count)
        for owner in state.owners.indices { ofOwner.append(add(chain.top(from: .owner(owner)))) }
        ofPod.reserveCapacity(state.pods.count)
        for (index, pod) in state.pods.enumerated() {
            if case .owner(let owner)? = chain.place(of: pod.controller, in: pod.namespace) {
                ofPod.append(ofOwner[owner])
            } else {
                ofPod.append(add(chain.top(from: .pod(index))))
            }
        }
        known = [:]
    }

    private mutating func add(_ root: WorkloadRoot) -> Int {
        if let place = known[root] { return place }
        distinct.append(root)
        known[root] = distinct.count - 1
        return distinct.count - 1
    }
}

/// Walks up the controllers of one state.
package struct ControllerChain {
    private let state: ClusterState
    private let places: [ObjectUID: RecordPlace]

    /// - Parameter places: of the state's Pods, nodes and owners.
    package init(state: ClusterState, places: [ObjectUID: RecordPlace]) {
        self.state = state
        self.places = places
    }

    package func top(from start: RecordPlace) -> WorkloadRoot {
        var place = start
        var passed: [RecordPlace] = []
        while true {
            let controller = controller(of: place)
            if controller.isNone { return root(place, .top) }
            if passed.count == WorkloadRoots.maximumDepth { return root(place, .tooDeep) }
            passed.append(place)
            let namespace = identity(place).namespace
            guard let next = self.place(of: controller, in: namespace) else {
                return WorkloadRoot(
                    kind: controller.kind, namespace: namespace, name: controller.name, uid: controller.uid, place: nil,
                    end: .missing)
            }
            if let first = passed.firstIndex(of: next) {
                let smallest = passed[first...].min { identity($0).uid < identity($1).uid }
                return root(smallest ?? next, .cycle)
            }
            place = next
        }
    }

    /// The record a reference names, if it is that object indeed. A controller stands in the namespace of what it
    /// controls, or in none.
    package func place(of controller: ControllerReference, in namespace: StringID) -> RecordPlace? {
        guard !controller.isNone, let place = places[controller.uid] else { return nil }
        let found = identity(place)
        let isNear = found.namespace.isEmpty || found.namespace == namespace
        return isNear && found.kind == controller.kind && found.name == controller.name ? place : nil
    }

    private func controller(of place: RecordPlace) -> ControllerReference {
        switch place {
        case .pod(let index): state.pods[index].controller
        case .owner(let index): state.owners[index].controller
        case .node: .none
        }
    }

    private func identity(_ place: RecordPlace) -> (kind: KindID, namespace: StringID, name: StringID, uid: ObjectUID) {
        switch place {
        case .pod(let index):
            let pod = state.pods[index]
            return (RecordPool.WellKnown.podKind, pod.namespace, pod.name, pod.uid)
        case .node(let index):
            return (RecordPool.WellKnown.nodeKind, .empty, state.nodes[index].name, state.nodes[index].uid)
        case .owner(let index):
            let owner = state.owners[index]
            return (owner.kind, owner.namespace, owner.name, owner.uid)
        }
    }

    private func root(_ place: RecordPlace, _ end: WorkloadRoot.End) -> WorkloadRoot {
        let (kind, namespace, name, uid) = identity(place)
        return WorkloadRoot(kind: kind, namespace: namespace, name: name, uid: uid, place: place, end: end)
    }
}
