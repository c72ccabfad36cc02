/// One frame of a watch in protobuf: what happened, and the object.
///
///     k8s.io/apimachinery/pkg/apis/meta/v1  WatchEvent: type = 1, object = 2
///     k8s.io/apimachinery/pkg/runtime       RawExtension: raw = 1
///
/// `object` holds a part of the bytes given: it must not outlive them.
package struct WatchFrame {
    /// What happened to the object. Servers may send types that are not known yet.
    package enum Event: Sendable, Hashable {
        case added, modified, deleted, bookmark, error
        case other(String)

        init(_ text: String) {
            self =
                switch text {
                case "ADDED": .added
                case "MODIFIED": .modified
                case "DELETED": .deleted
                case "BOOKMARK": .bookmark
                case "ERROR": .error
                default: .other(text)
                }
        }
    }

    package let event: Event
    /// The object; of an `error`, a Status (see `StatusMessage`); of a `bookmark`, an object with nothing but its
    /// resource version (see `ObjectHead`).
    package let object: ProtobufEnvelope

    /// - Parameter payload: one frame, without the length before it.
    /// - Throws: `WireError` if the frame, or the envelope of its object, is malformed.
    package init(_ payload: UnsafeRawBufferPointer) throws(WireError) {
        // Servers write the event bare; one that puts it into an envelope as well is understood.
        let message =
            payload.starts(with: ProtobufEnvelope.magic) ? try ProtobufEnvelope(payload).raw : payload
        var type = ""
        var object = UnsafeRawBufferPointer(rebasing: message[message.count...])
        var reader = WireReader(message)
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): type = String(wire: try reader.text())
            case .bytes(2):
                var raw = try reader.message()
                while try raw.next() {
                    if raw.tag == .bytes(1) { object = try raw.text() } else { try raw.skip() }
                }
            default: try reader.skip()
            }
        }
        event = Event(type)
        self.object = try ProtobufEnvelope(object)
    }
}

/// What the API server says of a failed request (k8s.io/apimachinery/pkg/apis/meta/v1 Status).
package struct StatusMessage: Sendable, Hashable {
    /// The HTTP status: 410 for a watch from too old a version.
    package var code: Int64 = 0
    /// One word: `Expired`.
    package var reason = ""
    package var message = ""
    /// Seconds to wait before asking again; 0 if nothing is said.
    package var retryAfterSeconds: Int64 = 0

    /// - Parameter raw: an envelope's, of kind Status: message = 3, reason = 4, details = 5, code = 6; of
    ///   StatusDetails, retryAfterSeconds = 5.
    package init(protobuf raw: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(raw)
        while try reader.next() {
            switch reader.tag {
            case .bytes(3): message = String(wire: try reader.text())
            case .bytes(4): reason = String(wire: try reader.text())
            case .bytes(5):
                var details = try reader.message()
                while try details.next() {
                    if details.tag == .varint(5) {
                        retryAfterSeconds = try details.int64()
                    } else {
                        try details.skip()
                    }
                }
            case .varint(6): code = try reader.int64()
            default: try reader.skip()
            }
        }
    }
}
