// MARK: - Ray

extension BuiltinKinds {
    private static let rayJob = GroupKind(group: "ray.io", kind: "RayJob")
    private static let rayService = GroupKind(group: "ray.io", kind: "RayService")

    /// github.com/ray-project/kuberay/ray-operator/apis/ray v1 and v1alpha1.
    static let ray: [WorkloadKind] = [
        WorkloadKind(
            group: "ray.io", kind: "RayCluster", versions: ["v1", "v1alpha1"], resource: "rayclusters",
            templates: rayCluster("spec"), createdBy: [rayJob, rayService]),
        // RayJobSpec.RayClusterSpec (absent if clusterSelector names a running cluster) and SubmitterPodTemplate.
        WorkloadKind(
            group: "ray.io", kind: "RayJob", versions: ["v1", "v1alpha1"], resource: "rayjobs",
            templates: rayCluster("spec", "rayClusterSpec") + [podTemplate("spec", "submitterPodTemplate")],
            createdBy: [GroupKind(group: "ray.io", kind: "RayCronJob")]),
        // RayServiceSpec.RayClusterSpec, whose name in JSON is rayClusterConfig.
        WorkloadKind(
            group: "ray.io", kind: "RayService", versions: ["v1", "v1alpha1"], resource: "rayservices",
            templates: rayCluster("spec", "rayClusterConfig")),
        // RayCronJobSpec.JobTemplate is a RayJobSpec, without a spec of its own between.
        WorkloadKind(
            group: "ray.io", kind: "RayCronJob", versions: ["v1"], resource: "raycronjobs",
            templates: rayCluster("spec", "jobTemplate", "rayClusterSpec") + [
                podTemplate("spec", "jobTemplate", "submitterPodTemplate")
            ]),
    ]

    /// The groups of a RayClusterSpec: HeadGroupSpec and every WorkerGroupSpec. A group's `labels` are Ray node
    /// labels that KubeRay also sets on the Pods, over those of the template (mergeLabels in common/pod.go); the
    /// template stays the place to write cost labels in, because Ray schedules by node labels.
    private static func rayCluster(_ segments: TemplatePath.Segment...) -> [TemplateLocation] {
        let cluster = TemplatePath(segments: segments)
        return [
            rayGroup(cluster.appending(TemplatePath("headGroupSpec"))),
            rayGroup(cluster.appending(TemplatePath("workerGroupSpecs", .anyElement))),
        ]
    }

    private static func rayGroup(_ path: TemplatePath) -> TemplateLocation {
        TemplateLocation(
            path, labels: .template("template", "metadata", "labels"), overridingLabels: [.template("labels")],
            annotations: .template("template", "metadata", "annotations"), podSpec: TemplatePath("template", "spec"))
    }
}
