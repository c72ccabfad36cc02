// What `RecordWriter` writes of objects that have no protobuf of Kubernetes' own, or are reduced beyond it.
extension RecordReader {
    /// An owner of any kind: metadata = 1, template = 2 with metadata = 1.
    package mutating func reducedOwner(
        _ item: UnsafeRawBufferPointer, kind: GroupVersionKind, at place: Int = 0
    ) -> OwnerRecord? {
        owner(item, kind: kind, templateFields: [2], at: place)
    }

    /// A tag carrier: metadata = 1, tags = 2 and nodeLabels = 3 (maps of strings), reference = 4 (an OwnerReference),
    /// providerID = 5, cloudName = 6.
    package mutating func tagCarrier(
        _ item: UnsafeRawBufferPointer, kind: GroupVersionKind, at place: Int = 0
    ) -> TagCarrierRecord? {
        object(of: kind.groupKind.description, at: place) { reader throws(WireError) in
            let metadata = try reader.metadata(of: item, reader.filters.owners)
            var carrier = TagCarrierRecord(
                kind: reader.pool.kind(kind.groupKind), version: reader.pool.strings.intern(kind.version),
                namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
            carrier.controller = metadata.controller
            carrier.labels = metadata.labels
            carrier.annotations = metadata.annotations
            carrier.tags = try reader.map(item, in: .bytes(2))
            carrier.nodeLabels = try reader.map(item, in: .bytes(3))
            var message = WireReader(item)
            while try message.next() {
                switch message.tag {
                case .bytes(4): carrier.reference = reader.controller(try OwnerFields(message.message()))
                case .bytes(5): carrier.providerID = reader.pool.strings.intern(utf8: try message.text())
                case .bytes(6): carrier.cloudName = reader.pool.strings.intern(utf8: try message.text())
                default: try message.skip()
                }
            }
            return (carrier, metadata.identity)
        }
    }

    private mutating func map(_ item: UnsafeRawBufferPointer, in field: WireTag) throws(WireError) -> LabelSetID {
        pairs.removeAll(keepingCapacity: true)
        var message = WireReader(item)
        while try message.next() {
            if message.tag == field {
                if let pair = intern(try MapEntry(message.message()), .everything) { pairs.append(pair) }
            } else {
                try message.skip()
            }
        }
        return pool.labelSets.intern(&pairs)
    }
}
