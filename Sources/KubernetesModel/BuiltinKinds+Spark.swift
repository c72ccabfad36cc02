// MARK: - Spark

extension BuiltinKinds {
    /// github.com/kubeflow/spark-operator/api/v1beta2.
    static let spark: [WorkloadKind] = [
        WorkloadKind(
            group: "sparkoperator.k8s.io", kind: "SparkApplication", versions: ["v1beta2"],
            resource: "sparkapplications", templates: sparkApplication("spec"),
            createdBy: [GroupKind(group: "sparkoperator.k8s.io", kind: "ScheduledSparkApplication")]),
        // ScheduledSparkApplicationSpec.Template is a SparkApplicationSpec; the labels of the schedule are set on the
        // applications, and by those on the Pods.
        WorkloadKind(
            group: "sparkoperator.k8s.io", kind: "ScheduledSparkApplication", versions: ["v1beta2"],
            resource: "scheduledsparkapplications", templates: sparkApplication("spec", "template")),
    ]

    private static func sparkApplication(_ segments: TemplatePath.Segment...) -> [TemplateLocation] {
        let spec = TemplatePath(segments: segments)
        return [sparkPod(spec.appending(TemplatePath("driver"))), sparkPod(spec.appending(TemplatePath("executor")))]
    }

    /// A SparkPodSpec. Its Pod's labels are, strongest first, its `labels`, those of the application (both by
    /// `spark.kubernetes.driver.label.*` and its like, in sparkapplication/submission.go) and those of the Pod
    /// template file that Spark starts from. Labels of the application under `kueue.x-k8s.io/` are not passed on.
    private static func sparkPod(_ path: TemplatePath) -> TemplateLocation {
        TemplateLocation(
            path, labels: .template("labels"),
            underlyingLabels: [.object("metadata", "labels"), .template("template", "metadata", "labels")],
            annotations: .template("annotations"),
            podSpec: TemplatePath("template", "spec"),
            otherAccelerators: [
                .device(.template("gpu")),
                .resources(.template("initContainers", .anyElement, "resources")),
                .resources(.template("sidecars", .anyElement, "resources")),
            ])
    }
}
