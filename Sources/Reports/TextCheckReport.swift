import LabelPolicy
import LocatedDocuments
import ManifestCheck

/// The report for people: what is wrong, where, with the line it stands on, and a summary.
struct TextCheckReport {
    let isStyled: Bool

    func render(_ report: CheckReport) -> String {
        var text = ""
        for diagnostic in report.diagnostics { text += paint(diagnostic.rendered, severity(diagnostic)) + "\n" }
        for object in report.judged where !object.findings.isEmpty {
            text += bold("\(object.subject.description) (\(object.file):\(object.position.line))") + "\n"
            for finding in report.findings[object.findings] {
                let diagnostic = Diagnostic(
                    severity: finding.level == .required ? .error : .warning,
                    message: finding.message, remedy: finding.fix, file: finding.file, position: finding.position,
                    length: finding.length, excerpt: finding.excerpt)
                text += paint(diagnostic.rendered, finding.level == .required ? .red : .yellow) + "\n"
            }
            text += "\n"
        }
        return text + summary(report) + "\n"
    }

    private func summary(_ report: CheckReport) -> String {
        let required = report.findings.count { $0.level == .required && !$0.isUncertain }
        let unknown = report.findings.count { $0.level == .required && $0.isUncertain }
        let recommended = report.findings.count { $0.level == .recommended }
        let errors = report.diagnostics.count { $0.severity == .error }
        var parts = [
            "\(Self.count(report.judged.count, "workload")) of \(Self.count(report.counts.objects, "object")) judged "
                + "in \(Self.count(report.counts.files, "file"))",
            "\(report.compliantCount) compliant",
        ]
        if required > 0 { parts.append("\(required) required labels missing or wrong") }
        if unknown > 0 { parts.append("\(unknown) required labels that only the namespace could supply") }
        if recommended > 0 { parts.append("\(recommended) recommended labels missing or wrong") }
        if errors > 0 { parts.append("\(Self.count(errors, "input error"))") }
        return parts.joined(separator: "; ") + "."
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    // MARK: Colour

    private enum Colour: String {
        case red = "31"
        case yellow = "33"
        case cyan = "36"
    }

    private func severity(_ diagnostic: Diagnostic) -> Colour {
        switch diagnostic.severity {
        case .error: .red
        case .warning: .yellow
        case .note: .cyan
        }
    }

    /// Colours the first line; the excerpt below it stays as it is.
    private func paint(_ text: String, _ colour: Colour) -> String {
        guard isStyled else { return text }
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = lines.count > 1 ? "\n" + lines[1] : ""
        return "\u{1B}[\(colour.rawValue)m\(lines[0])\u{1B}[0m" + rest
    }

    private func bold(_ text: String) -> String { isStyled ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}
