import KubernetesModel
import LocatedDocuments

/// One Kubernetes object of a manifest with where it stands.
struct ManifestObject {
    let file: SourceFile
    let node: LocatedNode
    let gvk: GroupVersionKind
    let name: String
    let namespace: String

    /// `metadata.labels` that are strings, for Namespaces that supply defaults.
    var labels: [String: String] {
        var result: [String: String] = [:]
        for entry in node["metadata"]?["labels"]?.mapping ?? [] { result[entry.name] = entry.value.string }
        return result
    }
}

/// Finds the objects of manifests: documents, the items of Lists, and what is none.
struct ManifestReader {
    /// Lists in lists are legal; nobody nests them deeper.
    private static let maximumListDepth = 8

    private(set) var objects: [ManifestObject] = []
    private(set) var diagnostics: [Diagnostic] = []
    private let reader = DocumentReader(limits: .manifests, duplicateKeys: .error)

    mutating func read(_ file: SourceFile) {
        let stream = reader.read(file)
        diagnostics += stream.diagnostics
        for document in stream.documents { collect(document.root, file, depth: 0) }
    }

    private mutating func collect(_ node: LocatedNode, _ file: SourceFile, depth: Int) {
        guard node.mapping != nil else {
            diagnostics.append(
                file.diagnostic(
                    .error, "expected a Kubernetes object, found \(node.foundDescription)",
                    remedy: "check that the file is a manifest; values files and templates are not", at: node.start))
            return
        }
        guard let kind = text("kind", node, file), let apiVersion = text("apiVersion", node, file) else { return }
        if kind.hasSuffix("List"), let items = node["items"]?.sequence {
            guard depth < Self.maximumListDepth else {
                diagnostics.append(
                    file.diagnostic(.error, "lists are nested too deeply", remedy: "flatten them", at: node.start))
                return
            }
            for item in items { collect(item, file, depth: depth + 1) }
            return
        }
        let gvk: GroupVersionKind
        do {
            gvk = try GroupVersionKind(apiVersion: apiVersion, kind: kind)
        } catch {
            diagnostics.append(file.diagnostic(.error, "\(error)", at: node["apiVersion"] ?? node))
            return
        }
        let metadata = node["metadata"]
        let name = metadata?["name"]?.string ?? metadata?["generateName"]?.string.map { $0 + "*" } ?? ""
        objects.append(
            ManifestObject(
                file: file, node: node, gvk: gvk, name: name, namespace: metadata?["namespace"]?.string ?? ""))
    }

    private mutating func text(_ key: String, _ node: LocatedNode, _ file: SourceFile) -> String? {
        if let value = node[key]?.string, !value.isEmpty { return value }
        let found = node[key].map { "found \($0.foundDescription)" } ?? "there is none"
        diagnostics.append(
            file.diagnostic(
                .error, "expected a Kubernetes object with a text \"\(key)\", but \(found)",
                remedy: "add \(key), or leave the file out if it is no manifest", at: (node[key] ?? node).start))
        return nil
    }
}
