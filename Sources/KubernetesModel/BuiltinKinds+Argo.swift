// MARK: - Argo

extension BuiltinKinds {
    static let argo: [WorkloadKind] = [
        // github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1 RolloutSpec.Template; with a workloadRef the
        // template is that of the Deployment it names, which is judged itself.
        WorkloadKind(
            group: "argoproj.io", kind: "Rollout", versions: ["v1alpha1"], resource: "rollouts",
            templates: [podTemplate("spec", "template")]),
        // github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1 ExperimentSpec.Templates[].Template
        WorkloadKind(
            group: "argoproj.io", kind: "Experiment", versions: ["v1alpha1"], resource: "experiments",
            templates: [podTemplate("spec", "templates", .anyElement, "template")],
            createdBy: [GroupKind(group: "argoproj.io", kind: "Rollout")]),
        // github.com/argoproj/argo-workflows/pkg/apis/workflow/v1alpha1 WorkflowSpec; with a workflowTemplateRef
        // the templates stand in the WorkflowTemplate and there is nothing here.
        WorkloadKind(
            group: "argoproj.io", kind: "Workflow", versions: ["v1alpha1"], resource: "workflows",
            templates: workflow("spec"),
            createdBy: [GroupKind(group: "argoproj.io", kind: "CronWorkflow")]),
        // CronWorkflowSpec.WorkflowSpec. The labels of workflowMetadata go to the Workflow, not to Pods.
        WorkloadKind(
            group: "argoproj.io", kind: "CronWorkflow", versions: ["v1alpha1"], resource: "cronworkflows",
            templates: workflow("spec", "workflowSpec")),
    ]

    /// The templates of a WorkflowSpec, and those inline in the steps (an array of arrays) and tasks of another.
    private static func workflow(_ segments: TemplatePath.Segment...) -> [TemplateLocation] {
        let spec = TemplatePath(segments: segments)
        let templates = spec.appending(TemplatePath("templates", .anyElement))
        return [
            templates,
            templates.appending(TemplatePath("steps", .anyElement, .anyElement, "inline")),
            templates.appending(TemplatePath("dag", "tasks", .anyElement, "inline")),
        ].map { workflowTemplate($0, spec: segments) }
    }

    /// A Template makes a Pod if it is of one of the types of `Template.IsPodType`. Its labels are, strongest
    /// first, its own, those of templateDefaults (merged below the template) and those of podMetadata (addMetadata
    /// in workflow/controller/workflowpod.go). The Workflow's own labels do not reach Pods.
    private static func workflowTemplate(_ path: TemplatePath, spec: [TemplatePath.Segment]) -> TemplateLocation {
        func workflowWide(_ segments: TemplatePath.Segment...) -> AnchoredPath {
            .object(path: TemplatePath(segments: spec + segments))
        }
        return TemplateLocation(
            path,
            underlyingLabels: [
                workflowWide("templateDefaults", "metadata", "labels"), workflowWide("podMetadata", "labels"),
            ],
            podSpec: nil,
            otherAccelerators: [
                .resources(.template("container", "resources")),
                .resources(.template("script", "resources")),
                .resources(.template("containerSet", "containers", .anyElement, "resources")),
                .resources(.template("initContainers", .anyElement, "resources")),
                .resources(.template("sidecars", .anyElement, "resources")),
            ],
            requiredMembers: ["container", "containerSet", "script", "resource", "data"])
    }
}
