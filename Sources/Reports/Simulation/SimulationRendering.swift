package import Audit
import LabelPolicy
import LocatedDocuments

/// The formats of `tallygate simulate`.
package enum SimulationFormat: String, Sendable, CaseIterable {
    case text, json, csv, markdown
}

/// Renders what enforcing a policy would block, and in which order namespaces are best promoted. Pure, as
/// `AuditRenderer` is.
package struct SimulationRenderer: Sendable {
    private let width: Int
    private let isStyled: Bool

    package init(width: Int = AuditRenderer.defaultWidth, isStyled: Bool = false) {
        self.width = min(max(width, AuditRenderer.minimumWidth), AuditRenderer.maximumWidth)
        self.isStyled = isStyled
    }

    /// The report, ending in a line feed.
    package func render(_ report: AuditReport, as format: SimulationFormat) -> String {
        switch format {
        case .text: text(report)
        case .json: JSONSimulation.render(report)
        case .csv: CSVSimulation.render(report)
        case .markdown: markdown(report)
        }
    }

    // MARK: For people

    private func text(_ report: AuditReport) -> String {
        let words = SimulationWords(report)
        var text = TextHeading.render(words.title, width: width, isStyled: isStyled)
        text += paragraph(report.provenance, .faint) + "\n"
        for line in words.summary { text += paragraph(line) }
        if !report.simulation.namespaces.isEmpty {
            text += "\n" + TextHeading.render(words.heading, width: width, isStyled: isStyled)
            text += TextTable(width: width, indent: 2, isStyled: isStyled).render(words.table)
        }
        if !report.notes.isEmpty { text += "\n" + TerminalStyle.bold.paint("Notes", if: isStyled) + "\n" }
        for note in report.notes.prefix(TextAuditReport.maximumNotes) { text += paragraph("- " + note.text) }
        return text
    }

    private func paragraph(_ text: String, _ style: TerminalStyle? = nil) -> String {
        TerminalText.wrap(text, width: width - 2)
            .map { "  " + (style?.paint($0, if: isStyled) ?? $0) + "\n" }.joined()
    }

    private func markdown(_ report: AuditReport) -> String {
        let words = SimulationWords(report)
        var text = "# \(Markdown.escape(words.title))\n\n\(Markdown.escape(report.provenance))\n\n"
        for line in words.summary { text += "\(Markdown.escape(line)).\n" }
        if !report.simulation.namespaces.isEmpty {
            text += "\n## \(words.heading)\n\n" + Markdown.table(words.table)
        }
        if !report.notes.isEmpty { text += "\n## Notes\n\n" }
        for note in report.notes { text += "- \(Markdown.escape(note.text))\n" }
        return text
    }
}

/// What reports for people say of a simulation.
struct SimulationWords {
    private let report: AuditReport
    private let amounts: AmountText

    init(_ report: AuditReport) {
        self.report = report
        amounts = AmountText(report.currency)
    }

    private var simulation: Simulation { report.simulation }

    var title: String {
        "What enforcing would block" + (report.cluster.isEmpty ? "" : " in \(report.cluster)")
    }

    var heading: String { "Namespaces, in the order in which to promote them" }

    var summary: [String] {
        let blocked = simulation.blocked
        let workloads = simulation.namespaces.reduce(0) { $0 + $1.workloads }
        let clean = simulation.namespaces.count(where: \.isClean)
        let cost =
            "\(amounts.monthWithSymbol(blocked.costPerHour)) a month (\(amounts.hour(blocked.costPerHour)) an hour)"
        return [
            blocked.workloads == 0
                ? "None of \(FixText.count(workloads, "workload")) would be blocked"
                : "\(AmountText.grouped(blocked.workloads)) of \(FixText.count(workloads, "workload")) would be blocked, "
                    + "with \(FixText.count(blocked.pods, "pod")): \(cost)",
            "\(AmountText.grouped(clean)) of \(FixText.count(simulation.namespaces.count, "namespace")) would block nothing",
        ]
    }

    var table: ReportTable {
        ReportTable(
            columns: [
                ReportTable.Column(title: "namespace", minimum: 14),
                ReportTable.Column(title: "gate now", dropOrder: 3),
                ReportTable.Column(title: "workloads", isNumber: true, dropOrder: 2),
                ReportTable.Column(title: amounts.perMonth, isNumber: true, dropOrder: 1),
                ReportTable.Column(title: "blocked", isNumber: true),
                ReportTable.Column(title: "at \(amounts.perMonth)", isNumber: true, dropOrder: -1),
                ReportTable.Column(title: "what they lack", minimum: 12, dropOrder: 0),
            ],
            rows: simulation.namespaces.map { row in
                ReportTable.Row(
                    cells: [
                        row.namespace, row.mode?.rawValue ?? "unknown", AmountText.grouped(row.workloads),
                        amounts.month(row.costPerHour),
                        AmountText.grouped(row.blocked.workloads) + (row.isUncertain ? "?" : ""),
                        amounts.month(row.blocked.costPerHour),
                        row.labels.map { "\($0.label) \(AmountText.grouped($0.workloads))" }.joined(separator: ", "),
                    ], emphasis: row.isClean ? .normal : .required)
            })
    }
}
