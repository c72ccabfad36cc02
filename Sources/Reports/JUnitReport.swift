import LabelPolicy
import LocatedDocuments
import ManifestCheck

/// The report as JUnit XML, which CI services show as tests: one case for each judged object.
enum JUnitReport {
    static func render(_ report: CheckReport) -> String {
        let errors = report.diagnostics.filter { $0.severity == .error }
        let failed = report.judged.count { object in
            report.findings[object.findings].contains { $0.level == .required }
        }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites name=\"tallygate check\" tests=\"\(report.judged.count + errors.count)\" "
        text += "failures=\"\(failed)\" errors=\"\(errors.count)\">\n"
        text += "  <testsuite name=\"tallygate check\" tests=\"\(report.judged.count + errors.count)\" "
        text += "failures=\"\(failed)\" errors=\"\(errors.count)\" skipped=\"0\">\n"
        for error in errors {
            text += "    <testcase classname=\"\(escape(error.file))\" name=\"readable\">\n"
            text += "      <error message=\"\(escape(error.line))\"/>\n    </testcase>\n"
        }
        for object in report.judged {
            let findings = report.findings[object.findings]
            text += "    <testcase classname=\"\(escape(object.file))\" name=\"\(escape(object.subject.description))\""
            if findings.isEmpty {
                text += "/>\n"
                continue
            }
            text += ">\n"
            let lines = findings.map { "\($0.file):\($0.position.line):\($0.position.column): \($0.message)" }
            if findings.contains(where: { $0.level == .required }) {
                let required = findings.count { $0.level == .required }
                text +=
                    "      <failure message=\"\(TextCheckReport.count(required, "required cost label")) missing or wrong\">"
                text += escape(lines.joined(separator: "\n")) + "</failure>\n"
            } else {
                text += "      <system-out>" + escape(lines.joined(separator: "\n")) + "</system-out>\n"
            }
            text += "    </testcase>\n"
        }
        return text + "  </testsuite>\n</testsuites>\n"
    }

    /// XML 1.0 text: the five entities, and nothing that no XML document can hold.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t", " "..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
                result.unicodeScalars.append(scalar)
            default: result += "\u{FFFD}"
            }
        }
        return result
    }
}
