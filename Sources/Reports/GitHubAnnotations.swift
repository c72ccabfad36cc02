import LabelPolicy
import LocatedDocuments
import ManifestCheck

/// The report as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.
enum GitHubAnnotations {
    static func render(_ report: CheckReport) -> String {
        var text = ""
        for diagnostic in report.diagnostics {
            let message = diagnostic.message + (diagnostic.remedy.map { "; \($0)" } ?? "")
            text += command(
                diagnostic.severity == .note ? "notice" : diagnostic.severity.rawValue, diagnostic.file,
                diagnostic.position, length: diagnostic.length ?? 1, title: "tallygate", message)
        }
        for finding in report.findings {
            text += command(
                finding.level == .required ? "error" : "warning", finding.file, finding.position,
                length: finding.length, title: "\(finding.label): \(finding.reason.rawValue)",
                "\(finding.subject.description): \(finding.message). Fix: \(finding.fix).")
        }
        return text
    }

    private static func command(
        _ name: String, _ file: String, _ position: SourcePosition, length: Int, title: String, _ message: String
    ) -> String {
        let properties =
            "file=\(property(file)),line=\(position.line),col=\(position.column),"
            + "endColumn=\(position.column + max(1, length)),title=\(property(title))"
        return "::\(name) \(properties)::\(data(message))\n"
    }

    /// Escapes of the runner's command parser: `%`, line ends, and in properties also `:` and `,`.
    private static func data(_ text: String) -> String { escape(text, []) }
    private static func property(_ text: String) -> String { escape(text, [":", ","]) }

    private static func escape(_ text: String, _ further: Set<Unicode.Scalar>) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "\r" || scalar == "\n" || further.contains(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
