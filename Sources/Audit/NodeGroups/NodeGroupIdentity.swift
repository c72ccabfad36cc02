/// Who runs a node group, as far as labels tell.
package enum NodeGroupProvider: String, Sendable, Hashable, CaseIterable {
    case eks
    case eksctl
    case fargate
    case karpenter
    case gke
    case aks
    case kops
    case clusterAPI = "cluster-api"
    case openShift = "openshift"
    case hyperShift = "hypershift"
    case digitalOcean = "digitalocean"
    case oracle = "oke"
    case linode = "lke"
    case scaleway
    case ibm
    case alibaba = "ack"
    case gardener
    /// By a label key that the settings name.
    case custom
    case unknown
}

/// How a node's group was told.
package enum NodeGroupIdentity: Sendable, Hashable {
    /// By this label of its nodes.
    case label(String)
    /// Through an annotation of the node and the labels of the Machine it names.
    case machine(String)
    /// By instance type and zone, because nothing better is there.
    case inferred
    /// By nothing: the nodes have no instance type either.
    case none

    package var isInferred: Bool {
        switch self {
        case .label, .machine: false
        case .inferred, .none: true
        }
    }
}

/// How the machine was bought.
package enum NodeCapacity: String, Sendable, Hashable, CaseIterable {
    case onDemand = "on-demand"
    case spot
    case reserved
    case capacityBlock = "capacity-block"
    case fargate
    /// No label says.
    case unknown
}
