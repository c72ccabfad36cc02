import KubernetesClient
import KubernetesModel
import NIOCore

/// The metadata of an object, as a test keeps it.
struct WatchedHead: CachedObject {
    struct Key: Hashable, Sendable {
        var namespace: String
        var name: String
    }

    var head: ObjectHead
    var key: Key { Key(namespace: head.namespace, name: head.name) }
}

/// Reads metadata in protobuf; nothing else is asked for here.
struct WatchedHeadDecoder: ObjectDecoder {
    private static let endOfInitialEvents = "k8s.io/initial-events-end"

    func readPage(
        _ body: ByteBuffer, as encoding: WireEncoding, into shared: inout NothingShared
    ) throws(WatchFailure) -> DecodedPage<WatchedHead> {
        guard encoding == .protobuf else { throw WatchFailure(.malformed, "a list in \(encoding)") }
        var page = DecodedPage<WatchedHead>()
        let metadata: Result<KubernetesModel.ListMetadata, WireError> = body.withUnsafeReadableBytes { bytes in
            Result { () throws(WireError) in
                try ProtobufList.forEachItem(in: try ProtobufEnvelope(bytes).raw) { item, place in
                    do throws(WireError) {
                        page.objects.append(WatchedHead(head: try ObjectHead(protobuf: item)))
                    } catch {
                        page.skip(DecodingProblem(place: "item \(place)", problem: error.description))
                    }
                }
            }
        }
        switch metadata {
        case .success(let metadata):
            page.page = ListPage(
                resourceVersion: metadata.resourceVersion, continueToken: metadata.continueToken,
                remainingItems: metadata.remainingItemCount)
            return page
        case .failure(let error):
            throw WatchFailure(.malformed, error.description)
        }
    }

    func readEvent(
        _ frame: ByteBuffer, as encoding: WireEncoding, into shared: inout NothingShared
    ) throws(WatchFailure) -> WatchEvent<WatchedHead> {
        guard encoding == .protobuf else { throw WatchFailure(.malformed, "a watch in \(encoding)") }
        let event: Result<WatchEvent<WatchedHead>, WireError> = frame.withUnsafeReadableBytes { bytes in
            Result { () throws(WireError) in
                let frame = try WatchFrame(bytes)
                if frame.event == .error {
                    let status = try StatusMessage(protobuf: frame.object.raw)
                    return .failed(WatchFailure(.init(status: Int(status.code)), status.message))
                }
                let head = try ObjectHead(protobuf: frame.object.raw, annotations: .keys([Self.endOfInitialEvents]))
                let version = head.resourceVersion
                return switch frame.event {
                case .added, .modified: .stored(WatchedHead(head: head), resourceVersion: version)
                case .deleted: .deleted(WatchedHead(head: head), resourceVersion: version)
                case .bookmark:
                    .bookmark(
                        resourceVersion: version,
                        endsInitialEvents: head.annotations[Self.endOfInitialEvents] == "true")
                case .error, .other:
                    .unreadable(DecodingProblem(place: head.name, problem: "\(frame.event)"), resourceVersion: version)
                }
            }
        }
        switch event {
        case .success(let event): return event
        case .failure(let error): throw WatchFailure(.malformed, error.description)
        }
    }
}
