import LocatedDocuments

/// Looks for pod templates in objects of kinds the catalogue does not know: they would make Pods that nobody checked.
enum UncataloguedTemplates {
    /// Levels searched. The deepest template of the built-in catalogue starts eight below the root.
    private static let maximumDepth = 12
    /// Nodes looked at in one object, so that large custom resources cost little.
    private static let maximumNodes = 10_000

    /// A note for the first thing that looks like a pod template: a mapping whose `spec` has a list of `containers`.
    static func note(_ object: ManifestObject) -> [Diagnostic] {
        guard let spec = object.node.entry("spec") else { return [] }
        var budget = maximumNodes
        guard let path = search(spec.value, ["spec"], depth: 0, &budget) else { return [] }
        let kind = "\(object.gvk)"
        let name = path.dropFirst().reduce("spec") { $1 == "[*]" ? $0 + $1 : $0 + "." + $1 }
        return [
            object.file.diagnostic(
                .note, "\(kind) is not in the workload catalogue, but has what looks like a pod template at \(name)",
                remedy: "add a WorkloadKind document with templatePaths: [\"\(name)\"] to the policy",
                at: object.node.entry("kind")?.value ?? object.node)
        ]
    }

    private static func search(_ node: LocatedNode, _ path: [String], depth: Int, _ budget: inout Int) -> [String]? {
        budget -= 1
        guard depth < maximumDepth, budget > 0 else { return nil }
        switch node.value {
        case .scalar: return nil
        case .sequence(let items):
            for item in items {
                if let found = search(item, path + ["[*]"], depth: depth + 1, &budget) { return found }
            }
        case .mapping(let entries):
            if node["spec"]?["containers"]?.sequence != nil { return path }
            for entry in entries {
                if let found = search(entry.value, path + [entry.name], depth: depth + 1, &budget) { return found }
            }
        }
        return nil
    }
}
