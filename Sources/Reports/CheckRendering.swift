import KubernetesModel
package import LabelPolicy
package import ManifestCheck

/// The formats of `tallygate check`.
package enum CheckFormat: String, Sendable, CaseIterable {
    case text, json, sarif, junit, github
}

/// Renders check reports. Pure: the time and the program's version are passed in.
package struct CheckRenderer: Sendable {
    package let version: String
    package let generatedAt: Timestamp
    /// Whether text may hold colours.
    package let isStyled: Bool

    package init(version: String, generatedAt: Timestamp, isStyled: Bool) {
        self.version = version
        self.generatedAt = generatedAt
        self.isStyled = isStyled
    }

    /// The report, ending in a line feed.
    /// - Throws: only if the standard JSON encoder refuses, which it has no reason to.
    package func render(_ report: CheckReport, as format: CheckFormat) throws -> String {
        switch format {
        case .text: TextCheckReport(isStyled: isStyled).render(report)
        case .json: try JSONCheckReport(report, generatedAt: generatedAt).encoded()
        case .sarif: try SARIFLog(report, version: version).encoded()
        case .junit: JUnitReport.render(report)
        case .github: GitHubAnnotations.render(report)
        }
    }
}

extension CheckFinding.Subject {
    /// `Deployment "web" in namespace "shop"`.
    var description: String {
        let name = "\(gvk.kind) \"\(name)\""
        return namespace.isEmpty ? name : "\(name) in namespace \"\(namespace)\""
    }
}

extension Timestamp {
    /// `2026-11-21T10:30:00Z` (RFC 3339).
    package var rfc3339: String {
        let time = secondsSinceEpoch - date.daysSinceEpoch * 86_400
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date)T\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
    }
}
