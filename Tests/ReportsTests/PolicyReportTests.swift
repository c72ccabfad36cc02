import Audit
import Foundation
import Reports
import TestSupport
import Testing

@Suite("Reports as objects of the cluster")
struct PolicyReportTests {
    /// Indented, keys in order, so that goldens can be read.
    private func pretty(_ report: PolicyReport?) throws -> String {
        let report = try #require(report)
        let object = try JSONSerialization.jsonObject(with: Data(report.body.utf8))
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    @Test("Of a namespace and of the cluster, in both APIs")
    func golden() throws {
        let scopes = AuditReport.sample().findingsByScope
        let namespace = try #require(
            scopes.keys.sorted().first { if case .namespace = $0 { true } else { false } })
        let wgpolicy = PolicyReportRenderer(.wgpolicy, policy: "cost-attribution")
        let openreports = PolicyReportRenderer(.openreports, policy: "cost-attribution")
        try expectGolden(
            try pretty(wgpolicy.report(scopes[namespace] ?? [], of: namespace)), "namespace.policyreport.json")
        try expectGolden(try pretty(wgpolicy.report(scopes[.cluster] ?? [], of: .cluster)), "cluster.policyreport.json")
        try expectGolden(
            try pretty(openreports.report(scopes[namespace] ?? [], of: namespace)), "namespace.openreport.json")
    }

    @Test("Nothing to say is no report")
    func empty() {
        #expect(PolicyReportRenderer(.wgpolicy, policy: "p").report([], of: .cluster) == nil)
    }

    @Test("Equal contents have equal hashes, others others")
    func hashes() throws {
        let renderer = PolicyReportRenderer(.wgpolicy, policy: "p")
        let findings = AuditReport.sample().findings
        let first = try #require(renderer.report(findings, of: .cluster))
        #expect(renderer.report(findings, of: .cluster) == first)
        #expect(renderer.report(findings.dropLast(), of: .cluster)?.hash != first.hash)
        #expect(first.body.contains(#""tallygate.io/content-hash":"\#(first.hash)""#))
    }

    @Test("Names that try to break out stay within their strings")
    func hostile() throws {
        let renderer = PolicyReportRenderer(.openreports, policy: "p")
        for (scope, findings) in Hostile.report().findingsByScope {
            let report = try #require(renderer.report(findings, of: scope))
            let object = try JSONSerialization.jsonObject(with: Data(report.body.utf8)) as? [String: Any]
            #expect((object?["results"] as? [Any])?.count == findings.count)
        }
    }

    @Test("A hundred thousand findings are a report that etcd takes, and the rest is counted")
    func bounds() throws {
        var finding = try #require(AuditReport.sample().findings.first)
        let many = Array(repeating: finding, count: 100_000)
        let capped = try #require(PolicyReportRenderer(.wgpolicy, policy: "p").report(many, of: .cluster))
        #expect(capped.body.utf8.count < PolicyReportRenderer.maximumBytes + 1_024)
        #expect(capped.body.contains(#""fail":100000"#))
        #expect(capped.body.contains(#""tallygate.io/results-left-out":"99000: "#))

        finding.message = String(repeating: "m", count: 5_000)
        let large = try #require(
            PolicyReportRenderer(.wgpolicy, policy: "p", maximumResults: 5_000)
                .report(Array(repeating: finding, count: 5_000), of: .cluster))
        #expect(large.body.utf8.count < PolicyReportRenderer.maximumBytes + 1_024)
        #expect(large.body.contains(#""fail":5000"#))
        #expect(large.body.contains("tallygate.io/results-left-out"))
    }
}
