/// Carries records from the pool they were made with into another: numbers mean something in one pool only.
///
/// Each set of labels, list of resources and kind is looked up once, so that many records of one state are carried
/// at the price of their names.
package struct RecordTransfer {
    private let source: RecordPool
    private var labelSets: [LabelSetID: LabelSetID] = [.empty: .empty]
    private var resources: [ResourceListID: ResourceListID] = [.empty: .empty]
    private var kinds: [KindID: KindID] = [.none: .none]

    package init(from source: RecordPool) { self.source = source }

    package func string(_ id: StringID, into pool: inout RecordPool) -> StringID {
        if id.isEmpty { return id }
        return source.strings.withUTF8(id) { pool.strings.intern(utf8: UnsafeRawBufferPointer($0)) }
    }

    package mutating func kind(_ id: KindID, into pool: inout RecordPool) -> KindID {
        if let known = kinds[id] { return known }
        let carried = pool.kind(source[id])
        if let version = source.versions[id] { pool.note(version: string(version, into: &pool), of: carried) }
        kinds[id] = carried
        return carried
    }

    private func uid(_ uid: ObjectUID, into pool: inout RecordPool) -> ObjectUID {
        uid.carried(from: source.strings, to: &pool.strings)
    }

    private mutating func labels(_ id: LabelSetID, into pool: inout RecordPool) -> LabelSetID {
        if let known = labelSets[id] { return known }
        var pairs = source.labelSets[id].map {
            LabelPair(key: string($0.key, into: &pool), value: string($0.value, into: &pool))
        }
        let carried = pool.labelSets.intern(&pairs)
        labelSets[id] = carried
        return carried
    }

    private mutating func list(_ id: ResourceListID, into pool: inout RecordPool) -> ResourceListID {
        if let known = resources[id] { return known }
        var amounts = source.resourceLists[id].map {
            ResourceAmount(name: string($0.name, into: &pool), amount: $0.amount)
        }
        let carried = pool.resourceLists.intern(&amounts)
        resources[id] = carried
        return carried
    }

    private func names(_ id: NameListID, into pool: inout RecordPool) -> NameListID {
        if id.isEmpty { return id }
        let carried = source[id].map { string($0, into: &pool) }
        return pool.names(carried)
    }

    private mutating func reference(
        _ reference: ControllerReference, into pool: inout RecordPool
    ) -> ControllerReference {
        if reference.isNone { return reference }
        return ControllerReference(
            kind: kind(reference.kind, into: &pool), name: string(reference.name, into: &pool),
            uid: uid(reference.uid, into: &pool))
    }
}

// MARK: - Records

extension RecordTransfer {
    package mutating func pod(_ record: PodRecord, into pool: inout RecordPool) -> PodRecord {
        var carried = PodRecord(
            namespace: string(record.namespace, into: &pool), name: string(record.name, into: &pool),
            uid: uid(record.uid, into: &pool))
        carried.controller = reference(record.controller, into: &pool)
        (carried.created, carried.started, carried.deleted) = (record.created, record.started, record.deleted)
        carried.node = string(record.node, into: &pool)
        carried.labels = labels(record.labels, into: &pool)
        carried.annotations = labels(record.annotations, into: &pool)
        carried.requests = list(record.requests, into: &pool)
        carried.runningRequests = list(record.runningRequests, into: &pool)
        carried.volumeClaims = names(record.volumeClaims, into: &pool)
        carried.resourceClaims = names(record.resourceClaims, into: &pool)
        carried.phase = record.phase
        carried.initialization = record.initialization
        carried.isMirror = record.isMirror
        return carried
    }

    package mutating func node(_ record: NodeRecord, into pool: inout RecordPool) -> NodeRecord {
        var carried = NodeRecord(name: string(record.name, into: &pool), uid: uid(record.uid, into: &pool))
        (carried.created, carried.deleted) = (record.created, record.deleted)
        carried.labels = labels(record.labels, into: &pool)
        carried.annotations = labels(record.annotations, into: &pool)
        carried.capacity = list(record.capacity, into: &pool)
        carried.allocatable = list(record.allocatable, into: &pool)
        carried.providerID = string(record.providerID, into: &pool)
        carried.instanceType = string(record.instanceType, into: &pool)
        carried.zone = string(record.zone, into: &pool)
        carried.region = string(record.region, into: &pool)
        carried.isUnschedulable = record.isUnschedulable
        carried.readiness = record.readiness
        return carried
    }

    package mutating func namespace(_ record: NamespaceRecord, into pool: inout RecordPool) -> NamespaceRecord {
        var carried = NamespaceRecord(name: string(record.name, into: &pool), uid: uid(record.uid, into: &pool))
        (carried.created, carried.deleted) = (record.created, record.deleted)
        carried.labels = labels(record.labels, into: &pool)
        carried.annotations = labels(record.annotations, into: &pool)
        return carried
    }

    package mutating func owner(_ record: OwnerRecord, into pool: inout RecordPool) -> OwnerRecord {
        var carried = OwnerRecord(
            kind: kind(record.kind, into: &pool), version: string(record.version, into: &pool),
            namespace: string(record.namespace, into: &pool), name: string(record.name, into: &pool),
            uid: uid(record.uid, into: &pool))
        carried.controller = reference(record.controller, into: &pool)
        (carried.created, carried.deleted) = (record.created, record.deleted)
        carried.labels = labels(record.labels, into: &pool)
        carried.annotations = labels(record.annotations, into: &pool)
        carried.templateLabels = labels(record.templateLabels, into: &pool)
        carried.hasTemplate = record.hasTemplate
        return carried
    }

    package mutating func claim(_ record: ClaimRecord, into pool: inout RecordPool) -> ClaimRecord {
        var carried = ClaimRecord(
            namespace: string(record.namespace, into: &pool), name: string(record.name, into: &pool),
            uid: uid(record.uid, into: &pool))
        carried.controller = reference(record.controller, into: &pool)
        (carried.created, carried.deleted) = (record.created, record.deleted)
        (carried.requested, carried.capacity) = (record.requested, record.capacity)
        carried.labels = labels(record.labels, into: &pool)
        carried.annotations = labels(record.annotations, into: &pool)
        carried.storageClass = string(record.storageClass, into: &pool)
        carried.volume = string(record.volume, into: &pool)
        return carried
    }

    package mutating func volume(_ record: VolumeRecord, into pool: inout RecordPool) -> VolumeRecord {
        var carried = VolumeRecord(name: string(record.name, into: &pool), uid: uid(record.uid, into: &pool))
        (carried.created, carried.deleted) = (record.created, record.deleted)
        carried.capacity = record.capacity
        carried.labels = labels(record.labels, into: &pool)
        carried.annotations = labels(record.annotations, into: &pool)
        carried.storageClass = string(record.storageClass, into: &pool)
        carried.claimNamespace = string(record.claimNamespace, into: &pool)
        carried.claimName = string(record.claimName, into: &pool)
        carried.claimUID = uid(record.claimUID, into: &pool)
        carried.driver = string(record.driver, into: &pool)
        carried.handle = string(record.handle, into: &pool)
        return carried
    }

    package mutating func service(_ record: ServiceRecord, into pool: inout RecordPool) -> ServiceRecord {
        var carried = ServiceRecord(
            namespace: string(record.namespace, into: &pool), name: string(record.name, into: &pool),
            uid: uid(record.uid, into: &pool))
        carried.controller = reference(record.controller, into: &pool)
        (carried.created, carried.deleted) = (record.created, record.deleted)
        carried.labels = labels(record.labels, into: &pool)
        carried.annotations = labels(record.annotations, into: &pool)
        carried.selector = labels(record.selector, into: &pool)
        carried.loadBalancerClass = string(record.loadBalancerClass, into: &pool)
        carried.addresses = names(record.addresses, into: &pool)
        return carried
    }

    package mutating func tagCarrier(_ record: TagCarrierRecord, into pool: inout RecordPool) -> TagCarrierRecord {
        var carried = TagCarrierRecord(
            kind: kind(record.kind, into: &pool), version: string(record.version, into: &pool),
            namespace: string(record.namespace, into: &pool), name: string(record.name, into: &pool),
            uid: uid(record.uid, into: &pool))
        carried.controller = reference(record.controller, into: &pool)
        carried.labels = labels(record.labels, into: &pool)
        carried.annotations = labels(record.annotations, into: &pool)
        carried.tags = labels(record.tags, into: &pool)
        carried.nodeLabels = labels(record.nodeLabels, into: &pool)
        carried.reference = reference(record.reference, into: &pool)
        carried.cloudName = string(record.cloudName, into: &pool)
        carried.providerID = string(record.providerID, into: &pool)
        return carried
    }
}
