import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Facts that are not at hand: what a decision asks for, and what it becomes once that is found or cannot be had.
@Suite struct LookupTests {
    private static let replicaSet = OwnerKey(
        kind: GroupKind(group: "apps", kind: "ReplicaSet"), namespace: "ml", name: "web-6c9f", uid: OwnerUID("rs-1"))
    private static let deployment = OwnerKey(
        kind: GroupKind(group: "apps", kind: "Deployment"), namespace: "ml", name: "web", uid: OwnerUID("d-1"))

    private static let missing = FakeFacts(
        namespaces: ["ml": .missing], others: ["ReplicaSet/web-6c9f": .missing, "Deployment/web": .missing])

    private static func pod(_ labels: KeyValuePairs<String, String> = [:]) -> ReviewBuilder {
        .pod(ManifestText.pod(labels, metadata: ManifestText.owner())).by(ReviewBuilder.replicaSetController)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let review: ReviewBuilder
        var policy = Policy.teamOnly()
        var half = AdmissionGate.Half.validating
        let lookups: [Lookup]
        var testDescription: String { name }
    }

    private static let both: [Lookup] = [.namespace("ml"), .owner(replicaSet)]
    private static let registryDefault = Policy.enforcing(
        LabelRule(key: "team", level: .required, values: ValueRule(registered: .team)),
        LabelRule(
            key: "cost-center", level: .required, values: ValueRule(registered: .costCenter),
            defaultFrom: [.owner, .registry]), registry: .finance)

    static let cases: [Case] = [
        Case(name: "a Pod without its label", review: pod(), lookups: both),
        Case(name: "in the mutating half", review: pod(), half: .mutating, lookups: both),
        Case(name: "a label that is wrong", review: pod(["team": "a b"]), lookups: both),
        // What the object says itself holds whatever surrounds it.
        Case(name: "a Pod that says it all", review: pod(["team": "a"]), lookups: []),
        Case(name: "that, in the mutating half", review: pod(["team": "a"]), half: .mutating, lookups: []),
        // A registry's default was found, but an owner would come before it.
        Case(
            name: "a default that another may come before", review: pod(["team": "payments"]),
            policy: registryDefault, lookups: both),
        Case(
            name: "a person's Pod that claims a controller", review: pod().by("jane@example.com"),
            lookups: [.namespace("ml")]),
        Case(
            name: "an owner of a kind nobody judges",
            review: ReviewBuilder.pod(
                ManifestText.pod([:], metadata: ManifestText.owner("Widget", apiVersion: "acme.io/v1"))
            ).by(ReviewBuilder.operatorAccount),
            lookups: [.namespace("ml")]),
        Case(
            name: "a Deployment", review: .deployment(ManifestText.deployment([:])), lookups: [.namespace("ml")]),
        Case(
            name: "a namespace itself", review: .of("", "v1", "Namespace", #"{"metadata":{"name":"ml"}}"#), lookups: []
        ),
        Case(name: "an excluded namespace", review: pod().with { $0.namespace = "kube-system" }, lookups: []),
        Case(name: "a subresource", review: pod().with { $0.subResource = "status" }, lookups: []),
        Case(
            name: "an update in the mutating half", review: pod().updating(ManifestText.pod([:])), half: .mutating,
            lookups: []),
    ]

    @Test(arguments: cases) func lookups(of row: Case) throws {
        let gate = TestGate(row.policy, facts: Self.missing)
        switch try gate.begin(row.review, row.half) {
        case .answered: #expect(row.lookups == [])
        case .lacks(let undecided): #expect(undecided.lookups == row.lookups)
        }
    }

    /// One after the other the links of the chain are asked for; what was found is not asked for again.
    @Test func chain() throws {
        let gate = TestGate(.teamOnly(), facts: Self.missing)
        let evaluator = gate.gate.evaluator
        var facts = SupplementedFacts(Self.missing)
        guard case .lacks(let first) = try gate.begin(Self.pod(), .mutating) else {
            Issue.record("nothing was asked for")
            return
        }
        #expect(first.lookups == Self.both)
        facts.add(.labels(evaluator.observe(["team": "namespace"])), of: "ml")
        facts.add(
            .known(KnownOwner(labels: evaluator.observe([:]), controller: Self.deployment)), of: Self.replicaSet)
        // The namespace has a default, but a controller's comes before it.
        guard case .lacks(let second) = gate.gate.resume(first, facts: facts, at: gate.now) else {
            Issue.record("the Deployment was not asked for")
            return
        }
        #expect(second.lookups == [.owner(Self.deployment)])
        facts.add(
            .known(KnownOwner(labels: evaluator.observe(["team": "owner"]), controller: nil)), of: Self.deployment)
        guard case .answered(let answer) = gate.gate.resume(second, facts: facts, at: gate.now) else {
            Issue.record("it was not answered")
            return
        }
        #expect(try Reply(answer).patch?.json == #"[{"op":"add","path":"/metadata/labels/team","value":"owner"}]"#)
    }

    /// What cannot be had in time: no default is invented, nothing is denied for it, and a controller is the one its
    /// reference names only if Kubernetes' own controllers say so.
    @Test(arguments: [
        (pod(), Decision.Outcome.unknown, "namespace ml could not be read, so its cost labels were not judged"),
        (pod().by("jane@example.com"), .unknown, "namespace ml could not be read, so its cost labels were not judged"),
        (pod(["team": "a b"]), .warned, "admitted because ReplicaSet/web-6c9f controls it; mend the labels there"),
        (pod(["team": "a b"]).by("jane@example.com"), .denied, ""),
        (pod(["team": "a"]), .allowed, ""),
    ])
    func nothingFound(review: ReviewBuilder, outcome: Decision.Outcome, warning: String) throws {
        let gate = TestGate(.teamOnly(), facts: Self.missing)
        let final = SupplementedFacts(Self.missing, isFinal: true)
        for reply in [
            try Reply(try gate.settled(review, .validating, final)), try gate.reply(review, .validating),
        ] {
            #expect(reply.decision.outcome == outcome)
            #expect(reply.warnings.last ?? "" == warning)
        }
        #expect(try Reply(try gate.settled(review, .mutating, final)).patch == nil)
    }

    /// A controller that could not be read might have supplied what is missing: nothing is taken in its stead, neither
    /// from the namespace nor from the registry.
    @Test func unreadableController() throws {
        var facts = FakeFacts(
            namespaces: ["ml": .labels(["team": "namespace"])], others: ["ReplicaSet/web-6c9f": .unanswered])
        let gate = TestGate(.teamOnly(), facts: facts)
        #expect(try gate.reply(Self.pod(), .mutating).patch == nil)
        let reply = try gate.reply(Self.pod())
        #expect(reply.decision.outcome == .unknown)
        #expect(reply.warnings == ["ReplicaSet/web-6c9f could not be read, so its cost labels were not judged"])
        // The link above it counts alike.
        facts.others = [
            "ReplicaSet/web-6c9f": .known(
                KnownOwner(labels: gate.gate.evaluator.observe([:]), controller: Self.deployment)),
            "Deployment/web": .unanswered,
        ]
        #expect(try TestGate(.teamOnly(), facts: facts).reply(Self.pod()).decision.outcome == .unknown)
        // What the nearest controller says holds whatever the one above says.
        facts.others["ReplicaSet/web-6c9f"] = .known(
            KnownOwner(labels: gate.gate.evaluator.observe(["team": "near"]), controller: Self.deployment))
        #expect(
            try TestGate(.teamOnly(), facts: facts).reply(Self.pod(), .mutating).patch?.json
                == #"[{"op":"add","path":"/metadata/labels/team","value":"near"}]"#)
        // Where nobody may ask for it, it is as without a cluster: the namespace's default is all there is.
        facts.others = ["ReplicaSet/web-6c9f": .nobodyToAsk]
        #expect(
            try TestGate(.teamOnly(), facts: facts).reply(Self.pod(), .mutating).patch?.json
                == #"[{"op":"add","path":"/metadata/labels/team","value":"namespace"}]"#)
        #expect(try TestGate(.teamOnly(), facts: facts).reply(Self.pod(["team": "-"])).isAllowed)
    }

    /// A circle of controllers, which a user can write, ends; so does a chain longer than any in the field.
    @Test func circles() throws {
        let gate = TestGate(.teamOnly())
        var facts = FakeFacts()
        facts.others = [
            "ReplicaSet/web-6c9f": .known(
                KnownOwner(labels: gate.gate.evaluator.observe([:]), controller: Self.replicaSet))
        ]
        #expect(try TestGate(.teamOnly(), facts: facts).reply(Self.pod()).decision.outcome == .warned)
        let long = FakeFacts.withReplicaSet((0..<20).map { $0 == 19 ? ["team": "top"] : [:] })
        #expect(try TestGate(.teamOnly(), facts: long).reply(Self.pod(), .mutating).patch == nil)
        let deep = FakeFacts.withReplicaSet((0..<6).map { $0 == 5 ? ["team": "top"] : [:] })
        #expect(try TestGate(.teamOnly(), facts: deep).reply(Self.pod(), .mutating).patch != nil)
    }

    @Test(arguments: [
        ("0d9f8d5c-33c1-4c5e-9d51-1a2b3c4d5e6f", true), ("00000000-0000-0000-0000-000000000000", true),
        ("0D9F8D5C-33c1-4c5e-9d51-1a2b3c4d5e6f", false), ("0d9f8d5c33c14c5e9d511a2b3c4d5e6f", false),
        ("0d9f8d5c-33c1-4c5e-9d51-1a2b3c4d5e6", false), ("0d9f8d5c-33c1-4c5e-9d51-1a2b3c4d5e6g", false),
        ("0d9f8d5c033c1-4c5e-9d51-1a2b3c4d5e6f", false), ("", false), ("rs-1", false),
    ])
    func uids(text: String, isCompact: Bool) {
        let uid = OwnerUID(text)
        #expect(uid.description == text)
        if case .uuid = uid { #expect(isCompact) } else { #expect(!isCompact) }
        #expect(uid == OwnerUID(text))
        #expect(uid != OwnerUID(text + "0"))
    }
}

extension TestGate {
    func begin(_ review: ReviewBuilder, _ half: AdmissionGate.Half) throws -> AdmissionGate.Step {
        let bytes = Array(review.json.utf8)
        return try bytes.withUnsafeBytes { try gate.begin($0, half, facts: facts, at: now) }
    }

    /// The answer once nothing more can be had.
    func settled(
        _ review: ReviewBuilder, _ half: AdmissionGate.Half, _ final: SupplementedFacts
    ) throws -> AdmissionGate.Answer {
        switch try begin(review, half) {
        case .answered(let answer): return answer
        case .lacks(let undecided):
            guard case .answered(let answer) = gate.resume(undecided, facts: final, at: now) else {
                throw ReviewError.missing(field: "an answer")
            }
            return answer
        }
    }
}
