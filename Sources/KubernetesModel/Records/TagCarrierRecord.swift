/// An object through which the API shows the cloud tags or node labels of a node group: Karpenter's NodePool and
/// EC2NodeClass, machines and sets of the Cluster API and of OpenShift, node groups of AWS Controllers for Kubernetes.
package struct TagCarrierRecord: Sendable, Hashable {
    package var uid: ObjectUID
    package var controller = ControllerReference.none
    package var kind: KindID
    package var version: StringID
    /// Empty for an object that is in none.
    package var namespace: StringID
    package var name: StringID
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty
    /// Tags it gives to cloud resources (`spec.tags`).
    package var tags = LabelSetID.empty
    /// Labels it gives to Nodes (`spec.template.metadata.labels` of a NodePool).
    package var nodeLabels = LabelSetID.empty
    /// The object it takes the tags from: a NodePool's node class, a Machine's infrastructure template.
    package var reference = ControllerReference.none
    /// How the cloud calls the group, where the object says that beside its own name: `spec.name` of a Nodegroup of AWS
    /// Controllers for Kubernetes.
    package var cloudName = StringID.empty
    /// The machine, if it stands for one: equal to a Node's.
    package var providerID = StringID.empty

    package init(kind: KindID, version: StringID, namespace: StringID, name: StringID, uid: ObjectUID) {
        self.kind = kind
        self.version = version
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}
