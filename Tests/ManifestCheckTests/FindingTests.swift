import KubernetesModel
import LabelPolicy
import LocatedDocuments
import ManifestCheck
import TestSupport
import Testing

/// Where findings point, and what they propose.
@Suite struct FindingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        /// `LABEL: REASON UNDERLINED @ LINE -> FIX`, the required labels only.
        let findings: [String]
    }

    private static let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"

    static let cases: [Case] = [
        Case(
            testDescription: "a value at fault",
            text: """
                apiVersion: v1
                kind: Pod
                metadata:
                  labels: {team: ml-platfrom, cost-center: product, environment: "prodution"}
                """,
            findings: [
                "team: unregistered-value `ml-platfrom` @ 4 -> set \"team: ml-platform\" in metadata.labels",
                "environment: invalid-value `\"prodution\"` @ 4 -> set \"environment: production\" in metadata.labels",
            ]),
        Case(
            testDescription: "a label that is missing: the key of the map",
            text: """
                apiVersion: apps/v1
                kind: Deployment
                spec:
                  template:
                    metadata:
                      labels:
                        team: payments
                        cost-center: checkout
                """,
            findings: [
                "environment: missing `labels` @ 6 -> set \"environment: VALUE\" in spec.template.metadata.labels"
            ]),
        Case(
            testDescription: "no labels: the metadata",
            text: """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {labels: {team: payments, cost-center: checkout}}
                spec:
                  template:
                    metadata: {name: x}
                """,
            findings: [
                "environment: missing `metadata` @ 6 -> set \"environment: VALUE\" in spec.template.metadata.labels"
            ]),
        Case(
            testDescription: "no metadata: the template, and in a list its first character",
            text: """
                apiVersion: jobset.x-k8s.io/v1alpha2
                kind: JobSet
                metadata: {labels: {team: payments, cost-center: checkout}}
                spec:
                  replicatedJobs:
                  - name: a
                    template:
                      spec:
                        template: {spec: {containers: []}}
                """,
            findings: [
                "environment: missing `template` @ 9 -> set \"environment: VALUE\" in "
                    + "spec.replicatedJobs[0].template.spec.template.metadata.labels"
            ]),
        Case(
            testDescription: "an empty value, and a value of nothing: then the key",
            text: """
                apiVersion: v1
                kind: Pod
                metadata:
                  labels:
                    team: ""
                    cost-center:
                    environment: dev
                """,
            findings: [
                "team: empty `\"\"` @ 5 -> set \"team: VALUE\" in metadata.labels",
                "cost-center: empty `cost-center` @ 6 -> set \"cost-center: VALUE\" in metadata.labels",
            ]),
        Case(
            testDescription: "an alias at fault, a conflict of aliases",
            text: """
                apiVersion: v1
                kind: Pod
                metadata:
                  labels:
                    owner-team: paymnts
                    costCenter: product
                    cost_center: research
                    environment: dev
                """,
            findings: [
                "team: unregistered-value `paymnts` @ 5 -> set \"team: payments\" in metadata.labels",
                "cost-center: conflicting-aliases `product` @ 6 -> set \"cost-center: VALUE\" in metadata.labels",
            ]),
        Case(
            testDescription: "a value that is no text: it wants quotes",
            text: """
                apiVersion: v1
                kind: Pod
                metadata:
                  labels: {team: payments, cost-center: 1234, environment: [dev]}
                """,
            findings: [
                "cost-center: invalid-value `1234` @ 4 -> set \"cost-center: \"1234\"\" in metadata.labels",
                "environment: invalid-value `[dev]` @ 4 -> set \"environment: VALUE\" in metadata.labels",
            ]),
        Case(
            testDescription: "the object's own label, which its Pods would inherit, is at fault",
            text: """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  labels: {team: paymnts}
                spec:
                  template:
                    metadata: {labels: {cost-center: checkout, environment: dev}}
                """,
            findings: ["team: missing `paymnts` @ 4 -> set \"team: VALUE\" in metadata.labels"]),
        Case(
            testDescription: "a map of labels that wins over the template's (Ray groups)",
            text: """
                apiVersion: ray.io/v1
                kind: RayCluster
                metadata: {labels: {team: payments, cost-center: checkout}}
                spec:
                  headGroupSpec:
                    labels: {environment: nowhere}
                    template:
                      metadata: {labels: {environment: dev}}
                """,
            findings: [
                "environment: invalid-value `nowhere` @ 6 -> set \"environment: VALUE\" in spec.headGroupSpec.labels"
            ]),
        Case(
            testDescription: "replica types by name, each template by itself",
            text: """
                apiVersion: kubeflow.org/v1
                kind: PyTorchJob
                metadata: {labels: {team: payments, cost-center: checkout}}
                spec:
                  pytorchReplicaSpecs:
                    Master: {template: {metadata: {labels: {environment: dev}}}}
                    Worker: {template: {metadata: {labels: {}}}}
                """,
            findings: [
                "environment: missing `labels` @ 7 -> set \"environment: VALUE\" in "
                    + "spec.pytorchReplicaSpecs.Worker.template.metadata.labels"
            ]),
        Case(
            testDescription: "templates that inherit one wrong value share a finding",
            text: """
                apiVersion: kubeflow.org/v1
                kind: PyTorchJob
                metadata: {labels: {team: paymnts, cost-center: checkout, environment: dev}}
                spec:
                  pytorchReplicaSpecs:
                    Master: {template: {metadata: {name: x}}}
                    Worker: {template: {metadata: {name: x}}}
                """,
            findings: ["team: missing `paymnts` @ 3 -> set \"team: VALUE\" in metadata.labels"]),
        Case(
            testDescription: "labels from an anchor stand where the anchor does",
            text: """
                apiVersion: apps/v1
                kind: Deployment
                metadata: &m
                  labels:
                    team: paymnts
                    cost-center: checkout
                    environment: dev
                spec:
                  template: {metadata: *m}
                """,
            findings: [
                "team: unregistered-value `paymnts` @ 5 -> set \"team: payments\" in spec.template.metadata.labels"
            ]),
        Case(
            testDescription: "JSON on one line, characters outside ASCII before the place",
            text: #"{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{"n":"ünï😀"},"labels":{"team":"x"}}}"#,
            findings: [
                "team: unregistered-value `\"x\"` @ 1 -> set \"team: VALUE\" in metadata.labels",
                "cost-center: missing `\"labels\"` @ 1 -> set \"cost-center: VALUE\" in metadata.labels",
                "environment: missing `\"labels\"` @ 1 -> set \"environment: VALUE\" in metadata.labels",
            ]),
    ]

    @Test(arguments: cases) func pointsAtTheFault(_ input: Case) {
        let lines = Self.namespace.split(separator: "\n").count
        let report = check(Self.namespace + input.text + "\n")
        #expect(messages(report) == [])
        let found = report.findings.filter { $0.level == .required && $0.subject.gvk.kind != "Namespace" }
        #expect(
            found.map { finding in
                "\(finding.label): \(finding.reason.rawValue) `\(underlined(finding))` @ "
                    + "\(finding.position.line - lines) -> \(finding.fix)"
            } == input.findings)
    }

    @Test func expiredExemptionIsNamed() throws {
        var policy = Policy.finance
        policy.exemptions = [
            Exemption(
                name: "old", match: Exemption.Match(kinds: ["Pod"]), labels: ["team"], owner: "j", reason: "r",
                expires: "2026-01-01")
        ]
        let report = check(Self.namespace + "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", policy: policy)
        let message = try #require(report.findings.first { $0.label == "team" && $0.subject.name == "a" }?.message)
        #expect(message.contains("exemption \"old\" expired on 2026-01-01"))
        policy.exemptions[0].expires = "2027-01-01"
        let excused = check(Self.namespace + "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", policy: policy)
        #expect(!excused.findings.contains { $0.label == "team" && $0.subject.name == "a" })
    }

    /// The values the place is billed under, beside the gap.
    @Test func effectiveValuesSayWhereTheyComeFrom() throws {
        let report = check(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop, labels: {team: ML-Platform}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: a, labels: {environment: nope, owner-team: mlp}}
            """)
        let finding = try #require(report.findings.first { $0.label == "environment" && $0.subject.name == "a" })
        let effective = finding.effective.map { "\($0.key)=\($0.value) from \($0.source)" }
        #expect(effective == ["team=ml-platform from alias", "cost-center=product from registry"])
        let team = try #require(report.counts.byLabel["team"])
        #expect(team.attributed == 1 && team.judged == 1)
    }
}
