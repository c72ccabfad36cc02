/// The metadata of an object of any kind that owns Pods, directly or through others.
package struct OwnerRecord: Sendable, Hashable {
    package var uid: ObjectUID
    package var controller = ControllerReference.none
    package var created = ObjectTime.none
    package var deleted = ObjectTime.none
    package var kind: KindID
    /// The API version it was read in: `v1`.
    package var version: StringID
    /// Empty for an object that is in none.
    package var namespace: StringID
    package var name: StringID
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty
    /// Labels of its Pod template, if the template was read.
    package var templateLabels = LabelSetID.empty
    package var hasTemplate = false

    package init(kind: KindID, version: StringID, namespace: StringID, name: StringID, uid: ObjectUID) {
        self.kind = kind
        self.version = version
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}
