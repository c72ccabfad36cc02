package import Admission
import KubernetesClient
package import KubernetesModel
package import LabelPolicy

/// The kinds that can own what the gate judges, by number: a cached object names its controller's kind in two bytes.
package struct OwnerKinds: Sendable, Hashable {
    private let kinds: [GroupKind]
    private let numbers: [GroupKind: UInt16]

    package init(_ catalogue: WorkloadCatalogue) {
        var kinds: [GroupKind] = []
        var numbers: [GroupKind: UInt16] = [:]
        // A catalogue of more kinds than that was made by a mistake; those beyond own nothing.
        for kind in catalogue.kinds where numbers[kind.groupKind] == nil && kinds.count < Int(UInt16.max) {
            numbers[kind.groupKind] = UInt16(kinds.count)
            kinds.append(kind.groupKind)
        }
        self.kinds = kinds
        self.numbers = numbers
    }

    package func number(of kind: GroupKind) -> UInt16? { numbers[kind] }

    package subscript(_ number: UInt16) -> GroupKind? {
        kinds.indices.contains(Int(number)) ? kinds[Int(number)] : nil
    }
}

/// An object that owns others, as the gate keeps it.
package struct CachedOwner: CachedObject {
    /// Its own controller, if that is of a kind that counts.
    package struct Controller: Sendable, Hashable {
        package let kind: UInt16
        package let name: String
        package let uid: OwnerUID

        package init(kind: UInt16, name: String, uid: OwnerUID) {
            self.kind = kind
            self.name = name
            self.uid = uid
        }
    }

    package let uid: OwnerUID
    package let namespace: String
    package let name: String
    package let labels: ObservedLabels
    package let controller: Controller?

    package init(uid: OwnerUID, namespace: String, name: String, labels: ObservedLabels, controller: Controller?) {
        self.uid = uid
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.controller = controller
    }

    /// A reference names an object by its UID, and that is checked in any case.
    package var key: OwnerUID { uid }

    package static func makeShared() -> SharedValues { SharedValues() }

    package static func footprint(of shared: SharedValues) -> Int { shared.footprint }

    package func moved(from old: SharedValues, to new: inout SharedValues) -> CachedOwner {
        CachedOwner(
            uid: uid, namespace: new.share(namespace), name: name, labels: new.share(labels), controller: controller)
    }

    /// What a reference of this key learns from it. The UID is the object's own for ever, so a reference that gives it
    /// another name or namespace was made up.
    package func fact(for key: OwnerKey, _ kinds: OwnerKinds) -> OwnerFact {
        guard key.name == name, key.namespace == namespace else { return .absent }
        let above = controller.flatMap { controller in
            kinds[controller.kind].map {
                OwnerKey(kind: $0, namespace: namespace, name: controller.name, uid: controller.uid)
            }
        }
        return .known(KnownOwner(labels: labels, controller: above))
    }
}
