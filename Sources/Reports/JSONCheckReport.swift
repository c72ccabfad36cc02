import FoundationEssentials
import KubernetesModel
import LabelPolicy
import LocatedDocuments
import ManifestCheck

/// The report for programs. Its shape is a contract: docs/schemas/check-report.schema.json.
struct JSONCheckReport: Encodable {
    struct Subject: Encodable {
        var apiVersion: String
        var kind: String
        var namespace: String
        var name: String
    }

    struct Effective: Encodable {
        var value: String
        var source: String
    }

    struct Finding: Encodable {
        var reason: String
        var label: String
        var level: String
        /// `gap`, or `unknown` where the namespace is not among the manifests.
        var verdict: String
        /// The mode that holds; nil where that depends on such a namespace.
        var mode: String?
        var subject: Subject
        var effective: [String: Effective]
        var message: String
        var fix: String
        /// The map of labels to mend.
        var place: String
        var file: String
        var line: Int
        var column: Int
    }

    struct Problem: Encodable {
        var severity: String
        var message: String
        var remedy: String?
        var file: String
        var line: Int
        var column: Int
    }

    struct Coverage: Encodable {
        /// Share of judged workloads (all but Namespaces) without a required label missing, from 0 to 1; nil when none was judged.
        var workloads: Double?
        /// Share of judged places that have an effective value, by label.
        var byLabel: [String: Double]
    }

    struct Totals: Encodable {
        var files: Int
        var objects: Int
        var judged: Int
        /// Judged objects that lack no required label.
        var compliant: Int
        /// Judged objects whose creation the gate would deny.
        var denied: Int
    }

    var apiVersion = "tallygate.io/v1alpha1"
    var kind = "CheckReport"
    var generatedAt: String
    var coverage: Coverage
    var findings: [Finding]
    var problems: [Problem]
    var totals: Totals

    init(_ report: CheckReport, generatedAt: Timestamp) {
        self.generatedAt = generatedAt.rfc3339
        let judged = report.judged.count
        let workloads = report.workloads
        var byLabel: [String: Double] = [:]
        for (label, count) in report.counts.byLabel where count.judged > 0 {
            byLabel[label] = Self.share(count.attributed, count.judged)
        }
        coverage = Coverage(
            workloads: workloads.judged > 0 ? Self.share(workloads.compliant, workloads.judged) : nil, byLabel: byLabel)
        findings = report.findings.map { finding in
            var effective: [String: Effective] = [:]
            for entry in finding.effective {
                effective[entry.key] = Effective(value: entry.value, source: entry.source.rawValue)
            }
            return Finding(
                reason: finding.reason.rawValue, label: finding.label, level: finding.level.rawValue,
                verdict: finding.isUncertain ? "unknown" : "gap", mode: finding.mode?.rawValue,
                subject: Subject(
                    apiVersion: finding.subject.gvk.apiVersion, kind: finding.subject.gvk.kind,
                    namespace: finding.subject.namespace, name: finding.subject.name),
                effective: effective, message: finding.message, fix: finding.fix, place: finding.place,
                file: finding.file, line: finding.position.line, column: finding.position.column)
        }
        problems = report.diagnostics.map {
            Problem(
                severity: $0.severity.rawValue, message: $0.message, remedy: $0.remedy, file: $0.file,
                line: $0.position.line, column: $0.position.column)
        }
        totals = Totals(
            files: report.counts.files, objects: report.counts.objects, judged: judged,
            compliant: report.compliantCount, denied: report.judged.count { $0.answer == .denied })
    }

    /// A share to four places, so that goldens and diffs stay readable.
    private static func share(_ part: Int, _ whole: Int) -> Double {
        (Double(part) / Double(whole) * 10_000).rounded() / 10_000
    }

    func encoded() throws -> String { try PrettyJSON.encode(self) }
}

/// JSON as all reports write it: indented, keys in order, ending in a line feed. Control and format characters of strings
/// are escaped, those too that JSON would let through: reports are read on terminals.
enum PrettyJSON {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: try encoder.encode(value), as: UTF8.self).unicodeScalars {
            if scalar == "\n" || Terminal.isPrintable(scalar) {
                text.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text.append(
                        contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars)
                }
            }
        }
        return String(text) + "\n"
    }
}
