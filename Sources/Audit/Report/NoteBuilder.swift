import Attribution
import KubernetesModel
import LabelPolicy

/// What a report does not cover.
struct NoteBuilder {
    /// Notes of one kind in a report; the rest is counted.
    static let maximumOfKind = 50

    private let cluster: AuditedCluster

    init(_ cluster: AuditedCluster) { self.cluster = cluster }

    func notes(_ given: [AuditReport.Note], cut: AuditReport.Cut) -> [AuditReport.Note] {
        var texts: [AuditReport.Note.Kind: Set<String>] = [:]
        for note in given { texts[note.kind, default: []].insert(note.text) }
        for note in cluster.state.notes {
            switch note.gap {
            // Usual for what an operator installs.
            case .absent: break
            case .forbidden, .failed: texts[.unread, default: []].insert(note.description)
            case .problems: texts[.object, default: []].insert(note.description)
            }
        }
        for problem in cluster.allocation.problems {
            // Nodes without a price are findings.
            if case .price(_, .unpriced) = problem { continue }
            // Of a hundred nodes of one type it is said once.
            if case .price(_, let priced) = problem, priced.isOfInstanceType {
                texts[.price, default: []].insert(priced.description)
            } else {
                texts[.price, default: []].insert(problem.description)
            }
        }
        addRoots(&texts[.object, default: []])
        if cut.findings > 0 {
            texts[.limit, default: []].insert(
                "\(cut.findings) findings are left out, the least of them; counts and sums include them")
        }
        return AuditReport.Note.Kind.allCases.flatMap { kind in Self.bounded(kind, texts[kind] ?? []) }
    }

    private func addRoots(_ texts: inout Set<String>) {
        var missing = 0
        for (place, root) in cluster.index.workloadRoots.enumerated() {
            let name = AuditReport.Account.workload(cluster.roots[place]).name
            switch root.end {
            case .top: break
            case .missing: missing += 1
            case .cycle:
                texts.insert("\(GapText.quote(name)) stands in a circle of owners; it counts as their root")
            case .tooDeep:
                texts.insert("\(GapText.quote(name)) has more owners above it than are followed; it counts as the root")
            }
        }
        if missing > 0 {
            texts.insert(
                "\(FindingWriter.count(missing, "owner")) of Pods could not be found (gone, not readable, or misnamed); "
                    + "such Pods are judged by their own labels and their namespace's")
        }
    }

    private static func bounded(_ kind: AuditReport.Note.Kind, _ texts: Set<String>) -> [AuditReport.Note] {
        let sorted = texts.sorted()
        var notes = sorted.prefix(maximumOfKind).map { AuditReport.Note(kind: kind, text: GapText.clean($0, 400)) }
        if sorted.count > maximumOfKind {
            notes.append(AuditReport.Note(kind: kind, text: "and \(sorted.count - maximumOfKind) more like these"))
        }
        return notes
    }
}
