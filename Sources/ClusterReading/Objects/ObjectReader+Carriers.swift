package import KubernetesModel
import LocatedDocuments

/// Where a kind says what tags and labels the machines of a node group get.
struct CarrierKind: Sendable {
    /// Tags of cloud resources, as a map of texts.
    private(set) var tags: [String] = []
    /// Tags as a list of objects, with the members that name and hold each.
    private(set) var tagList: (path: [String], name: String)?
    /// Labels of Nodes.
    private(set) var nodeLabels: [String] = []
    /// The object that has the tags in its stead.
    private(set) var reference: [String] = []
    private(set) var providerID: [String] = []
    /// How the cloud calls the group, where that may differ from the object's name.
    private(set) var cloudName: [String] = []

    private static let template = ["spec", "template", "metadata", "labels"]
    private static let clusterAPISet = CarrierKind(
        nodeLabels: template, reference: ["spec", "template", "spec", "infrastructureRef"])
    private static let machine = CarrierKind(providerID: ["spec", "providerID"])

    /// Sources: the custom resource definitions of Karpenter (v1, and its v1alpha5 of before), its AWS provider, EKS Auto
    /// Mode, Cluster API, OpenShift's machine API, HyperShift and AWS Controllers for Kubernetes.
    static let table: [GroupKind: CarrierKind] = [
        GroupKind(group: "karpenter.sh", kind: "NodePool"): CarrierKind(
            nodeLabels: template, reference: ["spec", "template", "spec", "nodeClassRef"]),
        GroupKind(group: "karpenter.sh", kind: "Provisioner"): CarrierKind(
            nodeLabels: ["spec", "labels"], reference: ["spec", "providerRef"]),
        GroupKind(group: "karpenter.k8s.aws", kind: "EC2NodeClass"): CarrierKind(tags: ["spec", "tags"]),
        GroupKind(group: "karpenter.k8s.aws", kind: "AWSNodeTemplate"): CarrierKind(tags: ["spec", "tags"]),
        GroupKind(group: "eks.amazonaws.com", kind: "NodeClass"): CarrierKind(tags: ["spec", "tags"]),
        GroupKind(group: "cluster.x-k8s.io", kind: "MachineDeployment"): clusterAPISet,
        GroupKind(group: "cluster.x-k8s.io", kind: "MachineSet"): clusterAPISet,
        GroupKind(group: "cluster.x-k8s.io", kind: "Machine"): machine,
        GroupKind(group: "machine.openshift.io", kind: "MachineSet"): CarrierKind(
            tagList: (["spec", "template", "spec", "providerSpec", "value", "tags"], "name"),
            nodeLabels: ["spec", "template", "spec", "metadata", "labels"]),
        GroupKind(group: "machine.openshift.io", kind: "Machine"): machine,
        GroupKind(group: "hypershift.openshift.io", kind: "NodePool"): CarrierKind(
            tagList: (["spec", "platform", "aws", "resourceTags"], "key"), nodeLabels: ["spec", "nodeLabels"]),
        GroupKind(group: "eks.services.k8s.aws", kind: "Nodegroup"): CarrierKind(
            tags: ["spec", "tags"], nodeLabels: ["spec", "labels"], cloudName: ["spec", "name"]),
    ]
}

extension GroupKind {
    /// Whether its objects say what tags the machines of a node group get.
    package var showsTags: Bool { CarrierKind.table[self] != nil }
}

extension ObjectReader {
    mutating func carrier(_ object: LocatedNode, kind: GroupVersionKind, as shape: CarrierKind) -> TagCarrierRecord {
        let metadata = metadata(object, filters.owners)
        var carrier = TagCarrierRecord(
            kind: cluster.records.pool.kind(kind.groupKind), version: intern(kind.version),
            namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
        carrier.controller = metadata.controller
        carrier.labels = metadata.labels
        carrier.annotations = metadata.annotations
        carrier.tags = labels(texts(object, shape.tags), .everything)
        if let list = shape.tagList {
            let pairs = (object.member(at: list.path)?.sequence ?? []).map { ($0.text(list.name), $0.text("value")) }
            carrier.tags = labels(pairs.filter { !$0.0.isEmpty }, .everything)
        }
        carrier.nodeLabels = labels(texts(object, shape.nodeLabels), .everything)
        if let reference = object.member(at: shape.reference), !reference.text("name").isEmpty {
            // Karpenter says the group, older kinds an apiVersion; by either the kind decides.
            var group = reference.text("group")
            if group.isEmpty { group = String(reference.text("apiVersion").prefix { $0 != "/" }) }
            carrier.reference = ControllerReference(
                kind: cluster.records.pool.kind(GroupKind(group: group, kind: reference.text("kind"))),
                name: intern(reference.text("name")), uid: cluster.records.pool.uid(""))
        }
        carrier.cloudName = intern(object.member(at: shape.cloudName)?.string ?? "")
        carrier.providerID = intern(object.member(at: shape.providerID)?.string ?? "")
        return carrier
    }

    private func texts(_ object: LocatedNode, _ path: [String]) -> [(key: String, value: String)] {
        guard let last = path.last else { return [] }
        return object.member(at: Array(path.dropLast()))?.texts(last) ?? []
    }
}

extension LocatedNode {
    /// The member at the end of a path; nil for an empty one.
    fileprivate func member(at path: [String]) -> LocatedNode? {
        guard !path.isEmpty else { return nil }
        var node: LocatedNode? = self
        for name in path { node = node?[name] }
        return node
    }
}
