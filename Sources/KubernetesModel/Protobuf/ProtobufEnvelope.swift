/// The envelope around every object in Kubernetes' protobuf: four magic bytes, then a message with the object's
/// apiVersion and kind and its bytes.
///
///     k8s.io/apimachinery/pkg/runtime  Unknown: typeMeta = 1, raw = 2, contentEncoding = 3, contentType = 4
///                                      TypeMeta: apiVersion = 1, kind = 2
///
/// `raw` is a part of the bytes given: it must not outlive them.
package struct ProtobufEnvelope {
    package let apiVersion: String
    package let kind: String
    /// The object's own message.
    package let raw: UnsafeRawBufferPointer

    /// What the bytes begin with.
    package static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]
    /// The media type of bytes in such an envelope.
    package static let mediaType = "application/vnd.kubernetes.protobuf"

    /// - Throws: `WireError` if the bytes are no envelope or hold no plain protobuf.
    package init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        guard bytes.starts(with: Self.magic) else { throw WireError(.noEnvelope, at: 0) }
        var apiVersion = ""
        var kind = ""
        var raw = UnsafeRawBufferPointer(rebasing: bytes[bytes.count...])
        var unknown = WireReader(UnsafeRawBufferPointer(rebasing: bytes[Self.magic.count...]))
        while try unknown.next() {
            switch unknown.tag {
            case .bytes(1):
                var type = try unknown.message()
                while try type.next() {
                    switch type.tag {
                    case .bytes(1): apiVersion = String(wire: try type.text())
                    case .bytes(2): kind = String(wire: try type.text())
                    default: try type.skip()
                    }
                }
            case .bytes(2): raw = try unknown.text()
            case .bytes(3):
                let encoding = String(wire: try unknown.text())
                guard encoding.isEmpty else { throw WireError(.encoding(encoding), at: unknown.offset) }
            case .bytes(4):
                let type = String(wire: try unknown.text())
                guard type.isEmpty || type == Self.mediaType else {
                    throw WireError(.encoding(type), at: unknown.offset)
                }
            default: try unknown.skip()
            }
        }
        self.apiVersion = apiVersion
        self.kind = kind
        self.raw = raw
    }
}

/// What a list says of itself (k8s.io/apimachinery/pkg/apis/meta/v1 ListMeta).
package struct ListMetadata: Sendable, Hashable {
    /// The version to watch from.
    package var resourceVersion = ""
    /// To ask for the next page with; empty on the last.
    package var continueToken = ""
    /// Objects after this page, if the server counts them.
    package var remainingItemCount: Int64?

    package init() {}
}

/// The items of a list, one after another: `metadata = 1`, `items = 2` in every list of Kubernetes' API.
package enum ProtobufList {
    /// Calls `body` with the bytes and the place of every item, in order.
    ///
    /// - Parameter list: an envelope's `raw`, of a kind that ends in `List`.
    /// - Throws: `WireError` if the list itself is malformed; the items before that place have been passed on. What is
    ///   within an item is not looked at.
    @discardableResult
    package static func forEachItem(
        in list: UnsafeRawBufferPointer, _ body: (_ item: UnsafeRawBufferPointer, _ place: Int) -> Void
    ) throws(WireError) -> ListMetadata {
        var metadata = ListMetadata()
        var reader = WireReader(list)
        var place = 0
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): try Self.read(reader.message(), into: &metadata)
            case .bytes(2):
                body(try reader.text(), place)
                place += 1
            default: try reader.skip()
            }
        }
        return metadata
    }

    /// ListMeta: resourceVersion = 2, continue = 3, remainingItemCount = 4.
    private static func read(_ message: WireReader, into metadata: inout ListMetadata) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(2): metadata.resourceVersion = String(wire: try reader.text())
            case .bytes(3): metadata.continueToken = String(wire: try reader.text())
            case .varint(4): metadata.remainingItemCount = try reader.int64()
            default: try reader.skip()
            }
        }
    }
}
