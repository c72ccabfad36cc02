/// Where an object's record stands in its `ClusterState`.
package enum RecordPlace: Sendable, Hashable {
    case pod(Int)
    case node(Int)
    case owner(Int)
}

/// Finds the objects of one state, which must not change meanwhile. Built once, in time linear in the state.
///
/// Where two records have one UID or name (a file given twice), the first counts.
package struct ClusterIndex: Sendable {
    private let places: [ObjectUID: RecordPlace]
    private let nodes: [StringID: Int]
    private let namespaces: [StringID: Int]
    private let claims: [ClaimKey: Int]
    private let volumes: [StringID: Int]
    /// The pods of node `n` are `podsByNode[podStarts[n]..<podStarts[n + 1]]`.
    private let podStarts: [Int]
    private let podsByNode: [Int]
    private let roots: WorkloadRoots

    private struct ClaimKey: Hashable {
        let namespace: StringID
        let name: StringID
    }

    package init(_ state: ClusterState) {
        var places: [ObjectUID: RecordPlace] = [:]
        places.reserveCapacity(state.pods.count + state.owners.count + state.nodes.count)
        func add(_ uid: ObjectUID, _ place: RecordPlace) {
            if !uid.isNone, places[uid] == nil { places[uid] = place }
        }
        for (index, owner) in state.owners.enumerated() { add(owner.uid, .owner(index)) }
        for (index, node) in state.nodes.enumerated() { add(node.uid, .node(index)) }
        for (index, pod) in state.pods.enumerated() { add(pod.uid, .pod(index)) }
        self.places = places
        nodes = Self.first(state.nodes.map(\.name))
        namespaces = Self.first(state.namespaces.map(\.name))
        volumes = Self.first(state.volumes.map(\.name))
        claims = Self.first(state.claims.map { ClaimKey(namespace: $0.namespace, name: $0.name) })
        (podStarts, podsByNode) = Self.group(state.pods, by: nodes, count: state.nodes.count)
        roots = WorkloadRoots(state, places: places)
    }

    // MARK: - By UID and by name

    package func place(of uid: ObjectUID) -> RecordPlace? { places[uid] }
    /// Index into `ClusterState.nodes`.
    package func node(named name: StringID) -> Int? { nodes[name] }
    /// Index into `ClusterState.namespaces`.
    package func namespace(named name: StringID) -> Int? { namespaces[name] }
    /// Index into `ClusterState.volumes`.
    package func volume(named name: StringID) -> Int? { volumes[name] }
    /// Index into `ClusterState.claims`.
    package func claim(named name: StringID, namespace: StringID) -> Int? {
        claims[ClaimKey(namespace: namespace, name: name)]
    }

    /// Indices into `ClusterState.pods` of all Pods bound to a node, ended ones too, in the order of the state.
    package func pods(onNode node: Int) -> ArraySlice<Int> {
        guard node >= 0, node + 1 < podStarts.count else { return [] }
        return podsByNode[podStarts[node]..<podStarts[node + 1]]
    }

    // MARK: - Workload roots

    /// All roots of the state, each once.
    package var workloadRoots: [WorkloadRoot] { roots.distinct }
    /// For every Pod of the state, in its order, the root's index into `workloadRoots`.
    package var rootOfPod: [Int] { roots.ofPod }
    /// For every owner of the state, in its order, the root's index into `workloadRoots`.
    package var rootOfOwner: [Int] { roots.ofOwner }

    // MARK: - Building

    private static func first<Key: Hashable>(_ keys: [Key]) -> [Key: Int] {
        var index: [Key: Int] = [:]
        index.reserveCapacity(keys.count)
        for (position, key) in keys.enumerated() where index[key] == nil { index[key] = position }
        return index
    }

    /// Counting sort of the Pods by their node. Pods of an unknown node are in no group.
    private static func group(
        _ pods: [PodRecord], by nodes: [StringID: Int], count: Int
    ) -> (starts: [Int], pods: [Int]) {
        let places = pods.map { $0.node.isEmpty ? nil : nodes[$0.node] }
        var starts = [Int](repeating: 0, count: count + 1)
        for case let place? in places { starts[place + 1] += 1 }
        for node in 0..<count { starts[node + 1] += starts[node] }
        var next = starts
        var grouped = [Int](repeating: 0, count: starts[count])
        for (pod, place) in places.enumerated() {
            guard let place else { continue }
            grouped[next[place]] = pod
            next[place] += 1
        }
        return (starts, grouped)
    }
}
