import LocatedDocuments

/// Reads the labels of Namespace manifests, for a gate that has no cluster to ask.
enum NamespaceManifests {
    static func read(_ paths: [String]) throws -> [String: [String: String]] {
        if paths.isEmpty { return [:] }
        var result: [String: [String: String]] = [:]
        let reader = DocumentReader(limits: .manifests, duplicateKeys: .error)
        for file in try ManifestFiles().read(paths) {
            let stream = reader.read(file)
            for diagnostic in stream.diagnostics { StandardError.print(diagnostic.rendered) }
            if stream.diagnostics.contains(where: { $0.severity == .error }) {
                throw CommandOutcome.inputError("\(file.name) cannot be read as Namespace manifests; see above")
            }
            for document in stream.documents {
                let items = document.root["items"]?.sequence ?? [document.root]
                for item in items where item["kind"]?.string == "Namespace" {
                    guard let name = item["metadata"]?["name"]?.string else { continue }
                    var labels: [String: String] = [:]
                    for entry in item["metadata"]?["labels"]?.mapping ?? [] { labels[entry.name] = entry.value.string }
                    result[name] = labels
                }
            }
        }
        return result
    }
}
