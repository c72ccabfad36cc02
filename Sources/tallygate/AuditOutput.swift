import Audit
import Reports

/// Writes an audit's report as the command line asks for it.
enum AuditOutput {
    /// What is said of findings that the report leaves out; nil if it has all.
    static func cutNote(_ report: AuditReport) -> String? {
        let cut = report.cutFindings.findings
        return cut > 0 ? "\(cut) findings are left out, the least of them; --namespace shows those of some" : nil
    }

    static func render(
        _ report: AuditReport, as format: AuditFormat, grouping: String?, isStyled: Bool
    ) throws -> String {
        let width = StandardOutput.columns() ?? AuditRenderer.defaultWidth
        do throws(AuditRenderingError) {
            return try AuditRenderer(width: width, isStyled: isStyled, grouping: grouping).render(report, as: format)
        } catch {
            throw CommandOutcome.inputError(error.description)
        }
    }
}
