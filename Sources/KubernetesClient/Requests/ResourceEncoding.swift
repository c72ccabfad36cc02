/// In what form the API server is asked to give objects.
package enum ResourceEncoding: Sendable, Hashable, CaseIterable {
    /// Whole objects as protobuf. Custom resources have none: the server answers in JSON, which the answer's content
    /// type tells.
    case protobuf
    /// Names, labels, annotations and owners only, as protobuf, else as JSON.
    case metadata
    /// Names, labels, annotations and owners only, as JSON.
    case metadataJSON
    case json
}

extension ResourceEncoding {
    /// The Accept header of a request for one object, for a list, or for a watch of objects.
    ///
    /// The JSON form stands behind, so that a server that lacks the first (custom resources have no protobuf form
    /// before Kubernetes 1.31 for metadata either) still answers.
    func acceptHeader(ofList isList: Bool) -> String {
        let metadataKind = isList ? "PartialObjectMetadataList" : "PartialObjectMetadata"
        let metadata = "as=\(metadataKind);g=meta.k8s.io;v=v1"
        return switch self {
        case .protobuf: "application/vnd.kubernetes.protobuf,application/json"
        case .metadata:
            "application/vnd.kubernetes.protobuf;\(metadata),application/json;\(metadata),application/json"
        case .metadataJSON: "application/json;\(metadata),application/json"
        case .json: "application/json"
        }
    }
}

/// In what form an answer came.
package enum ContentType: Sendable, Hashable {
    case protobuf
    case json
    /// Of another kind: an answer of something that is no API server, or a text.
    case other(String)

    /// - Parameter header: the Content-Type header; parameters such as `;stream=watch` and `;charset=utf-8` do not
    ///   matter.
    package init(header: String?) {
        let essence = (header ?? "").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        self =
            switch essence {
            case "application/json": .json
            case "application/vnd.kubernetes.protobuf": .protobuf
            default: .other(essence)
            }
    }
}
