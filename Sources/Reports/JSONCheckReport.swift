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
        var verdict: String
        var subject: Subject
        var effective: [String: Effective]
        var message: String
        var fix: String
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
        /// Share of judged workloads without a violation, from 0 to 1; nil when none was judged.
        var workloads: Double?
        /// Share of judged places that have an effective value, by label.
        var byLabel: [String: Double]
    }

    struct Totals: Encodable {
        var files: Int
        var objects: Int
        var judged: Int
        var compliant: Int
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
        var byLabel: [String: Double] = [:]
        for (label, count) in report.counts.byLabel where count.judged > 0 {
            byLabel[label] = Self.share(count.attributed, count.judged)
        }
        coverage = Coverage(
            workloads: judged > 0 ? Self.share(report.compliantCount, judged) : nil, byLabel: byLabel)
        findings = report.findings.map { finding in
            var effective: [String: Effective] = [:]
            for entry in finding.effective {
                effective[entry.key] = Effective(value: entry.value, source: entry.source.rawValue)
            }
            return Finding(
                reason: finding.reason.rawValue, label: finding.label, level: finding.level.rawValue,
                verdict: finding.isUncertain ? "unknown" : "gap",
                subject: Subject(
                    apiVersion: finding.subject.gvk.apiVersion, kind: finding.subject.gvk.kind,
                    namespace: finding.subject.namespace, name: finding.subject.name),
                effective: effective, message: finding.message, fix: finding.fix, file: finding.file,
                line: finding.position.line, column: finding.position.column)
        }
        problems = report.diagnostics.map {
            Problem(
                severity: $0.severity.rawValue, message: $0.message, remedy: $0.remedy, file: $0.file,
                line: $0.position.line, column: $0.position.column)
        }
        totals = Totals(
            files: report.counts.files, objects: report.counts.objects, judged: judged,
            compliant: report.compliantCount)
    }

    /// A share to four places, so that goldens and diffs stay readable.
    private static func share(_ part: Int, _ whole: Int) -> Double {
        (Double(part) / Double(whole) * 10_000).rounded() / 10_000
    }

    func encoded() throws -> String { try PrettyJSON.encode(self) }
}

/// JSON as all reports write it: indented, keys in order, ending in a line feed.
enum PrettyJSON {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
