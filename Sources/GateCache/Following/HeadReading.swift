import Admission
import KubernetesClient
import KubernetesModel
import NIOCore

/// Reads the metadata of one object, in the form the server gave it.
enum HeadReading {
    /// Nil for what is no object.
    static func object(_ body: ByteBuffer, _ type: ContentType) -> ObjectHead? {
        body.withUnsafeReadableBytes { bytes in
            switch type {
            case .protobuf: try? ObjectHead(protobuf: ProtobufEnvelope(bytes).raw)
            case .json: json(bytes)
            case .other: nil
            }
        }
    }

    private static func json(_ bytes: UnsafeRawBufferPointer) -> ObjectHead? {
        var cursor = JSONCursor(bytes)
        guard let head = try? JSONHead.object(&cursor, .everything), (try? cursor.endDocument()) != nil else {
            return nil
        }
        return head
    }
}
