import Attribution
import KubernetesModel

/// Records that come, change and go: each is taken out of the sums first, and what hangs on it is noted.
extension LedgerBooks {
    // MARK: - Pods

    mutating func put(_ pod: PodRecord) {
        let key = NamespacedName(namespace: pod.namespace, name: pod.name)
        if let place = objects.pods[key] {
            if objects.state.pods[place] == pod { return }
            takeOut(place)
        }
        let place = objects.put(pod)
        if place == pods.count { pods.append(PodAccount()) }
        pods[place].namespace = pod.namespace
        pods[place].isShared = !pod.namespace.isEmpty && shared.contains(pod.namespace, in: objects.state.pool)
        join(place, pod)
        touch(pod)
        follow(.pod(place), uid: pod.uid)
    }

    mutating func removePod(_ key: NamespacedName) {
        guard let place = objects.pods[key] else { return }
        takeOut(place)
        leaveUnit(place)
        pods[place] = PodAccount()
        touched.chains.remove(.pod(place))
        objects.removePod(key)
    }

    /// Takes a Pod out of the sums, as long as its record is the old one.
    private mutating func takeOut(_ place: Int) {
        let pod = objects.state.pods[place]
        setStanding(of: place, to: nil)
        setLines(of: place, to: [])
        pods[place].isUnpriced = false
        for service in objects.servicesInNamespace[pod.namespace]
        where services[service].members.remove(place) != nil { touched.services.insert(service) }
        touch(pod)
        follow(.pod(place), uid: pod.uid)
    }

    /// Notes what a Pod's record changes elsewhere.
    private mutating func touch(_ pod: PodRecord) {
        if !pod.node.isEmpty { touched.nodes.insert(pod.node) }
        for claim in objects.claims(of: pod) { touch(claim: claim) }
        markChanged(pod.namespace)
    }

    /// Counts a Pod with the load balancers that find it.
    private mutating func join(_ place: Int, _ pod: PodRecord) {
        guard pod.occupiesNode else { return }
        for service in objects.servicesInNamespace[pod.namespace]
        where objects.state.pool.labelSets.selects(objects.state.services[service].selector, pod.labels) {
            services[service].members.insert(place)
            touched.services.insert(service)
        }
    }

    /// The controllers of an object, and of what it controls itself, have to be followed anew.
    private mutating func follow(_ place: RecordPlace, uid: ObjectUID) {
        touched.chains.insert(place)
        touched.chains.formUnion(objects.descendants(of: uid))
    }

    // MARK: - Owners

    mutating func put(_ owner: OwnerRecord) {
        let key = KindedName(kind: owner.kind, namespace: owner.namespace, name: owner.name)
        if let place = objects.owners[key] {
            if objects.state.owners[place] == owner { return }
            follow(.owner(place), uid: objects.state.owners[place].uid)
        }
        let place = objects.put(owner)
        if place == rootOfOwner.count { rootOfOwner.append(nil) }
        follow(.owner(place), uid: owner.uid)
        markChanged(owner.namespace)
    }

    mutating func removeOwner(_ key: KindedName) {
        guard let place = objects.owners[key] else { return }
        follow(.owner(place), uid: objects.state.owners[place].uid)
        touched.chains.remove(.owner(place))
        if let root = rootOfOwner[place], root.place == .owner(place) { touched.units.insert(root) }
        rootOfOwner[place] = nil
        objects.removeOwner(key)
        markChanged(key.namespace)
    }

    // MARK: - Namespaces

    mutating func put(_ namespace: NamespaceRecord) {
        if let place = objects.namespaces[namespace.name], objects.state.namespaces[place] == namespace { return }
        objects.put(namespace)
        touchWorkloads(in: namespace.name)
    }

    mutating func removeNamespace(_ name: StringID) {
        guard objects.namespaces[name] != nil else { return }
        objects.removeNamespace(name)
        touchWorkloads(in: name)
    }

    private mutating func touchWorkloads(in namespace: StringID) {
        for pod in objects.podsInNamespace[namespace] {
            if let root = pods[pod].root { touched.units.insert(root) }
        }
        for owner in objects.ownersInNamespace[namespace] {
            if let root = rootOfOwner[owner] { touched.units.insert(root) }
        }
        markChanged(namespace)
    }

    // MARK: - Nodes

    mutating func put(_ node: NodeRecord) {
        let cloud = objects.clouds.cloud
        var groupMayChange = true
        if let place = objects.nodes[node.name] {
            let old = objects.state.nodes[place]
            if old == node { return }
            groupMayChange = !old.isGrouped(like: node)
            if groupMayChange { takeOutNode(place) }
            if old.uid != node.uid { touched.chains.formUnion(objects.descendants(of: old.uid)) }
        }
        let place = objects.put(node)
        if place == nodes.count { nodes.append(NodeAccount()) }
        touchNode(node.name, groupMayChange: groupMayChange, cloudBefore: cloud)
        touched.chains.formUnion(objects.descendants(of: node.uid))
    }

    mutating func removeNode(_ name: StringID) {
        guard let place = objects.nodes[name] else { return }
        let cloud = objects.clouds.cloud
        takeOutNode(place)
        nodes[place] = NodeAccount()
        touched.chains.formUnion(objects.descendants(of: objects.state.nodes[place].uid))
        objects.removeNode(name)
        touchNode(name, groupMayChange: true, cloudBefore: cloud)
    }

    private mutating func touchNode(_ name: StringID, groupMayChange: Bool, cloudBefore: Cloud?) {
        touched.nodes.insert(name)
        touched.cluster = true
        if objects.clouds.cloud != cloudBefore { touched.services.formUnion(objects.services.places.values) }
        guard groupMayChange else { return }
        touched.nodeGroups = true
        for pod in objects.podsOnNode[name] { markChanged(pods[pod].namespace) }
    }

    /// Takes other prices than those that were in force, from a server that knows nodes by their names.
    mutating func reprice(_ input: AuditInput, from old: ExternalPrices?) {
        divider = Self.divider(input)
        let new = input.allocation.external
        let names = Set(old.map { Array($0.perHour.keys) } ?? []).union(new.map { Array($0.perHour.keys) } ?? [])
        for name in names where old?.perHour[name] != new?.perHour[name] {
            guard let id = objects.state.pool.strings.id(of: name), objects.nodes[id] != nil else { continue }
            touched.nodes.insert(id)
            touched.cluster = true
        }
    }

    /// Takes a node's price out of the sums.
    private mutating func takeOutNode(_ place: Int) {
        for line in nodes[place].lines { sums.remove(line, nodePlace(place)) }
        nodes[place].lines = []
        nodes[place].cost = nil
        unpricedNodes.remove(place)
        for pod in objects.podsOnNode[objects.state.nodes[place].name] {
            setNodeLine(of: pod, to: nil)
            setUnpriced(pod, false)
            pods[pod].nodeGroup = nil
        }
    }

    // MARK: - Storage, load balancers, tags

    mutating func put(_ claim: ClaimRecord) {
        let key = NamespacedName(namespace: claim.namespace, name: claim.name)
        if let place = objects.claims[key] {
            let old = objects.state.claims[place]
            if old == claim { return }
            touch(volume: old.volume)
        }
        let place = objects.put(claim)
        touched.volumes.insert(.claim(place))
        touch(volume: claim.volume)
        touch(claim: key)
        markChanged(claim.namespace)
    }

    mutating func removeClaim(_ key: NamespacedName) {
        guard let place = objects.claims[key] else { return }
        takeOutVolume(.claim(place))
        touched.volumes.remove(.claim(place))
        touch(volume: objects.state.claims[place].volume)
        objects.removeClaim(key)
        touch(claim: key)
        markChanged(key.namespace)
    }

    mutating func put(_ volume: VolumeRecord) {
        if let place = objects.volumes[volume.name], objects.state.volumes[place] == volume { return }
        let place = objects.put(volume)
        touched.volumes.insert(.volume(place))
        touch(claimsOf: volume)
    }

    mutating func removeVolume(_ name: StringID) {
        guard let place = objects.volumes[name] else { return }
        let record = objects.state.volumes[place]
        takeOutVolume(.volume(place))
        touched.volumes.remove(.volume(place))
        objects.removeVolume(name)
        touch(claimsOf: record)
    }

    private mutating func touch(claimsOf volume: VolumeRecord) {
        touched.cluster = true
        if !volume.claimNamespace.isEmpty { markChanged(volume.claimNamespace) }
        for claim in objects.claimsOfVolume[volume.name] {
            touched.volumes.insert(.claim(claim))
            markChanged(objects.state.claims[claim].namespace)
        }
    }

    private mutating func touch(claim: NamespacedName) {
        if let place = objects.claims[claim] { touched.volumes.insert(.claim(place)) }
        for volume in objects.volumesOfClaim[claim] { touched.volumes.insert(.volume(volume)) }
    }

    private mutating func touch(volume name: StringID) {
        if let place = objects.volumes[name] { touched.volumes.insert(.volume(place)) }
    }

    mutating func put(_ service: ServiceRecord) {
        let key = NamespacedName(namespace: service.namespace, name: service.name)
        if let place = objects.services[key] {
            if objects.state.services[place] == service { return }
            takeOutService(place)
        }
        let place = objects.put(service)
        if place == services.count { services.append(ServiceAccount()) }
        services[place].members = objects.podsInNamespace[service.namespace].filter { pod in
            let record = objects.state.pods[pod]
            return record.occupiesNode && objects.state.pool.labelSets.selects(service.selector, record.labels)
        }
        touched.services.insert(place)
        markChanged(service.namespace)
    }

    mutating func removeService(_ key: NamespacedName) {
        guard let place = objects.services[key] else { return }
        takeOutService(place)
        services[place] = ServiceAccount()
        touched.services.remove(place)
        objects.removeService(key)
        markChanged(key.namespace)
    }

    mutating func put(_ carrier: TagCarrierRecord) {
        let key = KindedName(kind: carrier.kind, namespace: carrier.namespace, name: carrier.name)
        if let place = objects.carriers[key], objects.state.tagCarriers[place] == carrier { return }
        objects.put(carrier)
        touched.nodeGroups = true
        touched.cluster = true
    }

    mutating func removeCarrier(_ key: KindedName) {
        guard objects.carriers[key] != nil else { return }
        objects.removeCarrier(key)
        touched.nodeGroups = true
        touched.cluster = true
    }
}

extension NodeRecord {
    /// Whether all that tells a node's group, and the group's values, is the same.
    fileprivate func isGrouped(like other: NodeRecord) -> Bool {
        labels == other.labels && annotations == other.annotations && providerID == other.providerID
            && instanceType == other.instanceType && zone == other.zone
    }
}
