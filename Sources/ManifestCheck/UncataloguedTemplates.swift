import KubernetesModel
import LocatedDocuments

/// Looks for pod templates in objects of kinds the catalogue does not know: they would make Pods that nobody checked.
struct UncataloguedTemplates {
    /// Levels searched. The deepest template of the built-in catalogue starts eight below the root.
    private static let maximumDepth = 12
    /// Nodes looked at in one object, so that large custom resources cost little.
    private static let maximumNodes = 10_000
    /// Paths named in a note; what has more (one for each replica type) is better written with a wildcard.
    private static let maximumPaths = 4
    /// Kinds of the API server itself that hold a template and make no Pods of it.
    private static let storesOnly: Set<GroupKind> = [
        GroupKind(group: "", kind: "PodTemplate"), GroupKind(group: "apps", kind: "ControllerRevision"),
    ]

    private let catalogue: WorkloadCatalogue
    /// A kind is noted once for each set of paths, not once for each object.
    private var noted: Set<String> = []

    init(catalogue: WorkloadCatalogue) { self.catalogue = catalogue }

    /// A note that names what looks like pod templates: mappings whose `spec` has a list of `containers`.
    mutating func note(_ object: ManifestObject) -> Diagnostic? {
        let groupKind = object.gvk.groupKind
        if Self.storesOnly.contains(groupKind) { return nil }
        var message: String
        var remedy: String
        if let known = catalogue.kind(groupKind) {
            message = "\(object.gvk) is not judged: the workload catalogue knows \(groupKind) as "
            message += known.versions.map { GroupVersion(group: known.group, version: $0).description }
                .joined(separator: ", ")
            remedy = "use one of these versions, or add a WorkloadKind document for this one to the policy"
        } else {
            let paths = Self.templates(object.node)
            if paths.isEmpty { return nil }
            let shown = paths.prefix(Self.maximumPaths).map(\.description)
            let rest = paths.count > shown.count ? " and more" : ""
            message = "\(object.gvk) is not in the workload catalogue, but has what looks like a pod template at "
            message += shown.joined(separator: ", ") + rest
            let list = shown.map { "'\($0)'" }.joined(separator: ", ")
            remedy = "add a WorkloadKind document with templatePaths: [\(list)] to the policy"
        }
        guard noted.insert(message).inserted else { return nil }
        return object.file.diagnostic(.note, message, remedy: remedy, at: object.node["kind"] ?? object.node)
    }

    private static func templates(_ root: LocatedNode) -> [TemplatePath] {
        var budget = maximumNodes
        var found: [TemplatePath] = []
        for entry in root.mapping ?? [] where entry.name != "metadata" && entry.name != "status" {
            search(entry.value, [.member(entry.name)], &budget, &found)
        }
        return found
    }

    private static func search(
        _ node: LocatedNode, _ path: [TemplatePath.Segment], _ budget: inout Int, _ found: inout [TemplatePath]
    ) {
        budget -= 1
        guard path.count <= maximumDepth, budget > 0, found.count <= maximumPaths else { return }
        switch node.value {
        case .scalar: return
        case .sequence(let items):
            for item in items { search(item, path + [.anyElement], &budget, &found) }
        case .mapping(let entries):
            if node["spec"]?["containers"]?.sequence != nil {
                let path = TemplatePath(segments: path)
                if !found.contains(path) { found.append(path) }
                return
            }
            for entry in entries { search(entry.value, path + [.member(entry.name)], &budget, &found) }
        }
    }
}
