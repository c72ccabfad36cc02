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

        private func run(_ arguments: [String], _ policy: String, status: Int32) async throws -> ProcessResult {
            let result = try await ChildProcess.run(
                BuiltProduct.tallygate,
                arguments + ["--policy", policy, "--cluster-name", "envtest"])
            #expect(result.status == status, "\(arguments): \(result.errors)\(result.output)")
            return result
        }

        private static func report(_ output: String) throws -> NSDictionary {
            var report = try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            for key in ["generatedAt", "observedAt"] { report[key] = nil }
            return NSDictionary(dictionary: report)
        }

        /// A kind outside of the catalogue that controls a Pod, a Karpenter pool, and a kind whose schema drops labels.
        private static let customResources = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: experiments.acme.example}
            spec:
              group: acme.example
              scope: Namespaced
              names: {kind: Experiment, plural: experiments}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: ec2nodeclasses.karpenter.k8s.aws}
            spec:
              group: karpenter.k8s.aws
              scope: Cluster
              names: {kind: EC2NodeClass, plural: ec2nodeclasses}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object,
                x-kubernetes-preserve-unknown-fields: true}}}]
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: leaderworkersets.leaderworkerset.x-k8s.io}
            spec:
              group: leaderworkerset.x-k8s.io
              scope: Namespaced
              names: {kind: LeaderWorkerSet, plural: leaderworkersets}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties:
                {spec: {type: object, properties: {leaderWorkerTemplate: {type: object, properties: {workerTemplate:
                {type: object, properties: {metadata: {type: object}}}}}}}}}}}]

            """

        @Test("A snapshot of the live cluster says offline what the live audit says")
        func snapshot() async throws {
            let cluster = try Cluster.current
            try await create("snapshot-shop", team: false)
            try await cluster.require(["apply", "-f", "-"], input: Self.customResources)
            for name in ["experiments.acme.example", "ec2nodeclasses.karpenter.k8s.aws"] {
                try await cluster.require(["wait", "--for=condition=Established", "crd/\(name)"])
            }
            try await cluster.require(
                ["apply", "-f", "-"],
                input: """
                    apiVersion: acme.example/v1
                    kind: Experiment
                    metadata: {name: exp, namespace: snapshot-shop, labels: {team: research}}
                    ---
                    apiVersion: karpenter.k8s.aws/v1
                    kind: EC2NodeClass
                    metadata: {name: default}
                    spec: {tags: {Team: research}}

                    """)
            let uid = try await cluster.require([
                "get", "experiments.acme.example/exp", "-n", "snapshot-shop", "--output=jsonpath={.metadata.uid}",
            ])
            try await cluster.require(
                ["apply", "-f", "-"],
                input: """
                    apiVersion: v1
                    kind: Pod
                    metadata:
                      name: exp-0
                      namespace: snapshot-shop
                      ownerReferences:
                      - {apiVersion: acme.example/v1, kind: Experiment, name: exp, uid: \(uid), controller: true}
                    spec: {containers: [{name: a, image: example.test/a}]}

                    """)
            let files = try TemporaryDirectory()
            let policy = try files.write("p.yaml", Self.policy)
            let live = ["--kubeconfig", cluster.kubeconfig]
            let format = ["audit", "-o", "json", "--namespace", "snapshot-*"]
            let audited = try await run(format + live, policy, status: 1)
            _ = try await run(["snapshot", "-o", files.path("s.tgz")] + live, policy, status: 0)
            let offline = try await run(format + [files.path("s.tgz")], policy, status: 1)
            #expect(try Self.report(audited.output) == Self.report(offline.output))
            #expect(!audited.output.contains("Experiment"), "it has its team, and so has its Pod")
            // What the listing of namespaces would hide: node classes and definitions were read as such.
            let reader = try await ChildProcess.run("/bin/sh", ["-c", "zcat '\(files.path("s.tgz"))' | strings"])
            for text in ["EC2NodeClass", "leaderworkersets"] { #expect(reader.output.contains(text), "\(text)") }
        }

        @Test("fix --apply mends a template, and the next audit shows it; a dry run leaves nothing")
        func fix() async throws {
            let cluster = try Cluster.current
            try await create("fix-shop", team: false)
            let files = try TemporaryDirectory()
            let policy = try files.write("p.yaml", Self.policy.replacing(", defaultFrom: [owner, namespace]", with: ""))
            let live = ["--namespace", "fix-shop", "--kubeconfig", cluster.kubeconfig]
            func template() async throws -> String {
                try await cluster.require([
                    "get", "deployment/web", "-n", "fix-shop",
                    "--output=jsonpath={.spec.template.metadata.labels}{.metadata.labels}",
                ])
            }
            // Without a kubelet no Pod becomes ready, for which a rolling update would wait.
            try await cluster.require([
                "patch", "deployment/web", "-n", "fix-shop", "--type=merge",
                #"--patch={"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}"#,
            ])
            let before = try await template()
            let set = ["--set", "team=research"]
            let tried = try await run(["fix", "--dry-run", "server"] + set + live, policy, status: 0)
            #expect(tried.output.contains("the server would take it"))
            #expect(try await template() == before)
            let held = try await run(["fix", "--apply", "--yes"] + set + live, policy, status: 1)
            #expect(held.output.contains("--allow-restarts"))
            #expect(try await template() == before)
            let applied = try await run(
                ["fix", "--apply", "--yes", "--allow-restarts"] + set + live, policy, status: 0)
            #expect(applied.output.contains("spec.template.metadata.labels.team: (none) -> research"))
            #expect(try await template().contains(#""team":"research""#))
            try await wait(for: "the new Pods") {
                let result = try await ChildProcess.run(
                    BuiltProduct.tallygate, ["audit", "--policy", policy] + live)
                return result.status == 0 ? nil : result.output
            }
            let nothing = try await run(["fix", "--apply", "--yes"] + live, policy, status: 0)
            #expect(nothing.output.contains("nothing to mend"))
        }
    }
}
