package import KubernetesClient
package import KubernetesModel

/// What is known of how the API server treats the custom resources of the catalogue, and which definition is to be looked
/// at next. Does no I/O and has no clock.
package struct DefinitionBook: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Between two looks at one definition. Its schema changes when an operator is upgraded; the definitions of all kinds
    /// of the catalogue have some 10 MB together, so they are not read with every look at what the cluster has.
    package static let interval = Duration.seconds(600)
    /// After a look that failed.
    package static let retry = Duration.seconds(60)
    /// Groups of the catalogue that no definition can have.
    static let builtinGroups: Set<String> = ["", "apps", "batch"]

    private struct Entry: Sendable {
        var resource: APIResource
        var next: Instant?
        var pruned: PrunedKind?
        /// Why the last look failed.
        var failure: String?
    }

    private var entries: [GroupKind: Entry] = [:]
    private var told: Set<PrunedKind> = []

    package init() {}

    /// Takes what the cluster has now. A kind that it has not any more, or another definition of it, is forgotten.
    package mutating func serve(_ served: ServedResources, _ catalogue: WorkloadCatalogue) {
        let old = entries
        entries = [:]
        for kind in catalogue.kinds.map(\.groupKind) where !Self.builtinGroups.contains(kind.group) {
            guard let resource = served.resources[kind] else { continue }
            entries[kind] = old[kind].flatMap { $0.resource == resource ? $0 : nil } ?? Entry(resource: resource)
        }
    }

    /// The definitions to be looked at, by the kinds they define.
    package func due(at now: Instant) -> [(kind: GroupKind, definition: ObjectReference)] {
        entries.filter { $0.value.next.map { $0 <= now } ?? true }.sorted { $0.key < $1.key }.map { kind, entry in
            let name = "\(entry.resource.plural).\(entry.resource.group)"
            return (kind, ObjectReference(.customResourceDefinitions, name: name))
        }
    }

    /// - Parameter pruned: nil: its templates keep their labels, or nobody defines it (an extension server has it).
    package mutating func read(_ kind: GroupKind, _ pruned: PrunedKind?, at now: Instant) {
        entries[kind]?.failure = nil
        entries[kind]?.pruned = pruned
        entries[kind]?.next = now + Self.interval
    }

    /// A look that failed. What is known of the kind stays.
    ///
    /// - Parameter isAlone: whether others may fare better: rights are given by name.
    /// - Returns: what to tell; nil if it was told the last time.
    package mutating func failed(
        _ kind: GroupKind, _ text: String, isAlone: Bool, at now: Instant
    ) -> String? {
        let isNew = entries[kind]?.failure != text
        for kind in isAlone ? [kind] : due(at: now).map(\.kind) {
            entries[kind]?.failure = text
            entries[kind]?.next = now + Self.retry
        }
        return isNew ? text : nil
    }

    /// Kinds that lose labels, if they are others than when this was asked last.
    package mutating func takeChange() -> [PrunedKind]? {
        let pruned = entries.sorted { $0.key < $1.key }.compactMap(\.value.pruned)
        guard Set(pruned) != told else { return nil }
        told = Set(pruned)
        return pruned
    }

    /// Whether each was looked at, with whatever success.
    package var isSettled: Bool { entries.values.allSatisfy { $0.next != nil } }
}
