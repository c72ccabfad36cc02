import Audit
import Reports

/// Writes an audit's report as the command line asks for it.
enum AuditOutput {
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
