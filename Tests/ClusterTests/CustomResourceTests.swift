import Foundation
import TestSupport
import Testing

extension WebhookRegistration {
    /// The version of RayCluster that is left out has to come converted.
    fileprivate static let withCustomResources = WebhookRegistration(
        rules: builtInWorkloads + [
            Rule(apiGroups: ["ray.io"], resources: ["rayclusters"]),
            Rule(apiGroups: ["jobset.x-k8s.io"], apiVersions: ["v1alpha2"], resources: ["jobsets"]),
            Rule(apiGroups: ["acme.test"], resources: ["jobs"]),
        ])
}

extension WithoutControllers {
    @Suite("Custom resources", .gate(.withCustomResources), .serialized)
    struct CustomResourceTests {
        /// A custom resource whose schema keeps whatever it is given.
        struct Definition {
            var group: String
            var kind: String
            var plural: String
            /// The first is stored.
            var versions: [String]

            var manifest: String {
                let versions = versions.enumerated().map { index, name in
                    """
                    {"name": "\(name)", "served": true, "storage": \(index == 0), "schema": {"openAPIV3Schema":
                      {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}
                    """
                }
                return Manifest.object(
                    "apiextensions.k8s.io/v1", "CustomResourceDefinition",
                    metadata: Manifest.metadata("\(plural).\(group)"),
                    """
                    "spec": {"group": "\(group)", "scope": "Namespaced", "versions": [\(versions.joined(separator: ","))],
                             "names": {"kind": "\(kind)", "listKind": "\(kind)List", "plural": "\(plural)",
                                       "singular": "\(kind.lowercased())"}}
                    """)
            }
        }

        static let rayClusters = Definition(
            group: "ray.io", kind: "RayCluster", plural: "rayclusters", versions: ["v1", "v1beta7"])
        static let jobSets = Definition(
            group: "jobset.x-k8s.io", kind: "JobSet", plural: "jobsets", versions: ["v1alpha2"])
        /// Of the same name as batch's, and none of ours.
        static let namesakes = Definition(group: "acme.test", kind: "Job", plural: "jobs", versions: ["v1"])

        private func define(_ definition: Definition) async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: definition.manifest)
            for version in definition.versions {
                let path = "/apis/\(definition.group)/\(version)/\(definition.plural)"
                try await wait(for: "the API of \(definition.kind) \(version)") {
                    let answer = try await cluster.api("GET", path)
                    return answer.succeeded ? nil : "\(answer)"
                }
            }
        }

        private func create(_ definition: Definition, _ body: String, version: String? = nil) async throws
            -> APIResponse
        {
            let version = version ?? definition.versions[0]
            return try await Cluster.current.api(
                "POST", "/apis/\(definition.group)/\(version)/namespaces/ml/\(definition.plural)", body)
        }

        private func fixture(_ file: String) throws -> String {
            try #require(WorkloadFixture.all.first { $0.file == file }).json()
        }

        @Test("A RayCluster's denial names each template", arguments: ["v1", "v1beta7"])
        func rayCluster(version: String) async throws {
            try await define(Self.rayClusters)
            // The second version is not in the catalogue and not registered: it comes converted to the first.
            let body = try fixture("raycluster.yaml").replacing("ray.io/v1", with: "ray.io/\(version)")
            let answer = try await create(Self.rayClusters, body, version: version)
            #expect(answer.status == 403)
            #expect(
                answer.message == """
                    admission webhook "tallygate.tallygate.test" denied the request: RayCluster "research" in \
                    namespace "ml" lacks cost labels that policy "cost" requires:
                      in spec.headGroupSpec.template.metadata.labels and 1 more:
                      - project (recommended): missing
                      in spec.workerGroupSpecs[0].template.metadata.labels:
                      - team: missing; registered: search, ml-platform
                      - cost-center: missing; registered: discovery, product, research
                      - environment: missing; allowed: production, staging, development
                      - project (recommended): missing
                    Set them in the labels of each template, or for the whole namespace: kubectl label namespace ml \
                    team=VALUE cost-center=VALUE environment=VALUE.
                    """)
        }

        @Test("A JobSet's denial names each template, and a complete one is admitted as it is")
        func jobSet() async throws {
            try await define(Self.jobSets)
            let answer = try await create(Self.jobSets, fixture("jobset.yaml"))
            #expect(answer.status == 403)
            #expect(
                answer.message == """
                    admission webhook "tallygate.tallygate.test" denied the request: JobSet "pretrain" in \
                    namespace "ml" lacks cost labels that policy "cost" requires:
                      in spec.replicatedJobs[0].template.spec.template.metadata.labels and 1 more:
                      - environment: missing; allowed: production, staging, development
                      - project (recommended): missing
                    Set them in the labels of each template, or for the whole namespace: kubectl label namespace ml \
                    environment=VALUE.
                    """)

            let template = Manifest.template(Gate.complete)
            let job = #"{"name": "workers", "template": {"spec": {"template": \#(template)}}}"#
            let complete = Manifest.object(
                "jobset.x-k8s.io/v1alpha2", "JobSet", metadata: Manifest.metadata("complete", in: "ml"),
                #""spec": {"replicatedJobs": [\#(job)]}"#)
            let admitted = try await create(Self.jobSets, complete)
            #expect(admitted.status == 201, "\(admitted)")
            #expect(admitted.warnings == [])
        }

        @Test("A kind that only shares its name with a workload is left alone")
        func namesake() async throws {
            try await define(Self.namesakes)
            let gate = try Gate.current
            func skipped() throws -> Double {
                try gate.metrics().total(
                    "tallygate_admission_requests_total", ["kind": "other", "decision": "skip"])
            }
            let before = try skipped()
            let body = Manifest.job("namesake", in: "ml").replacing("batch/v1", with: "acme.test/v1")
            let answer = try await create(Self.namesakes, body)
            #expect(answer.status == 201, "\(answer)")
            #expect(answer.warnings == [])
            // It was asked about, by both halves.
            #expect(try skipped() == before + 2)
            // And Kubernetes' own Job in the same place is not.
            let real = try await Cluster.current.api(
                "POST", Cluster.Path.jobs("ml"), Manifest.job("namesake", in: "ml"))
            #expect(real.status == 403)
        }
    }
}
