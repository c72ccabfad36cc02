import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Pods (and other objects) that a controller made: nothing is rejected where nobody sees it, and nothing is gained
/// by claiming a controller.
@Suite struct ControlledPodTests {
    private static let replicaSet = FakeFacts.withReplicaSet()

    private static func pod(_ owner: String, labels: KeyValuePairs<String, String> = [:]) -> ReviewBuilder {
        .pod(ManifestText.pod(labels, metadata: owner))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let review: ReviewBuilder
        let facts: FakeFacts
        let isAllowed: Bool
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "verified", review: pod(ManifestText.owner()), facts: replicaSet, isAllowed: true),
        Case(name: "nobody knows it", review: pod(ManifestText.owner()), facts: FakeFacts(), isAllowed: false),
        Case(name: "another UID", review: pod(ManifestText.owner(uid: "forged")), facts: replicaSet, isAllowed: false),
        Case(name: "another name", review: pod(ManifestText.owner(name: "other")), facts: replicaSet, isAllowed: false),
        Case(name: "another kind", review: pod(ManifestText.owner("Job")), facts: replicaSet, isAllowed: false),
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
            name: "a kind of the catalogue in another version",
            review: pod(ManifestText.owner("RayCluster", apiVersion: "ray.io/v2", name: "r", uid: "u")),
            facts: FakeFacts(controllers: ["RayCluster/r/u": [[:]]]), isAllowed: true),
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
                ManifestText.owner("TrainJob", apiVersion: "trainer.kubeflow.org/v1alpha1", name: "t", uid: "u")),
            facts: FakeFacts(controllers: ["TrainJob/t/u": [[:]]]), isAllowed: false),
        Case(
            name: "a ReplicaSet of a verified Deployment",
            review: .of(
                "apps", "v1", "ReplicaSet",
                ManifestText.deployment([:], metadata: ManifestText.owner("Deployment", name: "web", uid: "d"))),
            facts: FakeFacts(controllers: ["Deployment/web/d": [[:]]]), isAllowed: true),
        Case(
            name: "a ReplicaSet of a forged Deployment",
            review: .of(
                "apps", "v1", "ReplicaSet",
                ManifestText.deployment([:], metadata: ManifestText.owner("Deployment", name: "web", uid: "x"))),
            facts: FakeFacts(controllers: ["Deployment/web/d": [[:]]]), isAllowed: false),
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
        #expect(try (gate.reply(review).decision.outcome == .allowed) == (patch != nil))
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
