import LocatedDocuments
import NIOCore

/// Reads texts out of an object in JSON.
enum ObjectText {
    /// One object: the API server stores at most 1.5 MB, in JSON some more; a value takes some bytes.
    private static let limits = DocumentLimits(
        fileBytes: 16 << 20, documents: 1, nodes: 1_000_000, depth: 512, diagnostics: 1)

    static func tree(_ body: ByteBuffer) -> LocatedNode? {
        let file = SourceFile(name: "object", bytes: Array(body.readableBytesView))
        let stream = DocumentReader(limits: limits, duplicateKeys: nil).read(file)
        guard stream.diagnostics.isEmpty, let root = stream.documents.first?.root, root.mapping != nil else {
            return nil
        }
        return root
    }

    /// The texts of the object at the end of a path; none if it is not there.
    static func texts(in root: LocatedNode, at path: [String]) -> [String: String] {
        var node: LocatedNode? = root
        for name in path { node = node?[name] }
        var texts: [String: String] = [:]
        for entry in node?.mapping ?? [] { texts[entry.name] = entry.value.string }
        return texts
    }
}
