/// An entry of `metadata.ownerReferences`. Users can write it, so it proves nothing until the owner's
/// UID has been compared.
package struct OwnerReference: Sendable, Hashable {
    package let apiVersion: String
    package let kind: String
    package let name: String
    package let uid: String
    /// Whether the owner is the managing controller; at most one owner of an object is.
    package let controller: Bool

    package init(apiVersion: String, kind: String, name: String, uid: String, controller: Bool) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
    }

    /// The owner's group and kind, by which the catalogue is asked for it.
    package func groupKind() throws(GroupVersionError) -> GroupKind {
        GroupKind(group: try GroupVersion(parsing: apiVersion).group, kind: kind)
    }
}
