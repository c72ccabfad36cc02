package import Audit
import LocatedDocuments

/// The formats of `tallygate audit`.
package enum AuditFormat: String, Sendable, CaseIterable {
    case text, json, csv, markdown, html
}

/// Renders reports of an audit. Pure: a report holds its own time, the terminal's width is passed in. The time it takes
/// grows with the length of what it writes.
package struct AuditRenderer: Sendable {
    /// Columns where nobody says how wide the terminal is.
    package static let defaultWidth = 100
    /// Below it no table can be read; a narrower terminal wraps.
    package static let minimumWidth = 40
    /// Beyond it the eye loses the line.
    package static let maximumWidth = 160

    /// Columns of the terminal; text fits into them, except for commands, which are to be copied whole.
    package let width: Int
    /// Whether text may hold colours.
    package let isStyled: Bool
    /// The dimension by which the money is grouped, as `--group-by` takes it; nil for the findings.
    package let grouping: String?

    package init(width: Int = defaultWidth, isStyled: Bool = false, grouping: String? = nil) {
        self.width = min(max(width, Self.minimumWidth), Self.maximumWidth)
        self.isStyled = isStyled
        self.grouping = grouping
    }

    /// The report, ending in a line feed.
    /// - Throws: if the report has no table for `grouping`.
    package func render(
        _ report: AuditReport, as format: AuditFormat
    ) throws(AuditRenderingError) -> String {
        let showback = try table(report)
        return switch format {
        case .text: TextAuditReport(report, showback: showback, width: width, isStyled: isStyled).render()
        case .json: JSONAuditReport.render(report, showback: showback)
        case .csv: CSVAuditReport.render(report, showback: showback)
        case .markdown: MarkdownAuditReport(report, showback: showback).render()
        case .html: HTMLAuditReport(report, showback: showback).render()
        }
    }

    private func table(_ report: AuditReport) throws(AuditRenderingError) -> AuditReport.Showback? {
        guard let grouping else { return nil }
        if let table = report.showback.first(where: { $0.dimension.name == grouping }) { return table }
        throw .unknownDimension(grouping, known: report.showback.map(\.dimension.name))
    }
}

package enum AuditRenderingError: Error, Sendable, Hashable, CustomStringConvertible {
    case unknownDimension(String, known: [String])

    package var description: String {
        switch self {
        case .unknownDimension(let name, let known):
            Terminal.printable("cannot group by \"\(name)\"; this report has: \(known.joined(separator: ", "))")
        }
    }
}
