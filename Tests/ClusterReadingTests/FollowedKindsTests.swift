import KubernetesClient
import KubernetesModel
import Testing

@testable import ClusterReading

@Suite("Kinds that an auditor follows")
struct FollowedKindsTests {
    private static func resource(_ group: String, _ kind: String) -> APIResource {
        APIResource(group: group, version: "v1", plural: kind.lowercased() + "s", kind: kind, isNamespaced: true)
    }

    @Test("Catalogued kinds and carriers of tags whole, ReplicaSets and unknown controllers by metadata, nothing else")
    func wanted() {
        let all = [
            ("apps", "Deployment"), ("apps", "ReplicaSet"), ("acme.io", "Experiment"), ("", "ConfigMap"), ("", "Pod"),
            ("karpenter.sh", "NodePool"), ("cluster.x-k8s.io", "MachineSet"),
        ]
        let served = ServedResources(
            resources: Dictionary(
                uniqueKeysWithValues: all.map { (GroupKind(group: $0.0, kind: $0.1), Self.resource($0.0, $0.1)) }))
        let wanted = FollowedKinds.wanted(
            served, .builtin,
            controllers: [
                GroupKind(group: "acme.io", kind: "Experiment"), GroupKind(group: "", kind: "Node"),
                GroupKind(group: "gone.io", kind: "Gone"), GroupKind(group: "cluster.x-k8s.io", kind: "MachineSet"),
            ])
        #expect(
            wanted.mapValues(\.encoding) == [
                GroupKind(group: "apps", kind: "Deployment"): .protobuf,
                GroupKind(group: "apps", kind: "ReplicaSet"): .metadata,
                GroupKind(group: "acme.io", kind: "Experiment"): .metadata,
                // Not by metadata, although it controls something: its tags are in its spec.
                GroupKind(group: "karpenter.sh", kind: "NodePool"): .json,
                GroupKind(group: "cluster.x-k8s.io", kind: "MachineSet"): .json,
            ])
    }
}
