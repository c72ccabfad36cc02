// MARK: - Kubeflow

extension BuiltinKinds {
    static let kubeflow: [WorkloadKind] = [
        // github.com/kubeflow/training-operator/pkg/apis/kubeflow.org/v1: in each job a map from replica type
        // (Master, Worker, …) to ReplicaSpec, whose Template is a PodTemplateSpec.
        replicatedJob("PyTorchJob", resource: "pytorchjobs", member: "pytorchReplicaSpecs"),
        replicatedJob("TFJob", resource: "tfjobs", member: "tfReplicaSpecs"),
        replicatedJob("XGBoostJob", resource: "xgboostjobs", member: "xgbReplicaSpecs"),
        replicatedJob("PaddleJob", resource: "paddlejobs", member: "paddleReplicaSpecs"),
        replicatedJob("JAXJob", resource: "jaxjobs", member: "jaxReplicaSpecs"),
        // v1 as above; v2beta1: github.com/kubeflow/mpi-operator/pkg/apis/kubeflow/v2beta1 MPIJobSpec.MPIReplicaSpecs.
        replicatedJob("MPIJob", versions: ["v2beta1", "v1"], resource: "mpijobs", member: "mpiReplicaSpecs"),
        trainJob,
        // github.com/kubeflow/kubeflow/components/notebook-controller/api NotebookTemplateSpec: a spec without
        // metadata. The controller copies the Notebook's own labels to the Pod.
        WorkloadKind(
            group: "kubeflow.org", kind: "Notebook", versions: ["v1", "v1beta1", "v1alpha1"], resource: "notebooks",
            templates: [
                TemplateLocation(
                    TemplatePath("spec", "template"), labels: .object("metadata", "labels"),
                    annotations: .object("metadata", "annotations"))
            ]),
    ]

    private static func replicatedJob(
        _ kind: String, versions: [String] = ["v1"], resource: String, member: String
    ) -> WorkloadKind {
        WorkloadKind(
            group: "kubeflow.org", kind: kind, versions: versions, resource: resource,
            templates: [podTemplate("spec", .member(member), .anyMember, "template")])
    }

    /// github.com/kubeflow/trainer/pkg/apis/trainer/v1alpha1 TrainJob. The Pod templates stand in the
    /// TrainingRuntime it names; the job can only lay patches over them, so what is missing in a patch may not
    /// be missing on the Pods, and the JobSet that comes of both is what can be judged.
    ///
    /// What reaches the Pods: `runtimePatches` (trainer 2.2 and later), `podTemplateOverrides` (2.1). What does
    /// not: `spec.labels` (2.0 and 2.1) and `runtimePatches[*].trainingRuntimeSpec.template.metadata`, which go to
    /// the JobSet.
    private static let trainJob = WorkloadKind(
        group: "trainer.kubeflow.org", kind: "TrainJob", versions: ["v1alpha1"], resource: "trainjobs",
        templates: [
            TemplateLocation(
                TemplatePath(
                    "spec", "runtimePatches", .anyElement, "trainingRuntimeSpec", "template", "spec",
                    "replicatedJobs", .anyElement, "template", "spec", "template"),
                otherAccelerators: trainerResources, coverage: .overlay),
            TemplateLocation(
                TemplatePath("spec", "podTemplateOverrides", .anyElement),
                otherAccelerators: trainerResources, coverage: .overlay),
        ])

    /// Trainer.ResourcesPerNode: what each training node asks for, whatever the runtime says.
    private static let trainerResources: [AcceleratorRequest] = [
        .resources(.object("spec", "trainer", "resourcesPerNode"))
    ]
}
