package import KubernetesModel

extension RecordFilters {
    /// Labels that controllers give to every Pod or every revision anew. They attribute nothing, and each would make the
    /// labels of every Pod a set of its own in memory.
    private static let perObjectLabels = [
        "apps.kubernetes.io/pod-index", "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name", "controller-revision-hash", "controller-uid", "job-name",
        "pod-template-generation", "pod-template-hash", "statefulset.kubernetes.io/pod-name",
    ]

    /// The node's own name, in a label.
    private static let perNodeLabels = ["kubernetes.io/hostname", "alpha.eksctl.io/instance-id"]

    /// Annotations of nodes by which their Machine is found (Cluster API, OpenShift).
    private static let machineAnnotations = ["cluster.x-k8s.io/", "machine.openshift.io/"]

    /// What an audit reads: every label that says something of more than one object, and the annotations that price a
    /// node and name its machine.
    ///
    /// - Parameters:
    ///   - priceAnnotation: of nodes, as the pricing has it.
    ///   - keys: labels that the policy names; kept whatever they are.
    package static func audit(priceAnnotation: String?, keys: some Sequence<String>) -> RecordFilters {
        let named = Set(keys)
        let pods = Metadata(labels: .allExcept(perObjectLabels.filter { !named.contains($0) }))
        let nodes = Metadata(
            labels: .allExcept(perNodeLabels.filter { !named.contains($0) }),
            annotations: .keys([priceAnnotation].compactMap { $0 }, prefixes: machineAnnotations))
        return RecordFilters(pods: pods, owners: pods, nodes: nodes, resources: Metadata(labels: .everything))
    }
}
