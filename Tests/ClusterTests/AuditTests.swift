import Foundation
import TestSupport
import Testing

extension WithControllers {
    /// `tallygate audit` of a real cluster.
    @Suite("An audit")
    struct AuditTests {
        private static let policy = """
            apiVersion: tallygate.io/v1alpha1
            kind: AttributionPolicy
            metadata: {name: strict}
            spec:
              labels:
              - {key: team, level: required, defaultFrom: [owner, namespace]}
            """

        private static func objects(_ namespace: String, team: Bool) -> String {
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: \(namespace), labels: {\(team ? "team: research" : "")}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: \(namespace)}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: a, image: example.test/a}]}

            """
        }

        private func create(_ namespace: String, team: Bool) async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: Self.objects(namespace, team: team))
            try await wait(for: "the Pods of \(namespace)") {
                let pods = try await cluster.require(["get", "pods", "-n", namespace, "--output=name"])
                return pods.split(separator: "\n").count == 2 ? nil : pods
            }
        }

        @Test("The live cluster and a file of its objects say the same")
        func liveAndFile() async throws {
            let cluster = try Cluster.current
            try await create("audit-shop", team: false)
            try await create("audit-lab", team: true)
            let files = try TemporaryDirectory()
            try files.write("p.yaml", Self.policy)
            let arguments = ["audit", "--policy", files.path("p.yaml"), "--namespace", "audit-*"]
            let live = try await ChildProcess.run(
                BuiltProduct.tallygate,
                arguments + ["--kubeconfig", cluster.kubeconfig, "--cluster-name", "envtest"])
            #expect(live.status == 1, "\(live.errors)")
            #expect(live.output.contains("team"))

            let kinds = "pods,nodes,namespaces,deployments,replicasets"
            try files.write("l.json", try await cluster.require(["get", kinds, "-A", "-o", "json"]))
            let file = try await ChildProcess.run(
                BuiltProduct.tallygate, arguments + ["--cluster-name", "envtest", files.path("l.json")])
            #expect(file.status == 1, "\(file.errors)")
            // The report says when it was made, and a live audit reads more than was written to the file.
            #expect(Self.findings(live.output) == Self.findings(file.output))

            let lab = try await ChildProcess.run(
                BuiltProduct.tallygate,
                [
                    "audit", "--policy", files.path("p.yaml"), "--namespace", "audit-lab", "--kubeconfig",
                    cluster.kubeconfig,
                ])
            #expect(lab.status == 0, "\(lab.output)\(lab.errors)")
        }

        private static func findings(_ output: String) -> [Substring] {
            output.split(separator: "\n").filter { $0.contains("missing") }
        }

        @Test("Whoever may not list Pods is told which rule allows it, and gets no clean report")
        func restricted() async throws {
            let cluster = try Cluster.current
            try await cluster.require([
                "create", "clusterrole", "audit-few", "--verb=list", "--resource=nodes,namespaces",
            ])
            try await cluster.require([
                "create", "clusterrolebinding", "audit-few", "--clusterrole=audit-few", "--user=audit-few",
            ])
            let files = try TemporaryDirectory()
            try files.write("p.yaml", Self.policy)
            let administrator = try String(contentsOfFile: cluster.kubeconfig, encoding: .utf8)
            try files.write(
                "few", administrator.replacing("    client-key-data", with: "    as: audit-few\n    client-key-data"))
            let result = try await ChildProcess.run(
                BuiltProduct.tallygate, ["audit", "--policy", files.path("p.yaml"), "--kubeconfig", files.path("few")])
            #expect(result.status == 3, "\(result.output)")
            #expect(result.errors.contains(#"resources: ["pods"], verbs: ["list"]"#), "\(result.errors)")
        }
    }
}
