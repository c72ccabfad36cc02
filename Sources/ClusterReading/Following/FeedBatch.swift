import KubernetesClient
import KubernetesModel
import LocatedDocuments
import NIOCore

/// Objects as they come of lists and watches, as records of one pool.
struct FeedBatch: Sendable {
    struct Identity: Sendable, Hashable {
        var kind: GroupKind
        var namespace: String
        var name: String
    }

    private var objects: ObjectReader
    /// What is gone after all that was read.
    private var removed: Set<Identity> = []
    private var count = 0

    init(filters: RecordFilters, catalogue: WorkloadCatalogue) {
        objects = ObjectReader(ClusterStateReader(filters: filters), catalogue: catalogue)
    }

    var isEmpty: Bool { count == 0 && removed.isEmpty }

    consuming func finish() -> (ClusterState, removed: Set<Identity>) {
        let removed = removed
        return (objects.cluster.finish(), removed)
    }

    // MARK: Pages

    mutating func read(
        page body: ByteBuffer, as encoding: WireEncoding, of kind: GroupVersionKind
    ) throws(WatchFailure) -> DecodedPage<FollowedObject> {
        switch encoding {
        case .protobuf:
            try body.withUnsafeReadableBytes { (bytes) throws(WatchFailure) in try protobufPage(bytes, kind) }
        case .json: try jsonPage(body, kind)
        }
    }

    private mutating func protobufPage(
        _ bytes: UnsafeRawBufferPointer, _ kind: GroupVersionKind
    ) throws(WatchFailure) -> DecodedPage<FollowedObject> {
        var page = DecodedPage<FollowedObject>()
        do throws(WireError) {
            let list = try ProtobufEnvelope(bytes)
            let shape: ObjectShape = list.kind == "PartialObjectMetadataList" ? .metadata : .whole
            let metadata = try ProtobufList.forEachItem(in: list.raw) { item, place in
                objects.cluster.read(item, of: kind, as: shape, at: place)
                add(kind, place, to: &page)
            }
            page.page = ListPage(
                resourceVersion: metadata.resourceVersion, continueToken: metadata.continueToken,
                remainingItems: metadata.remainingItemCount)
        } catch {
            throw WatchFailure(.malformed, "the list cannot be read: \(error)")
        }
        return page
    }

    private mutating func jsonPage(
        _ body: ByteBuffer, _ kind: GroupVersionKind
    ) throws(WatchFailure) -> DecodedPage<FollowedObject> {
        let file = SourceFile(name: "\(kind.kind) list", bytes: Array(body.readableBytesView))
        guard let metadata = KubernetesClient.ListMetadata(body, .json),
            var items = JSONListItems(file, limits: StateAssembly.limits)
        else { throw WatchFailure(.malformed, "the answer is no list in JSON") }
        var page = DecodedPage<FollowedObject>()
        page.page = ListPage(
            resourceVersion: metadata.resourceVersion, continueToken: metadata.continueToken,
            remainingItems: metadata.remainingItemCount)
        var place = 0
        while let item = items.next() {
            objects.take(item, kind: kind)
            add(kind, place, to: &page)
            place += 1
        }
        if let diagnostic = items.diagnostic { throw WatchFailure(.malformed, diagnostic.message) }
        return page
    }

    private mutating func add(_ kind: GroupVersionKind, _ place: Int, to page: inout DecodedPage<FollowedObject>) {
        if let uid = newest(kind.groupKind) {
            page.objects.append(FollowedObject(key: uid))
        } else if kind.groupKind != Self.services {
            page.skip(DecodingProblem(place: "item \(place)", problem: "it cannot be read"))
        }
    }

    // MARK: Events

    mutating func read(
        event frame: ByteBuffer, as encoding: WireEncoding, of kind: GroupVersionKind
    ) throws(WatchFailure) -> WatchEvent<FollowedObject> {
        switch encoding {
        case .protobuf:
            try frame.withUnsafeReadableBytes { (bytes) throws(WatchFailure) in
                try protobufEvent(WatchedFrame(protobuf: bytes), kind)
            }
        case .json: try jsonEvent(frame, kind)
        }
    }

    private mutating func protobufEvent(
        _ frame: WatchedFrame, _ kind: GroupVersionKind
    ) throws(WatchFailure) -> WatchEvent<FollowedObject> {
        let isDeleted: Bool
        switch frame.event {
        case .failed(let failure): return .failed(failure)
        case .other(let problem): return .unreadable(problem, resourceVersion: nil)
        case .bookmark(let resourceVersion, let endsInitialEvents):
            return .bookmark(resourceVersion: resourceVersion, endsInitialEvents: endsInitialEvents)
        case .stored: isDeleted = false
        case .deleted: isDeleted = true
        }
        let head: ObjectHead
        do throws(WireError) {
            head = try ObjectHead(protobuf: frame.object, labels: .nothing)
        } catch {
            return .unreadable(DecodingProblem(place: "an event", problem: "\(error)"), resourceVersion: nil)
        }
        if !isDeleted { objects.cluster.read(frame.object, of: kind, as: frame.isPartial ? .metadata : .whole, at: 0) }
        return happened(to: head, kind, isDeleted: isDeleted)
    }

    private mutating func jsonEvent(
        _ frame: ByteBuffer, _ kind: GroupVersionKind
    ) throws(WatchFailure) -> WatchEvent<FollowedObject> {
        guard let event = SmallJSON.tree(frame), let object = event["object"] else {
            throw WatchFailure(.malformed, "an event cannot be read: it is no object in JSON")
        }
        let metadata = object["metadata"]
        var head = ObjectHead()
        head.namespace = metadata?["namespace"]?.string ?? ""
        head.name = metadata?["name"]?.string ?? ""
        head.uid = metadata?["uid"]?.string ?? ""
        head.resourceVersion = metadata?["resourceVersion"]?.string ?? ""
        let type = event["type"]?.string ?? ""
        switch type {
        case "ADDED", "MODIFIED":
            objects.take(object, kind: kind)
            return happened(to: head, kind, isDeleted: false)
        case "DELETED": return happened(to: head, kind, isDeleted: true)
        case "BOOKMARK":
            let mark = metadata?["annotations"]?[WatchedFrame.endOfInitialEvents]?.string
            return .bookmark(resourceVersion: head.resourceVersion, endsInitialEvents: mark == "true")
        case "ERROR": return .failed(WatchFailure(status: object))
        default:
            return .unreadable(
                DecodingProblem(place: "an event", problem: "its type is \(type)"),
                resourceVersion: head.resourceVersion)
        }
    }

    private mutating func happened(
        to head: ObjectHead, _ kind: GroupVersionKind, isDeleted: Bool
    ) -> WatchEvent<FollowedObject> {
        let version = head.resourceVersion
        let identity = Identity(kind: kind.groupKind, namespace: head.namespace, name: head.name)
        let object = FollowedObject(key: objects.cluster.records.pool.uid(head.uid))
        guard !head.uid.isEmpty, !head.name.isEmpty else {
            return .unreadable(
                DecodingProblem(place: "an event", problem: "it has no name or no UID"), resourceVersion: version)
        }
        if !isDeleted, newest(kind.groupKind) != nil {
            removed.remove(identity)
            return .stored(object, resourceVersion: version)
        }
        guard isDeleted || kind.groupKind == Self.services else {
            return .unreadable(
                DecodingProblem(place: "\(head.namespace)/\(head.name)", problem: "it cannot be read"),
                resourceVersion: version)
        }
        removed.insert(identity)
        return .deleted(object, resourceVersion: version)
    }

    private static let services = APIResource.services.groupVersionKind.groupKind

    // MARK: Records

    /// The UID of the record that a reader has just added; nil if it added none, or one without a UID.
    private mutating func newest(_ kind: GroupKind) -> ObjectUID? {
        let state = objects.cluster.state
        let total =
            state.pods.count + state.owners.count + state.nodes.count + state.claims.count + state.volumes.count
            + state.services.count + state.namespaces.count + state.tagCarriers.count
        guard total > count else { return nil }
        count = total
        let uid: ObjectUID? =
            switch kind.group.isEmpty ? kind.kind : "" {
            case "Pod": state.pods.last?.uid
            case "Node": state.nodes.last?.uid
            case "Namespace": state.namespaces.last?.uid
            case "PersistentVolumeClaim": state.claims.last?.uid
            case "PersistentVolume": state.volumes.last?.uid
            case "Service": state.services.last?.uid
            default: kind.showsTags ? state.tagCarriers.last?.uid : state.owners.last?.uid
            }
        return uid.flatMap { $0.isNone ? nil : $0 }
    }
}

extension WatchFailure {
    /// What a Status object in JSON says.
    fileprivate init(status: LocatedNode) {
        func number(_ node: LocatedNode?) -> Int { node?.scalar.flatMap { Int($0.text) } ?? 0 }
        self.init(
            statusCode: number(status["code"]), reason: status["reason"]?.string ?? "",
            message: status["message"]?.string ?? "",
            retryAfterSeconds: number(status["details"]?["retryAfterSeconds"]))
    }
}

/// What a reflector's own store keeps of an object: that it is there. The records are the feed's.
struct FollowedObject: CachedObject {
    let key: ObjectUID
}

/// Reads the objects of one resource into a feed.
struct FeedDecoder: ObjectDecoder {
    let feed: ClusterFeed
    let kind: GroupVersionKind

    func readPage(
        _ body: ByteBuffer, as encoding: WireEncoding, into shared: inout NothingShared
    ) throws(WatchFailure) -> DecodedPage<FollowedObject> {
        try feed.read(kind.groupKind) { (batch) throws(WatchFailure) in
            try batch.read(page: body, as: encoding, of: kind)
        }
    }

    func readEvent(
        _ frame: ByteBuffer, as encoding: WireEncoding, into shared: inout NothingShared
    ) throws(WatchFailure) -> WatchEvent<FollowedObject> {
        try feed.read(kind.groupKind) { (batch) throws(WatchFailure) in
            try batch.read(event: frame, as: encoding, of: kind)
        }
    }
}
