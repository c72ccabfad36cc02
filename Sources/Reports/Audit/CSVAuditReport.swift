import Attribution
import Audit
import LabelPolicy
import LocatedDocuments

/// The findings, or the rows of one showback, as comma-separated values (RFC 4180: lines end in CR LF, cells are quoted
/// where they must be). Amounts are exact, so that sums of a spreadsheet are those of the report.
enum CSVAuditReport {
    static func render(_ report: AuditReport, showback: AuditReport.Showback?) -> String {
        var text = ""
        if let showback { write(showback, report.currency, into: &text) } else { write(report, into: &text) }
        return text
    }

    private static func write(_ report: AuditReport, into text: inout String) {
        write(
            [
                "level", "reason", "label", "namespace", "kind", "name", "apiVersion", "pods", "unpricedPods",
                "costPerHour", "costPerMonth", "currency", "verdict", "mode", "effective", "message", "fix", "remarks",
                "gentlerFix",
            ], into: &text)
        for finding in report.findings {
            let effective = finding.effective.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            write(
                [
                    finding.level.rawValue, finding.reason.rawValue, finding.label ?? "", finding.subject.namespace,
                    finding.subject.kind, finding.subject.name, finding.subject.apiVersion, String(finding.pods),
                    String(finding.unpricedPods), finding.costPerHour?.description ?? "",
                    finding.costPerMonth?.description ?? "", report.currency.code,
                    finding.isUncertain ? "unknown" : "gap", finding.mode?.rawValue ?? "", effective, finding.message,
                    finding.fix?.commands.joined(separator: " && ") ?? "",
                    finding.fix?.remarks.joined(separator: "; ") ?? "",
                    finding.gentlerFix.flatMap { $0.effect.mayRestart ? nil : $0 }?
                        .commands.joined(separator: " && ") ?? "",
                ], into: &text)
        }
    }

    private static func write(_ table: AuditReport.Showback, _ currency: Currency, into text: inout String) {
        write(
            [
                table.dimension.name, "reserved", "workloads", "pods", "costPerHour", "costPerMonth", "currency",
                "direct", "shared",
            ] + AuditReport.CostParts().lines.map(\.0) + ["monthlyBudget"], into: &text)
        for row in table.rows {
            write(
                [
                    row.account.name, row.account.isReserved ? "true" : "false", String(row.workloads),
                    String(row.pods), row.costPerHour.description, row.costPerHour.perMonth.description, currency.code,
                    row.direct.description, row.shared.description,
                ] + row.parts.lines.map(\.1.description) + [row.monthlyBudget?.description ?? ""], into: &text)
        }
    }

    private static func write(_ cells: [String], into text: inout String) { text += line(cells) }

    /// A line with its end.
    static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    /// A cell that is text to every spreadsheet. What begins like a formula gets an apostrophe before it, as OWASP's
    /// page on CSV injection advises; a plain number stays one. Control characters become `\u{FFFD}`.
    static func cell(_ text: String) -> String {
        var result = Terminal.printable(text)
        if isFormula(result) { result = "'" + result }
        guard result.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else {
            return result
        }
        var quoted = "\""
        for scalar in result.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    private static func isFormula(_ text: String) -> Bool {
        // Spreadsheets skip blanks before a formula, and some take full-width signs for the plain ones.
        guard let first = text.unicodeScalars.first(where: { !$0.properties.isWhitespace }) else { return false }
        switch first {
        case "=", "+", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF20}", "\u{FF0D}": return true
        case "-": return !isNegativeNumber(text)
        default: return false
        }
    }

    private static func isNegativeNumber(_ text: String) -> Bool {
        text.utf8.count > 1
            && text.utf8.dropFirst().allSatisfy {
                ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: ".")
            }
    }
}
