import KubernetesModel
import LocatedDocuments
import TestSupport
import Testing

@testable import ClusterReading

@Suite("Tag carriers and definitions in JSON and YAML")
struct CarrierTests {
    private func read(_ text: String) -> ClusterState {
        var files = ClusterFiles(filters: .everything(), catalogue: .builtin)
        files.read(SourceFile(name: "f.yaml", text: text))
        #expect(files.diagnostics.isEmpty)
        return files.finish().state
    }

    struct Carrier: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var tags: [String: String] = [:]
        var nodeLabels: [String: String] = [:]
        var reference = ""
        var providerID = ""
    }

    static let carriers = [
        Carrier(
            testDescription: "NodePool",
            text: """
                {apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: a}, spec: {template: {metadata: {labels:
                {team: ml}}, spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}}}}}
                """, nodeLabels: ["team": "ml"], reference: "EC2NodeClass.karpenter.k8s.aws default"),
        Carrier(
            testDescription: "EC2NodeClass",
            text: """
                {apiVersion: karpenter.k8s.aws/v1, kind: EC2NodeClass, metadata: {name: a}, spec: {tags: {Team: ml}}}
                """, tags: ["Team": "ml"]),
        Carrier(
            testDescription: "Cluster API MachineDeployment",
            text: """
                {apiVersion: cluster.x-k8s.io/v1beta1, kind: MachineDeployment, metadata: {name: a}, spec: {template:
                {metadata: {labels: {team: ml}}, spec: {infrastructureRef: {apiVersion: infrastructure.cluster.x-k8s.io/v1,
                kind: AWSMachineTemplate, name: t}}}}}
                """, nodeLabels: ["team": "ml"], reference: "AWSMachineTemplate.infrastructure.cluster.x-k8s.io t"),
        Carrier(
            testDescription: "Cluster API Machine",
            text: """
                {apiVersion: cluster.x-k8s.io/v1beta1, kind: Machine, metadata: {name: a}, spec: {providerID: aws:///a/i}}
                """, providerID: "aws:///a/i"),
        Carrier(
            testDescription: "OpenShift MachineSet",
            text: """
                {apiVersion: machine.openshift.io/v1beta1, kind: MachineSet, metadata: {name: a}, spec: {template: {spec:
                {metadata: {labels: {team: ml}}, providerSpec: {value: {tags: [{name: Team, value: ml}, {value: x}]}}}}}}
                """, tags: ["Team": "ml"], nodeLabels: ["team": "ml"]),
        Carrier(
            testDescription: "HyperShift NodePool",
            text: """
                {apiVersion: hypershift.openshift.io/v1beta1, kind: NodePool, metadata: {name: a}, spec: {nodeLabels:
                {team: ml}, platform: {aws: {resourceTags: [{key: Team, value: ml}]}}}}
                """, tags: ["Team": "ml"], nodeLabels: ["team": "ml"]),
        Carrier(
            testDescription: "Nodegroup of AWS Controllers for Kubernetes",
            text: """
                {apiVersion: eks.services.k8s.aws/v1alpha1, kind: Nodegroup, metadata: {name: a}, spec: {tags: {Team: ml},
                labels: {team: ml}}}
                """, tags: ["Team": "ml"], nodeLabels: ["team": "ml"]),
        Carrier(
            testDescription: "nothing where something should be",
            text: """
                {apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: a}, spec: {template: [1], tags: x}}
                """),
    ]

    @Test("What each kind says", arguments: carriers)
    func says(_ carrier: Carrier) throws {
        let state = read(carrier.text)
        let record = try #require(state.tagCarriers.first)
        func map(_ id: LabelSetID) -> [String: String] {
            Dictionary(state.pool.labels(id).map { ($0.key, $0.value) }) { first, _ in first }
        }
        #expect(state.text(record.name) == "a")
        #expect(map(record.tags) == carrier.tags)
        #expect(map(record.nodeLabels) == carrier.nodeLabels)
        #expect(state.text(record.providerID) == carrier.providerID)
        let reference = record.reference
        let named = reference.isNone ? "" : "\(state.pool[reference.kind]) \(state.text(reference.name))"
        #expect(named == carrier.reference)
    }

    @Test("A Nodegroup of AWS Controllers for Kubernetes says how AWS calls it")
    func cloudName() throws {
        let state = read(
            "{apiVersion: eks.services.k8s.aws/v1alpha1, kind: Nodegroup, metadata: {name: a}, spec: {name: general}}")
        let record = try #require(state.tagCarriers.first)
        #expect(state.text(record.name) == "a")
        #expect(state.text(record.cloudName) == "general")
    }

    private static func definition(_ template: String, preserving: Bool = false) -> String {
        """
        {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: rolls}, spec: {group:
        argoproj.io, preserveUnknownFields: \(preserving), names: {kind: Rollout, plural: rollouts}, versions: [
        {name: v1alpha0, storage: false, schema: {openAPIV3Schema: {type: object}}},
        {name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type:
        object, properties: {template: \(template)}}}}}}]}}
        """
    }

    static let templates: [(String, Bool)] = [
        ("{type: object, properties: {metadata: {type: object}, spec: {type: object}}}", true),
        ("{type: object, properties: {spec: {type: object}}}", true),
        ("{type: object}", true),
        ("{type: object, properties: {metadata: {type: object, properties: {labels: {type: object}}}}}", true),
        ("{type: object, properties: {metadata: {type: object, properties: {name: {type: string}}}}}", true),
        ("{type: object, x-kubernetes-preserve-unknown-fields: true}", false),
        (
            "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {metadata: {type: object}}}", true
        ),
        ("{type: object, properties: {metadata: {type: object, x-kubernetes-preserve-unknown-fields: true}}}", false),
        ("{type: object, x-kubernetes-embedded-resource: true, properties: {metadata: {type: object}}}", false),
        (
            "{type: object, properties: {metadata: {type: object, properties: {labels: {type: object, "
                + "additionalProperties: {type: string}}}}}}", false
        ),
        ("{type: object, properties: {metadata: {type: object, additionalProperties: true}}}", false),
    ]

    @Test("A schema that drops the template's labels is told from one that keeps them", arguments: templates)
    func pruning(template: String, isPruned: Bool) {
        let state = read(Self.definition(template))
        let rollout = PrunedKind(
            kind: GroupKind(group: "argoproj.io", kind: "Rollout"), resource: "rollouts", path: "spec.template.metadata"
        )
        #expect(state.prunedKinds == (isPruned ? [rollout] : []))
        #expect(read(Self.definition(template, preserving: true)).prunedKinds == [])
        #expect(state.owners.isEmpty)
    }

    @Test("Kinds outside of the catalogue, and versions without a template, are not judged")
    func unjudged() {
        let text = Self.definition("{type: object}")
        #expect(read(text.replacing("kind: Rollout,", with: "kind: Rollin,")).prunedKinds == [])
        #expect(read(text.replacing("{template:", with: "{other:")).prunedKinds == [])
        #expect(read(text.replacing("storage: true", with: "storage: 1")).prunedKinds == [])
    }
}
