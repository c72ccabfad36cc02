extension RecordReader {
    /// Where an object of a built-in kind has its Pod template: the fields to go down by.
    struct TemplateFields {
        let kind: GroupVersionKind
        let fields: [UInt32]

        init(_ group: String, _ kind: String, _ fields: [UInt32]) {
            self.kind = GroupVersionKind(group: group, version: "v1", kind: kind)
            self.fields = fields
        }

        /// k8s.io/api core/v1, apps/v1 and batch/v1. In all, spec = 2; then the spec's template, or of a CronJob
        /// jobTemplate = 5, its spec = 2, and that one's template = 6.
        static let all = [
            TemplateFields("", "ReplicationController", [2, 3]),
            TemplateFields("apps", "Deployment", [2, 3]),
            TemplateFields("apps", "StatefulSet", [2, 3]),
            TemplateFields("apps", "DaemonSet", [2, 2]),
            TemplateFields("apps", "ReplicaSet", [2, 3]),
            TemplateFields("batch", "Job", [2, 6]),
            TemplateFields("batch", "CronJob", [2, 5, 2, 6]),
        ]

        static func of(_ kind: GroupVersionKind) -> [UInt32]? { all.first { $0.kind == kind }?.fields }
    }

    /// Whether objects of this kind can be read with their template's labels.
    package static func knowsTemplate(of kind: GroupVersionKind) -> Bool { TemplateFields.of(kind) != nil }

    /// An object of any kind: its metadata, and the labels of its Pod template if it is a whole object of a built-in
    /// workload kind.
    ///
    /// - Parameters:
    ///   - kind: of the object. A list in protobuf does not say it of its items.
    ///   - isPartial: whether it is a PartialObjectMetadata, which has metadata alone.
    package mutating func owner(
        _ item: UnsafeRawBufferPointer, kind: GroupVersionKind, isPartial: Bool = false, at place: Int = 0
    ) -> OwnerRecord? {
        owner(item, kind: kind, templateFields: isPartial ? nil : TemplateFields.of(kind), at: place)
    }

    mutating func owner(
        _ item: UnsafeRawBufferPointer, kind: GroupVersionKind, templateFields: [UInt32]?, at place: Int
    ) -> OwnerRecord? {
        object(of: kind.groupKind.description, at: place) { reader throws(WireError) in
            let metadata = try reader.metadata(of: item, reader.filters.owners)
            var owner = OwnerRecord(
                kind: reader.pool.kind(kind.groupKind), version: reader.pool.strings.intern(kind.version),
                namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
            owner.controller = metadata.controller
            owner.created = metadata.created
            owner.deleted = metadata.deleted
            owner.labels = metadata.labels
            owner.annotations = metadata.annotations
            if let fields = templateFields,
                let template = try Self.message(in: WireReader(item), at: fields[...])
            {
                owner.templateLabels = try reader.templateLabels(template, reader.filters.owners.labels)
                owner.hasTemplate = true
            }
            return (owner, metadata.identity)
        }
    }

    /// The message at the end of a path of fields, the last of each. As deep as the path, which is one of `all`.
    private static func message(
        in message: WireReader, at path: ArraySlice<UInt32>
    ) throws(WireError) -> WireReader? {
        var found: WireReader? = message
        for field in path {
            guard var reader = found else { return nil }
            found = nil
            while try reader.next() {
                if reader.tag == .bytes(field) { found = try reader.message() } else { try reader.skip() }
            }
        }
        return found
    }
}
