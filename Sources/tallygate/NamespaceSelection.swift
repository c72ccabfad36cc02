import Attribution
import Audit
import LabelPolicy

/// The part of a report that is about some namespaces, of an audit whose settings show the findings of these alone.
///
/// Nodes are shared, so costs are those that the whole cluster's audit found. What cannot be said of namespaces, such as
/// idle room and node groups, is left out.
struct NamespaceSelection {
    private let texts: [String]
    let globs: [Glob]

    init(_ names: [String]) {
        texts = names
        globs = names.map { Glob($0) }
    }

    private func contains(_ name: String) -> Bool { globs.contains { $0.matches(name) } }

    func apply(to report: AuditReport) throws -> AuditReport {
        var report = report
        for (text, glob) in zip(texts, globs) where !report.namespaces.contains(where: { glob.matches($0.name) }) {
            throw CommandOutcome.inputError("no namespace of the cluster matches --namespace \"\(text)\"")
        }
        report.namespaces.removeAll { !contains($0.name) }
        report.nodeGroups = []
        report.simulation.namespaces.removeAll { !contains($0.namespace) }
        report.simulation.blocked = report.simulation.namespaces.reduce(into: Simulation.Blocked()) { $0 += $1.blocked }
        report.coverage = AuditReport.Coverage(all: sum(report.namespaces.map(\.coverage)))
        report.totals.namespaces = report.namespaces.count
        report.totals.workloads = report.coverage.all.workloads
        report.totals.pods = report.namespaces.reduce(0) { $0 + $1.pods }
        report.totals.findings = counts(report.namespaces.map(\.findings))
        report.notes.append(
            AuditReport.Note(
                kind: .limit,
                text: "only of namespaces \(texts.joined(separator: ", ")): findings, coverage and counts; "
                    + "sums of money and showback are the whole cluster's"))
        return report
    }

    private func sum(_ shares: [AuditReport.Share]) -> AuditReport.Share {
        shares.reduce(into: AuditReport.Share()) { sum, share in
            sum.attributedWorkloads += share.attributedWorkloads
            sum.workloads += share.workloads
            sum.attributedSpend = sum.attributedSpend + share.attributedSpend
            sum.spend = sum.spend + share.spend
        }
    }

    private func counts(_ parts: [AuditReport.FindingCounts]) -> AuditReport.FindingCounts {
        var all = AuditReport.FindingCounts()
        for part in parts {
            all.required += part.required
            all.recommended += part.recommended
            for reason in part.byReason {
                if let place = all.byReason.firstIndex(where: { $0.reason == reason.reason }) {
                    all.byReason[place].required += reason.required
                    all.byReason[place].recommended += reason.recommended
                    all.byReason[place].unattributed = all.byReason[place].unattributed + reason.unattributed
                } else {
                    all.byReason.append(reason)
                }
            }
        }
        let order = Dictionary(uniqueKeysWithValues: Reason.allCases.enumerated().map { ($0.element, $0.offset) })
        all.byReason.sort { (order[$0.reason] ?? 0) < (order[$1.reason] ?? 0) }
        return all
    }
}
