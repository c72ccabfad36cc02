import Attribution
import Audit
import LabelPolicy
import LocatedDocuments

/// The report for people at a terminal: how much belongs to somebody, where the rest is, the dearest findings first, and
/// the commands that mend them. `tallygate audit` prints it.
struct TextAuditReport {
    /// Findings in the table: about a screen. Other formats have all.
    static let maximumFindings = 20
    static let maximumPlaces = 15
    /// Rows of a showback, beside those that are nobody's.
    static let maximumShowbackRows = 40
    static let maximumSteps = 5
    static let maximumNotes = 10

    private static let barLength = 30

    private let report: AuditReport
    private let showback: AuditReport.Showback?
    private let width: Int
    private let isStyled: Bool
    private let tables: AuditTables

    init(_ report: AuditReport, showback: AuditReport.Showback?, width: Int, isStyled: Bool) {
        self.report = report
        self.showback = showback
        self.width = width
        self.isStyled = isStyled
        tables = AuditTables(report)
    }

    func render() -> String {
        var text = header()
        text += section("Where the money goes", tables.ownership())
        if let showback {
            text += section(
                "Who pays, by \(showback.dimension.name)",
                tables.showback(showback, first: Self.maximumShowbackRows))
        } else {
            if !report.coverage.byLabel.isEmpty { text += section("Coverage by label", tables.labels()) }
            if !report.totals.findings.byReason.isEmpty { text += section("Why money has no owner", tables.reasons()) }
            text += findings() + namespaces() + nodeGroups() + steps() + advice()
        }
        return text + notes()
    }

    // MARK: Header

    private func header() -> String {
        var text = bold(TerminalText(report.title).cutAtTheEnd(to: width).text) + "\n"
        text += paragraph(report.provenance, style: .faint)
        text += "\n" + bar() + paragraph(report.headline)
        text += paragraph(report.workloadLine) + paragraph(report.extent) + paragraph(report.findingLine)
        if let line = report.unpricedLine { text += paragraph(line, style: .yellow) }
        return text
    }

    private func bar() -> String {
        guard let share = report.coverage.all.spendBasisPoints else { return "" }
        let length = min(Self.barLength, width - 4)
        let filled = min(length, max(0, share) * length / 10_000)
        let style: TerminalStyle = share >= 9_000 ? .green : share >= 6_000 ? .yellow : .red
        return "  [" + style.paint(String(repeating: "#", count: filled), if: isStyled)
            + String(repeating: ".", count: length - filled) + "]\n"
    }

    // MARK: Findings

    private func findings() -> String {
        guard !report.findings.isEmpty else { return "" }
        var text = section("The dearest findings", tables.findings(first: Self.maximumFindings))
        let more = report.remaining(after: min(Self.maximumFindings, report.findings.count))
        if more > 0 {
            text += paragraph("\(AmountText.grouped(more)) more: -o json, csv or html has them", style: .faint)
        }
        return text
    }

    private func namespaces() -> String {
        guard !report.namespaces.isEmpty else { return "" }
        return section("Namespaces", tables.namespaces(first: Self.maximumPlaces))
            + more(report.namespaces.count - Self.maximumPlaces, "namespaces")
    }

    private func nodeGroups() -> String {
        guard !report.nodeGroups.isEmpty else { return "" }
        return section("Node groups", tables.nodeGroups(first: Self.maximumPlaces))
            + more(report.nodeGroups.count - Self.maximumPlaces, "node groups")
    }

    private func more(_ count: Int, _ noun: String) -> String {
        count > 0 ? paragraph("\(AmountText.grouped(count)) more \(noun)", style: .faint) : ""
    }

    private func steps() -> String {
        let steps = report.nextSteps(Self.maximumSteps)
        if steps.isEmpty { return "" }
        var text = heading("What to do next")
        for (index, step) in steps.enumerated() {
            let cost = tables.amounts.sentence(of: step)
            text += hanging("\(index + 1). ", "\(step.subject.path), \(cost)", style: .bold)
            for message in step.messages { text += hanging("   ", message) }
            text += commands(step.commands)
            for remark in step.remarks { text += hanging("   # ", remark, style: .faint) }
            if !step.gentlerCommands.isEmpty {
                text += hanging("   ", FixStep.gentlerLead) + commands(step.gentlerCommands)
            }
        }
        return text
    }

    /// Whole, however long: they are to be copied.
    private func commands(_ commands: [String]) -> String {
        commands.map { "     $ " + TerminalStyle.cyan.paint(Terminal.printable($0), if: isStyled) + "\n" }.joined()
    }

    // MARK: The rest

    private func advice() -> String {
        guard !report.advice.isEmpty else { return "" }
        var text = heading("Worth an edit of policy or set-up")
        for advice in report.advice.prefix(Self.maximumNotes) {
            text += hanging("- ", "\(advice.message): \(advice.remedy)")
        }
        return text + more(report.advice.count - Self.maximumNotes, "in other formats")
    }

    private func notes() -> String {
        guard !report.notes.isEmpty else { return "" }
        var text = heading("Notes")
        for note in report.notes.prefix(Self.maximumNotes) { text += hanging("- ", note.text) }
        return text + more(report.notes.count - Self.maximumNotes, "in other formats")
    }

    // MARK: Layout

    private func section(_ title: String, _ table: ReportTable) -> String {
        heading(title) + TextTable(width: width, indent: 2, isStyled: isStyled).render(table)
    }

    private func heading(_ title: String) -> String {
        "\n" + bold(TerminalText(title).cutAtTheEnd(to: width).text) + "\n"
    }

    private func bold(_ text: String) -> String { TerminalStyle.bold.paint(text, if: isStyled) }

    private func paragraph(_ text: String, style: TerminalStyle? = nil) -> String {
        hanging("", text, style: style)
    }

    /// Text that continues under its own beginning.
    private func hanging(_ lead: String, _ text: String, style: TerminalStyle? = nil) -> String {
        let start = "  " + lead
        let blank = String(repeating: " ", count: start.utf8.count)
        var result = ""
        for (index, line) in TerminalText.wrap(text, width: width - start.utf8.count).enumerated() {
            result += (index == 0 ? start : blank) + (style?.paint(line, if: isStyled) ?? line) + "\n"
        }
        return result
    }
}
