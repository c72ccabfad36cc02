import TestSupport
import Testing

extension WithoutControllers {
    /// Objects that broke the rules before there was a gate.
    @Suite("Violators that were there before", .serialized)
    struct UpdateTests {
        /// Makes objects of a namespace, then starts a gate that the API server calls for every operation and
        /// subresource, a wide registration that asks it for more than it wants.
        private func withGate(
            over objects: [(path: String, manifest: String)], policy: String = Gate.policy(),
            _ body: @Sendable (Cluster, WebhookProcess) async throws -> Void
        ) async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: Gate.namespaces)
            for object in objects {
                let made = try await cluster.api("POST", object.path, object.manifest)
                try #require(made.succeeded, "\(made)")
            }
            let gate = try await WebhookProcess.startGate(policy: policy, namespaces: Gate.namespaces)
            var registration = WebhookRegistration()
            registration.rules = [
                .init(apiGroups: [""], operations: ["*"], resources: ["pods", "pods/*"]),
                .init(apiGroups: ["apps"], operations: ["*"], resources: ["deployments", "deployments/*"]),
            ]
            try await cluster.registered(registration, of: gate) { try await body(cluster, gate) }
            await gate.crash()
        }

        private static let pods = Cluster.Path.pods(Gate.strict)
        private static let deployments = Cluster.Path.deployments(Gate.strict)

        /// A Deployment in part labelled: the team is there, the rest is not.
        private static func partial(_ name: String) -> (path: String, manifest: String) {
            (deployments, Manifest.deployment(name, in: Gate.strict, labels: ["team": "search"]))
        }

        private static let unrelated = #"{"spec": {"template": {"metadata": {"annotations": {"edited": "yes"}}}}}"#
        private static let withoutTeam = #"{"spec": {"template": {"metadata": {"labels": {"team": null}}}}}"#
        private static let better = #"{"spec": {"template": {"metadata": {"labels": {"environment": "staging"}}}}}"#
        private static let worse = better.replacing(#""staging""#, with: "null")

        @Test("Until the deadline what does not get worse is allowed with a warning, and what does is denied")
        func ratchet() async throws {
            let bare = (Self.deployments, Manifest.deployment("unlabelled", in: Gate.strict))
            try await withGate(over: [Self.partial("partial"), bare]) { cluster, _ in
                let partial = "\(Self.deployments)/partial"
                let grace = "admitted because the gaps were there before; from 3000-01-01 on they are denied"
                let unrelated = try await cluster.edit(partial, Self.unrelated)
                #expect(unrelated.status == 200)
                #expect(
                    unrelated.warnings.map { $0.prefix { $0 != ":" } }
                        == ["cost label environment", "cost label project (recommended)", grace[...]])
                let teamless = try await cluster.edit(partial, Self.withoutTeam)
                #expect(teamless.status == 403)
                #expect(teamless.message.contains("\n  - team: missing; registered: search, ml-platform\n"))

                let unlabelled = "\(Self.deployments)/unlabelled"
                let better = try await cluster.edit(unlabelled, Self.better)
                #expect(better.status == 200)
                #expect(better.warnings.contains(grace))
                // There is no way back.
                #expect(try await cluster.edit(unlabelled, Self.worse).status == 403)
            }
        }

        @Test("A policy rewritten while the gate runs moves the deadline, and a broken one changes nothing")
        func reloadedPolicy() async throws {
            try await withGate(over: [Self.partial("deadline")]) { cluster, gate in
                let path = "\(Self.deployments)/deadline"
                #expect(try await cluster.edit(path, Self.unrelated).status == 200)

                try gate.replacePolicy(with: Gate.policy(until: "2020-01-31"))
                try await wait(for: "a denial past the deadline") {
                    // A dry run, or the edit that comes too early would leave nothing to edit.
                    let edit = try await cluster.edit("\(path)?dryRun=All", #"{"metadata": {"labels": {"a": "b"}}}"#)
                    return edit.status == 403 ? nil : "\(edit.status), log: \(gate.process.errors)"
                }
                let broken = Gate.policy().replacing("mode: warn", with: "mode: wran")
                try gate.replacePolicy(with: broken)
                try await wait(for: "the count of the failed reload") {
                    let failures = try gate.metrics().total("tallygate_policy_reload_failures_total")
                    return failures == 1 ? nil : "\(failures) failures, log: \(gate.process.errors)"
                }
                #expect(try await cluster.edit(path, #"{"metadata": {"labels": {"a": "b"}}}"#).status == 403)
                // What has to go on goes on all the same.
                let scaled = try await cluster.kubectl([
                    "scale", "--namespace=strict", "deployment/deadline", "--replicas=3",
                ])
                #expect(scaled.succeeded, "\(scaled)")

                try gate.replacePolicy(with: Gate.policy())
                try await wait(for: "the old deadline's return") {
                    let edit = try await cluster.edit("\(path)?dryRun=All", #"{"metadata": {"labels": {"a": "b"}}}"#)
                    return edit.status == 200 ? nil : "\(edit.status), log: \(gate.process.errors)"
                }
            }
        }

        @Test("Scale and status of a violating Deployment are nobody's cost labels")
        func deploymentSubresources() async throws {
            try await withGate(
                over: [(Self.deployments, Manifest.deployment("scaled", in: Gate.strict))],
                policy: Gate.policy(until: "2020-01-31")
            ) { cluster, gate in
                let path = "\(Self.deployments)/scaled"
                #expect(try await cluster.edit(path, Self.unrelated).status == 403)

                let scaled = try await cluster.kubectl([
                    "scale", "--namespace=strict", "deployment/scaled", "--replicas=4",
                ])
                #expect(scaled.output == "deployment.apps/scaled scaled\n")
                #expect(scaled.errors.isEmpty)
                let status = try await cluster.edit("\(path)/status", #"{"status": {"observedGeneration": 1}}"#)
                #expect(status.status == 200)
                #expect(status.warnings == [])
                let deleted = try await cluster.kubectl(["delete", "--namespace=strict", "deployment/scaled"])
                #expect(deleted.succeeded)
                #expect(deleted.errors.isEmpty)

                // They did come to the gate, which passed over each of them, and denied the one edit.
                let metrics = try gate.metrics()
                func decided(_ operation: String, _ decision: String? = nil) -> Double {
                    let labels = ["operation": operation].merging(decision.map { ["decision": $0] } ?? [:]) { $1 }
                    return metrics.total("tallygate_admission_requests_total", labels)
                }
                // The API server may ask again about an edit, with the object read anew.
                #expect(decided("UPDATE", "deny") >= 1)
                #expect(decided("UPDATE", "skip") >= 4)
                #expect(decided("UPDATE") == decided("UPDATE", "skip") + decided("UPDATE", "deny"))
                #expect(decided("DELETE", "skip") == 2)
            }
        }

        @Test("Finalizers come off violating Pods, terminating or not")
        func finalizers() async throws {
            let names = ["held", "terminating"]
            try await withGate(
                over: names.map { (Self.pods, Manifest.pod($0, in: Gate.strict, finalizers: ["example.test/hold"])) },
                policy: Gate.policy(until: "2020-01-31")
            ) { cluster, _ in
                // The deletion waits for the finalizer.
                let deleted = try await cluster.api("DELETE", "\(Self.pods)/terminating")
                #expect(deleted.succeeded)
                #expect(deleted.body.contains(#""deletionTimestamp":"#))

                let terminating = try await cluster.edit(
                    "\(Self.pods)/terminating", #"{"metadata": {"finalizers": null}}"#)
                #expect(terminating.status == 200)
                #expect(terminating.warnings == [])
                #expect(try await cluster.api("GET", "\(Self.pods)/terminating").status == 404)

                let held = try await cluster.edit("\(Self.pods)/held", #"{"metadata": {"finalizers": null}}"#)
                #expect(held.status == 200)
                #expect(
                    held.warnings.last == "admitted because the update leaves the Pod's cost labels as they were")
                // And the Pod, which nobody patched, goes as it came.
                #expect(!held.body.contains(#""team":"#))
                #expect(try await cluster.api("DELETE", "\(Self.pods)/held").succeeded)
            }
        }

        @Test("Binding, status, ephemeral containers, eviction and proxying of a violating Pod pass")
        func podSubresources() async throws {
            let names = ["bound", "evicted"]
            try await withGate(
                over: names.map { (Self.pods, Manifest.pod($0, in: Gate.strict)) },
                policy: Gate.policy(until: "2020-01-31")
            ) { cluster, gate in
                let pod = "\(Self.pods)/bound"
                let name = Manifest.metadata("bound", in: Gate.strict)
                let binding = Manifest.object("v1", "Binding", metadata: name, #""target": {"name": "node-1"}"#)
                #expect(try await cluster.api("POST", "\(pod)/binding", binding).status == 201)
                #expect(try await cluster.edit("\(pod)/status", #"{"status": {"phase": "Running"}}"#).status == 200)

                let debugger = """
                    {"name": "debugger", "image": "example.test/shell", "imagePullPolicy": "Always",
                     "terminationMessagePolicy": "File"}
                    """
                let ephemeral = try await cluster.api(
                    "PUT", "\(pod)/ephemeralcontainers",
                    Manifest.object(
                        "v1", "EphemeralContainers", metadata: name, "\"ephemeralContainers\": [\(debugger)]"))
                #expect(ephemeral.status == 200, "\(ephemeral)")

                let eviction = Manifest.object(
                    "policy/v1beta1", "Eviction", metadata: Manifest.metadata("evicted", in: Gate.strict))
                #expect(try await cluster.api("POST", "\(Self.pods)/evicted/eviction", eviction).status == 201)
                #expect(try await cluster.api("GET", "\(Self.pods)/evicted").status == 404)

                // There is nobody to talk to, but not for want of labels.
                let proxied = try await cluster.api("GET", "\(pod)/proxy/")
                #expect(proxied.status != 403)
                let deleted = try await cluster.api("DELETE", pod)
                #expect(deleted.succeeded)
                // It has a node now, so it stays for its grace period, and its kubelet goes on writing.
                #expect(try await cluster.edit("\(pod)/status", #"{"status": {"phase": "Failed"}}"#).status == 200)
                #expect(try await cluster.edit(pod, #"{"metadata": {"annotations": {"a": "b"}}}"#).warnings == [])

                let metrics = try gate.metrics()
                for operation in ["CREATE", "UPDATE", "DELETE", "CONNECT"] {
                    let decided = metrics.total("tallygate_admission_requests_total", ["operation": operation])
                    let skipped = metrics.total(
                        "tallygate_admission_requests_total", ["operation": operation, "decision": "skip"])
                    #expect(skipped > 0, "\(operation) did not come")
                    #expect(skipped == decided, "\(operation)")
                }
            }
        }
    }
}
