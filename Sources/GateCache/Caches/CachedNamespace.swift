import KubernetesClient
import KubernetesModel
package import LabelPolicy

/// A namespace as the gate keeps it.
package struct CachedNamespace: CachedObject {
    package let name: String
    package let labels: ObservedLabels

    package init(name: String, labels: ObservedLabels) {
        self.name = name
        self.labels = labels
    }

    package var key: String { name }

    package static func makeShared() -> SharedValues { SharedValues() }

    package static func footprint(of shared: SharedValues) -> Int { shared.footprint }

    package func moved(from old: SharedValues, to new: inout SharedValues) -> CachedNamespace {
        CachedNamespace(name: name, labels: new.share(labels))
    }
}
