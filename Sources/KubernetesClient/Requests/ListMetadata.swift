package import LocatedDocuments
package import NIOCore

/// What a list says beside its items.
package struct ListMetadata: Sendable, Hashable {
    package var resourceVersion: String
    /// Asks for the next page; nil: this was the last.
    package var continueToken: String?
    /// A guess of how many are still to come.
    package var remainingItemCount: Int64?

    package init(resourceVersion: String, continueToken: String? = nil, remainingItemCount: Int64? = nil) {
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
        self.remainingItemCount = remainingItemCount
    }

    /// Reads it from a list's bytes, items left alone; nil if there is none.
    package init?(_ body: ByteBuffer, _ type: ContentType) {
        switch type {
        case .protobuf:
            // Field 1 of every list is its ListMeta.
            guard let message = ProtobufFields.unwrap(body), let meta = ProtobufFields(message).bytes(1) else {
                return nil
            }
            let fields = ProtobufFields(meta)
            resourceVersion = fields.text(2)
            continueToken = fields.text(3).nonEmpty
            remainingItemCount = fields.integer(4)
        case .json:
            guard let range = JSONTopLevel.member("metadata", of: body.readableBytesView),
                let root = SmallJSON.tree(Array(body.readableBytesView[range]))
            else { return nil }
            resourceVersion = root["resourceVersion"]?.string ?? ""
            continueToken = root["continue"]?.string?.nonEmpty
            remainingItemCount = root["remainingItemCount"]?.scalar.flatMap { Int64($0.text) }
        case .other: return nil
        }
    }
}

extension String {
    /// nil for the empty string, which the API writes for none.
    var nonEmpty: String? { isEmpty ? nil : self }
}

/// Finds a member of a JSON object without reading what is in the others.
enum JSONTopLevel {
    /// The bytes of the member's value; nil if there is none before the text ends or stops being JSON.
    static func member(_ name: String, of bytes: ByteBufferView) -> Range<Int>? {
        var scan = Scan(bytes: bytes, at: bytes.startIndex)
        scan.skipSpace()
        guard scan.take(UInt8(ascii: "{")) else { return nil }
        while true {
            scan.skipSpace()
            guard let key = scan.string() else { return nil }
            scan.skipSpace()
            guard scan.take(UInt8(ascii: ":")) else { return nil }
            scan.skipSpace()
            let start = scan.at
            guard scan.skipValue() else { return nil }
            if bytes[key].elementsEqual(name.utf8) { return start..<scan.at }
            scan.skipSpace()
            guard scan.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private struct Scan {
        let bytes: ByteBufferView
        var at: Int

        private var current: UInt8? { at < bytes.endIndex ? bytes[at] : nil }

        mutating func take(_ byte: UInt8) -> Bool {
            guard current == byte else { return false }
            at += 1
            return true
        }

        mutating func skipSpace() {
            while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
        }

        /// What stands between the quotes, as written.
        mutating func string() -> Range<Int>? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            let start = at
            while let byte = current {
                at += 1
                if byte == UInt8(ascii: "\"") { return start..<(at - 1) }
                if byte == UInt8(ascii: "\\") { at += 1 }
            }
            return nil
        }

        /// Brackets are counted, not matched: whoever reads the value finds what is wrong with it.
        mutating func skipValue() -> Bool {
            var depth = 0
            while let byte = current {
                switch byte {
                case UInt8(ascii: "\""):
                    guard string() != nil else { return false }
                    if depth == 0 { return true }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    at += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return true }
                    depth -= 1
                    at += 1
                    if depth == 0 { return true }
                case UInt8(ascii: ",") where depth == 0: return true
                default: at += 1
                }
            }
            return false
        }
    }
}

/// JSON documents of some kilobytes, read whole.
package enum SmallJSON {
    /// Status objects, leases, discovery documents: the largest, all resources of a large cluster, has near 1 MB.
    private static let limits = DocumentLimits(
        fileBytes: 16 << 20, documents: 1, nodes: 1_000_000, depth: 64, diagnostics: 1)

    /// nil if it cannot be read.
    package static func tree(_ bytes: [UInt8]) -> LocatedNode? {
        let stream = DocumentReader(limits: limits, duplicateKeys: nil)
            .read(SourceFile(name: "answer.json", bytes: bytes))
        return stream.diagnostics.isEmpty ? stream.documents.first?.root : nil
    }

    package static func tree(_ buffer: ByteBuffer) -> LocatedNode? { tree(Array(buffer.readableBytesView)) }
}
