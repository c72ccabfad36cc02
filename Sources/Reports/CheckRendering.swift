import KubernetesModel
package import LabelPolicy
import LocatedDocuments
package import ManifestCheck

/// The formats of `tallygate check`.
package enum CheckFormat: String, Sendable, CaseIterable {
    case text, json, sarif, junit, github
}

/// Renders check reports. Pure: the time and the program's version are passed in.
///
/// Names and paths come from files that anyone may have written. Text formats show a replacement character for what a
/// terminal would act on; JSON formats escape it, so that programs get it as it is.
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
    /// `Deployment "web" in namespace "shop"`, printable.
    var description: String {
        let name = Terminal.printable(name.isEmpty ? "\(gvk.kind) without a name" : "\(gvk.kind) \"\(name)\"")
        return namespace.isEmpty ? name : "\(name) in namespace \"\(Terminal.printable(namespace))\""
    }
}

extension CheckFinding {
    /// How bad it is, in the words of compilers; `unknown` where the namespace would have to be known.
    var severity: String {
        if isUncertain { return "unknown" }
        switch level {
        case .required: return "error"
        case .recommended: return "warning"
        }
    }

    /// The finding and how to mend it, for one line of a terminal: `SUBJECT: MESSAGE. Fix: set …`.
    var sentence: String {
        let stop = message.hasSuffix("?") ? "" : "."
        return Terminal.printable("\(subject.description): \(message)\(stop) Fix: \(fix).")
    }
}

extension CheckReport {
    /// What the report says of an object's creation, as the end of a sentence.
    static func words(_ answer: GateAnswer) -> String {
        switch answer {
        case .admitted: "would be admitted"
        case .counted: "would be admitted in silence"
        case .warned: "would be admitted with a warning"
        case .unknown: "unknown without its namespace"
        case .denied: "would be denied"
        }
    }

    /// What was looked at and what was found, in two lines.
    var summary: String {
        let objects = Words.count(counts.objects, "object")
        var text = "\(judged.count) of \(objects) in \(Words.count(counts.files, "file")) judged"
        if !judged.isEmpty {
            text += ": \(compliantCount) compliant, \(judged.count - compliantCount) not"
            let denied = judged.count { $0.answer == .denied }
            if denied > 0 { text += "; the gate would deny \(denied)" }
        }
        text += ".\n"
        if !findings.isEmpty {
            var required = 0
            var recommended = 0
            var unknown = 0
            for finding in findings {
                if finding.isUncertain {
                    unknown += 1
                } else if finding.level == .required {
                    required += 1
                } else {
                    recommended += 1
                }
            }
            text += "Labels missing or wrong: \(required) required, \(recommended) recommended"
            if unknown > 0 { text += "; \(unknown) unknown without the namespace" }
            text += ".\n"
        }
        let errors = diagnostics.count { $0.severity == .error }
        if errors > 0 { text += "\(Words.count(errors, "input error")): the answer is incomplete.\n" }
        return text
    }
}

/// Grammar of what reports say.
enum Words {
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

extension Timestamp {
    /// `2026-11-21T10:30:00Z` (RFC 3339).
    package var rfc3339: String {
        let time = secondsSinceEpoch - date.daysSinceEpoch * 86_400
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date)T\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
    }
}
