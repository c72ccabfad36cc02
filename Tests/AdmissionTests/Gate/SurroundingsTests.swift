import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Namespaces, modes, owners and exemptions around an object.
@Suite struct SurroundingsTests {
    // MARK: Defaults from namespace and owners

    @Test(arguments: [
        // A Deployment whose namespace supplies the label passes.
        (ReviewBuilder.deployment(ManifestText.deployment([:])), ["ml": ["team": "a"]], true, Decision.Outcome.allowed),
        (.deployment(ManifestText.deployment([:])), [:], true, .denied),
        (.deployment(ManifestText.deployment([:])), ["other": ["team": "a"]], true, .denied),
        // Its own labels are its Pods' owner's, where somebody reads owners.
        (.deployment(ManifestText.deployment([:], own: ["team": "a"])), [:], true, .allowed),
        (.deployment(ManifestText.deployment([:], own: ["team": "a"])), [:], false, .denied),
        (.deployment(ManifestText.deployment(["team": "a"])), [:], false, .allowed),
        // An invalid default helps nobody.
        (.deployment(ManifestText.deployment([:])), ["ml": ["team": "not valid!"]], true, .denied),
        (.deployment(ManifestText.deployment(["team": "-"])), ["ml": ["team": "a"]], true, .denied),
        // A template's label without a value stays: its Pods are selected by their labels, so nothing replaces it.
        (.deployment(ManifestText.deployment(["team": ""])), ["ml": ["team": "a"]], true, .denied),
        (.deployment(ManifestText.deployment(["team": ""], own: ["team": "a"])), [:], true, .denied),
        // A Pod is completed when it is made; here nobody did.
        (.pod(ManifestText.pod([:])), ["ml": ["team": "a"]], true, .warned),
        (.pod(ManifestText.pod(["team": ""])), ["ml": ["team": "a"]], true, .allowed),
        (.pod(ManifestText.pod([:])), [:], true, .denied),
    ])
    func defaults(
        review: ReviewBuilder, namespaces: [String: [String: String]], suppliesOwners: Bool, outcome: Decision.Outcome
    ) throws {
        let facts = FakeFacts(
            suppliesOwners: suppliesOwners, namespaces: namespaces.mapValues(FakeFacts.Namespace.labels))
        #expect(try TestGate(.teamOnly(), facts: facts).reply(review).decision.outcome == outcome)
    }

    /// Without a cluster only what the caller supplies is known, and no label of an owner is believed.
    @Test(arguments: [
        (ManifestText.deployment([:], own: ["team": "a"]), "ml", false, false),
        (ManifestText.deployment([:], own: ["team": "a"]), "ml", true, true),
        (ManifestText.deployment([:]), "shop", false, true), (ManifestText.deployment([:]), "ml", true, false),
    ])
    func suppliedFacts(object: String, namespace: String, suppliesOwners: Bool, isAllowed: Bool) throws {
        let gate = AdmissionGate(policy: .teamOnly(), catalogue: .builtin)
        let facts = SuppliedFacts(namespaces: ["shop": ["team": "b"]], suppliesOwners: suppliesOwners)
        let body = Array(ReviewBuilder.deployment(object, namespace: namespace).json.utf8)
        let answer = try body.withUnsafeBytes { try gate.answer($0, .validating, facts: facts, at: .on("2026-06-15")) }
        #expect(try Reply(answer).isAllowed == isAllowed)
    }

    // MARK: Namespaces that cannot be read

    private static let unreadable = FakeFacts(namespaces: ["ml": .unreadable])

    @Test(arguments: [
        // What the namespace might supply is unknown.
        (ManifestText.pod([:]), Decision.Outcome.unknown), (ManifestText.pod(["team": ""]), .unknown),
        // What is there is judged.
        (ManifestText.pod(["team": "a"]), .allowed), (ManifestText.pod(["team": "a b"]), .denied),
    ])
    func unreadableNamespace(object: String, outcome: Decision.Outcome) throws {
        let reply = try TestGate(.teamOnly(), facts: Self.unreadable).reply(.pod(object))
        #expect(reply.decision.outcome == outcome)
        #expect(reply.isAllowed == (outcome != .denied))
        if outcome == .unknown {
            #expect(reply.warnings == ["namespace ml could not be read, so its cost labels were not judged"])
            #expect(reply.annotations == ["gaps": .string(object.contains("team") ? "team=empty" : "team=missing")])
        }
    }

    /// No default is invented: what stands behind the namespace in the order is not taken in its stead.
    @Test func unreadableNamespaceSuppliesNoDefault() throws {
        let policy = Policy.teamOnly { $0.labels[0].defaultFrom = [.owner, .namespace, .value("platform")] }
        let pod = ManifestText.pod([:], metadata: ManifestText.owner())
        var facts = Self.unreadable
        #expect(try TestGate(policy, facts: facts).reply(.pod(pod), .mutating).patch == nil)
        facts.controllers = FakeFacts.withReplicaSet([["team": "search"]]).controllers
        let made = ReviewBuilder.pod(pod).by(ReviewBuilder.replicaSetController)
        #expect(
            try TestGate(policy, facts: facts).reply(made, .mutating).patch?.json
                == #"[{"op":"add","path":"/metadata/labels/team","value":"search"}]"#)
    }

    private static let modes: [ModeRule] = [
        ModeRule(namespaceSelector: LabelSelector(matchLabels: ["environment": "sandbox"]), mode: .audit),
        ModeRule(
            namespaceSelector: LabelSelector(
                matchExpressions: [.init(key: "environment", operator: .in, values: ["production", "staging"])]),
            mode: .enforce),
        ModeRule(namespaceSelector: LabelSelector(matchLabels: ["environment": "production"]), mode: .warn),
    ]

    /// The first mode rule that matches wins over the policy's mode.
    @Test(arguments: [
        ("production", Decision.Outcome.denied, Mode.enforce), ("staging", .denied, .enforce), ("dev", .warned, .warn),
        ("sandbox", .warned, .audit),
    ])
    func modesByNamespace(environment: String, outcome: Decision.Outcome, mode: Mode) throws {
        let policy = Policy.teamOnly(.warn) { $0.modes = Self.modes }
        let facts = FakeFacts(namespaces: ["ml": .labels(["environment": environment])])
        let reply = try TestGate(policy, facts: facts).reply(.pod(ManifestText.pod([:])))
        #expect(reply.decision.outcome == outcome)
        #expect(reply.decision.record.mode == mode)
        #expect(reply.warnings.isEmpty == (mode != .warn))
        #expect(reply.annotations["gaps"] == .string("team=missing"))
    }

    /// Where the mode hangs on an unreadable namespace nothing is denied, and nothing is touched that might only have
    /// to be watched.
    @Test func unknownMode() throws {
        let policy = Policy.teamOnly {
            $0.modes = Self.modes
            $0.labels[0].aliases = ["owner-team"]
        }
        let gate = TestGate(policy, facts: Self.unreadable)
        let reply = try gate.reply(.pod(ManifestText.pod(["team": "a b"])))
        #expect(reply.decision.outcome == .unknown)
        #expect(reply.decision.record.mode == nil)
        #expect(reply.isAllowed)
        let alias = ReviewBuilder.pod(ManifestText.pod(["owner-team": "a"]))
        #expect(try gate.reply(alias, .mutating).patch == nil)
        let withoutAudit = Policy.teamOnly {
            $0.modes = Array(Self.modes.dropFirst())
            $0.labels[0].aliases = ["owner-team"]
        }
        #expect(
            try TestGate(withoutAudit, facts: Self.unreadable).reply(alias, .mutating).patch?.json
                == #"[{"op":"add","path":"/metadata/labels/team","value":"a"}]"#)
    }

    // MARK: Modes

    @Test(arguments: [
        (Mode.enforce, Decision.Outcome.denied, Decision.Outcome.patched, 0), (.warn, .warned, .patched, 1),
        (.audit, .warned, .allowed, 0),
    ])
    func modes(mode: Mode, validating: Decision.Outcome, mutating: Decision.Outcome, warnings: Int) throws {
        let gate = TestGate(.teamOnly(mode) { $0.labels[0].aliases = ["owner-team"] })
        let reply = try gate.reply(.pod(ManifestText.pod([:])))
        #expect(reply.decision.outcome == validating)
        #expect(reply.warnings.count == warnings)
        #expect(reply.annotations == ["gaps": .string("team=missing")])
        #expect(
            try gate.reply(.pod(ManifestText.pod(["owner-team": "a"])), .mutating).decision.outcome == mutating)
    }

    /// Recommended labels never deny; GPUs raise `model` to required.
    @Test(arguments: [
        (false, Mode.enforce, Decision.Outcome.warned), (true, .enforce, .denied), (true, .warn, .warned),
        (false, .audit, .warned),
    ])
    func recommendedLabels(gpu: Bool, mode: Mode, outcome: Decision.Outcome) throws {
        let pod = ManifestText.pod(
            ["team": "a", "cost-center": "c", "environment": "prod", "project": "p", "workload-type": "batch"], gpu: gpu
        )
        let reply = try TestGate(.plain(mode)).reply(.pod(pod))
        #expect(reply.decision.outcome == outcome)
        #expect(reply.isAllowed == (outcome != .denied))
    }

    // MARK: Subjects

    private static let everything = Set(SubjectKind.allCases)
    private static let loadBalancer = #"{"metadata":{"name":"lb"},"spec":{"type":"LoadBalancer"}}"#
    private static let claim = #"{"metadata":{"name":"data"},"spec":{"storageClassName":"gp3"}}"#

    @Test(
        arguments: [
            (ReviewBuilder.of("", "v1", "Service", loadBalancer), everything, Decision.Outcome.denied),
            (.of("", "v1", "Service", #"{"metadata":{"name":"s"},"spec":{"type":"ClusterIP"}}"#), everything, .skipped),
            (.of("", "v1", "Service", #"{"metadata":{"name":"s"}}"#), everything, .skipped),
            (.of("", "v1", "Service", loadBalancer), [.workloads, .namespaces], .skipped),
            (.of("", "v1", "PersistentVolumeClaim", claim), everything, .denied),
            (.of("", "v1", "PersistentVolumeClaim", claim), [.workloads], .skipped),
            (.of("", "v1", "PersistentVolumeClaim", #"{"metadata":{"labels":{"team":"a"}}}"#), everything, .allowed),
            (.pod(ManifestText.pod([:])), [.namespaces], .skipped),
            (.of("", "v1", "Namespace", #"{"metadata":{"name":"ml"}}"#), [.workloads], .skipped),
        ] as [(ReviewBuilder, Set<SubjectKind>, Decision.Outcome)])
    func subjects(review: ReviewBuilder, subjects: Set<SubjectKind>, outcome: Decision.Outcome) throws {
        let policy = Policy.teamOnly { $0.subjects = subjects }
        #expect(try TestGate(policy).reply(review).decision.outcome == outcome)
        #expect(try TestGate(policy).reply(review, .mutating).decision.outcome != .patched)
    }

    /// Namespaces are checked for what they supply, by their own labels, and denied only if a mode names them.
    @Test(arguments: [
        (#"{"name":"ml"}"#, false, Decision.Outcome.warned), (#"{"name":"ml"}"#, true, .denied),
        (#"{"name":"ml","labels":{"team":"a"}}"#, true, .allowed), (#"{"name":"kube-system"}"#, true, .skipped),
        (#"{"name":"ml","deletionTimestamp":"x"}"#, true, .denied),
    ])
    func namespaceObjects(metadata: String, isNamed: Bool, outcome: Decision.Outcome) throws {
        let policy = Policy.teamOnly {
            if isNamed { $0.modes = [ModeRule(namespaceSelector: nil, subjects: [.namespaces], mode: .enforce)] }
            $0.labels.append(LabelRule(key: "project", level: .required))
        }
        // What the cluster knows of the namespace does not matter: the object says it.
        let facts = FakeFacts(namespaces: ["ml": .labels(["team": "old"])])
        let name = metadata.contains("kube-system") ? "kube-system" : "ml"
        let review = ReviewBuilder.of("", "v1", "Namespace", #"{"metadata":\#(metadata)}"#, namespace: name)
            .with { $0.name = name }
        #expect(try TestGate(policy, facts: facts).reply(review).decision.outcome == outcome)
    }

    @Test func modeOfANamespaceByItsOwnLabels() throws {
        let policy = Policy.teamOnly(.audit) {
            $0.modes = [
                ModeRule(
                    namespaceSelector: LabelSelector(matchLabels: ["environment": "production"]),
                    subjects: [.namespaces], mode: .enforce)
            ]
        }
        for (environment, isAllowed) in [("production", false), ("staging", true)] {
            let reply = try TestGate(policy).reply(
                .of("", "v1", "Namespace", #"{"metadata":{"name":"x","labels":{"environment":"\#(environment)"}}}"#))
            #expect(reply.isAllowed == isAllowed)
        }
    }

    // MARK: Exemptions

    private static func exempt(
        _ match: Exemption.Match, labels: [LabelKey]? = nil, expires: CivilDate = "2026-12-31"
    ) -> Policy {
        .teamOnly {
            $0.exemptions = [
                Exemption(
                    name: "legacy", match: match, labels: labels, owner: "jane@example.com", reason: "replaced",
                    expires: expires)
            ]
        }
    }

    @Test(arguments: [
        (exempt(.init(namespaces: ["ml"])), true), (exempt(.init(namespaces: ["m*"])), true),
        (exempt(.init(namespaces: ["legacy"])), false), (exempt(.init(kinds: ["Pod"])), true),
        (exempt(.init(kinds: ["Deployment"])), false), (exempt(.init(names: ["web-*"])), true),
        (exempt(.init(names: ["api-*"])), false), (exempt(.init(users: ["jane@*"])), true),
        (exempt(.init(users: ["joe@*"])), false), (exempt(.init(serviceAccounts: ["ci/*"])), false),
        (exempt(.init(namespaces: ["ml"]), labels: ["team"]), true),
        // Both ends count, and the day after does not.
        (exempt(.init(namespaces: ["ml"]), expires: "2026-06-15"), true),
        (exempt(.init(namespaces: ["ml"]), expires: "2026-06-14"), false),
    ])
    func exemptions(policy: Policy, isAllowed: Bool) throws {
        let reply = try TestGate(policy).reply(.pod(ManifestText.pod([:])))
        #expect(reply.isAllowed == isAllowed)
        #expect(reply.warnings.isEmpty)
    }

    @Test func expiredExemptionIsNamed() throws {
        let reply = try TestGate(Self.exempt(.init(namespaces: ["ml"]), expires: "2026-06-14"))
            .reply(.pod(ManifestText.pod([:])))
        #expect(reply.message?.contains("team: missing; exemption \"legacy\" expired on 2026-06-14") == true)
    }

    /// Names by generateName are matched as they are shown.
    @Test func exemptionByGeneratedName() throws {
        let pod = ManifestText.pod([:], name: "", metadata: #""generateName":"nightly-","#)
        #expect(try TestGate(Self.exempt(.init(names: ["nightly-*"]))).reply(.pod(pod)).isAllowed)
        #expect(try !TestGate(Self.exempt(.init(names: ["weekly-*"]))).reply(.pod(pod)).isAllowed)
    }

    @Test func exemptionOfAServiceAccount() throws {
        let policy = Self.exempt(.init(serviceAccounts: ["ci/*"]))
        for (user, isAllowed) in [
            ("system:serviceaccount:ci:bot", true), ("system:serviceaccount:prod:bot", false),
            ("system:serviceaccount:ci:bot:x", false), ("ci/bot", false),
        ] {
            let reply = try TestGate(policy).reply(ReviewBuilder.pod(ManifestText.pod([:])).with { $0.username = user })
            #expect(reply.isAllowed == isAllowed, "\(user)")
        }
    }

    /// What is said of a controller holds for what it makes, if it is verified: nobody can name each Pod of a Job.
    @Test(arguments: [
        (Exemption.Match(kinds: ["ReplicaSet"]), Decision.Outcome.allowed), (.init(names: ["web-6c9*"]), .allowed),
        (.init(kinds: ["ReplicaSet"], names: ["web-6c9f"]), .allowed), (.init(kinds: ["Pod"]), .allowed),
        // One object must fit both.
        (.init(kinds: ["Pod"], names: ["web-6c9f"]), .warned), (.init(kinds: ["Job"]), .warned),
        // Who asks is who asks for the Pod.
        (.init(kinds: ["ReplicaSet"], users: ["jane@*"]), .warned),
        (.init(kinds: ["ReplicaSet"], serviceAccounts: ["kube-system/replicaset-controller"]), .allowed),
    ])
    func exemptionOfAController(match: Exemption.Match, outcome: Decision.Outcome) throws {
        let pod = ReviewBuilder.pod(ManifestText.pod([:], metadata: ManifestText.owner()))
        let gate = TestGate(Self.exempt(match), facts: .withReplicaSet())
        let reply = try gate.reply(pod.by(ReviewBuilder.replicaSetController))
        #expect(reply.decision.outcome == outcome)
        // A person who claims the controller gains nothing by it.
        let forged = try gate.reply(pod)
        #expect(forged.isAllowed == (match.kinds == ["Pod"] && match.names.isEmpty))
    }
}
