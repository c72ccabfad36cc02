/// What every object has, as records hold it.
package struct RecordMetadata {
    package var namespace = StringID.empty
    package var name = StringID.empty
    package var uid = ObjectUID.none
    package var created = ObjectTime.none
    package var deleted = ObjectTime.none
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty
    package var controller = ControllerReference.none
    /// Whether a kubelet made it of a file (annotation `kubernetes.io/config.mirror`).
    package var isMirror = false

    package init() {}

    var identity: RecordReader.Identity { RecordReader.Identity(namespace: namespace, name: name) }
}

extension RecordReader {
    static let mirrorAnnotation = "kubernetes.io/config.mirror"

    /// Reads the ObjectMeta in field 1 of an object, and leaves the rest.
    mutating func metadata(
        of object: UnsafeRawBufferPointer, _ filter: RecordFilters.Metadata
    ) throws(WireError) -> RecordMetadata {
        var metadata = RecordMetadata()
        pairs.removeAll(keepingCapacity: true)
        annotationPairs.removeAll(keepingCapacity: true)
        var reader = WireReader(object)
        while try reader.next() {
            if reader.tag == .bytes(1) {
                try read(reader.message(), into: &metadata, filter)
            } else {
                try reader.skip()
            }
        }
        metadata.labels = pool.labelSets.intern(&pairs)
        metadata.annotations = pool.labelSets.intern(&annotationPairs)
        return metadata
    }

    private mutating func read(
        _ message: WireReader, into metadata: inout RecordMetadata, _ filter: RecordFilters.Metadata
    ) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case ObjectMetaTag.name: metadata.name = pool.strings.intern(utf8: try reader.text())
            case ObjectMetaTag.namespace: metadata.namespace = pool.strings.intern(utf8: try reader.text())
            case ObjectMetaTag.uid: metadata.uid = pool.uid(utf8: try reader.text())
            case ObjectMetaTag.creationTimestamp: metadata.created = try ObjectTime(reader.message())
            case ObjectMetaTag.deletionTimestamp: metadata.deleted = try ObjectTime(reader.message())
            case ObjectMetaTag.labels:
                if let pair = intern(try MapEntry(reader.message()), filter.labels) { pairs.append(pair) }
            case ObjectMetaTag.annotations:
                let entry = try MapEntry(reader.message())
                if entry.key.elementsEqual(Self.mirrorAnnotation.utf8) { metadata.isMirror = true }
                if let pair = intern(entry, filter.annotations) { annotationPairs.append(pair) }
            case ObjectMetaTag.ownerReferences:
                let owner = try OwnerFields(reader.message())
                if owner.isController { metadata.controller = controller(owner) }
            default: try reader.skip()
            }
        }
    }

    /// The pair, if the filter keeps its key.
    @inline(__always)
    mutating func intern(_ entry: MapEntry, _ filter: KeyFilter) -> LabelPair? {
        if filter.keepsNothing { return nil }
        let hash = RunHash.of(entry.key)
        guard filter.keeps(utf8: entry.key, hash: hash) else { return nil }
        return LabelPair(
            key: pool.strings.intern(utf8: entry.key, hash: hash), value: pool.strings.intern(utf8: entry.value))
    }

    /// A controller of a malformed apiVersion is none.
    mutating func controller(_ owner: OwnerFields) -> ControllerReference {
        let group: UnsafeRawBufferPointer
        var version = owner.apiVersion
        if let slash = owner.apiVersion.firstIndex(of: UInt8(ascii: "/")) {
            group = UnsafeRawBufferPointer(rebasing: owner.apiVersion[..<slash])
            version = UnsafeRawBufferPointer(rebasing: owner.apiVersion[(slash + 1)...])
            guard !group.isEmpty, !version.isEmpty, !version.contains(UInt8(ascii: "/")) else {
                return malformed(owner.apiVersion)
            }
        } else {
            guard !owner.apiVersion.isEmpty else { return malformed(owner.apiVersion) }
            group = UnsafeRawBufferPointer(rebasing: owner.apiVersion[..<0])
        }
        let kind = pool.kind(group: pool.strings.intern(utf8: group), name: pool.strings.intern(utf8: owner.kind))
        if pool.versions[kind] == nil { pool.note(version: pool.strings.intern(utf8: version), of: kind) }
        return ControllerReference(
            kind: kind, name: pool.strings.intern(utf8: owner.name), uid: pool.uid(utf8: owner.uid))
    }

    private mutating func malformed(_ apiVersion: UnsafeRawBufferPointer) -> ControllerReference {
        do throws(GroupVersionError) { _ = try GroupVersion(parsing: String(wire: apiVersion)) } catch {
            causes.append(.apiVersion(error))
        }
        return .none
    }

    /// The labels of ObjectMeta in a message that holds it in field 1: a template's.
    mutating func templateLabels(
        _ template: WireReader, _ filter: KeyFilter
    ) throws(WireError) -> LabelSetID {
        pairs.removeAll(keepingCapacity: true)
        var reader = template
        while try reader.next() {
            guard reader.tag == .bytes(1) else {
                try reader.skip()
                continue
            }
            var metadata = try reader.message()
            while try metadata.next() {
                if metadata.tag == ObjectMetaTag.labels {
                    if let pair = intern(try MapEntry(metadata.message()), filter) { pairs.append(pair) }
                } else {
                    try metadata.skip()
                }
            }
        }
        return pool.labelSets.intern(&pairs)
    }
}
