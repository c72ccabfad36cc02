import LabelPolicy
import LocatedDocuments
import ManifestCheck

/// The report as JUnit XML, which CI services show as tests: one case for each judged object, and one for each thing
/// that could not be read.
enum JUnitReport {
    static func render(_ report: CheckReport) -> String {
        let errors = report.diagnostics.filter { $0.severity == .error }
        let failed = report.judged.count { object in
            report.findings[object.findings].contains { $0.level == .required }
        }
        let counts =
            "name=\"tallygate check\" tests=\"\(report.judged.count + errors.count)\" failures=\"\(failed)\" "
            + "errors=\"\(errors.count)\""
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites \(counts)>\n  <testsuite \(counts) skipped=\"0\">\n"
        for error in errors {
            text += testCase(error.file, "line \(error.position.line), column \(error.position.column)") + ">\n"
            text += "      <error type=\"input\" message=\"\(escape(error.line))\"/>\n    </testcase>\n"
        }
        for object in report.judged { text += render(object, report.findings[object.findings]) }
        return text + "  </testsuite>\n</testsuites>\n"
    }

    private static func render(_ object: CheckReport.JudgedObject, _ findings: ArraySlice<CheckFinding>) -> String {
        var text = testCase(object.file, object.subject.description)
        if findings.isEmpty { return text + "/>\n" }
        text += ">\n"
        let lines = findings.map { finding in
            Terminal.printable(
                "\(finding.file):\(finding.position.line):\(finding.position.column): \(finding.severity): "
                    + finding.sentence)
        }
        let body = lines.map(escape).joined(separator: "\n")
        let required = findings.filter { $0.level == .required }
        if required.isEmpty {
            text += "      <system-out>\(body)</system-out>\n"
        } else {
            let isUnknown = required.allSatisfy(\.isUncertain)
            let message =
                Words.count(required.count, "required cost label")
                + (isUnknown ? " unknown without the namespace" : " missing or wrong")
            text += "      <failure type=\"\(isUnknown ? "unknown" : "gap")\" message=\"\(message)\">"
            text += body + "</failure>\n"
        }
        return text + "    </testcase>\n"
    }

    private static func testCase(_ file: String, _ name: String) -> String {
        "    <testcase classname=\"\(escape(file))\" name=\"\(escape(name))\" time=\"0\""
    }

    /// XML 1.0 text: the entities, and nothing that a document cannot hold or a terminal would act on.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // Legal Unicode, but no characters of XML 1.0 (production 2).
            case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(Terminal.isPrintable(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return result
    }
}
