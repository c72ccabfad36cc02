/// The built-in catalogue, by project. Each entry names the Go type its paths were read from.
enum BuiltinKinds {
    static let all: [WorkloadKind] = core + batch + kubeflow + ray + serving + argo + spark

    /// A PodTemplateSpec, or a type with the same `metadata` and `spec`, at this path.
    static func podTemplate(_ segments: TemplatePath.Segment...) -> TemplateLocation {
        TemplateLocation(TemplatePath(segments: segments))
    }
}

// MARK: - Kubernetes itself

extension BuiltinKinds {
    private static let deployment = GroupKind(group: "apps", kind: "Deployment")
    private static let knativeRevision = GroupKind(group: "serving.knative.dev", kind: "Revision")
    private static let leaderWorkerSet = GroupKind(group: "leaderworkerset.x-k8s.io", kind: "LeaderWorkerSet")
    private static let notebook = GroupKind(group: "kubeflow.org", kind: "Notebook")
    private static let inferenceService = GroupKind(group: "serving.kserve.io", kind: "InferenceService")
    private static let rollout = GroupKind(group: "argoproj.io", kind: "Rollout")
    private static let experiment = GroupKind(group: "argoproj.io", kind: "Experiment")

    static let core: [WorkloadKind] = [
        // k8s.io/api/core/v1 Pod: the object is the template.
        WorkloadKind(
            group: "", kind: "Pod", versions: ["v1"], resource: "pods", templates: [TemplateLocation(.root)]),
        // k8s.io/api/core/v1 ReplicationControllerSpec.Template
        WorkloadKind(
            group: "", kind: "ReplicationController", versions: ["v1"], resource: "replicationcontrollers",
            templates: [podTemplate("spec", "template")]),
        // k8s.io/api/apps/v1 DeploymentSpec.Template
        WorkloadKind(
            group: "apps", kind: "Deployment", versions: ["v1"], resource: "deployments",
            templates: [podTemplate("spec", "template")], createdBy: [knativeRevision, inferenceService]),
        // k8s.io/api/apps/v1 StatefulSetSpec.Template
        WorkloadKind(
            group: "apps", kind: "StatefulSet", versions: ["v1"], resource: "statefulsets",
            templates: [podTemplate("spec", "template")], createdBy: [leaderWorkerSet, notebook]),
        // k8s.io/api/apps/v1 DaemonSetSpec.Template
        WorkloadKind(
            group: "apps", kind: "DaemonSet", versions: ["v1"], resource: "daemonsets",
            templates: [podTemplate("spec", "template")]),
        // k8s.io/api/apps/v1 ReplicaSetSpec.Template
        WorkloadKind(
            group: "apps", kind: "ReplicaSet", versions: ["v1"], resource: "replicasets",
            templates: [podTemplate("spec", "template")], createdBy: [deployment, rollout, experiment]),
        // k8s.io/api/batch/v1 JobSpec.Template
        WorkloadKind(
            group: "batch", kind: "Job", versions: ["v1"], resource: "jobs",
            templates: [podTemplate("spec", "template")],
            createdBy: [
                GroupKind(group: "batch", kind: "CronJob"),
                GroupKind(group: "jobset.x-k8s.io", kind: "JobSet"),
                GroupKind(group: "kubeflow.org", kind: "MPIJob"),
                GroupKind(group: "ray.io", kind: "RayJob"),
            ]),
        // k8s.io/api/batch/v1 and v1beta1 CronJobSpec.JobTemplate (a JobTemplateSpec).Spec.Template. The labels of
        // jobTemplate.metadata go to the Jobs, not to their Pods.
        WorkloadKind(
            group: "batch", kind: "CronJob", versions: ["v1", "v1beta1"], resource: "cronjobs",
            templates: [podTemplate("spec", "jobTemplate", "spec", "template")]),
    ]
}

// MARK: - Batch and group scheduling

extension BuiltinKinds {
    static let batch: [WorkloadKind] = [
        // sigs.k8s.io/jobset/api/jobset/v1alpha2 ReplicatedJob.Template (a batch/v1 JobTemplateSpec)
        WorkloadKind(
            group: "jobset.x-k8s.io", kind: "JobSet", versions: ["v1alpha2"], resource: "jobsets",
            templates: [podTemplate("spec", "replicatedJobs", .anyElement, "template", "spec", "template")],
            createdBy: [GroupKind(group: "trainer.kubeflow.org", kind: "TrainJob")]),
        // sigs.k8s.io/lws/api/leaderworkerset/v1 LeaderWorkerTemplate: without a leaderTemplate the leader is made
        // of the workerTemplate too.
        WorkloadKind(
            group: "leaderworkerset.x-k8s.io", kind: "LeaderWorkerSet", versions: ["v1"],
            resource: "leaderworkersets",
            templates: [
                podTemplate("spec", "leaderWorkerTemplate", "leaderTemplate"),
                podTemplate("spec", "leaderWorkerTemplate", "workerTemplate"),
            ]),
        // volcano.sh/apis/pkg/apis/batch/v1alpha1 TaskSpec.Template
        WorkloadKind(
            group: "batch.volcano.sh", kind: "Job", versions: ["v1alpha1"], resource: "jobs",
            templates: [podTemplate("spec", "tasks", .anyElement, "template")],
            createdBy: [GroupKind(group: "batch.volcano.sh", kind: "CronJob")]),
        // volcano.sh/apis/pkg/apis/batch/v1alpha1 CronJobSpec.JobTemplate.Spec (a JobSpec).Tasks
        WorkloadKind(
            group: "batch.volcano.sh", kind: "CronJob", versions: ["v1alpha1"], resource: "cronjobs",
            templates: [podTemplate("spec", "jobTemplate", "spec", "tasks", .anyElement, "template")]),
    ]
}
