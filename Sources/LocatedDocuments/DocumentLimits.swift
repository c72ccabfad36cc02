/// Bounds on what is read from one file, so that a hostile or mistaken file costs a message and not the process.
package struct DocumentLimits: Sendable {
    /// Size of the file in bytes.
    package var fileBytes: Int
    /// Documents in the file, empty ones not counted.
    package var documents: Int
    /// Nodes (scalars, mappings, sequences; keys too) of the whole file *after* aliases are expanded. Aliases of
    /// aliases multiply ("billion laughs"): ten lines can stand for 10^9 nodes. Subtrees are shared in memory, but
    /// every reader walks them as often as they occur.
    package var nodes: Int
    /// Mappings and sequences inside each other. The tree is walked recursively, so this bounds the stack.
    package var depth: Int
    /// Diagnostics kept for one file; a binary taken for a manifest must not print a million lines.
    package var diagnostics: Int

    package init(fileBytes: Int, documents: Int, nodes: Int, depth: Int, diagnostics: Int) {
        self.fileBytes = fileBytes
        self.documents = documents
        self.nodes = nodes
        self.depth = depth
        self.diagnostics = diagnostics
    }

    /// For policy files. A ConfigMap holds at most 1 MiB, a file on disk may be a concatenation of some; a registry
    /// entry takes about 200 bytes and 20 nodes, so this is room for 20,000 teams.
    package static let policy = DocumentLimits(
        fileBytes: 4 << 20, documents: 10_000, nodes: 500_000, depth: standardDepth, diagnostics: 200)

    /// For manifests. The API server takes bodies of at most 3 MiB, but a file may hold a whole `kubectl get -o json`
    /// list or every CRD of a platform (the largest bundles in public use are near 30 MB); a node takes 8 bytes of
    /// text at the very least, and 16 on average.
    package static let manifests = DocumentLimits(
        fileBytes: 64 << 20, documents: 50_000, nodes: 4_000_000, depth: standardDepth, diagnostics: 200)

    /// The deepest schemas in public use (CRDs that embed a pod template in a list in a list) stay under 70; at 512
    /// levels a recursive walk needs well under half of the 512 KiB that the smallest thread stacks have.
    private static let standardDepth = 512
}
