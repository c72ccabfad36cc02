import Attribution
import Audit
import LabelPolicy
import LocatedDocuments

/// The report for wikis, issues and job summaries, in GitHub Flavored Markdown (its tables extension).
struct MarkdownAuditReport {
    /// Rows of findings: comments and job summaries have a bound on their size.
    static let maximumFindings = 50
    static let maximumPlaces = 50
    static let maximumShowbackRows = 100

    private let tables: AuditTables
    private let showback: AuditReport.Showback?

    private var report: AuditReport { tables.report }

    init(_ report: AuditReport, showback: AuditReport.Showback?) {
        tables = AuditTables(report)
        self.showback = showback
    }

    func render() -> String {
        var text = "# \(Markdown.escape(report.title))\n\n\(Markdown.escape(report.provenance))\n\n"
        text += "**\(Markdown.escape(report.headline)).** \(Markdown.escape(report.workloadLine)).\n\n"
        text += "\(Markdown.escape(report.extent)); \(Markdown.escape(report.findingLine)).\n"
        if let line = report.unpricedLine { text += "\n\(Markdown.escape(line)).\n" }
        text += section("Where the money goes", tables.ownership())
        if let showback {
            text += section(
                "Who pays, by \(showback.dimension.name)",
                tables.showback(showback, first: Self.maximumShowbackRows))
        } else {
            if !report.coverage.byLabel.isEmpty { text += section("Coverage by label", tables.labels()) }
            if !report.totals.findings.byReason.isEmpty { text += section("Why money has no owner", tables.reasons()) }
            text += findings() + places() + steps() + advice()
        }
        return text + notes()
    }

    private func findings() -> String {
        guard !report.findings.isEmpty else { return "" }
        return section("The dearest findings", tables.findings(first: Self.maximumFindings))
            + more(report.remaining(after: min(Self.maximumFindings, report.findings.count)), "findings")
    }

    private func places() -> String {
        var text = ""
        if !report.namespaces.isEmpty {
            text += section("Namespaces", tables.namespaces(first: Self.maximumPlaces))
            text += more(report.namespaces.count - Self.maximumPlaces, "namespaces")
        }
        if !report.nodeGroups.isEmpty {
            text += section("Node groups", tables.nodeGroups(first: Self.maximumPlaces))
            text += more(report.nodeGroups.count - Self.maximumPlaces, "node groups")
        }
        return text
    }

    private func more(_ count: Int, _ noun: String) -> String {
        count > 0 ? "\nAnd \(AmountText.grouped(count)) more \(noun).\n" : ""
    }

    private func steps() -> String {
        let steps = report.nextSteps(TextAuditReport.maximumSteps)
        if steps.isEmpty { return "" }
        var text = "\n## What to do next\n"
        for (index, step) in steps.enumerated() {
            let cost = tables.amounts.sentence(of: step)
            text += "\n\(index + 1). **\(Markdown.escape(step.subject.path))**, \(Markdown.escape(cost)): "
            text += Markdown.escape(step.messages.joined(separator: "; ")) + "\n" + commands(step.commands)
            for remark in step.remarks { text += "\n   \(Markdown.escape(remark))\n" }
            if !step.gentlerCommands.isEmpty {
                text += "\n   \(Markdown.escape(FixStep.gentlerLead))\n" + commands(step.gentlerCommands)
            }
        }
        return text
    }

    private func commands(_ commands: [String]) -> String {
        commands.isEmpty ? "" : "\n" + Markdown.codeBlock(commands, language: "sh", indent: 3)
    }

    private func advice() -> String {
        if report.advice.isEmpty { return "" }
        return list(
            "Worth an edit of policy or set-up", report.advice.map { "\($0.message): \($0.remedy)" })
    }

    private func notes() -> String { report.notes.isEmpty ? "" : list("Notes", report.notes.map(\.text)) }

    private func list(_ title: String, _ items: [String]) -> String {
        "\n## \(title)\n\n" + items.map { "- \(Markdown.escape($0))\n" }.joined()
    }

    private func section(_ title: String, _ table: ReportTable) -> String {
        "\n## \(Markdown.escape(title))\n\n" + Markdown.table(table)
    }
}

/// Text that Markdown shows as it is.
enum Markdown {
    /// A backslash stands before what has a meaning anywhere in a line (CommonMark 0.31, section 2.4, and the tables of
    /// GitHub's dialect); where that would leave a mention or a bare link, a character reference stands instead.
    static func escape(_ text: String) -> String {
        let scalars = Array(Terminal.printable(text).unicodeScalars)
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let previous = index > 0 ? scalars[index - 1] : " "
            let next = index + 1 < scalars.count ? scalars[index + 1] : " "
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "@": result.append(contentsOf: "&#64;".unicodeScalars)
            case ":" where next == "/": result.append(contentsOf: "&#58;".unicodeScalars)
            case "\\", "`", "*", "[", "]", "<", ">", "|", "~",
                // Inside of a word an underscore emphasises nothing.
                "_" where !isWord(previous),
                // Headings and lists begin a line only, links without a scheme with `www.`.
                "#" where index == 0, "+" where index == 0, "-" where index == 0,
                "." where isW(previous):
                result.append("\\")
                result.append(scalar)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// A table of GitHub's dialect.
    static func table(_ table: ReportTable) -> String {
        var text = line(table.columns.map(\.title))
        text += "|" + table.columns.map { $0.isNumber ? "---:|" : "---|" }.joined() + "\n"
        for row in table.rows { text += line(row.cells, isBold: row.emphasis == .total) }
        return text
    }

    private static func line(_ cells: [String], isBold: Bool = false) -> String {
        var text = "|"
        for cell in cells {
            let escaped = escape(cell)
            text += isBold && !escaped.isEmpty ? " **\(escaped)** |" : " \(escaped) |"
        }
        return text + "\n"
    }

    private static func isW(_ scalar: Unicode.Scalar) -> Bool { scalar == "w" || scalar == "W" }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }

    /// A fenced block whose fence is longer than any run of back ticks in it.
    static func codeBlock(_ lines: [String], language: String, indent: Int) -> String {
        let lines = lines.map { Terminal.printable($0) }
        var longest = 2
        for line in lines {
            var run = 0
            for byte in line.utf8 {
                run = byte == UInt8(ascii: "`") ? run + 1 : 0
                longest = max(longest, run)
            }
        }
        let fence = String(repeating: "`", count: longest + 1)
        let blank = String(repeating: " ", count: indent)
        return ([fence + language] + lines + [fence]).map { blank + $0 + "\n" }.joined()
    }
}
