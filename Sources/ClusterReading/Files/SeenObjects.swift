import KubernetesModel
import LocatedDocuments

/// Which objects have been read, so that files that overlap do not count one twice.
struct SeenObjects: Sendable {
    private enum Identity: Sendable, Hashable {
        case uid(String)
        /// Of an object without a UID, such as a manifest.
        case name(GroupKind, namespace: String, name: String)
    }

    private var identities: Set<Identity> = []

    /// Whether the object is there for the first time. One that says neither UID nor name always is.
    ///
    /// A UID is an object's own for all times, so one of the same name that was made anew is another object.
    mutating func insert(_ object: LocatedNode, kind: GroupKind) -> Bool {
        let metadata = object["metadata"]
        let uid = metadata?.text("uid") ?? ""
        if !uid.isEmpty { return identities.insert(.uid(uid)).inserted }
        let name = metadata?.text("name") ?? ""
        if name.isEmpty { return true }
        return identities.insert(.name(kind, namespace: metadata?.text("namespace") ?? "", name: name)).inserted
    }
}
