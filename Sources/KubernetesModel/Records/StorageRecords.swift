/// A PersistentVolumeClaim.
package struct ClaimRecord: Sendable, Hashable {
    package var uid: ObjectUID
    package var controller = ControllerReference.none
    package var created = ObjectTime.none
    package var deleted = ObjectTime.none
    /// Bytes asked for.
    package var requested: Int64 = 0
    /// Bytes of the volume it is bound to; 0 before.
    package var capacity: Int64 = 0
    package var namespace: StringID
    package var name: StringID
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty
    package var storageClass = StringID.empty
    /// The PersistentVolume it is bound to.
    package var volume = StringID.empty

    package init(namespace: StringID, name: StringID, uid: ObjectUID) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}

/// A PersistentVolume.
package struct VolumeRecord: Sendable, Hashable {
    package var uid: ObjectUID
    package var created = ObjectTime.none
    package var deleted = ObjectTime.none
    /// Bytes.
    package var capacity: Int64 = 0
    package var name: StringID
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty
    package var storageClass = StringID.empty
    /// The claim it is bound to, or was: a released volume goes on costing.
    package var claimNamespace = StringID.empty
    package var claimName = StringID.empty
    package var claimUID = ObjectUID.none
    /// The CSI driver (`ebs.csi.aws.com`); empty for volumes of the kinds built into Kubernetes.
    package var driver = StringID.empty
    /// What the driver calls the volume: the cloud's id of the disk.
    package var handle = StringID.empty

    package init(name: StringID, uid: ObjectUID) {
        self.name = name
        self.uid = uid
    }
}
