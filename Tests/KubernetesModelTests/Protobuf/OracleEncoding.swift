import Foundation
import KubernetesModel
import SwiftProtobuf

/// What the API server would send, encoded by the oracle.
enum OracleEncoding {
    static func bytes(_ message: some SwiftProtobuf.Message) -> [UInt8] {
        do { return try message.serializedBytes() } catch { fatalError("the oracle cannot encode: \(error)") }
    }

    static func envelope(_ apiVersion: String, _ kind: String, _ raw: [UInt8]) -> [UInt8] {
        var unknown = Oracle_Envelope()
        unknown.typeMeta.apiVersion = apiVersion
        unknown.typeMeta.kind = kind
        unknown.raw = Data(raw)
        unknown.contentEncoding = ""
        unknown.contentType = ""
        return ProtobufEnvelope.magic + bytes(unknown)
    }

    static func list(
        _ kind: String, _ items: [[UInt8]], metadata: Oracle_ListMeta = Oracle_ListMeta()
    ) -> [UInt8] {
        list("v1", kind, items, metadata: metadata)
    }

    static func list(
        _ apiVersion: String, _ kind: String, _ items: [[UInt8]], metadata: Oracle_ListMeta = Oracle_ListMeta()
    ) -> [UInt8] {
        var list = Oracle_List()
        list.metadata = metadata
        list.items = items.map { Data($0) }
        return envelope(apiVersion, kind, bytes(list))
    }
}

extension Array where Element == UInt8 {
    /// Reads these bytes as the body of a list.
    func read(into reader: inout ClusterStateReader, _ kind: GroupVersionKind) throws -> ListMetadata {
        try withUnsafeBytes { try reader.read(list: $0, of: kind) }
    }
}

extension GroupVersionKind {
    static func core(_ kind: String) -> GroupVersionKind { GroupVersionKind(group: "", version: "v1", kind: kind) }
}
