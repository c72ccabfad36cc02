package import Admission
package import KubernetesClient
package import KubernetesModel
package import LabelPolicy
import Synchronization

/// The facts at hand: copies of the cluster's namespaces, and of the objects that own Pods.
///
/// Made for one policy's keys and catalogue: what the policy does not read is not kept.
package final class ClusterCache: ClusterFacts {
    package let kinds: OwnerKinds
    private let namespaces: Store<CachedNamespace>
    private let owners = Mutex<[GroupKind: Store<CachedOwner>]>([:])

    package init(kinds: OwnerKinds, namespaces: Store<CachedNamespace>) {
        self.kinds = kinds
        self.namespaces = namespaces
    }

    /// From now on owners of this kind are looked for in the store; without one they are asked for at the server.
    package func setStore(_ store: Store<CachedOwner>?, of kind: GroupKind) { owners.withLock { $0[kind] = store } }

    package var suppliesOwners: Bool { true }

    /// A namespace that is not in the copy may have been made a moment ago.
    package func namespace(_ name: String, for evaluator: Evaluator) -> NamespaceFact {
        switch namespaces.find(name, { object, _ in object.labels }) {
        case .found(let labels): .labels(labels)
        case .absent, .notSynced: .missing
        }
    }

    package func owner(_ key: OwnerKey, for evaluator: Evaluator) -> OwnerFact {
        guard let store = owners.withLock({ $0[key.kind] }) else { return .missing }
        switch store.find(key.uid, { object, _ in object }) {
        case .found(let owner): return owner.fact(for: key, kinds)
        case .absent, .notSynced: return .missing
        }
    }
}
