package import Attribution
package import KubernetesModel
package import LabelPolicy

/// One thing that a ledger is told. Changes may come in any order: a Pod before its node, a ReplicaSet before its
/// Deployment, a Namespace last.
package enum ClusterChange: Sendable {
    /// Objects that are new or have changed, one or a thousand, of any kinds, with a pool of their own: each takes the
    /// place of the one with its identity. An object that is as it was costs a comparison and changes nothing.
    case upsert(ClusterState)
    /// An object is gone, or is none any more that costs anything (a Service that is no load balancer now). Of one that
    /// was never there it says nothing.
    case remove(ObjectIdentity)
    /// Everything there is of one resource, as after a list that begins anew: what the state does not hold is gone, and
    /// what it holds of other resources is ignored.
    case replace(ObjectIdentity.Resource, with: ClusterState)
    /// Another policy: everything is judged anew.
    case policy(Policy)
    /// Another catalogue of kinds: everything is judged anew.
    case catalogue(WorkloadCatalogue)
    /// Other prices, rules of division or definitions: everything is priced and judged anew. Usage by Pod is not taken,
    /// since it is counted by the places of one state.
    case input(AuditInput)
    /// Other prices from OpenCost or Kubecost: the nodes whose price is another one are divided anew, and no others.
    case prices(ExternalPrices?)
    /// Other definitions that drop the metadata of Pod templates: everything is judged anew, if they are others.
    case prunedKinds([PrunedKind])
    /// Other kinds that could not be read: everything is judged anew, if they are others.
    case kindGaps([GroupKind: KindGap])
}

/// What an object is told by, as watch events name it.
package struct ObjectIdentity: Sendable, Hashable {
    /// One list of a cluster.
    package enum Resource: Sendable, Hashable {
        case pods, nodes, namespaces, claims, volumes
        /// Services of type LoadBalancer.
        case loadBalancers
        /// Objects of one kind that own Pods, directly or through others.
        case owners(GroupKind)
        /// Objects of one kind that show a node group's tags.
        case tagCarriers(GroupKind)
    }

    package var resource: Resource
    /// Empty for an object that is in none.
    package var namespace: String
    package var name: String

    package init(_ resource: Resource, namespace: String = "", name: String) {
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }
}
