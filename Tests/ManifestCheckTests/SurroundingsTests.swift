import KubernetesModel
import LabelPolicy
import LocatedDocuments
import ManifestCheck
import TestSupport
import Testing

/// What stands around an object: its namespace, its controller, its kind.
@Suite struct SurroundingsTests {
    private let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {project: p, model: m}}\n"

    private func namespace(_ name: String, _ labels: String) -> String {
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: \(name), labels: {\(labels)}}\n"
    }

    // MARK: Namespaces

    @Test(arguments: [false, true]) func namespacesSupplyDefaultsWhereverTheyStand(isLast: Bool) {
        let shop = namespace("shop", "team: payments, cost-center: checkout, environment: dev, project: p, model: m")
        let report = check(isLast ? "\(pod)---\n\(shop)" : "\(shop)---\n\(pod)")
        #expect(gaps(report) == [])
        #expect(report.judged.map(\.answer) == [.admitted, .admitted])
    }

    @Test func namespacesOfOtherFilesCount() {
        let shop = namespace("shop", "team: payments, cost-center: checkout, environment: dev")
        let files = [SourceFile(name: "a.yaml", text: pod), SourceFile(name: "b.yaml", text: shop)]
        #expect(check(files).findings.filter { $0.subject.name == "a" }.isEmpty)
    }

    @Test func aNamespaceThatIsNotThereMakesItUnknown() throws {
        let report = check(pod, namespace: "elsewhere")
        #expect(report.findings.map(\.isUncertain) == [true, true, true])
        let first = try #require(report.findings.first)
        #expect(
            first.message.hasSuffix(
                "namespace \"elsewhere\" is not among the manifests; pass it too if it has the label"))
        #expect(report.judged.map(\.answer) == [.unknown])
        #expect(report.fails(at: .required, allowingUnknown: false))
        #expect(!report.fails(at: .recommended, allowingUnknown: true))
    }

    @Test func manifestsNameTheirNamespaceThemselves() {
        let named = pod.replacing("name: a,", with: "name: a, namespace: ml,")
        #expect(check(named).judged.map(\.subject.namespace) == ["ml"])
        #expect(check(pod).judged.map(\.subject.namespace) == ["shop"])
    }

    @Test func namespacesChooseTheMode() {
        var policy = Policy.finance
        policy.mode = .warn
        let production = LabelSelector(matchLabels: ["environment": "production"])
        policy.modes = [
            ModeRule(namespaceSelector: production, mode: .enforce),
            ModeRule(namespaceSelector: LabelSelector(matchLabels: ["environment": "development"]), mode: .audit),
        ]
        let answers = ["production", "development", "staging"].map { environment in
            check("\(namespace("shop", "environment: \(environment)"))---\n\(pod)", policy: policy)
                .judged.filter { $0.subject.name == "a" }.map(\.answer)
        }
        #expect(answers == [[.denied], [.counted], [.warned]])
        #expect(check(pod, policy: policy, namespace: "elsewhere").judged.map(\.answer) == [.unknown])
    }

    /// Which mode holds is not known, but none denies for a recommended label.
    @Test func recommendedLabelsAreNeverUnknown() {
        var policy = Policy.enforcing(LabelRule(key: "project", level: .recommended))
        policy.modes = [ModeRule(namespaceSelector: LabelSelector(matchLabels: ["a": "b"]), mode: .warn)]
        let report = check("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", policy: policy)
        #expect(report.judged.map(\.answer) == [.warned])
        #expect(report.findings.map(\.isUncertain) == [false])
    }

    @Test func excludedNamespacesAreNotJudged() {
        var policy = Policy.finance
        policy.excludedNamespaces = ["kube-*"]
        let text =
            "\(namespace("kube-system", ""))---\n" + pod.replacing("name: a,", with: "name: a, namespace: kube-system,")
        let report = check(text, policy: policy)
        #expect(report.judged.isEmpty && report.counts.objects == 2)
    }

    @Test func generatedNamesAreMarked() {
        let report = check(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: nightly-}\nspec: {template: {}}\n")
        #expect(report.judged.map(\.subject.name) == ["nightly-*"])
    }

    // MARK: Controllers

    private func replicaSet(uid: String, owner: String) -> String {
        """
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata:
          name: web-1
          uid: \(uid)
          ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: \(owner), controller: true}]
        spec: {template: {metadata: {labels: {app: web}}}}
        """
    }

    /// In `kubectl get all -o yaml` one gap shows once, where it can be mended.
    @Test(arguments: [("u1", ["Deployment"]), ("other", ["Deployment", "ReplicaSet"])])
    func whatAControllerMadeIsJudgedWithIt(owner: String, kinds: [String]) {
        let deployment = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, uid: u1}
            spec: {template: {metadata: {labels: {app: web}}}}
            """
        let report = check("\(replicaSet(uid: "u2", owner: owner))\n---\n\(deployment)\n")
        #expect(report.judged.map(\.subject.gvk.kind).sorted() == kinds)
    }

    /// A reference that names the object itself proves nothing.
    @Test func nobodyControlsHimself() {
        let text = replicaSet(uid: "u", owner: "u").replacing(
            "kind: Deployment, name: web,", with: "kind: ReplicaSet, name: web-1,")
        #expect(check(text).judged.count == 1)
    }

    /// What was read from a cluster and nobody could mend; a manifest cannot opt out by the same words.
    @Test(arguments: ["deletionTimestamp: \"2026-01-01T00:00:00Z\"", "annotations: {kubernetes.io/config.mirror: x}"])
    func whatNobodyCouldMendIsNotJudged(metadata: String) {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, \(metadata)}\n"
        #expect(check(pod).judged.count == 1)
        #expect(check(pod.replacing("name: a", with: "name: a, uid: u")).judged.isEmpty)
    }

    // MARK: Kinds

    @Test(arguments: [
        (
            "spec: {workers: [{template: {spec: {containers: []}}}, {template: {spec: {containers: []}}}]}",
            "acme.io/v1 Training is not in the workload catalogue, but has what looks like a pod template at "
                + "spec.workers[*].template"
        ),
        (
            "spec: {a: {template: {spec: {containers: []}}}, b: {template: {spec: {containers: []}}}}",
            "acme.io/v1 Training is not in the workload catalogue, but has what looks like a pod template at "
                + "spec.a.template, spec.b.template"
        ),
        (
            "template: {\"a.b\": {spec: {containers: []}}}",
            "acme.io/v1 Training is not in the workload catalogue, but has what looks like a pod template at "
                + "template[\"a.b\"]"
        ),
    ])
    func unknownKindsWithTemplatesAreNoted(members: String, message: String) throws {
        let text = "apiVersion: acme.io/v1\nkind: Training\n\(members)\n"
        let report = check("\(text)---\n\(text)")
        #expect(messages(report) == ["note: \(message)"])
        #expect(!report.hasInputErrors)
    }

    /// The path in the remedy is one that the policy language reads.
    @Test func theRemedyWorks() throws {
        let text = "apiVersion: acme.io/v1\nkind: Training\nspec: {\"a.b\": [{t: {spec: {containers: []}}}]}\n"
        let remedy = try #require(check(text).diagnostics.first?.remedy)
        let path = try #require(remedy.split(separator: "'").dropFirst().first)
        let kind = try WorkloadKind(
            validatingGroup: "acme.io", kind: "Training", versions: ["v1"], resource: "trainings",
            templates: [TemplateLocation(TemplatePath(parsing: String(path)))], document: "training")
        let catalogue = try WorkloadCatalogue.builtin.adding([kind])
        #expect(
            check(text, catalogue: catalogue).findings.map(\.place).first == "\(path)".replacing("[*]", with: "[0]")
                .replacing("[\"a.b\"]", with: ".a.b") + ".metadata.labels")
    }

    @Test(arguments: [
        ("v1", "PodTemplate", "template: {spec: {containers: []}}", []),
        ("apps/v1", "ControllerRevision", "data: {spec: {template: {spec: {containers: []}}}}", []),
        ("v1", "ConfigMap", "data: {a: b}", []),
        (
            "apps/v1beta1", "Deployment", "spec: {}",
            ["note: apps/v1beta1 Deployment is not judged: the workload catalogue knows Deployment.apps as apps/v1"]
        ),
    ])
    func otherKinds(apiVersion: String, kind: String, members: String, notes: [String]) {
        #expect(messages(check("apiVersion: \(apiVersion)\nkind: \(kind)\n\(members)\n")) == notes)
    }

    @Test func claimsAndLoadBalancersAreJudgedWhenThePolicyListsThem() {
        let text = """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: front}
            spec: {type: LoadBalancer}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: inner}
            """
        #expect(check(text).judged.isEmpty)
        var policy = Policy.finance
        policy.subjects = [.claims, .loadbalancers]
        #expect(check(text, policy: policy).judged.map(\.subject.name) == ["data", "front"])
    }
}
