/// The metadata of any one object as text, for caches that follow single objects as they come and go: nothing is kept
/// in a pool, so that what is dropped is gone.
package struct ObjectHead: Sendable, Hashable {
    /// Empty for an object that is in none.
    package var namespace = ""
    package var name = ""
    package var uid = ""
    package var resourceVersion = ""
    package var created = ObjectTime.none
    /// When it is or was to be gone.
    package var deleted = ObjectTime.none
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
    package var controller: OwnerReference?

    package init() {}

    /// Reads an object of any kind: all have their ObjectMeta in field 1.
    ///
    /// - Parameter raw: an envelope's, or an item of a list.
    /// - Throws: `WireError` if the object is malformed.
    package init(
        protobuf raw: UnsafeRawBufferPointer, labels: KeyFilter = .everything, annotations: KeyFilter = .nothing
    ) throws(WireError) {
        var object = WireReader(raw)
        while try object.next() {
            guard object.tag == .bytes(1) else {
                try object.skip()
                continue
            }
            try read(object.message(), labels, annotations)
        }
    }

    private mutating func read(
        _ message: WireReader, _ labels: KeyFilter, _ annotations: KeyFilter
    ) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case ObjectMetaTag.name: name = String(wire: try reader.text())
            case ObjectMetaTag.namespace: namespace = String(wire: try reader.text())
            case ObjectMetaTag.uid: uid = String(wire: try reader.text())
            case ObjectMetaTag.resourceVersion: resourceVersion = String(wire: try reader.text())
            case ObjectMetaTag.creationTimestamp: created = try ObjectTime(reader.message())
            case ObjectMetaTag.deletionTimestamp: deleted = try ObjectTime(reader.message())
            case ObjectMetaTag.labels: Self.take(try MapEntry(reader.message()), labels, into: &self.labels)
            case ObjectMetaTag.annotations:
                Self.take(try MapEntry(reader.message()), annotations, into: &self.annotations)
            case ObjectMetaTag.ownerReferences:
                let owner = try OwnerFields(reader.message())
                if owner.isController { controller = OwnerReference(owner) }
            default: try reader.skip()
            }
        }
    }

    private static func take(_ entry: MapEntry, _ filter: KeyFilter, into pairs: inout [String: String]) {
        guard filter.keeps(utf8: entry.key, hash: RunHash.of(entry.key)) else { return }
        pairs[String(wire: entry.key)] = String(wire: entry.value)
    }
}

extension OwnerReference {
    fileprivate init(_ owner: OwnerFields) {
        self.init(
            apiVersion: String(wire: owner.apiVersion), kind: String(wire: owner.kind), name: String(wire: owner.name),
            uid: String(wire: owner.uid), controller: owner.isController)
    }
}
