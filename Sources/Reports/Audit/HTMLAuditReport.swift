import Attribution
import Audit
import LabelPolicy
import LocatedDocuments

/// The report as one page that needs nothing else: no address is loaded, no font, no picture. It can be read without its
/// script, which only sorts and filters tables, on a light or dark screen, and printed.
struct HTMLAuditReport {
    /// Rows that a browser filters without a pause.
    static let maximumFindings = 2_000
    static let maximumPlaces = 500
    static let maximumShowbackRows = 200

    private let report: AuditReport
    private let showback: AuditReport.Showback?
    private let tables: AuditTables

    init(_ report: AuditReport, showback: AuditReport.Showback?) {
        self.report = report
        self.showback = showback
        tables = AuditTables(report)
    }

    func render() -> String {
        let body = [header(), money(), whoPays(), gaps(), findings(), places(), steps(), remarks()]
        return HTMLPage.document(title: report.title, body: body.joined())
    }

    // MARK: Coverage

    private func header() -> String {
        let all = report.coverage.all
        var text =
            "<header>\n<h1>\(HTML.escape(report.title))</h1>\n<p class=\"muted\">\(HTML.escape(report.provenance))</p>\n"
        text += "</header>\n<main>\n<section aria-labelledby=\"coverage\">\n"
        text += "<h2 id=\"coverage\">Coverage</h2>\n<div class=\"gauges\">\n"
        text += HTMLFigures.ring(all.spendBasisPoints, of: "of spend")
        text += HTMLFigures.ring(all.workloadBasisPoints, of: "of workloads")
        text += "<div class=\"facts\">\n<p><strong>\(HTML.escape(report.headline)).</strong></p>\n"
        for line in [report.workloadLine, report.extent, report.findingLine] {
            text += "<p>\(HTML.escape(line)).</p>\n"
        }
        if let line = report.unpricedLine { text += "<p class=\"warning\">\(HTML.escape(line)).</p>\n" }
        text += "</div>\n</div>\n"
        if !report.coverage.byLabel.isEmpty {
            text += HTMLTable.render(tables.labels(), caption: "Coverage by label")
        }
        return text + "</section>\n"
    }

    // MARK: Money

    private func money() -> String {
        let own = report.totals.ownership
        let parts: [(String, Money, String)] = [
            ("attributed", own.attributed, "good"), ("unattributed", own.unattributed, "bad"),
            // As in the table beside it: room that the system keeps for itself is no idle room.
            ("idle", own.idle.unallocated, "idle"), ("reserved", own.idle.systemReserved, "reserved"),
            ("other", own.overhead + own.excluded + own.unmounted + own.unallocated + own.external, "other"),
        ]
        let shares = parts.map {
            (name: $0.0, share: AmountText.basisPoints($0.1, of: report.totals.costPerHour) ?? 0, style: $0.2)
        }
        return section("money", "Where the money goes") + HTMLFigures.stack(shares)
            + HTMLTable.render(tables.ownership(), caption: "Cost by whose it is") + "</section>\n"
    }

    /// The table that was asked for, or all but that of workloads: the first open, the others folded.
    private func whoPays() -> String {
        let shown = showback.map { [$0] } ?? report.showback.filter { $0.dimension != .workload }
        if shown.isEmpty { return "" }
        var text = section("showback", "Who pays")
        for (index, table) in shown.enumerated() {
            let title = "By \(table.dimension.name)"
            text += "<details\(index == 0 ? " open" : "")>\n<summary>\(HTML.escape(title))</summary>\n"
            text += HTMLTable.render(
                tables.showback(table, first: Self.maximumShowbackRows), caption: "Cost \(title.lowercased())",
                isSortable: true, hidesCaption: true)
            text += "</details>\n"
        }
        return text + "</section>\n"
    }

    // MARK: Gaps

    private func gaps() -> String {
        guard !report.totals.findings.byReason.isEmpty else { return "" }
        return section("gaps", "Why money has no owner")
            + HTMLTable.render(tables.reasons(), caption: "Reasons, the dearest first") + "</section>\n"
    }

    private func findings() -> String {
        guard !report.findings.isEmpty else { return "" }
        let shown = report.findings.prefix(Self.maximumFindings)
        var text = section("findings", "Findings")
        text += "<form class=\"filters\" hidden>\n"
        text += "<label>Search <input type=\"search\" name=\"text\" autocomplete=\"off\"></label>\n"
        text += select(
            "level", Level.allCases.map(\.rawValue).filter { level in shown.contains { $0.level.rawValue == level } })
        let reasons = Set(shown.map(\.reason))
        text += select("problem", Reason.allCases.filter(reasons.contains).map(\.rawValue))
        text += "<output aria-live=\"polite\"></output>\n</form>\n"
        text += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Findings\">\n"
        text +=
            "<table class=\"sortable\" id=\"finding-table\">\n<caption class=\"hidden\">Findings, the dearest first</caption>\n"
        text += "<thead><tr><th scope=\"col\" class=\"n\">\(HTML.escape(tables.amounts.perMonth))</th>"
        for title in ["level", "label", "problem"] { text += "<th scope=\"col\">\(title)</th>" }
        text += "<th scope=\"col\" class=\"n\">pods</th><th scope=\"col\">subject</th><th scope=\"col\">what to do</th>"
        text += "</tr></thead>\n<tbody>\n"
        for finding in shown { text += row(finding) }
        text += "</tbody>\n</table>\n</div>\n"
        let more = report.remaining(after: shown.count)
        if more > 0 {
            text +=
                "<p class=\"muted\">\(AmountText.grouped(more)) more, the least of them: the JSON and CSV reports have "
            text += "what the audit kept.</p>\n"
        }
        return text + "</section>\n"
    }

    private func select(_ name: String, _ values: [String]) -> String {
        var text = "<label>\(name) <select name=\"\(name)\"><option value=\"\">all</option>"
        for value in values { text += "<option>\(HTML.escape(value))</option>" }
        return text + "</select></label>\n"
    }

    private func row(_ finding: AuditReport.Finding) -> String {
        let level = finding.level.rawValue
        let sortValue = finding.costPerHour?.description ?? "-1"
        var text = "<tr data-level=\"\(level)\" data-problem=\"\(finding.reason.rawValue)\">"
        text += "<td class=\"n\" data-value=\"\(sortValue)\">\(HTML.escape(tables.amounts.month(of: finding)))</td>"
        text += "<td><span class=\"tag \(level)\">\(level)</span></td><td>\(HTML.escape(finding.label ?? ""))</td>"
        text += "<td>\(HTML.escape(finding.problem))</td><td class=\"n\">\(AmountText.grouped(finding.pods))</td>"
        text += "<td class=\"name\">\(HTML.escape(finding.subject.path))</td>"
        text += "<td><details><summary>\(HTML.escape(finding.message))</summary>"
        if let fix = finding.fix { text += self.fix(fix.commands, fix.remarks) }
        if let fix = finding.gentlerFix {
            text +=
                fix.effect.mayRestart
                ? "<p>Or:</p>" + self.fix(fix.commands, fix.remarks) : gentler(fix.commands, fix.remarks)
        }
        return text + "</details></td></tr>\n"
    }

    private func gentler(_ commands: [String], _ remarks: [String]) -> String {
        "<p>\(HTML.escape(FixStep.gentlerLead))</p>" + fix(commands, remarks)
    }

    private func fix(_ commands: [String], _ remarks: [String]) -> String {
        var text = ""
        if !commands.isEmpty {
            text += "<pre><code>\(commands.map { HTML.escape($0) }.joined(separator: "\n"))</code></pre>"
        }
        for remark in remarks { text += "<p>\(HTML.escape(remark))</p>" }
        return text
    }

    // MARK: Places

    private func places() -> String {
        var text = ""
        if !report.namespaces.isEmpty {
            text += section("namespaces", "Namespaces")
            text += HTMLTable.render(
                tables.namespaces(first: Self.maximumPlaces), caption: "Namespaces, the dearest first",
                isSortable: true, hidesCaption: true)
            text += more(report.namespaces.count - Self.maximumPlaces, "namespaces") + "</section>\n"
        }
        if !report.nodeGroups.isEmpty {
            text += section("nodegroups", "Node groups")
            text += HTMLTable.render(
                tables.nodeGroups(first: Self.maximumPlaces), caption: "Node groups, the dearest first",
                isSortable: true, hidesCaption: true)
            text += more(report.nodeGroups.count - Self.maximumPlaces, "node groups") + "</section>\n"
        }
        return text
    }

    private func more(_ count: Int, _ noun: String) -> String {
        count > 0 ? "<p class=\"muted\">And \(AmountText.grouped(count)) more \(noun).</p>\n" : ""
    }

    // MARK: The rest

    private func steps() -> String {
        let steps = report.nextSteps(TextAuditReport.maximumSteps)
        if steps.isEmpty { return "" }
        var text = section("next", "What to do next") + "<ol>\n"
        for step in steps {
            let cost = tables.amounts.sentence(of: step)
            text += "<li><strong>\(HTML.escape(step.subject.path))</strong>, \(HTML.escape(cost)): "
            text += HTML.escape(step.messages.joined(separator: "; ")) + fix(step.commands, step.remarks)
            if !step.gentlerCommands.isEmpty { text += gentler(step.gentlerCommands, []) }
            text += "</li>\n"
        }
        return text + "</ol>\n</section>\n"
    }

    private func remarks() -> String {
        var text = list(
            "advice", "Worth an edit of policy or set-up", report.advice.map { "\($0.message): \($0.remedy)" })
        text += list("notes", "Notes", report.notes.map(\.text))
        return text + "</main>\n"
    }

    private func list(_ id: String, _ title: String, _ items: [String]) -> String {
        if items.isEmpty { return "" }
        return section(id, title) + "<ul>\n" + items.map { "<li>\(HTML.escape($0))</li>\n" }.joined()
            + "</ul>\n</section>\n"
    }

    private func section(_ id: String, _ title: String) -> String {
        "<section aria-labelledby=\"\(id)\">\n<h2 id=\"\(id)\">\(title)</h2>\n"
    }
}
