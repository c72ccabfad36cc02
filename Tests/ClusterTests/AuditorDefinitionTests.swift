import Foundation
import TestSupport
import Testing

extension WithoutControllers {
    /// What `tallygate auditor` makes of definitions: those of its reports, and those that come while it runs.
    @Suite("An auditor and definitions", .serialized)
    struct AuditorDefinitionTests {
        private static let policy = AuditorTests.policy.replacing("level: required", with: "level: required, tag: Team")

        /// OpenReports v1alpha1 (github.com/openreports/reports-api) by the names and types of its fields.
        private static let openReports = DefinitionManifest.reports(
            ["Report", "ClusterReport"], group: "openreports.io", version: "v1alpha1",
            more: "source: {type: string}, scope: {type: object, properties: {kind: {type: string}}}, ")

        private static let nodePools = DefinitionManifest(
            group: "karpenter.sh", version: "v1", kind: "NodePool", plural: "nodepools", scope: "Cluster")

        /// As tools generate them: the template's metadata is an object of which nothing is known.
        private static let rollouts = DefinitionManifest(
            group: "argoproj.io", version: "v1alpha1", kind: "Rollout", plural: "rollouts",
            schema: """
                {type: object, properties: {spec: {type: object, properties: {template: {type: object, properties: {\
                metadata: {type: object}, spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}}}}
                """)

        private static let node = Manifest.object(
            "v1", "Node",
            metadata: Manifest.metadata("auditor-definitions", labels: ["karpenter.sh/nodepool": "auditor-pool"]))

        private func apply(_ manifest: String) async throws {
            try await Cluster.current.require(["apply", "-f", "-"], input: manifest)
        }

        private func define(_ definitions: [DefinitionManifest]) async throws {
            try await apply(definitions.map(\.yaml).joined())
            for definition in definitions {
                try await wait(for: definition.path) {
                    let answer = try await Cluster.current.api("GET", definition.path)
                    return answer.succeeded ? nil : "\(answer)"
                }
            }
        }

        private func report(_ path: String) async throws -> [String: Any]? {
            let answer = try await Cluster.current.api("GET", "/apis/openreports.io/v1alpha1/\(path)/tallygate")
            guard answer.status == 200 else { return nil }
            return try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        }

        private func results(_ path: String) async throws -> [[String: Any]] {
            try await report(path)?["results"] as? [[String: Any]] ?? []
        }

        @Test("OpenReports are stored as they were written; carriers of tags and pruned templates count once they come")
        func definitions() async throws {
            let namespace = "auditor-definitions"
            try await define(Self.openReports)
            try await apply(Self.node)
            _ = try await Cluster.current.kubectl(["create", "namespace", namespace])
            try await apply(Manifest.deployment("web", in: namespace))
            let files = try TemporaryDirectory()
            defer { withExtendedLifetime(files) {} }
            let prices = try files.write("prices", "node_total_hourly_cost{node=\"auditor-definitions\"} 1.25\n")
            let auditor = try await AuditorProcess(
                of: Cluster.current, policy: Self.policy, lease: namespace,
                arguments: ["--report-api", "openreports", "--events", "off", "--opencost", prices])

            // What a strict definition keeps is what was meant.
            let path = "namespaces/\(namespace)/reports"
            try await wait(for: "the report") {
                try await results(path).isEmpty ? auditor.process.errors.suffix(1_000).description : nil
            }
            let stored = try #require(try await report(path))
            #expect(stored["source"] as? String == "tallygate")
            #expect((stored["summary"] as? [String: Int]) == ["error": 0, "fail": 1, "pass": 0, "skip": 0, "warn": 0])
            let result = try #require(try await results(path).first)
            #expect(
                result.keys.sorted() == [
                    "category", "message", "policy", "properties", "resources", "result", "rule", "scored", "severity",
                    "source",
                ])
            #expect((result["properties"] as? [String: String])?.keys.contains("fix") == true)
            #expect(
                result["resources"] as? [[String: String]] == [
                    ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": namespace]
                ])

            func fixOfGroup() async throws -> String? {
                try await results("clusterreports").first { $0["rule"] as? String == "team.tag-missing" }
                    .flatMap { ($0["properties"] as? [String: String])?["fix"] }
            }
            try await wait(for: "the node group's gap") {
                try await fixOfGroup() == nil ? auditor.process.errors.suffix(1_000).description : nil
            }
            #expect(try await fixOfGroup()?.contains("node/auditor-definitions") == true)

            try await define([Self.nodePools, Self.rollouts])
            try await apply(Manifest.object("karpenter.sh/v1", "NodePool", metadata: Manifest.metadata("auditor-pool")))
            try await apply(
                Manifest.object(
                    "argoproj.io/v1alpha1", "Rollout", metadata: Manifest.metadata("canary", in: namespace),
                    #""spec": {"template": \#(Manifest.template(["team": "search"]))}"#))
            // Kinds are asked for each minute.
            try await wait(for: "the NodePool to be patched", seconds: 100) {
                try await fixOfGroup()?.contains("NodePool") == true
                    ? nil : "\(try await results("clusterreports"))" + auditor.process.errors.suffix(1_000)
            }
            try await wait(for: "the pruned template") {
                try await results("clusterreports").contains { $0["rule"] as? String == "metadata-pruned" }
                    ? nil : "\(try await results("clusterreports"))" + auditor.process.errors.suffix(1_000)
            }
            let failures = try auditor.metrics().total("tallygate_watch_failures_total", ["reason": "rejected"])
            #expect(failures == 0, "a refusal of initial events is none")
            #expect(try auditor.metrics().total("tallygate_external_priced_nodes") == 1)
            #expect(try auditor.metrics().total("tallygate_cost_usd_per_hour") >= 1.25, "by OpenCost's price")
            let ended = await auditor.stop()
            #expect(ended.status == 0, "\(ended.errors)")
        }
    }
}
