import Attribution
import KubernetesModel

/// The objects of a cluster with all that finds them, kept up to date record by record. Places in the state are given
/// again once a record is gone: only those that the tables name mean something.
struct LedgerObjects: Sendable {
    private(set) var state: ClusterState
    private(set) var pods = KeyedPlaces<NamespacedName>()
    private(set) var nodes = KeyedPlaces<StringID>()
    private(set) var namespaces = KeyedPlaces<StringID>()
    private(set) var owners = KeyedPlaces<KindedName>()
    private(set) var claims = KeyedPlaces<NamespacedName>()
    private(set) var volumes = KeyedPlaces<StringID>()
    private(set) var services = KeyedPlaces<NamespacedName>()
    private(set) var carriers = KeyedPlaces<KindedName>()

    /// Pods, nodes and owners by UID.
    private(set) var places: [ObjectUID: RecordPlace] = [:]
    /// What names the UID as its controller.
    private(set) var controlled = SetsByKey<ObjectUID, RecordPlace>()
    private(set) var podsOnNode = SetsByKey<StringID, Int>()
    private(set) var podsInNamespace = SetsByKey<StringID, Int>()
    private(set) var ownersInNamespace = SetsByKey<StringID, Int>()
    private(set) var claimsInNamespace = SetsByKey<StringID, Int>()
    private(set) var servicesInNamespace = SetsByKey<StringID, Int>()
    /// Pods that name the claim, whether it is there or not.
    private(set) var podsOfClaim = SetsByKey<NamespacedName, Int>()
    /// Volumes that say they are bound to the claim.
    private(set) var volumesOfClaim = SetsByKey<NamespacedName, Int>()
    /// Claims that say they are bound to the volume.
    private(set) var claimsOfVolume = SetsByKey<StringID, Int>()
    /// Pods that have not ended.
    private(set) var livePods = 0
    private(set) var clouds = CloudCounts()

    /// Of all kinds.
    var count: Int {
        pods.count + nodes.count + namespaces.count + owners.count + claims.count + volumes.count + services.count
            + carriers.count
    }

    init(cluster: String, kindGaps: [GroupKind: KindGap] = [:]) {
        state = ClusterState(cluster: cluster)
        state.kindGaps = kindGaps
    }

    /// Numbers the texts of a record of another pool.
    mutating func carry<Record>(_ body: (inout RecordPool) -> Record) -> Record { body(&state.pool) }

    func text(_ id: StringID) -> String { state.text(id) }

    // MARK: - Pods

    mutating func put(_ pod: PodRecord) -> Int {
        let key = NamespacedName(namespace: pod.namespace, name: pod.name)
        if let place = pods[key] { unlink(state.pods[place], place) }
        let place = pods.place(of: key)
        state.pods.put(pod, at: place)
        if !pod.uid.isNone { places[pod.uid] = .pod(place) }
        if !pod.controller.isNone { controlled.insert(.pod(place), for: pod.controller.uid) }
        podsInNamespace.insert(place, for: pod.namespace)
        if !pod.node.isEmpty { podsOnNode.insert(place, for: pod.node) }
        for claim in claims(of: pod) { podsOfClaim.insert(place, for: claim) }
        if !pod.hasEnded { livePods += 1 }
        return place
    }

    mutating func removePod(_ key: NamespacedName) {
        guard let place = pods[key] else { return }
        unlink(state.pods[place], place)
        pods.remove(key)
    }

    private mutating func unlink(_ pod: PodRecord, _ place: Int) {
        forget(pod.uid, .pod(place))
        controlled.remove(.pod(place), for: pod.controller.uid)
        podsInNamespace.remove(place, for: pod.namespace)
        podsOnNode.remove(place, for: pod.node)
        for claim in claims(of: pod) { podsOfClaim.remove(place, for: claim) }
        if !pod.hasEnded { livePods -= 1 }
    }

    /// Each once: two volumes of a Pod may name one claim.
    func claims(of pod: PodRecord) -> Set<NamespacedName> {
        Set(state.pool[pod.volumeClaims].map { NamespacedName(namespace: pod.namespace, name: $0) })
    }

    /// Another object may have come with the UID meanwhile.
    private mutating func forget(_ uid: ObjectUID, _ place: RecordPlace) {
        if places[uid] == place { places[uid] = nil }
    }

    // MARK: - Nodes and owners

    mutating func put(_ node: NodeRecord) -> Int {
        if let place = nodes[node.name] { unlink(state.nodes[place], place) }
        let place = nodes.place(of: node.name)
        state.nodes.put(node, at: place)
        if !node.uid.isNone { places[node.uid] = .node(place) }
        clouds.add(text(node.providerID))
        return place
    }

    mutating func removeNode(_ name: StringID) {
        guard let place = nodes[name] else { return }
        unlink(state.nodes[place], place)
        nodes.remove(name)
    }

    private mutating func unlink(_ node: NodeRecord, _ place: Int) {
        forget(node.uid, .node(place))
        clouds.remove(text(node.providerID))
    }

    mutating func put(_ owner: OwnerRecord) -> Int {
        let key = KindedName(kind: owner.kind, namespace: owner.namespace, name: owner.name)
        if let place = owners[key] { unlink(state.owners[place], place) }
        let place = owners.place(of: key)
        state.owners.put(owner, at: place)
        if !owner.uid.isNone { places[owner.uid] = .owner(place) }
        if !owner.controller.isNone { controlled.insert(.owner(place), for: owner.controller.uid) }
        ownersInNamespace.insert(place, for: owner.namespace)
        return place
    }

    mutating func removeOwner(_ key: KindedName) {
        guard let place = owners[key] else { return }
        unlink(state.owners[place], place)
        owners.remove(key)
    }

    private mutating func unlink(_ owner: OwnerRecord, _ place: Int) {
        forget(owner.uid, .owner(place))
        controlled.remove(.owner(place), for: owner.controller.uid)
        ownersInNamespace.remove(place, for: owner.namespace)
    }

    /// Everything whose chain of controllers leads through the UID.
    func descendants(of uid: ObjectUID) -> Set<RecordPlace> {
        var found: Set<RecordPlace> = []
        var next = [uid]
        while let uid = next.popLast(), !uid.isNone {
            for place in controlled[uid] where found.insert(place).inserted {
                switch place {
                case .pod(let pod): next.append(state.pods[pod].uid)
                case .owner(let owner): next.append(state.owners[owner].uid)
                case .node: break
                }
            }
        }
        return found
    }

    // MARK: - Everything else

    mutating func put(_ namespace: NamespaceRecord) {
        state.namespaces.put(namespace, at: namespaces.place(of: namespace.name))
    }

    mutating func removeNamespace(_ name: StringID) { namespaces.remove(name) }

    mutating func put(_ claim: ClaimRecord) -> Int {
        let key = NamespacedName(namespace: claim.namespace, name: claim.name)
        if let place = claims[key] { claimsOfVolume.remove(place, for: state.claims[place].volume) }
        let place = claims.place(of: key)
        state.claims.put(claim, at: place)
        claimsInNamespace.insert(place, for: claim.namespace)
        if !claim.volume.isEmpty { claimsOfVolume.insert(place, for: claim.volume) }
        return place
    }

    mutating func removeClaim(_ key: NamespacedName) {
        guard let place = claims[key] else { return }
        claimsOfVolume.remove(place, for: state.claims[place].volume)
        claimsInNamespace.remove(place, for: key.namespace)
        claims.remove(key)
    }

    mutating func put(_ volume: VolumeRecord) -> Int {
        if let place = volumes[volume.name] { volumesOfClaim.remove(place, for: Self.claim(state.volumes[place])) }
        let place = volumes.place(of: volume.name)
        state.volumes.put(volume, at: place)
        if !volume.claimName.isEmpty { volumesOfClaim.insert(place, for: Self.claim(volume)) }
        return place
    }

    mutating func removeVolume(_ name: StringID) {
        guard let place = volumes[name] else { return }
        volumesOfClaim.remove(place, for: Self.claim(state.volumes[place]))
        volumes.remove(name)
    }

    private static func claim(_ volume: VolumeRecord) -> NamespacedName {
        NamespacedName(namespace: volume.claimNamespace, name: volume.claimName)
    }

    mutating func put(_ service: ServiceRecord) -> Int {
        let place = services.place(of: NamespacedName(namespace: service.namespace, name: service.name))
        state.services.put(service, at: place)
        servicesInNamespace.insert(place, for: service.namespace)
        return place
    }

    mutating func removeService(_ key: NamespacedName) {
        guard let place = services[key] else { return }
        servicesInNamespace.remove(place, for: key.namespace)
        services.remove(key)
    }

    mutating func put(_ carrier: TagCarrierRecord) {
        let key = KindedName(kind: carrier.kind, namespace: carrier.namespace, name: carrier.name)
        state.tagCarriers.put(carrier, at: carriers.place(of: key))
    }

    mutating func removeCarrier(_ key: KindedName) { carriers.remove(key) }
}
