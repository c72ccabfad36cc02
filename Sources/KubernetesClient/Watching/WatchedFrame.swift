import KubernetesModel

/// A frame of a watch in protobuf: what happened, with the bytes of the object that it happened to.
///
/// `object` is a part of the bytes given: it must not outlive them.
package struct WatchedFrame {
    package enum Event {
        /// ADDED or MODIFIED.
        case stored
        case deleted
        case bookmark(resourceVersion: String, endsInitialEvents: Bool)
        /// ERROR, with what its Status says.
        case failed(WatchFailure)
        /// Of a type that is not known yet.
        case other(DecodingProblem)
    }

    package let event: Event
    package let object: UnsafeRawBufferPointer
    /// Whether the object is a PartialObjectMetadata.
    package let isPartial: Bool

    /// The annotation of the bookmark that says that all there was has been sent
    /// (https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists).
    package static let endOfInitialEvents = "k8s.io/initial-events-end"

    /// - Throws: if not even an event can be made out; `malformed`.
    package init(protobuf bytes: UnsafeRawBufferPointer) throws(WatchFailure) {
        do throws(WireError) {
            let frame = try WatchFrame(bytes)
            object = frame.object.raw
            isPartial = frame.object.kind == "PartialObjectMetadata"
            event = try Self.event(frame)
        } catch {
            throw WatchFailure(.malformed, "an event cannot be read: \(error)")
        }
    }

    private static func event(_ frame: WatchFrame) throws(WireError) -> Event {
        switch frame.event {
        case .added, .modified: return .stored
        case .deleted: return .deleted
        case .bookmark:
            let head = try ObjectHead(
                protobuf: frame.object.raw, labels: .nothing, annotations: .keys([endOfInitialEvents]))
            return .bookmark(
                resourceVersion: head.resourceVersion,
                endsInitialEvents: head.annotations[endOfInitialEvents] == "true")
        case .error:
            let status = try StatusMessage(protobuf: frame.object.raw)
            return .failed(
                WatchFailure(
                    statusCode: Int(clamping: status.code), reason: status.reason, message: status.message,
                    retryAfterSeconds: Int(clamping: status.retryAfterSeconds)))
        case .other(let name):
            return .other(DecodingProblem(place: "an event", problem: "its type is \(name)"))
        }
    }
}
