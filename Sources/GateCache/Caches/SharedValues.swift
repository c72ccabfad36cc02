package import LabelPolicy

/// What the objects of a cache have in common, each kept once: most of ten thousand ReplicaSets carry the labels of some
/// hundred teams, and live in some hundred namespaces.
package struct SharedValues: Sendable {
    private var labels: Set<ObservedLabels> = []
    private var names: Set<String> = []
    /// Bytes of what is in the sets, roughly.
    package private(set) var footprint = 0

    package init() {}

    package mutating func share(_ value: ObservedLabels) -> ObservedLabels {
        let (isNew, shared) = labels.insert(value)
        if isNew { footprint += value.footprint }
        return shared
    }

    /// A name that many objects have, such as their namespace's.
    package mutating func share(_ name: String) -> String {
        // Stands for itself.
        if name.utf8.count <= 15 { return name }
        let (isNew, shared) = names.insert(name)
        if isNew { footprint += name.utf8.count + 32 }
        return shared
    }
}
