import KubernetesModel

/// The kinds of the catalogue by which owner references name controllers.
struct OwnerKinds: Sendable {
    /// What is asked of a kind. A class, so that it is handed on for one reference count.
    final class Entry: Sendable {
        let name: GroupKind
        /// Those of the versions that are known.
        fileprivate let apiVersions: [String]
        let decidesLabels: Bool
        let isMadeByKubernetes: Bool

        fileprivate init(_ kind: WorkloadKind) {
            name = kind.groupKind
            apiVersions = kind.groupVersionKinds.map(\.apiVersion)
            decidesLabels = kind.decidesLabels
            isMadeByKubernetes = kind.isMadeByKubernetes
        }
    }

    /// By the length of the kind's name in bytes: few share one, so that to look through them is cheaper than to hash.
    private let byLength: [[Entry]]

    init(_ catalogue: WorkloadCatalogue) {
        let longest = catalogue.kinds.map(\.kind.utf8.count).max() ?? 0
        var byLength = [[Entry]](repeating: [], count: longest + 1)
        for kind in catalogue.kinds {
            let length = kind.kind.utf8.count
            // Of the versions of a kind the first counts, as where the catalogue is asked for a group and kind.
            if byLength[length].contains(where: { $0.name == kind.groupKind }) { continue }
            byLength[length].append(Entry(kind))
        }
        self.byLength = byLength
    }

    /// Nil for kinds nobody judges, and for a reference whose apiVersion is none.
    func entry(for reference: OwnerReference) -> Entry? {
        let length = reference.kind.utf8.count
        guard length < byLength.count else { return nil }
        for entry in byLength[length] where entry.name.kind == reference.kind {
            // Nearly always it is a version that is known; any other of the group will do.
            if entry.apiVersions.contains(reference.apiVersion) { return entry }
            if let group = try? reference.groupKind().group, group == entry.name.group { return entry }
        }
        return nil
    }

    func contains(_ kind: GroupKind) -> Bool {
        let length = kind.kind.utf8.count
        return length < byLength.count && byLength[length].contains { $0.name == kind }
    }
}
