import LocatedDocuments

/// Reads text as manifests are read, duplicate keys as errors.
func read(_ text: String, name: String = "t.yaml", limits: DocumentLimits = .manifests) -> DocumentStream {
    DocumentReader(limits: limits, duplicateKeys: .error).read(SourceFile(name: name, text: text))
}

/// The trees of a text as JSON, one per line, or the first diagnostic's line.
func json(_ text: String, name: String = "t.yaml") -> String {
    let stream = read(text, name: name)
    if let first = stream.diagnostics.first { return first.line }
    let lines = stream.documents.map { document -> String in
        do throws(JSONRenderingError) {
            return String(decoding: try document.root.json(), as: UTF8.self)
        } catch {
            return error.message
        }
    }
    return lines.joined(separator: "\n")
}

/// `line:column` of a position.
func place(_ position: SourcePosition) -> String { "\(position.line):\(position.column)" }
