import LocatedDocuments

/// Collects what is found in all documents of one load, so that a user sees every mistake at once.
final class DiagnosticSink {
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var errorCount = 0

    func add(_ diagnostic: Diagnostic) {
        diagnostics.append(diagnostic)
        if diagnostic.severity == .error { errorCount += 1 }
    }
}

/// The sink as seen from one file.
struct FileLog {
    let file: SourceFile
    let sink: DiagnosticSink

    func error(_ message: String, remedy: String? = nil, at node: LocatedNode) {
        sink.add(file.diagnostic(.error, message, remedy: remedy, at: node))
    }

    func error(_ message: String, remedy: String? = nil, at position: SourcePosition) {
        sink.add(file.diagnostic(.error, message, remedy: remedy, at: position))
    }

    func warning(_ message: String, remedy: String? = nil, at node: LocatedNode) {
        sink.add(file.diagnostic(.warning, message, remedy: remedy, at: node))
    }
}
