import Attribution
package import Audit
import LabelPolicy
import LocatedDocuments

/// An API by which findings stand in the cluster as objects.
package enum ReportAPI: String, Sendable, Hashable, CaseIterable {
    /// wgpolicyk8s.io/v1alpha2: PolicyReport and ClusterPolicyReport, of the Kubernetes policy working group.
    case wgpolicy
    /// openreports.io/v1alpha1: Report and ClusterReport, its successor.
    case openreports

    package var group: String {
        switch self {
        case .wgpolicy: "wgpolicyk8s.io"
        case .openreports: "openreports.io"
        }
    }

    package var version: String {
        switch self {
        case .wgpolicy: "v1alpha2"
        case .openreports: "v1alpha1"
        }
    }

    package func kind(of scope: ClusterScope) -> String {
        switch (self, scope) {
        case (.wgpolicy, .namespace): "PolicyReport"
        case (.wgpolicy, .cluster): "ClusterPolicyReport"
        case (.openreports, .namespace): "Report"
        case (.openreports, .cluster): "ClusterReport"
        }
    }

    package func resource(of scope: ClusterScope) -> String { kind(of: scope).lowercased() + "s" }
}

/// The report object of one namespace, or of what belongs to none.
package struct PolicyReport: Sendable, Hashable {
    /// Of each report: one in a namespace, one for the cluster.
    package static let name = "tallygate"
    package static let managedBy = (key: "app.kubernetes.io/managed-by", value: "tallygate")
    /// The annotation with the hash of everything else, by which a report that stands is known to be the same.
    package static let hashAnnotation = "tallygate.io/content-hash"

    package var scope: ClusterScope
    /// The object in JSON, hash included.
    package var body: String
    /// Sixteen hexadecimal digits; equal contents, equal hashes.
    package var hash: String

    package init(scope: ClusterScope, body: String, hash: String) {
        self.scope = scope
        self.body = body
        self.hash = hash
    }
}

/// Makes report objects of findings. Deterministic: equal findings, equal bytes.
package struct PolicyReportRenderer: Sendable {
    /// Results in one report, as Kyverno and others cap theirs. A finding takes about 800 bytes, so that this bound is
    /// met before that of bytes.
    package static let defaultMaximumResults = 1_000
    /// etcd takes 1.5 MiB in one request, the object's managed fields and the protobuf's or JSON's frame included
    /// (https://etcd.io/docs/v3.5/dev-guide/limit/); a third is left for these.
    package static let maximumBytes = 1 << 20
    /// Of one message or fix. Longer ones are cut: a name has 253 characters at most, and a message some of them.
    private static let maximumText = 1_024

    private let api: ReportAPI
    private let policy: String
    private let maximumResults: Int

    /// - Parameter policy: its name.
    package init(_ api: ReportAPI, policy: String, maximumResults: Int = defaultMaximumResults) {
        self.api = api
        self.policy = policy
        self.maximumResults = max(1, maximumResults)
    }

    /// The report of a scope; nil where there is nothing to say.
    ///
    /// - Parameter findings: of the scope, the worst first: those that do not fit are the last.
    package func report(_ findings: [AuditReport.Finding], of scope: ClusterScope) -> PolicyReport? {
        guard !findings.isEmpty else { return nil }
        var results: [String] = []
        var bytes = 0
        for finding in findings.prefix(maximumResults) {
            let result = self.result(finding)
            bytes += result.utf8.count + 1
            guard bytes <= Self.maximumBytes else { break }
            results.append(result)
        }
        let cut = findings.count - results.count
        let failing = findings.count(where: Self.fails)
        let content =
            #""source":"tallygate","summary":{"error":0,"fail":\#(failing),"pass":0,"skip":0,"#
            + #""warn":\#(findings.count - failing)},"results":[\#(results.joined(separator: ","))]"#
        // A policy report has no source of its own, its results have.
        let body = api == .wgpolicy ? String(content.dropFirst(#""source":"tallygate","#.count)) : content
        let hash = StableHash.text(of: "\(cut)|\(api.rawValue)|\(body)")
        return PolicyReport(scope: scope, body: object(body, of: scope, hash: hash, cut: cut), hash: hash)
    }

    private func object(_ content: String, of scope: ClusterScope, hash: String, cut: Int) -> String {
        var metadata = [(String, String)]()
        metadata.append(("name", CompactJSON.quoted(PolicyReport.name)))
        if case .namespace(let name) = scope { metadata.append(("namespace", CompactJSON.quoted(name))) }
        metadata.append(
            (
                "labels",
                CompactJSON.object([(PolicyReport.managedBy.key, CompactJSON.quoted(PolicyReport.managedBy.value))])
            ))
        var annotations = [(PolicyReport.hashAnnotation, CompactJSON.quoted(hash))]
        if cut > 0 {
            annotations.append(
                (
                    "tallygate.io/results-left-out",
                    CompactJSON.quoted("\(cut): the summary counts them; tallygate audit shows them")
                ))
        }
        metadata.append(("annotations", CompactJSON.object(annotations)))
        return #"{"apiVersion":"\#(api.group)/\#(api.version)","kind":"\#(api.kind(of: scope))","#
            + #""metadata":\#(CompactJSON.object(metadata)),\#(content)}"#
    }

    /// What might be there and could not be read is no failure.
    private static func fails(_ finding: AuditReport.Finding) -> Bool {
        finding.level == .required && !finding.isUncertain
    }

    private func result(_ finding: AuditReport.Finding) -> String {
        let isRequired = finding.level == .required
        let fails = Self.fails(finding)
        var resource = [
            ("apiVersion", CompactJSON.quoted(finding.subject.apiVersion)),
            ("kind", CompactJSON.quoted(finding.subject.kind)), ("name", CompactJSON.quoted(finding.subject.name)),
        ]
        if !finding.subject.namespace.isEmpty {
            resource.append(("namespace", CompactJSON.quoted(finding.subject.namespace)))
        }
        return CompactJSON.object([
            ("source", #""tallygate""#), ("policy", CompactJSON.quoted(policy)),
            ("rule", CompactJSON.quoted((finding.label.map { "\($0)." } ?? "") + finding.reason.rawValue)),
            ("category", #""Cost attribution""#), ("severity", isRequired ? #""medium""# : #""low""#),
            ("result", fails ? #""fail""# : #""warn""#), ("scored", "true"),
            ("resources", "[\(CompactJSON.object(resource))]"), ("message", text(finding.message)),
            ("properties", CompactJSON.object(properties(finding))),
        ])
    }

    private func properties(_ finding: AuditReport.Finding) -> [(String, String)] {
        var properties: [(String, String)] = []
        if let cost = finding.costPerHour {
            // In cents a month: a figure that moves with every Pod would have every report written all the time.
            properties.append(("costPerMonth", CompactJSON.quoted(cost.perMonth.rounded(toDecimals: 2))))
            properties.append(("currency", CompactJSON.quoted(finding.currency.code)))
        }
        properties.append(("pods", CompactJSON.quoted(String(finding.pods))))
        if let fix = finding.fix { properties.append(("fix", text(fix.text))) }
        if let fix = finding.gentlerFix, !fix.effect.mayRestart { properties.append(("gentlerFix", text(fix.text))) }
        return properties
    }

    private func text(_ text: String) -> String {
        text.count <= Self.maximumText
            ? CompactJSON.quoted(text) : CompactJSON.quoted(text.prefix(Self.maximumText - 1) + "…")
    }
}

/// JSON of one line, in parts.
package enum CompactJSON {
    /// - Parameter members: names and values; values are JSON.
    package static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    package static func quoted(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        JSONText.append(String(text), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
