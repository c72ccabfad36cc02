import Audit
import LabelPolicy

/// The namespaces that a report is to be about.
struct NamespaceSelection {
    private let texts: [String]
    let globs: [Glob]

    init(_ names: [String]) {
        texts = names
        globs = names.map { Glob($0) }
    }

    /// Makes sure that there are such namespaces, and says in the report what it leaves out.
    func check(_ report: inout AuditReport) throws {
        if texts.isEmpty { return }
        for (text, glob) in zip(texts, globs) where !report.namespaces.contains(where: { glob.matches($0.name) }) {
            throw CommandOutcome.inputError("no namespace of the cluster matches --namespace \"\(text)\"")
        }
        report.notes.append(
            AuditReport.Note(
                kind: .limit,
                text: "only of namespaces \(texts.joined(separator: ", ")): all sums are what their workloads, volumes "
                    + "and load balancers cost; idle room, node groups and other namespaces are left out"))
    }
}
