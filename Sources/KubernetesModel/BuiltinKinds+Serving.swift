// MARK: - Knative and KServe

extension BuiltinKinds {
    static let serving: [WorkloadKind] = [
        // knative.dev/serving/pkg/apis/serving/v1 ServiceSpec, which inlines ConfigurationSpec.Template (a
        // RevisionTemplateSpec: metadata, and a spec that inlines a PodSpec). The labels of the Service itself go to
        // its Route and Configuration, not to Pods.
        WorkloadKind(
            group: "serving.knative.dev", kind: "Service", versions: ["v1"], resource: "services",
            templates: [podTemplate("spec", "template")], createdBy: [inferenceService]),
        WorkloadKind(
            group: "serving.knative.dev", kind: "Configuration", versions: ["v1"], resource: "configurations",
            templates: [podTemplate("spec", "template")],
            createdBy: [GroupKind(group: "serving.knative.dev", kind: "Service")]),
        // Revision: its own labels are its Pods' (makeLabels in reconciler/revision/resources/meta.go).
        WorkloadKind(
            group: "serving.knative.dev", kind: "Revision", versions: ["v1"], resource: "revisions",
            templates: [TemplateLocation(.root)],
            createdBy: [GroupKind(group: "serving.knative.dev", kind: "Configuration")]),
        // github.com/kserve/kserve/pkg/apis/serving/v1beta1 InferenceServiceSpec
        WorkloadKind(
            group: "serving.kserve.io", kind: "InferenceService", versions: ["v1beta1"],
            resource: "inferenceservices",
            templates: [
                component(
                    "predictor",
                    implementations: [
                        "model", "huggingface", "lightgbm", "onnx", "paddle", "pmml", "pytorch", "sklearn",
                        "tensorflow", "triton", "xgboost",
                    ], worker: true),
                component("transformer"),
                component("explainer", implementations: ["art", "alibi", "aix"]),
            ]),
    ]

    private static let inferenceService = GroupKind(group: "serving.kserve.io", kind: "InferenceService")

    /// A component inlines a PodSpec and a ComponentExtensionSpec, whose `labels` and `annotations` are the Pods';
    /// an implementation such as `model` inlines a Container. The InferenceService's own labels are below the
    /// component's (buildObjectMeta in inferenceservice/components), and below them those of the ServingRuntime,
    /// which stands elsewhere and is not read. WorkerSpec (multi-node predictors) is a PodSpec whose Pods get the
    /// predictor's labels. `alibi` and `aix` are explainers of older releases (0.10).
    private static func component(
        _ name: String, implementations: [String] = [], worker: Bool = false
    ) -> TemplateLocation {
        let containers = implementations.map { AcceleratorRequest.resources(.template(.member($0), "resources")) }
        let workers = worker ? TemplateLocation.accelerators(ofPodSpec: TemplatePath("workerSpec")) : []
        return TemplateLocation(
            TemplatePath("spec", .member(name)),
            labels: .template("labels"), underlyingLabels: [.object("metadata", "labels")],
            annotations: .template("annotations"), podSpec: .root, otherAccelerators: containers + workers)
    }
}
