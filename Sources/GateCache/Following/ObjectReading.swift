package import Admission
import KubernetesClient
package import KubernetesModel
package import LabelPolicy

/// Makes what the caches keep of objects' metadata.
package struct ObjectReading: Sendable {
    package let evaluator: Evaluator
    package let kinds: OwnerKinds

    package init(evaluator: Evaluator, kinds: OwnerKinds) {
        self.evaluator = evaluator
        self.kinds = kinds
    }

    /// The labels that the policy reads; others need not be kept.
    package var filter: KeyFilter { .keys(evaluator.keys.map(\.text)) }

    package func namespace(_ head: ObjectHead, _ shared: inout SharedValues) -> CachedNamespace {
        CachedNamespace(name: head.name, labels: shared.share(evaluator.observe(head.labels)))
    }

    package func owner(_ head: ObjectHead, _ shared: inout SharedValues) -> CachedOwner {
        CachedOwner(
            uid: OwnerUID(head.uid), namespace: shared.share(head.namespace), name: head.name,
            labels: shared.share(evaluator.observe(head.labels)), controller: controller(head))
    }

    /// What a look-up learns from the object that was found by name.
    package func knownOwner(_ head: ObjectHead, for key: OwnerKey) -> LookupAnswer {
        var shared = SharedValues()
        let owner = owner(head, &shared)
        guard owner.uid == key.uid, case .known(let known) = owner.fact(for: key, kinds) else { return .absent }
        return .owner(known)
    }

    private func controller(_ head: ObjectHead) -> CachedOwner.Controller? {
        guard let reference = head.controller, let kind = try? reference.groupKind(),
            let number = kinds.number(of: kind)
        else { return nil }
        return CachedOwner.Controller(kind: number, name: reference.name, uid: OwnerUID(reference.uid))
    }
}
