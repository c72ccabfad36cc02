import Foundation
package import KubernetesModel

/// A manifest under Tests/Fixtures/workloads, and what has to be found in it.
package struct WorkloadFixture: Sendable, CustomStringConvertible {
    /// One Pod template of the manifest.
    package struct Template: Sendable, Hashable {
        /// Where people write its labels, as a JSON pointer; the map itself may be absent.
        package let labelsPointer: String
        /// Whether it asks for GPUs.
        package let gpu: Bool
        /// The labels its Pods get by the manifest alone, all sources merged.
        package let labels: [String: String]

        package init(labelsPointer: String, gpu: Bool, labels: [String: String]) {
            self.labelsPointer = labelsPointer
            self.gpu = gpu
            self.labels = labels
        }
    }

    package let file: String
    package let gvk: GroupVersionKind
    /// In the order of the catalogue's locations, and in each in the order of the document.
    package let templates: [Template]

    package var description: String { file }

    /// Where the manifest is.
    package var path: String { "\(Self.directory)/\(file)" }

    /// Tests/Fixtures/workloads beside this target.
    package static let directory: String = {
        let testSupport = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return (testSupport.dropLast() + ["Fixtures", "workloads"]).joined(separator: "/")
    }()

    /// The manifest as written.
    package func yaml() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The manifest as a tree.
    package func document() throws -> FixtureValue { try FixtureValue(yaml: yaml()) }

    /// The manifest as the API server would send it.
    package func json() throws -> String { try document().json }

    private init(_ file: String, _ group: String, _ version: String, _ kind: String, _ templates: [Template]) {
        self.file = file
        self.gvk = GroupVersionKind(group: group, version: version, kind: kind)
        self.templates = templates
    }

    private static func at(_ pointer: String, gpu: Bool = false, _ labels: [String: String] = [:]) -> Template {
        Template(labelsPointer: pointer, gpu: gpu, labels: labels)
    }

    package static let all: [WorkloadFixture] = core + batch + kubeflow + ray + serving + argo + spark
}

extension WorkloadFixture {
    private static let core = [
        WorkloadFixture(
            "pod.yaml", "", "v1", "Pod",
            [
                at(
                    "/metadata/labels", gpu: true,
                    [
                        "app": "vectoradd", "team": "ml-platform", "cost-center": "research",
                        "environment": "development",
                    ])
            ]),
        WorkloadFixture(
            "replicationcontroller.yaml", "", "v1", "ReplicationController",
            [at("/spec/template/metadata/labels", ["app": "legacy-frontend", "team": "web"])]),
        WorkloadFixture(
            "deployment.yaml", "apps", "v1", "Deployment",
            [
                at(
                    "/spec/template/metadata/labels",
                    [
                        "app.kubernetes.io/name": "checkout", "team": "payments", "cost-center": "product",
                        "environment": "production",
                    ])
            ]),
        WorkloadFixture(
            "statefulset.yaml", "apps", "v1", "StatefulSet",
            [
                at(
                    "/spec/template/metadata/labels", gpu: true,
                    ["app": "vllm", "team": "ml-platform", "model": "llama-3-70b"])
            ]),
        WorkloadFixture(
            "daemonset.yaml", "apps", "v1", "DaemonSet",
            [
                at(
                    "/spec/template/metadata/labels",
                    ["app": "node-exporter", "team": "sre", "environment": "production"])
            ]),
        WorkloadFixture(
            "replicaset.yaml", "apps", "v1", "ReplicaSet",
            [
                at(
                    "/spec/template/metadata/labels",
                    ["app": "checkout", "pod-template-hash": "6c9f8d7b5", "team": "payments"])
            ]),
        WorkloadFixture(
            "job.yaml", "batch", "v1", "Job",
            [
                at(
                    "/spec/template/metadata/labels", gpu: true,
                    ["app": "embed-catalogue", "cost-center": "research"])
            ]),
        WorkloadFixture(
            "cronjob.yaml", "batch", "v1", "CronJob",
            [
                at(
                    "/spec/jobTemplate/spec/template/metadata/labels", gpu: true,
                    ["app": "nightly-retrain", "team": "ml-platform"])
            ]),
    ]

    private static let batch = [
        WorkloadFixture(
            "jobset.yaml", "jobset.x-k8s.io", "v1alpha2", "JobSet",
            [
                at("/spec/replicatedJobs/0/template/spec/template/metadata/labels", ["team": "ml-platform"]),
                at(
                    "/spec/replicatedJobs/1/template/spec/template/metadata/labels", gpu: true,
                    ["team": "ml-platform", "cost-center": "research"]),
            ]),
        WorkloadFixture(
            "leaderworkerset.yaml", "leaderworkerset.x-k8s.io", "v1", "LeaderWorkerSet",
            [
                at(
                    "/spec/leaderWorkerTemplate/leaderTemplate/metadata/labels",
                    ["role": "leader", "team": "serving"]),
                at(
                    "/spec/leaderWorkerTemplate/workerTemplate/metadata/labels", gpu: true,
                    ["role": "worker", "team": "serving", "model": "deepseek-r1"]),
            ]),
        WorkloadFixture(
            "volcano-job.yaml", "batch.volcano.sh", "v1alpha1", "Job",
            [
                at("/spec/tasks/0/template/metadata/labels", ["team": "research"]),
                at("/spec/tasks/1/template/metadata/labels", gpu: true),
            ]),
        WorkloadFixture(
            "volcano-cronjob.yaml", "batch.volcano.sh", "v1alpha1", "CronJob",
            [
                at(
                    "/spec/jobTemplate/spec/tasks/0/template/metadata/labels", gpu: true,
                    ["team": "research", "workload-type": "batch"])
            ]),
    ]

    private static let kubeflow = [
        replicated("pytorchjob.yaml", "PyTorchJob", "pytorchReplicaSpecs", "Master"),
        replicated("tfjob.yaml", "TFJob", "tfReplicaSpecs", "PS"),
        replicated("xgboostjob.yaml", "XGBoostJob", "xgbReplicaSpecs", "Master"),
        replicated("paddlejob.yaml", "PaddleJob", "paddleReplicaSpecs", "Master"),
        replicated("mpijob-v1.yaml", "MPIJob", "mpiReplicaSpecs", "Launcher"),
        WorkloadFixture(
            "mpijob.yaml", "kubeflow.org", "v2beta1", "MPIJob",
            [
                at("/spec/mpiReplicaSpecs/Launcher/template/metadata/labels"),
                at("/spec/mpiReplicaSpecs/Worker/template/metadata/labels", gpu: true, ["team": "hpc"]),
            ]),
        WorkloadFixture(
            "jaxjob.yaml", "kubeflow.org", "v1", "JAXJob",
            [at("/spec/jaxReplicaSpecs/Worker/template/metadata/labels", gpu: true, ["team": "ml-platform"])]),
        WorkloadFixture(
            "trainjob.yaml", "trainer.kubeflow.org", "v1alpha1", "TrainJob",
            [
                at(runtimePatch(0), gpu: true),
                at(runtimePatch(1), gpu: true, ["team": "ml-platform", "cost-center": "research"]),
            ]),
        WorkloadFixture(
            "trainjob-v2.1.yaml", "trainer.kubeflow.org", "v1alpha1", "TrainJob",
            [at("/spec/podTemplateOverrides/0/metadata/labels", ["team": "ml-platform"])]),
        WorkloadFixture(
            "notebook.yaml", "kubeflow.org", "v1", "Notebook",
            [
                at(
                    "/metadata/labels", gpu: true,
                    ["app": "jane-research", "team": "research", "workload-type": "notebook"])
            ]),
    ]

    private static func replicated(_ file: String, _ kind: String, _ member: String, _ first: String) -> Self {
        WorkloadFixture(
            file, "kubeflow.org", "v1", kind,
            [
                at(
                    "/spec/\(member)/\(first)/template/metadata/labels",
                    ["team": "ml-platform", "cost-center": "research"]),
                at("/spec/\(member)/Worker/template/metadata/labels", gpu: true, ["team": "ml-platform"]),
            ])
    }

    private static func runtimePatch(_ index: Int) -> String {
        "/spec/runtimePatches/\(index)/trainingRuntimeSpec/template/spec/replicatedJobs/0/template/spec/template"
            + "/metadata/labels"
    }

    private static let ray = [
        WorkloadFixture("raycluster.yaml", "ray.io", "v1", "RayCluster", rayCluster("/spec")),
        WorkloadFixture(
            "rayjob.yaml", "ray.io", "v1", "RayJob",
            rayCluster("/spec/rayClusterSpec") + [
                at("/spec/submitterPodTemplate/metadata/labels", ["team": "ml-platform"])
            ]),
        WorkloadFixture("rayservice.yaml", "ray.io", "v1", "RayService", rayCluster("/spec/rayClusterConfig")),
        WorkloadFixture(
            "raycronjob.yaml", "ray.io", "v1", "RayCronJob", rayCluster("/spec/jobTemplate/rayClusterSpec")),
    ]

    private static func rayCluster(_ spec: String) -> [Template] {
        [
            at(
                "\(spec)/headGroupSpec/template/metadata/labels",
                ["team": "ml-platform", "environment": "development"]),
            at("\(spec)/workerGroupSpecs/0/template/metadata/labels"),
            at(
                "\(spec)/workerGroupSpecs/1/template/metadata/labels", gpu: true,
                ["team": "ml-platform", "environment": "production", "ray.io/accelerator": "h100"]),
        ]
    }

    private static let serving = [
        WorkloadFixture(
            "knative-service.yaml", "serving.knative.dev", "v1", "Service",
            [at("/spec/template/metadata/labels", ["team": "media", "cost-center": "product"])]),
        WorkloadFixture(
            "knative-configuration.yaml", "serving.knative.dev", "v1", "Configuration",
            [at("/spec/template/metadata/labels", gpu: true, ["team": "media"])]),
        WorkloadFixture(
            "knative-revision.yaml", "serving.knative.dev", "v1", "Revision",
            [at("/metadata/labels", ["serving.knative.dev/configuration": "thumbnailer", "team": "media"])]),
        WorkloadFixture(
            "inferenceservice.yaml", "serving.kserve.io", "v1beta1", "InferenceService",
            [
                at(
                    "/spec/predictor/labels", gpu: true,
                    ["team": "serving", "environment": "production", "model": "llama-3-8b"]),
                at("/spec/transformer/labels", ["team": "serving", "environment": "development"]),
                at("/spec/explainer/labels", ["team": "explain", "environment": "development"]),
            ]),
        WorkloadFixture(
            "inferenceservice-multinode.yaml", "serving.kserve.io", "v1beta1", "InferenceService",
            [at("/spec/predictor/labels", gpu: true, ["team": "serving"])]),
    ]

    private static let argo = [
        WorkloadFixture(
            "rollout.yaml", "argoproj.io", "v1alpha1", "Rollout",
            [
                at(
                    "/spec/template/metadata/labels",
                    ["app": "storefront", "team": "web", "environment": "production"])
            ]),
        WorkloadFixture("rollout-workloadref.yaml", "argoproj.io", "v1alpha1", "Rollout", []),
        WorkloadFixture(
            "experiment.yaml", "argoproj.io", "v1alpha1", "Experiment",
            [
                at(
                    "/spec/templates/0/template/metadata/labels",
                    ["app": "storefront", "color": "blue", "team": "web"]),
                at("/spec/templates/1/template/metadata/labels", ["app": "storefront", "color": "green"]),
            ]),
        WorkloadFixture("workflow.yaml", "argoproj.io", "v1alpha1", "Workflow", workflow("/spec")),
        WorkloadFixture(
            "cronworkflow.yaml", "argoproj.io", "v1alpha1", "CronWorkflow", workflow("/spec/workflowSpec")),
    ]

    private static func workflow(_ spec: String) -> [Template] {
        [
            at("\(spec)/templates/2/metadata/labels", ["team": "ml-platform", "environment": "staging"]),
            at(
                "\(spec)/templates/3/metadata/labels", gpu: true,
                ["team": "ml-platform", "environment": "production", "cost-center": "research"]),
            at(
                "\(spec)/templates/0/steps/1/1/inline/metadata/labels",
                ["team": "notifications", "environment": "staging"]),
            at(
                "\(spec)/templates/1/dag/tasks/0/inline/metadata/labels", gpu: true,
                ["team": "ml-platform", "environment": "staging"]),
        ]
    }

    private static let spark = [
        WorkloadFixture(
            "sparkapplication.yaml", "sparkoperator.k8s.io", "v1beta2", "SparkApplication",
            sparkApplication("/spec")),
        WorkloadFixture(
            "scheduledsparkapplication.yaml", "sparkoperator.k8s.io", "v1beta2", "ScheduledSparkApplication",
            sparkApplication("/spec/template")),
    ]

    private static func sparkApplication(_ spec: String) -> [Template] {
        [
            at("\(spec)/driver/labels", ["version": "3.5.5", "environment": "production", "team": "data"]),
            at(
                "\(spec)/executor/labels", gpu: true,
                ["team": "data", "environment": "development", "cost-center": "research"]),
        ]
    }
}
