extension RecordReader {
    /// k8s.io/api/core/v1 PersistentVolumeClaim: metadata = 1, spec = 2, status = 3.
    package mutating func claim(_ item: UnsafeRawBufferPointer, at place: Int = 0) -> ClaimRecord? {
        object(of: "persistentvolumeclaims", at: place) { reader throws(WireError) in
            let metadata = try reader.metadata(of: item, reader.filters.resources)
            var claim = ClaimRecord(namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
            claim.controller = metadata.controller
            claim.created = metadata.created
            claim.deleted = metadata.deleted
            claim.labels = metadata.labels
            claim.annotations = metadata.annotations
            var message = WireReader(item)
            while try message.next() {
                switch message.tag {
                case .bytes(2): try reader.readSpec(message.message(), into: &claim)
                // PersistentVolumeClaimStatus: capacity = 3.
                case .bytes(3): claim.capacity = try reader.storage(message.message(), in: .bytes(3))
                default: try message.skip()
                }
            }
            return (claim, metadata.identity)
        }
    }

    /// PersistentVolumeClaimSpec: resources = 2 (of VolumeResourceRequirements, requests = 2), volumeName = 3,
    /// storageClassName = 5.
    private mutating func readSpec(_ message: WireReader, into claim: inout ClaimRecord) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(2): claim.requested = try storage(reader.message(), in: .bytes(2))
            case .bytes(3): claim.volume = pool.strings.intern(utf8: try reader.text())
            case .bytes(5): claim.storageClass = pool.strings.intern(utf8: try reader.text())
            default: try reader.skip()
            }
        }
    }

    /// k8s.io/api/core/v1 PersistentVolume: metadata = 1, spec = 2.
    package mutating func volume(_ item: UnsafeRawBufferPointer, at place: Int = 0) -> VolumeRecord? {
        object(of: "persistentvolumes", at: place) { reader throws(WireError) in
            let metadata = try reader.metadata(of: item, reader.filters.resources)
            var volume = VolumeRecord(name: metadata.name, uid: metadata.uid)
            volume.created = metadata.created
            volume.deleted = metadata.deleted
            volume.labels = metadata.labels
            volume.annotations = metadata.annotations
            var message = WireReader(item)
            while try message.next() {
                if message.tag == .bytes(2) {
                    try reader.readSpec(message.message(), into: &volume)
                } else {
                    try message.skip()
                }
            }
            return (volume, metadata.identity)
        }
    }

    /// PersistentVolumeSpec: capacity = 1, persistentVolumeSource = 2, claimRef = 4, storageClassName = 6.
    private mutating func readSpec(_ message: WireReader, into volume: inout VolumeRecord) throws(WireError) {
        volume.capacity = try storage(message, in: .bytes(1))
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(2): try readSource(reader.message(), into: &volume)
            case .bytes(4): try readClaim(reader.message(), into: &volume)
            case .bytes(6): volume.storageClass = pool.strings.intern(utf8: try reader.text())
            default: try reader.skip()
            }
        }
    }

    /// ObjectReference: namespace = 2, name = 3, uid = 4.
    private mutating func readClaim(_ message: WireReader, into volume: inout VolumeRecord) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(2): volume.claimNamespace = pool.strings.intern(utf8: try reader.text())
            case .bytes(3): volume.claimName = pool.strings.intern(utf8: try reader.text())
            case .bytes(4): volume.claimUID = pool.uid(utf8: try reader.text())
            default: try reader.skip()
            }
        }
    }

    /// PersistentVolumeSource: csi = 22 with driver = 1 and volumeHandle = 2; and of the kinds of volume that were built
    /// in before CSI, those of the large clouds, under their provisioners' names: gcePersistentDisk = 1 with
    /// pdName = 1, awsElasticBlockStore = 2 with volumeID = 1, azureDisk = 16 with diskURI = 2.
    private mutating func readSource(_ message: WireReader, into volume: inout VolumeRecord) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(22):
                let source = try reader.message()
                volume.driver = try text(source, .bytes(1))
                volume.handle = try text(source, .bytes(2))
            case .bytes(1): try readBuiltIn(reader.message(), "kubernetes.io/gce-pd", .bytes(1), into: &volume)
            case .bytes(2): try readBuiltIn(reader.message(), "kubernetes.io/aws-ebs", .bytes(1), into: &volume)
            case .bytes(16): try readBuiltIn(reader.message(), "kubernetes.io/azure-disk", .bytes(2), into: &volume)
            default: try reader.skip()
            }
        }
    }

    private mutating func readBuiltIn(
        _ message: WireReader, _ driver: String, _ handle: WireTag, into volume: inout VolumeRecord
    ) throws(WireError) {
        volume.driver = pool.strings.intern(driver)
        volume.handle = try text(message, handle)
    }

    /// The text of one field; empty if it is absent.
    private mutating func text(_ message: WireReader, _ field: WireTag) throws(WireError) -> StringID {
        var reader = message
        var text = StringID.empty
        while try reader.next() {
            if reader.tag == field { text = pool.strings.intern(utf8: try reader.text()) } else { try reader.skip() }
        }
        return text
    }
}
