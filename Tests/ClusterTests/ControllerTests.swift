import Foundation
import TestSupport
import Testing

extension WithControllers {
    /// What controllers make of admitted workloads.
    @Suite("What controllers make", .gate(), .serialized)
    struct ControllerTests {
        private func items(_ resource: String, selector: String? = nil, in namespace: String) async throws -> [Item] {
            let selection = selector.map { ["--selector=\($0)"] } ?? []
            let text = try await Cluster.current.require(
                ["get", resource, "--namespace=\(namespace)", "--output=json"] + selection)
            return try JSONDecoder().decode(List.self, from: Data(text.utf8)).items
        }

        private struct List: Decodable { var items: [Item] }

        /// What is asked of a Pod, ReplicaSet or Job.
        private struct Item: Decodable {
            struct Metadata: Decodable {
                var name: String
                var labels: [String: String]?
                var ownerReferences: [Owner]?
            }
            struct Owner: Decodable { var kind, name: String }
            struct Template: Decodable { var metadata: TemplateMetadata }
            struct TemplateMetadata: Decodable { var labels: [String: String]? }
            struct Spec: Decodable { var template: Template? }

            var metadata: Metadata
            var spec: Spec

            var labels: [String: String] { metadata.labels ?? [:] }
            var templateLabels: [String: String] { spec.template?.metadata.labels ?? [:] }
        }

        /// Pods, once there are so many.
        private func pods(_ count: Int, selector: String, in namespace: String) async throws -> [Item] {
            var found: [Item] = []
            try await wait(for: "\(count) Pods of \(selector)", seconds: 120) {
                found = try await items("pods", selector: selector, in: namespace)
                return found.count == count ? nil : "\(found.map(\.metadata.name))"
            }
            return found
        }

        /// The gate's patches in the audit log, by resource.
        private func patchedResources() throws -> Set<String> {
            Set(
                try Cluster.current.auditEvents().filter { event in
                    (event.annotations ?? [:]).contains {
                        $0.key.hasPrefix("mutation.webhook.admission") && $0.value.contains("tallygate.tallygate.test")
                            && $0.value.contains(#""mutated":true"#)
                    }
                }.compactMap { $0.objectRef?.resource })
        }

        @Test(
            "A Deployment that complies gets its one ReplicaSet and its Pods", arguments: [Gate.strict, Gate.supplied])
        func deployment(_ namespace: String) async throws {
            let cluster = try Cluster.current
            // Where the namespace supplies them, the template goes without.
            let labels = namespace == Gate.strict ? Gate.complete : [:]
            let written = labels.merging(["app": "web"]) { own, _ in own }
            try await cluster.require(
                ["create", "-f", "-"], input: Manifest.deployment("web", in: namespace, labels: labels, replicas: 2))
            let made = try await pods(2, selector: "app=web", in: namespace)
            let team = namespace == Gate.strict ? "search" : "ml-platform"
            for pod in made {
                #expect(pod.labels["team"] == team)
                #expect(pod.labels["cost-center"] != nil)
                #expect(pod.labels["environment"] != nil)
            }

            try await cluster.require(["scale", "--namespace=\(namespace)", "deployment/web", "--replicas=3"])
            _ = try await pods(3, selector: "app=web", in: namespace)
            // The controller has seen the last change and is done with it.
            try await wait(for: "the Deployment's controller") {
                let status = try await cluster.require([
                    "get", "deployment", "--namespace=\(namespace)", "web",
                    "--output=jsonpath={.metadata.generation} {.status.observedGeneration} {.status.updatedReplicas}",
                ])
                return status == "2 2 3" ? nil : status
            }
            let replicaSets = try await items("replicasets", in: namespace)
            #expect(replicaSets.count == 1)
            for replicaSet in replicaSets {
                let hash = replicaSet.templateLabels["pod-template-hash"] ?? ""
                #expect(replicaSet.templateLabels == written.merging(["pod-template-hash": hash]) { own, _ in own })
            }
            #expect(try patchedResources().subtracting(["pods"]) == [])
        }

        @Test("A CronJob gets its Job, and that its Pod")
        func cronJob() async throws {
            let cluster = try Cluster.current
            let cronJobs = Cluster.Path.cronJobs(Gate.supplied)
            let made = try await cluster.api(
                "POST", cronJobs, Manifest.cronJob("nightly", in: Gate.supplied, schedule: "* * * * *"))
            try #require(made.status == 201, "\(made)")
            // As if it had run a while ago: the next run is due at once instead of within a minute.
            let last = Date(timeIntervalSinceNow: -90).formatted(.iso8601)
            let told = try await cluster.edit(
                "\(cronJobs)/nightly/status", #"{"status": {"lastScheduleTime": "\#(last)"}}"#)
            try #require(told.status == 200, "\(told)")

            var jobs: [Item] = []
            try await wait(for: "the CronJob's Job", seconds: 120) {
                jobs = try await items("jobs", in: Gate.supplied).filter {
                    $0.metadata.ownerReferences?.first?.name == "nightly"
                }
                return jobs.isEmpty ? "none" : nil
            }
            let job = try #require(jobs.first)
            #expect(job.templateLabels["team"] == nil)
            let pod = try #require(
                try await pods(1, selector: "job-name=\(job.metadata.name)", in: Gate.supplied).first)
            #expect(pod.metadata.ownerReferences?.first?.kind == "Job")
            #expect(pod.labels["team"] == "ml-platform")
            #expect(pod.labels["cost-center"] == "product")
            #expect(try patchedResources() == ["pods"])
            try await cluster.require(["delete", "cronjob", "--namespace=supplied", "nightly"])
        }
    }
}
