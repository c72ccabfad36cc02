package import KubernetesClient
package import KubernetesModel
package import NIOCore

/// Reads the metadata of objects, in either form a server may give it, and makes of each what a cache keeps.
///
/// Whole objects read just as well as metadata alone, should a server not know how to leave the rest out: their metadata
/// stands at the same place.
package struct HeadDecoder<Object: CachedObject>: ObjectDecoder {
    package typealias Make = @Sendable (ObjectHead, inout Object.Shared) -> Object

    /// Which labels are read.
    let filter: KeyFilter
    private let make: Make

    package init(filter: KeyFilter, _ make: @escaping Make) {
        self.filter = filter
        self.make = make
    }

    package func readPage(
        _ body: ByteBuffer, as encoding: WireEncoding, into shared: inout Object.Shared
    ) throws(WatchFailure) -> DecodedPage<Object> {
        try body.withUnsafeReadableBytes { (bytes) throws(WatchFailure) in
            switch encoding {
            case .protobuf: try protobufPage(bytes, &shared)
            case .json: try jsonPage(bytes, &shared)
            }
        }
    }

    package func readEvent(
        _ frame: ByteBuffer, as encoding: WireEncoding, into shared: inout Object.Shared
    ) throws(WatchFailure) -> WatchEvent<Object> {
        try frame.withUnsafeReadableBytes { (bytes) throws(WatchFailure) in
            switch encoding {
            case .protobuf: try protobufEvent(bytes, &shared)
            case .json: try jsonEvent(bytes, &shared)
            }
        }
    }

    /// Adds an object to a page, or the reason why it cannot be.
    func add(
        _ head: Result<ObjectHead, some Error>, at place: Int, to page: inout DecodedPage<Object>,
        _ shared: inout Object.Shared
    ) {
        switch head {
        case .success(let head) where head.isNamed: page.objects.append(make(head, &shared))
        case .success:
            page.skip(DecodingProblem(place: "item \(place)", problem: "it has no name or no UID"))
        case .failure(let error): page.skip(DecodingProblem(place: "item \(place)", problem: "\(error)"))
        }
    }

    /// What an event of this type with this object means.
    func event(
        _ type: HeadEvent, _ head: ObjectHead, _ shared: inout Object.Shared
    ) -> WatchEvent<Object> {
        let version = head.resourceVersion.isEmpty ? nil : head.resourceVersion
        switch type {
        case .bookmark:
            return .bookmark(
                resourceVersion: head.resourceVersion,
                endsInitialEvents: head.annotations[HeadEvent.endOfInitialEvents] == "true")
        case .stored, .deleted:
            guard head.isNamed else {
                return .unreadable(
                    DecodingProblem(place: "an event", problem: "it has no name or no UID"), resourceVersion: version)
            }
            let object = make(head, &shared)
            return type == .deleted
                ? .deleted(object, resourceVersion: version) : .stored(object, resourceVersion: version)
        }
    }
}

/// The types of events that carry an object.
enum HeadEvent: Sendable, Hashable {
    /// ADDED or MODIFIED.
    case stored
    case deleted
    case bookmark

    static let endOfInitialEvents = WatchedFrame.endOfInitialEvents

    /// Nil for a type that is not known yet.
    init?(_ type: String) {
        switch type {
        case "ADDED", "MODIFIED": self = .stored
        case "DELETED": self = .deleted
        case "BOOKMARK": self = .bookmark
        default: return nil
        }
    }
}

extension ObjectHead {
    /// Whether it is an object at all: the API server gives each a name and a UID.
    fileprivate var isNamed: Bool { !name.isEmpty && !uid.isEmpty }
}

// MARK: - Protobuf

extension HeadDecoder {
    private func protobufPage(
        _ bytes: UnsafeRawBufferPointer, _ shared: inout Object.Shared
    ) throws(WatchFailure) -> DecodedPage<Object> {
        var page = DecodedPage<Object>()
        do throws(WireError) {
            let list = try ProtobufEnvelope(bytes)
            let metadata = try ProtobufList.forEachItem(in: list.raw) { item, place in
                add(Self.head(item, filter), at: place, to: &page, &shared)
            }
            page.page = ListPage(
                resourceVersion: metadata.resourceVersion, continueToken: metadata.continueToken,
                remainingItems: metadata.remainingItemCount)
        } catch {
            throw WatchFailure(.malformed, "the list cannot be read: \(error)")
        }
        return page
    }

    private static func head(_ item: UnsafeRawBufferPointer, _ filter: KeyFilter) -> Result<ObjectHead, WireError> {
        do throws(WireError) {
            return .success(try ObjectHead(protobuf: item, labels: filter))
        } catch {
            return .failure(error)
        }
    }

    private func protobufEvent(
        _ bytes: UnsafeRawBufferPointer, _ shared: inout Object.Shared
    ) throws(WatchFailure) -> WatchEvent<Object> {
        let frame = try WatchedFrame(protobuf: bytes)
        let type: HeadEvent
        switch frame.event {
        case .failed(let failure): return .failed(failure)
        case .other(let problem): return .unreadable(problem, resourceVersion: nil)
        case .bookmark(let resourceVersion, let endsInitialEvents):
            return .bookmark(resourceVersion: resourceVersion, endsInitialEvents: endsInitialEvents)
        case .stored: type = .stored
        case .deleted: type = .deleted
        }
        do throws(WireError) {
            return event(type, try ObjectHead(protobuf: frame.object, labels: filter), &shared)
        } catch {
            return .unreadable(DecodingProblem(place: "an event", problem: "\(error)"), resourceVersion: nil)
        }
    }
}
