import Foundation
import TestSupport
import Testing

extension WithoutControllers {
    /// `tallygate auditor` of a real cluster. No controllers: Deployments are judged by their templates.
    @Suite("An auditor", .serialized)
    struct AuditorTests {
        static let policy = """
            apiVersion: tallygate.io/v1alpha1
            kind: AttributionPolicy
            metadata: {name: auditor}
            spec:
              subjects: [workloads]
              labels:
              - {key: team, level: required}
            """

        private static let definitions = DefinitionManifest.reports(
            ["PolicyReport", "ClusterPolicyReport"], group: "wgpolicyk8s.io", version: "v1alpha2")

        private func createDeployment(_ name: String, in namespace: String) async throws {
            let cluster = try Cluster.current
            _ = try await cluster.kubectl(["create", "namespace", namespace])
            try await cluster.require(
                ["apply", "-f", "-"], input: Manifest.deployment(name, in: namespace, labels: ["app": name]))
        }

        private func label(_ name: String, in namespace: String) async throws {
            try await Cluster.current.require([
                "patch", "deployment", name, "-n", namespace, "-p",
                #"{"spec": {"template": {"metadata": {"labels": {"team": "search"}}}}}"#,
            ])
        }

        private func report(in namespace: String) async throws -> String {
            let path = "/apis/wgpolicyk8s.io/v1alpha2/namespaces/\(namespace)/policyreports/tallygate"
            let answer = try await Cluster.current.api("GET", path)
            return answer.status == 200 ? answer.body : ""
        }

        @Test("Skips reports without their definitions; then a new gap is in metrics and report until it is mended")
        func follows() async throws {
            let cluster = try Cluster.current
            let auditor = try await AuditorProcess(of: cluster, policy: Self.policy, lease: "auditor-follows")
            try await wait(for: "the lead") { auditor.leads ? nil : auditor.process.errors }
            try await wait(for: "a word of the missing definitions") {
                let lines = auditor.process.errors.split(separator: "\n")
                return lines.count { $0.contains("The cluster has no such reports") } == 1
                    ? nil : auditor.process.errors
            }
            let before = try auditor.metrics().total(
                "tallygate_coverage_ratio", ["basis": "workloads", "label": "team"])

            try await cluster.require(
                ["apply", "-f", "-"],
                input: Self.definitions.map(\.yaml).joined())
            try await createDeployment("web", in: "auditor-follows")
            // The definitions are looked for each minute.
            try await wait(for: "the report", seconds: 100) {
                let report = try await report(in: "auditor-follows")
                return report.contains("team.missing") && report.contains(#""name":"web""#)
                    ? nil : report + auditor.process.errors.suffix(1_000)
            }
            let during = try auditor.metrics().total(
                "tallygate_coverage_ratio", ["basis": "workloads", "label": "team"])
            #expect(!(during > before), "\(before) \(during)")
            #expect(try auditor.metrics().total("tallygate_reports") >= 1)

            try await label("web", in: "auditor-follows")
            try await wait(for: "the end of the report") {
                let report = try await report(in: "auditor-follows")
                return report.isEmpty ? nil : report
            }
            let result = await auditor.stop()
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.errors.contains("Gave the Lease back"))
        }

        @Test("Of two, one writes; when it is killed the other does")
        func leaders() async throws {
            let cluster = try Cluster.current
            let lease = "auditor-leaders"
            let first = try await AuditorProcess(of: cluster, policy: Self.policy, lease: lease)
            try await wait(for: "the lead") { first.leads ? nil : first.process.errors }
            let second = try await AuditorProcess(of: cluster, policy: Self.policy, lease: lease)
            try await createDeployment("api", in: "auditor-leaders")
            try await wait(for: "the first's report") {
                try await report(in: "auditor-leaders").contains("team.missing") ? nil : first.process.errors
            }
            #expect(!second.leads)
            #expect(try second.metrics().total("tallygate_report_writes_total", ["outcome": "written"]) == 0)
            #expect(try second.metrics().total("tallygate_coverage_ratio") == 0, "a follower shows no figures")

            await first.crash()
            try await createDeployment("db", in: "auditor-leaders-next")
            try await wait(for: "the second's lead") { second.leads ? nil : second.process.errors }
            try await wait(for: "the second's report") {
                try await report(in: "auditor-leaders-next").contains("team.missing") ? nil : second.process.errors
            }
            #expect(try second.metrics().total("tallygate_coverage_ratio") > 0)
            await second.stop()
        }

        @Test("A gap is one Event of its workload, however often the auditor starts")
        func events() async throws {
            let cluster = try Cluster.current
            let namespace = "auditor-events"
            try await createDeployment("web", in: namespace)
            for (round, outcome) in ["created", "known"].enumerated() {
                let auditor = try await AuditorProcess(
                    of: cluster, policy: Self.policy, lease: "\(namespace)-\(round)",
                    arguments: ["--report-api", "none"])
                try await wait(for: "an Event that is \(outcome)") {
                    try auditor.metrics().total("tallygate_events_total", ["outcome": outcome]) > 0
                        ? nil : auditor.process.errors
                }
                await auditor.stop()
            }
            try await wait(for: "one Event") {
                let events = try await cluster.require([
                    "get", "events", "-n", namespace, "-o",
                    "jsonpath={range .items[*]}{.involvedObject.name} {.reason} {.involvedObject.uid}{'\\n'}{end}",
                ])
                let uid = try await cluster.require([
                    "get", "deployment", "web", "-n", namespace, "-o", "jsonpath={.metadata.uid}",
                ])
                return events == "web CostMissing \(uid)\n" ? nil : events
            }
        }
    }
}
