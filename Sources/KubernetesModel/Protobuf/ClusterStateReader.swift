/// Which parts of an object its protobuf has.
package enum ObjectShape: UInt8, Sendable, Hashable {
    /// All of it, or what of it is kept, under Kubernetes' field numbers. Of kinds that have no record of their own, an
    /// owner comes of it.
    case whole = 1
    /// A PartialObjectMetadata: an owner without its template.
    case metadata
    /// See `RecordReader.reducedOwner`.
    case reducedOwner
    /// See `RecordReader.tagCarrier`.
    case tagCarrier
}

/// Builds a `ClusterState` of lists in protobuf, in any order and any number of pages.
///
/// Services are best read first if Pods' labels are filtered: the selectors' keys must be among those kept for the Pods
/// behind a load balancer to be told.
package struct ClusterStateReader: Sendable {
    /// What was read so far, without its pool, which is the records' until the end: a reader of another format adds its
    /// own here.
    package var state: ClusterState
    package var records: RecordReader

    package init(filters: RecordFilters, cluster: String = "", observedAt: ObjectTime = .none) {
        state = ClusterState(cluster: cluster, observedAt: observedAt)
        records = RecordReader(filters: filters)
    }

    /// Problems with single objects so far.
    package var problems: ProblemLog { records.problems }

    package mutating func describe(cluster: String, observedAt: ObjectTime) {
        state.cluster = cluster
        state.observedAt = observedAt
    }

    /// Notes that something could not be read.
    package mutating func note(_ note: ReadingNote) { state.notes.append(note) }

    /// Reads the body of one answer.
    ///
    /// - Parameters:
    ///   - body: an envelope with a list of any built-in kind, or a PartialObjectMetadataList.
    ///   - kind: of the items. A list of metadata does not say it; a list of another kind is refused.
    /// - Returns: what the list says of itself: where to go on, and from where to watch.
    /// - Throws: `WireError` if the body is no such list. Items before the malformed place have been taken.
    @discardableResult
    package mutating func read(
        list body: UnsafeRawBufferPointer, of kind: GroupVersionKind
    ) throws(WireError) -> ListMetadata {
        let envelope = try ProtobufEnvelope(body)
        switch (envelope.apiVersion, envelope.kind) {
        case ("meta.k8s.io/v1", "PartialObjectMetadataList"): return try readItems(of: kind, in: envelope.raw, true)
        case (kind.apiVersion, kind.kind + "List"): return try readItems(of: kind, in: envelope.raw, false)
        default:
            throw WireError(
                .kind(found: "\(envelope.apiVersion) \(envelope.kind)", expected: "\(kind)List"), at: 0)
        }
    }

    private mutating func readItems(
        of kind: GroupVersionKind, in list: UnsafeRawBufferPointer, _ isPartial: Bool
    ) throws(WireError) -> ListMetadata {
        try ProtobufList.forEachItem(in: list) { item, place in
            read(item, of: kind, as: isPartial ? .metadata : .whole, at: place)
        }
    }

    /// Reads one object. What is wrong with it becomes a problem; see `problems`.
    package mutating func read(
        _ item: UnsafeRawBufferPointer, of kind: GroupVersionKind, as shape: ObjectShape, at place: Int
    ) {
        switch shape {
        case .whole where kind.group.isEmpty: readCore(item, kind, at: place)
        case .whole: Self.append(records.owner(item, kind: kind, at: place), to: &state.owners)
        case .metadata: Self.append(records.owner(item, kind: kind, isPartial: true, at: place), to: &state.owners)
        case .reducedOwner: Self.append(records.reducedOwner(item, kind: kind, at: place), to: &state.owners)
        case .tagCarrier: Self.append(records.tagCarrier(item, kind: kind, at: place), to: &state.tagCarriers)
        }
    }

    private mutating func readCore(_ item: UnsafeRawBufferPointer, _ kind: GroupVersionKind, at place: Int) {
        switch kind.kind {
        case "Pod": Self.append(records.pod(item, at: place), to: &state.pods)
        case "Node": Self.append(records.node(item, at: place), to: &state.nodes)
        case "Namespace": Self.append(records.namespace(item, at: place), to: &state.namespaces)
        case "PersistentVolumeClaim": Self.append(records.claim(item, at: place), to: &state.claims)
        case "PersistentVolume": Self.append(records.volume(item, at: place), to: &state.volumes)
        case "Service": Self.append(records.service(item, at: place), to: &state.services)
        default: Self.append(records.owner(item, kind: kind, at: place), to: &state.owners)
        }
    }

    /// Takes back every object of a kind, for a list that begins anew.
    package mutating func discard(_ kind: GroupVersionKind) {
        switch kind.group.isEmpty ? kind.kind : "" {
        case "Pod": state.pods = []
        case "Node": state.nodes = []
        case "Namespace": state.namespaces = []
        case "PersistentVolumeClaim": state.claims = []
        case "PersistentVolume": state.volumes = []
        case "Service": state.services = []
        default:
            let discarded = records.pool.kind(kind.groupKind)
            state.owners.removeAll { $0.kind == discarded }
            state.tagCarriers.removeAll { $0.kind == discarded }
        }
    }

    private static func append<Record>(_ record: Record?, to records: inout [Record]) {
        if let record { records.append(record) }
    }

    /// The state, with what could not be read in its notes.
    package consuming func finish() -> ClusterState {
        var state = state
        state.pool = records.pool
        state.compact()
        state.notes += records.problems.notes
        return state
    }
}
