import Audit

/// The formats of `tallygate audit`.
enum AuditFormat: String, CaseIterable {
    case text
}

/// Writes an audit's report.
enum AuditOutput {
    static func render(
        _ report: AuditReport, as format: AuditFormat, grouping: String?, isStyled: Bool
    ) throws -> String {
        switch format {
        case .text:
            var lines = ["\(report.cluster): \(report.totals.findings.all) findings"]
            lines += report.findings.map(\.message)
            lines += report.notes.map { "note: \($0.text)" }
            return lines.joined(separator: "\n") + "\n"
        }
    }
}
