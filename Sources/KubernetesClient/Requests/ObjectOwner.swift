import LocatedDocuments
package import NIOCore

/// An object with whose end others are to end too: what `metadata.ownerReferences` says.
package struct ObjectOwner: Sendable, Hashable {
    private let kind: String
    private let name: String
    private let uid: String

    /// A ServiceAccount of an answer; nil if it is none.
    init?(serviceAccount body: ByteBuffer) {
        guard let root = SmallJSON.tree(body), root["kind"]?.string == "ServiceAccount",
            let name = root["metadata"]?["name"]?.string, let uid = root["metadata"]?["uid"]?.string
        else { return nil }
        (kind, self.name, self.uid) = ("ServiceAccount", name, uid)
    }

    /// A member of `metadata`, as JSON.
    package var member: [UInt8] {
        var text = Array(#""ownerReferences":[{"apiVersion":"v1","kind":"#.utf8)
        text.appendJSON(kind)
        text += Array(#","name":"#.utf8)
        text.appendJSON(name)
        text += Array(#","uid":"#.utf8)
        text.appendJSON(uid)
        return text + Array("}]".utf8)
    }
}

/// Finds whom the objects that a process makes belong to, so that they go when what was installed goes.
package struct OwnerFinder: Sendable {
    private let api: KubernetesAPI
    private let account: ObjectReference

    /// - Parameter serviceAccount: the process' own; in a cluster nothing of an installation lives as long.
    package init(_ api: KubernetesAPI, namespace: String, serviceAccount: String) {
        self.api = api
        account = ObjectReference(.serviceAccounts, namespace: namespace, name: serviceAccount)
    }

    /// nil: it cannot be found out. What is made without an owner does what it is for, and stays behind.
    package func find(deadline: NIODeadline) async -> ObjectOwner? {
        (try? await api.get(account, deadline: deadline, isRetried: false)).flatMap {
            ObjectOwner(serviceAccount: $0.body)
        }
    }
}
