import LabelPolicy
import LocatedDocuments
import ManifestCheck

/// The report as workflow commands of GitHub Actions, which shows them beside the lines of a pull request, and the
/// summary for whoever reads the log.
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
            let isError = finding.level == .required && !finding.isUncertain
            text += command(
                isError ? "error" : "warning", finding.file, finding.position, length: finding.length,
                title: "\(finding.label): \(finding.isUncertain ? "unknown" : finding.reason.rawValue)",
                finding.sentence)
        }
        return text + report.summary
    }

    private static func command(
        _ name: String, _ file: String, _ position: SourcePosition, length: Int, title: String, _ message: String
    ) -> String {
        let properties =
            "file=\(property(ReportPath.relative(file))),line=\(position.line),col=\(position.column),"
            + "endColumn=\(position.column + max(1, length)),title=\(property(title))"
        return "::\(name) \(properties)::\(escape(message, []))\n"
    }

    private static func property(_ text: String) -> String { escape(text, [":", ","]) }

    /// Escapes of the runner's command parser: `%`, line ends, and in properties also `:` and `,`.
    private static func escape(_ text: String, _ further: Set<Unicode.Scalar>) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "\r" || scalar == "\n" || further.contains(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            } else {
                result.unicodeScalars.append(Terminal.isPrintable(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return result
    }
}

/// Paths of files as the services that read reports expect them.
enum ReportPath {
    /// `./deploy/web.yaml` is `deploy/web.yaml`: paths are matched with those of the repository.
    static func relative(_ path: String) -> String {
        var rest = path[...]
        while rest.hasPrefix("./") { rest = rest.dropFirst(2).drop { $0 == "/" } }
        return rest.isEmpty ? path : String(rest)
    }
}
