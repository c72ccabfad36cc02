extension RecordReader {
    /// k8s.io/api/core/v1 Namespace: metadata = 1.
    package mutating func namespace(_ item: UnsafeRawBufferPointer, at place: Int = 0) -> NamespaceRecord? {
        object(of: "namespaces", at: place) { reader throws(WireError) in
            let metadata = try reader.metadata(of: item, reader.filters.namespaces)
            var namespace = NamespaceRecord(name: metadata.name, uid: metadata.uid)
            namespace.created = metadata.created
            namespace.deleted = metadata.deleted
            namespace.labels = metadata.labels
            namespace.annotations = metadata.annotations
            return (namespace, metadata.identity)
        }
    }
}
