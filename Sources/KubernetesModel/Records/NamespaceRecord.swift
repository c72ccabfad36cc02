/// A Namespace, with the labels that supply defaults and that selectors read.
package struct NamespaceRecord: Sendable, Hashable {
    package var uid: ObjectUID
    package var created = ObjectTime.none
    package var deleted = ObjectTime.none
    package var name: StringID
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty

    package init(name: StringID, uid: ObjectUID) {
        self.name = name
        self.uid = uid
    }
}
