import KubernetesModel
import LocatedDocuments

/// One Kubernetes object of a manifest with where it stands.
struct ManifestObject {
    let file: SourceFile
    let node: LocatedNode
    let gvk: GroupVersionKind
    /// With `*` at its end when the API server completes it (`generateName`); empty when there is none.
    let name: String
    let namespace: String

    /// `metadata.labels` that are strings, for Namespaces that supply defaults.
    var labels: [String: String] {
        var result: [String: String] = [:]
        for entry in node["metadata"]?["labels"]?.mapping ?? [] { result[entry.name] = entry.value.string }
        return result
    }

    /// `metadata.uid`; empty in a manifest that was not read from a cluster.
    var uid: String { node["metadata"]?["uid"]?.string ?? "" }
}

/// Finds the objects of manifests: documents, the items of Lists, and what is none.
struct ManifestReader {
    /// Lists in lists are legal; nobody nests them deeper.
    private static let maximumListDepth = 8
    /// Characters kept of names. Kubernetes allows 253; a longer one is refused by the API server and would only fill
    /// the report.
    private static let maximumName = 256

    private let limits: DocumentLimits
    private let reader: DocumentReader
    /// Whether a List was met, which may rightly be empty.
    private(set) var sawList = false

    init(limits: DocumentLimits) {
        self.limits = limits
        // kubectl refuses a key that stands twice, so a manifest with one is not fit to be applied.
        reader = DocumentReader(limits: limits, duplicateKeys: .error)
    }

    /// What one file holds.
    struct Contents {
        var objects: [ManifestObject] = []
        var diagnostics: [Diagnostic] = []
    }

    mutating func read(_ file: SourceFile) -> Contents {
        let stream = reader.read(file)
        var contents = Contents(diagnostics: stream.diagnostics)
        for document in stream.documents { collect(document.root, file, ListKind(), depth: 0, &contents) }
        if contents.diagnostics.count > limits.diagnostics {
            contents.diagnostics.removeLast(contents.diagnostics.count - limits.diagnostics)
        }
        return contents
    }

    /// What the items of a typed list are: the API server leaves it out of them (`kubectl get --raw`).
    private struct ListKind {
        var apiVersion: String?
        var kind: String?
    }

    private mutating func collect(
        _ node: LocatedNode, _ file: SourceFile, _ list: ListKind, depth: Int, _ contents: inout Contents
    ) {
        // A list of a million items that are none must not cost a million messages.
        guard contents.diagnostics.count <= limits.diagnostics else { return }
        guard node.mapping != nil else {
            let remedy = ForeignFile(file.name)?.remedy ?? "check that the file is a manifest; values files are not"
            contents.diagnostics.append(
                file.diagnostic(
                    .error, "expected a Kubernetes object, found \(node.foundDescription)", remedy: remedy,
                    at: node.start))
            return
        }
        guard let kind = text("kind", node, list.kind, file, &contents),
            let apiVersion = text("apiVersion", node, list.apiVersion, file, &contents)
        else { return }
        if kind.hasSuffix("List"), let items = node["items"], items.sequence != nil || items.isNull {
            collect(items.sequence ?? [], file, apiVersion, kind, depth: depth, at: node, &contents)
            return
        }
        let gvk: GroupVersionKind
        do {
            gvk = try GroupVersionKind(apiVersion: apiVersion, kind: kind)
        } catch {
            contents.diagnostics.append(file.diagnostic(.error, "\(error)", at: node["apiVersion"] ?? node))
            return
        }
        let metadata = node["metadata"]
        var name = Self.clipped(metadata?["name"]?.string)
        if name.isEmpty, let prefix = metadata?["generateName"]?.string, !prefix.isEmpty {
            name = Self.clipped(prefix) + "*"
        }
        contents.objects.append(
            ManifestObject(
                file: file, node: node, gvk: gvk, name: name, namespace: Self.clipped(metadata?["namespace"]?.string)))
    }

    private mutating func collect(
        _ items: [LocatedNode], _ file: SourceFile, _ apiVersion: String, _ kind: String, depth: Int,
        at node: LocatedNode, _ contents: inout Contents
    ) {
        sawList = true
        guard depth < Self.maximumListDepth else {
            contents.diagnostics.append(
                file.diagnostic(.error, "lists are nested too deeply", remedy: "flatten them", at: node.start))
            return
        }
        var list = ListKind()
        if kind != "List" { list = ListKind(apiVersion: apiVersion, kind: String(kind.dropLast("List".count))) }
        for item in items { collect(item, file, list, depth: depth + 1, &contents) }
    }

    private func text(
        _ key: String, _ node: LocatedNode, _ inherited: String?, _ file: SourceFile, _ contents: inout Contents
    ) -> String? {
        if let value = node[key]?.string, !value.isEmpty {
            guard value.unicodeScalars.count > Self.maximumName else { return value }
            contents.diagnostics.append(
                file.diagnostic(
                    .error, "\"\(key)\" has more than \(Self.maximumName) characters", remedy: "correct it",
                    at: node[key] ?? node))
            return nil
        }
        if node[key] == nil, let inherited { return inherited }
        let found = node[key].map { "found \($0.foundDescription)" } ?? "there is none"
        let remedy = ForeignFile(file.name)?.remedy ?? "add \(key), or leave the file out if it is no manifest"
        contents.diagnostics.append(
            file.diagnostic(
                .error, "expected a Kubernetes object with a text \"\(key)\", but \(found)", remedy: remedy,
                at: (node[key] ?? node).start))
        return nil
    }

    private static func clipped(_ text: String?) -> String {
        guard let text, text.unicodeScalars.count > maximumName else { return text ?? "" }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(maximumName))) + "…"
    }
}

/// Files that stand among manifests and are the input of what makes them.
enum ForeignFile {
    case kustomization, chart, values

    /// By the file's name, as the tools themselves find them.
    init?(_ path: String) {
        switch path.split(separator: "/").last {
        case "kustomization.yaml", "kustomization.yml", "Kustomization": self = .kustomization
        case "Chart.yaml": self = .chart
        case "values.yaml": self = .values
        default: return nil
        }
    }

    var remedy: String {
        switch self {
        case .kustomization: "check what it builds: kustomize build DIRECTORY | tallygate check -"
        case .chart, .values: "check what the chart renders: helm template CHART | tallygate check -"
        }
    }
}
