import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Pods (and other objects) that a controller made: nothing is rejected where nobody sees it, and nothing is gained
/// by claiming a controller.
@Suite struct ControlledPodTests {
    private static let replicaSet = FakeFacts.withReplicaSet()

    /// A Pod as the controllers of Kubernetes make it.
    private static func pod(_ owner: String, labels: KeyValuePairs<String, String> = [:]) -> ReviewBuilder {
        .pod(ManifestText.pod(labels, metadata: owner)).by(ReviewBuilder.replicaSetController)
    }

    private static func rayPod(by username: String, uid: String = "u") -> ReviewBuilder {
        pod(ManifestText.owner("RayCluster", apiVersion: "ray.io/v2", name: "r", uid: uid)).by(username)
    }

    private static let rayCluster = FakeFacts(controllers: ["RayCluster/r/u": [[:]]])

    private static func replicaSet(of owner: String) -> ReviewBuilder {
        .of("apps", "v1", "ReplicaSet", ManifestText.deployment([:], metadata: owner))
            .by("system:serviceaccount:kube-system:deployment-controller")
    }

    private static let deployment = FakeFacts(controllers: ["Deployment/web/d": [[:]]])

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let review: ReviewBuilder
        let facts: FakeFacts
        let isAllowed: Bool
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "verified", review: pod(ManifestText.owner()), facts: replicaSet, isAllowed: true),
        Case(
            name: "the controller manager's own identity",
            review: pod(ManifestText.owner()).by("system:kube-controller-manager"), facts: replicaSet, isAllowed: true),
        Case(name: "nobody knows it", review: pod(ManifestText.owner()), facts: FakeFacts(), isAllowed: false),
        Case(name: "another UID", review: pod(ManifestText.owner(uid: "forged")), facts: replicaSet, isAllowed: false),
        Case(name: "another name", review: pod(ManifestText.owner(name: "other")), facts: replicaSet, isAllowed: false),
        Case(name: "another kind", review: pod(ManifestText.owner("Job")), facts: replicaSet, isAllowed: false),
        // The UID of a live controller is no secret, so it is not enough.
        Case(
            name: "a person who copied the UID", review: pod(ManifestText.owner()).by("jane@example.com"),
            facts: replicaSet, isAllowed: false),
        Case(
            name: "a service account that copied the UID",
            review: pod(ManifestText.owner()).by(ReviewBuilder.operatorAccount), facts: replicaSet, isAllowed: false),
        Case(
            name: "a component of Kubernetes that makes no Pods",
            review: pod(ManifestText.owner()).by("system:serviceaccount:kube-system:generic-garbage-collector"),
            facts: replicaSet, isAllowed: false),
        Case(
            name: "nobody's name", review: pod(ManifestText.owner()).by(""), facts: replicaSet, isAllowed: false),
        Case(
            name: "an owner, not the controller", review: pod(ManifestText.owner(controller: false)), facts: replicaSet,
            isAllowed: false),
        Case(
            name: "no word of a controller", review: pod(ManifestText.owner(controller: nil)), facts: replicaSet,
            isAllowed: false),
        Case(
            name: "a verified owner outside the catalogue",
            review: pod(ManifestText.owner("ConfigMap", apiVersion: "v1", name: "c", uid: "u")),
            facts: FakeFacts(controllers: ["ConfigMap/c/u": [[:]]]), isAllowed: false),
        Case(
            name: "a kind of the catalogue in another version", review: rayPod(by: ReviewBuilder.operatorAccount),
            facts: rayCluster, isAllowed: true),
        Case(
            name: "an operator that names another UID", review: rayPod(by: ReviewBuilder.operatorAccount, uid: "x"),
            facts: rayCluster, isAllowed: false),
        Case(
            name: "a person in an operator's place", review: rayPod(by: "jane@example.com"), facts: rayCluster,
            isAllowed: false),
        Case(
            name: "a name that only looks like a service account's",
            review: rayPod(by: "system:serviceaccount:ray-system:a:b"), facts: rayCluster, isAllowed: false),
        Case(
            name: "the same kind name of another group",
            review: pod(ManifestText.owner("Job", apiVersion: "batch.crossplane.io/v1", name: "j", uid: "u")),
            facts: FakeFacts(controllers: ["Job/j/u": [[:]]]), isAllowed: false),
        Case(
            name: "a malformed apiVersion",
            review: pod(ManifestText.owner("ReplicaSet", apiVersion: "apps/v1/x")), facts: replicaSet, isAllowed: false),
        // TrainJobs hold patches only: what comes of them has to be judged itself.
        Case(
            name: "a kind that does not decide the labels",
            review: pod(
                ManifestText.owner("TrainJob", apiVersion: "trainer.kubeflow.org/v1alpha1", name: "t", uid: "u")
            ).by(ReviewBuilder.operatorAccount),
            facts: FakeFacts(controllers: ["TrainJob/t/u": [[:]]]), isAllowed: false),
        // A group of a LeaderWorkerSet hangs on its leader, a Pod, and no controller of Kubernetes makes it.
        Case(
            name: "a StatefulSet that a Pod controls",
            review: .of(
                "apps", "v1", "StatefulSet",
                ManifestText.deployment([:], metadata: ManifestText.owner("Pod", apiVersion: "v1", name: "l", uid: "p"))
            ).by(ReviewBuilder.operatorAccount),
            facts: FakeFacts(controllers: ["Pod/l/p": [[:]]]), isAllowed: true),
        Case(
            name: "a ReplicaSet of a verified Deployment",
            review: replicaSet(of: ManifestText.owner("Deployment", name: "web", uid: "d")), facts: deployment,
            isAllowed: true),
        Case(
            name: "a ReplicaSet of a forged Deployment",
            review: replicaSet(of: ManifestText.owner("Deployment", name: "web", uid: "x")), facts: deployment,
            isAllowed: false),
        Case(
            name: "a ReplicaSet that a person hangs on a live Deployment",
            review: replicaSet(of: ManifestText.owner("Deployment", name: "web", uid: "d")).by("jane@example.com"),
            facts: deployment, isAllowed: false),
    ]

    @Test(arguments: cases)
    func admission(of row: Case) throws {
        let reply = try TestGate(.teamOnly(), facts: row.facts).reply(row.review)
        #expect(reply.isAllowed == row.isAllowed)
        if row.isAllowed {
            #expect(reply.warnings.count == 2)
            #expect(reply.warnings.last?.hasPrefix("admitted because ") == true)
            #expect(reply.warnings.last?.hasSuffix(" controls it; mend the labels there") == true)
        }
    }

    @Test func saysWhoControlsIt() throws {
        let reply = try TestGate(.teamOnly(), facts: Self.replicaSet).reply(Self.pod(ManifestText.owner()))
        #expect(
            reply.warnings == [
                "cost label team: missing; set metadata.labels",
                "admitted because ReplicaSet/web-6c9f controls it; mend the labels there",
            ])
        #expect(reply.annotations == ["gaps": .string("team=missing")])
    }

    /// The remedy stands at the end, so it is the name that is cut.
    @Test func longNamesOfControllers() throws {
        let name = String(repeating: "n", count: 253)
        let reply = try TestGate(.teamOnly(), facts: FakeFacts(controllers: ["ReplicaSet/\(name)/rs-1": [[:]]]))
            .reply(Self.pod(ManifestText.owner(name: name)))
        let warning = try #require(reply.warnings.last)
        #expect(warning.unicodeScalars.count == DecisionLimits.warning)
        #expect(warning.hasPrefix("admitted because ReplicaSet/nnnn"))
        #expect(warning.hasSuffix("n… controls it; mend the labels there"))
    }

    /// The labels of the owner chain are defaults, nearest first, and only of a verified chain.
    @Test(arguments: [
        ([["team": "near"], ["team": "far"]], #"[{"op":"add","path":"/metadata/labels/team","value":"near"}]"#),
        ([[:], ["team": "far"]], #"[{"op":"add","path":"/metadata/labels/team","value":"far"}]"#),
        ([["team": "a b"], ["team": "far"]], #"[{"op":"add","path":"/metadata/labels/team","value":"far"}]"#),
        ([[:], [:]], nil),
    ])
    func ownerChains(chain: [[String: String]], patch: String?) throws {
        let review = Self.pod(ManifestText.owner())
        let gate = TestGate(.teamOnly(), facts: .withReplicaSet(chain))
        #expect(try gate.reply(review, .mutating).patch?.json == patch)
        // The label is found, and on a Pod that nobody completed it is said to be wanting.
        let reply = try gate.reply(review)
        #expect(reply.decision.record.gaps.isEmpty == (patch != nil))
        #expect(reply.annotations.keys.contains("unfilled") == (patch != nil))
        // A chain that is not verified supplies nothing.
        #expect(try gate.reply(Self.pod(ManifestText.owner(uid: "forged")), .mutating).patch == nil)
    }

    /// `ratchet.pods: deny` ends the leave of Pods once the deadline is past; `keep` never does.
    @Test(arguments: [
        (Ratchet.PodsAfterDeadline.keep, CivilDate("2027-01-31"), true), (.keep, "2026-01-31", true),
        (.deny, "2027-01-31", true), (.deny, "2026-06-15", true), (.deny, "2026-06-14", false),
    ])
    func podsAfterTheDeadline(pods: Ratchet.PodsAfterDeadline, until: CivilDate, isAllowed: Bool) throws {
        let policy = Policy.teamOnly { $0.ratchet = Ratchet(until: until, pods: pods) }
        let gate = TestGate(policy, facts: Self.replicaSet)
        let review = Self.pod(ManifestText.owner())
        #expect(try gate.reply(review).isAllowed == isAllowed)
        // A Pod that runs already is left alone all the same.
        #expect(try gate.reply(review.updating(review.object)).isAllowed)
    }
}

/// The limits texts are held to, as the documentation states them.
enum DecisionLimits {
    /// Unicode scalars of one warning.
    static let warning = 120
    /// Runes of all warnings of a reply, after which the API server cuts.
    static let warnings = 4_096
}
