/// The labels by which providers name a node's group.
///
/// Sources: the providers' documentation of well-known node labels (Amazon EKS, eksctl, Karpenter, Google Kubernetes
/// Engine, Azure Kubernetes Service, kOps, HyperShift, DigitalOcean, Oracle's Terraform module for OKE, Linode, Scaleway,
/// IBM Cloud, Alibaba Cloud ACK, Gardener), read in November 2026.
struct ProviderLabel: Sendable {
    let provider: NodeGroupProvider
    let key: String

    /// In the order in which they are asked: Karpenter's before those of the cluster's own groups (its nodes may carry
    /// both), eksctl's after EKS's (a managed group that eksctl made carries both).
    static let table: [ProviderLabel] = [
        ProviderLabel(provider: .karpenter, key: "karpenter.sh/nodepool"),
        ProviderLabel(provider: .karpenter, key: "karpenter.sh/provisioner-name"),
        ProviderLabel(provider: .eks, key: "eks.amazonaws.com/nodegroup"),
        ProviderLabel(provider: .eksctl, key: "alpha.eksctl.io/nodegroup-name"),
        ProviderLabel(provider: .gke, key: "cloud.google.com/gke-nodepool"),
        ProviderLabel(provider: .aks, key: "kubernetes.azure.com/agentpool"),
        ProviderLabel(provider: .kops, key: "kops.k8s.io/instancegroup"),
        ProviderLabel(provider: .hyperShift, key: "hypershift.openshift.io/nodePool"),
        ProviderLabel(provider: .digitalOcean, key: "doks.digitalocean.com/node-pool"),
        ProviderLabel(provider: .oracle, key: "oke.oraclecloud.com/pool.name"),
        ProviderLabel(provider: .linode, key: "lke.linode.com/pool-id"),
        ProviderLabel(provider: .scaleway, key: "k8s.scaleway.com/pool-name"),
        ProviderLabel(provider: .ibm, key: "ibm-cloud.kubernetes.io/worker-pool-name"),
        ProviderLabel(provider: .alibaba, key: "alibabacloud.com/nodepool-id"),
        ProviderLabel(provider: .gardener, key: "worker.gardener.cloud/pool"),
        // Old clusters of AKS have this alone; its name is not AKS's own, so it comes last.
        ProviderLabel(provider: .aks, key: "agentpool"),
    ]
}

/// Groups that are told through an annotation of the node and a label of the Machine it names.
struct MachineLabel: Sendable {
    let provider: NodeGroupProvider
    /// Annotation of the node: the Machine's name, or `namespace/name`.
    let machine: String
    /// Annotation of the node with the Machine's namespace, where the first has none.
    let namespace: String?
    /// API group of the Machine.
    let group: String
    /// Labels of the Machine that name the group, in order.
    let keys: [String]
    /// Annotations of the node that name the group's owner, where the Machine was not read.
    let ownerName: String?

    static let table: [MachineLabel] = [
        MachineLabel(
            provider: .clusterAPI, machine: "cluster.x-k8s.io/machine",
            namespace: "cluster.x-k8s.io/cluster-namespace", group: "cluster.x-k8s.io",
            keys: [
                "cluster.x-k8s.io/deployment-name", "cluster.x-k8s.io/set-name",
                "topology.cluster.x-k8s.io/deployment-name",
            ],
            ownerName: "cluster.x-k8s.io/owner-name"),
        MachineLabel(
            provider: .openShift, machine: "machine.openshift.io/machine", namespace: nil,
            group: "machine.openshift.io", keys: ["machine.openshift.io/cluster-api-machineset"], ownerName: nil),
    ]
}

/// The labels that say how a machine was bought, each with the value that says it.
struct CapacityLabel: Sendable {
    let key: String
    let value: String
    let capacity: NodeCapacity

    /// The first that a node carries holds.
    static let table: [CapacityLabel] = [
        CapacityLabel(key: "eks.amazonaws.com/compute-type", value: "fargate", capacity: .fargate),
        CapacityLabel(key: "karpenter.sh/capacity-type", value: "spot", capacity: .spot),
        CapacityLabel(key: "karpenter.sh/capacity-type", value: "on-demand", capacity: .onDemand),
        CapacityLabel(key: "karpenter.sh/capacity-type", value: "reserved", capacity: .reserved),
        CapacityLabel(key: "eks.amazonaws.com/capacityType", value: "SPOT", capacity: .spot),
        CapacityLabel(key: "eks.amazonaws.com/capacityType", value: "ON_DEMAND", capacity: .onDemand),
        CapacityLabel(key: "eks.amazonaws.com/capacityType", value: "CAPACITY_BLOCK", capacity: .capacityBlock),
        CapacityLabel(key: "cloud.google.com/gke-spot", value: "true", capacity: .spot),
        CapacityLabel(key: "cloud.google.com/gke-preemptible", value: "true", capacity: .spot),
        CapacityLabel(key: "cloud.google.com/gke-provisioning", value: "spot", capacity: .spot),
        CapacityLabel(key: "cloud.google.com/gke-provisioning", value: "preemptible", capacity: .spot),
        CapacityLabel(key: "cloud.google.com/gke-provisioning", value: "standard", capacity: .onDemand),
        CapacityLabel(key: "kubernetes.azure.com/scalesetpriority", value: "spot", capacity: .spot),
        CapacityLabel(key: "node-lifecycle", value: "spot", capacity: .spot),
        CapacityLabel(key: "node-lifecycle", value: "on-demand", capacity: .onDemand),
    ]

    /// Providers that label only what is not on demand: a node of theirs without a label is.
    static let quietProviders: Set<NodeGroupProvider> = [.gke, .aks]
}
