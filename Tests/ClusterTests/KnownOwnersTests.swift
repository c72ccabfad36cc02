import Foundation
import TestSupport
import Testing

extension WithControllers {
    /// A gate that knows the cluster's namespaces and owners, where real controllers make real Pods.
    @Suite("What the gate knows of owners", .serialized)
    struct KnownOwnersTests {
        private func pods(of app: String, in namespace: String) async throws -> [String: [String: String]] {
            struct List: Decodable {
                struct Item: Decodable { var metadata: Metadata }
                struct Metadata: Decodable {
                    var name: String
                    var labels: [String: String]?
                    var deletionTimestamp: String?
                }
                var items: [Item]
            }
            let text = try await Cluster.current.require([
                "get", "pods", "--namespace=\(namespace)", "--selector=app=\(app)", "--output=json",
            ])
            let items = try JSONDecoder().decode(List.self, from: Data(text.utf8)).items
                .filter { $0.metadata.deletionTimestamp == nil }
            return Dictionary(uniqueKeysWithValues: items.map { ($0.metadata.name, $0.metadata.labels ?? [:]) })
        }

        /// Pods other than these, once there are so many.
        private func pods(
            _ count: Int, of app: String, in namespace: String, otherThan old: Set<String> = []
        ) async throws -> [String: [String: String]] {
            var found: [String: [String: String]] = [:]
            try await wait(for: "\(count) new Pods of \(app)", seconds: 120) {
                found = try await pods(of: app, in: namespace).filter { !old.contains($0.key) }
                return found.count == count ? nil : "\(found.keys.sorted())"
            }
            return found
        }

        /// As a drained node does it: the Pods go, and their controller makes others.
        private func reschedule(_ app: String, in namespace: String) async throws -> Set<String> {
            let old = try await pods(of: app, in: namespace)
            try await Cluster.current.require(
                [
                    "delete", "pods", "--namespace=\(namespace)", "--selector=app=\(app)", "--force",
                    "--grace-period=0", "--wait=false",
                ])
            return Set(old.keys)
        }

        @Test("A Deployment from before the policy: reschedules, takes unrelated edits, and ends as the ratchet says")
        func ratchet() async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: KnowingGate.namespace("before"))
            let deployments = Cluster.Path.deployments("before")
            for (name, labels) in [("bare", [:]), ("owned", ["team": "search"])] {
                let made = try await cluster.api(
                    "POST", deployments, Manifest.deployment(name, in: "before", labels: labels, replicas: 2))
                try #require(made.succeeded, "\(made)")
            }
            _ = try await pods(2, of: "bare", in: "before")
            let gate = try await KnowingGate.start()
            try await cluster.registered(KnowingGate.registration, of: gate) {
                // Enforced, and yet its Pods come back.
                let old = try await reschedule("bare", in: "before")
                _ = try await pods(2, of: "bare", in: "before", otherThan: old)

                let edit = #"{"metadata": {"annotations": {"note": "a"}}}"#
                let unrelated = try await cluster.edit("\(deployments)/bare", edit)
                #expect(unrelated.status == 200)
                #expect(
                    unrelated.warnings.last
                        == "admitted because the gaps were there before; from 3000-01-01 on they are denied")
                let removal = try await cluster.edit(
                    "\(deployments)/owned", #"{"spec": {"template": {"metadata": {"labels": {"team": null}}}}}"#)
                #expect(removal.status == 403)
                #expect(removal.message.contains("team: missing"))

                // Past the deadline the edit is denied, and the Pods go on.
                try gate.replacePolicy(with: KnowingGate.policy(until: "2020-01-31"))
                try await wait(for: "a denial past the deadline") {
                    let late = try await cluster.edit(
                        "\(deployments)/bare?dryRun=All", edit.replacing("\"a\"", with: "\"b\""))
                    return late.status == 403 ? nil : "\(late), log: \(gate.process.errors.suffix(500))"
                }
                let later = try await reschedule("bare", in: "before")
                _ = try await pods(2, of: "bare", in: "before", otherThan: later)

                // Unless the policy says that Pods end as well.
                try gate.replacePolicy(with: KnowingGate.policy(until: "2020-01-31", pods: "deny"))
                try await wait(for: "the policy that denies Pods") {
                    gate.process.errors.components(separatedBy: "Policy reloaded").count == 3
                        ? nil : gate.process.errors
                }
                let last = try await reschedule("bare", in: "before")
                try await wait(for: "the ReplicaSet's failure", seconds: 120) {
                    let conditions = try await cluster.require([
                        "get", "replicasets", "--namespace=before", "--selector=app=bare",
                        "--output=jsonpath={.items[*].status.conditions}",
                    ])
                    return conditions.contains("ReplicaFailure") && conditions.contains("denied the request")
                        ? nil : conditions
                }
                #expect(try await pods(of: "bare", in: "before").filter { !last.contains($0.key) } == [:])
            }
            await gate.crash()
        }

        @Test("Labels of the namespace, and of the Deployment itself, fill the Pods; the audit log says from where")
        func defaults() async throws {
            let cluster = try Cluster.current
            try await cluster.require(
                ["apply", "-f", "-"], input: KnowingGate.namespace("filled", ["team": "from-namespace"]))
            let gate = try await KnowingGate.start()
            try await cluster.registered(KnowingGate.registration, of: gate) {
                try await cluster.require(
                    ["create", "-f", "-"], input: Manifest.deployment("plain", in: "filled"))
                let owned = Manifest.deployment("owned", in: "filled").replacing(
                    #""metadata": {"name": "owned""#,
                    with: #""metadata": {"labels": {"team": "from-owner"}, "name": "owned""#)
                try await cluster.require(["create", "-f", "-"], input: owned)
                for (app, team) in [("plain", "from-namespace"), ("owned", "from-owner")] {
                    let made = try await pods(1, of: app, in: "filled")
                    #expect(made.values.map { $0["team"] } == [team])
                }
                let notes = try cluster.auditEvents().compactMap {
                    $0.annotations?.first { $0.key.hasSuffix("/defaults") }?.value
                }
                #expect(notes.contains("team=from-namespace (namespace)"))
                #expect(notes.contains("team=from-owner (owner)"))

                // A label of the namespace takes effect within moments.
                let began = ContinuousClock.now
                try await cluster.require(["label", "--overwrite", "namespace", "filled", "team=another"])
                try await wait(for: "the namespace's new label", seconds: 5) {
                    let made = try await cluster.api(
                        "POST", "\(Cluster.Path.pods("filled"))?dryRun=All", Manifest.pod("probe", in: "filled"))
                    return made.body.contains(#""team":"another""#) ? nil : "\(made.body.prefix(300))"
                }
                print("a namespace's label took effect after \(ContinuousClock.now - began), kubectl included")
            }
            await gate.crash()
        }

        @Test("Forged owner references gain nothing")
        func forgedReferences() async throws {
            let cluster = try Cluster.current
            for name in ["forged", "elsewhere"] {
                try await cluster.require(["apply", "-f", "-"], input: KnowingGate.namespace(name))
            }
            try await cluster.require(
                ["create", "-f", "-"], input: Manifest.deployment("real", in: "forged", labels: ["team": "search"]))
            _ = try await pods(1, of: "real", in: "forged")
            let name = try await cluster.require([
                "get", "replicasets", "--namespace=forged", "--output=jsonpath={.items[0].metadata.name}",
            ])
            let uid = try await cluster.require([
                "get", "replicasets", "--namespace=forged", "--output=jsonpath={.items[0].metadata.uid}",
            ])
            let gate = try await KnowingGate.start()
            try await cluster.registered(KnowingGate.registration, of: gate) {
                let asked = try cluster.auditEvents().count
                for (namespace, apiVersion, kind, name, uid) in [
                    ("forged", "apps/v1", "ReplicaSet", name, uid),
                    ("forged", "apps/v1", "ReplicaSet", name, "0d9f8d5c-33c1-4c5e-9d51-1a2b3c4d5e6f"),
                    ("forged", "apps/v1", "ReplicaSet", "nobody", uid), ("forged", "batch/v1", "Job", name, uid),
                    ("forged", "v1", "ConfigMap", name, uid), ("elsewhere", "apps/v1", "ReplicaSet", name, uid),
                    ("forged", "ray.io/v1", "RayCluster", "r", uid),
                ] {
                    let reference =
                        #""ownerReferences": [{"apiVersion": "\#(apiVersion)", "kind": "\#(kind)", "name": "\#(name)","#
                        + #" "uid": "\#(uid)", "controller": true}], "name": "stray""#
                    let pod = Manifest.pod("stray", in: namespace).replacing(#""name": "stray""#, with: reference)
                    let made = try await cluster.api("POST", Cluster.Path.pods(namespace), pod)
                    #expect(made.status == 403, "\(kind) \(name) \(uid): \(made)")
                }
                // Nor do they make the gate ask.
                #expect(try cluster.questions(after: asked) == [])
            }
            await gate.crash()
        }

        @Test("A rollout of warm kinds asks the API server nothing")
        func noQuestions() async throws {
            let cluster = try Cluster.current
            try await cluster.require(
                ["apply", "-f", "-"], input: KnowingGate.namespace("warm", ["team": "search"]))
            let gate = try await KnowingGate.start()
            try await cluster.registered(KnowingGate.registration, of: gate) {
                try await cluster.require(["create", "-f", "-"], input: Manifest.deployment("web", in: "warm"))
                _ = try await pods(1, of: "web", in: "warm")
                let before = try cluster.auditEvents().count
                let lookups = try gate.metrics().total("tallygate_live_lookups_total")
                try await cluster.require(["scale", "--namespace=warm", "deployment/web", "--replicas=20"])
                let made = try await pods(20, of: "web", in: "warm")
                #expect(made.values.allSatisfy { $0["team"] == "search" })
                #expect(try cluster.questions(after: before) == [])
                #expect(try gate.metrics().total("tallygate_live_lookups_total") == lookups)
                #expect(try gate.metrics().total("tallygate_admission_requests_total", ["decision": "mutate"]) >= 20)
            }
            await gate.crash()
        }
    }
}
