import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// What a user reads: golden denials and warnings.
@Suite struct DenialTextTests {
    private static func denial(_ review: ReviewBuilder, _ policy: Policy, _ facts: FakeFacts = FakeFacts()) throws
        -> String
    {
        let reply = try TestGate(policy, facts: facts).reply(review)
        return try #require(reply.message)
    }

    @Test func oneDenialNamesAllGaps() throws {
        let pod = ManifestText.pod(["environment": "prodution", "project": ""], gpu: true)
        #expect(
            try Self.denial(.pod(pod), .plain()) == """
                Pod "web-1" in namespace "ml" lacks cost labels that policy "cost-attribution" requires:
                  - team: missing
                  - cost-center: missing
                  - environment: invalid-value "prodution"; did you mean "production"?
                  - project (recommended): empty
                  - model: missing
                  - workload-type (recommended): missing; allowed: training, inference, batch, notebook
                Set them in metadata.labels, or for the whole namespace: \
                kubectl label namespace ml team=VALUE cost-center=VALUE.
                """)
    }

    /// Every kind of gap the registry knows of, and a default that did not help.
    @Test func registryGaps() throws {
        let facts = FakeFacts(namespaces: ["ml": .labels(["environment": "prd", "team": "nobody"])])
        let deployment = ManifestText.deployment(["team": "mlplatform", "cost-center": "checkout"])
        #expect(
            try Self.denial(.deployment(deployment), .finance, facts) == """
                Deployment "web" in namespace "ml" lacks cost labels that policy "cost-attribution" requires:
                  - team: unregistered-value "mlplatform"; did you mean "ml-platform"?
                  - environment: missing; allowed: production, staging, development; the namespace supplies "prd", \
                which is invalid-value
                  - project (recommended): missing
                  - model (recommended): missing
                Set them in spec.template.metadata.labels, or for the whole namespace: \
                kubectl label --overwrite namespace ml environment=VALUE.
                """)
        let pair = ManifestText.pod(["team": "MLP", "cost-center": "checkout", "environment": "dev"])
        #expect(
            try Self.denial(.pod(pair), .finance).contains(
                "\n  - cost-center: inconsistent-pair \"checkout\" (not a cost center of team ml-platform); "
                    + "ml-platform has: product, research\n"))
        let conflict = ManifestText.pod(["owner-team": "payments", "app.kubernetes.io/team": "mlp"])
        #expect(
            try Self.denial(.pod(conflict), .finance).contains(
                "\n  - team: conflicting-aliases \"payments\" (owner-team and app.kubernetes.io/team disagree: \"mlp\"); "
                    + "set team itself\n"))
    }

    /// Messages speak of the kind the user sent, decisions are made on the one it was converted to.
    @Test func speaksOfTheRequestedKind() throws {
        let review = ReviewBuilder.deployment(ManifestText.deployment([:])).with {
            $0.requestKind = ("extensions", "v1beta1", "LegacyDeployment")
        }
        #expect(try Self.denial(review, .teamOnly()).hasPrefix(#"LegacyDeployment "web" in namespace "ml" lacks"#))
    }

    @Test(arguments: [
        (ManifestText.pod([:], name: "", metadata: #""generateName":"web-","#), "", #"Pod "web-*" in namespace "ml""#),
        (ManifestText.pod([:], name: "a", metadata: #""generateName":"web-","#), "", #"Pod "a" in namespace "ml""#),
        // As the validating half is asked: with a name that was made up.
        (
            ManifestText.pod([:], name: "web-x7k2f", metadata: #""generateName":"web-","#), "web-x7k2f",
            #"Pod "web-*" in namespace "ml""#
        ),
        (
            ManifestText.pod(
                [:], name: String(repeating: "w", count: 58) + "x7k2f",
                metadata: #""generateName":"\#(String(repeating: "w", count: 60))-","#), "",
            #"Pod "\#(String(repeating: "w", count: 60))-*" in namespace "ml""#
        ),
        (
            ManifestText.pod([:], name: "a", metadata: #""generateName":"web-","#), "a",
            #"Pod "a" in namespace "ml""#
        ),
        (ManifestText.pod([:], name: "a"), "b", #"Pod "b" in namespace "ml""#),
        (ManifestText.pod([:], name: ""), "", #"Pod "" in namespace "ml""#),
    ])
    func names(object: String, name: String, shown: String) throws {
        let text = try Self.denial(ReviewBuilder.pod(object).with { $0.name = name }, .teamOnly())
        #expect(text.hasPrefix("\(shown) lacks cost labels"))
    }

    @Test func anExistingObjectIsShownByItsName() throws {
        let pod = ManifestText.pod([:], name: "web-x7k2f", metadata: #""generateName":"web-","#)
        let before = ManifestText.pod(["team": "mlp"], name: "web-x7k2f", metadata: #""generateName":"web-","#)
        let review = ReviewBuilder.pod(pod).with {
            $0.operation = "UPDATE"
            $0.name = "web-x7k2f"
            $0.oldObject = before
        }
        #expect(try Self.denial(review, .teamOnly()).hasPrefix(#"Pod "web-x7k2f" in namespace "ml" lacks"#))
    }

    /// Only the values of the team that is billed would do, so only they are named.
    @Test func valuesOfTheTeam() throws {
        let policy = Policy.finance
        let own = ManifestText.pod(["team": "mlp", "cost-center": "nonsense", "environment": "dev"])
        #expect(
            try Self.denial(.pod(own), policy).contains(
                "\n  - cost-center: unregistered-value \"nonsense\"; ml-platform has: product, research\n"))
        let nobody = ManifestText.pod(["team": "nobody-at-all", "cost-center": "nonsense", "environment": "dev"])
        #expect(
            try Self.denial(.pod(nobody), policy).contains(
                "\n  - cost-center: unregistered-value \"nonsense\"; registered: product, research, checkout\n"))
    }

    // MARK: Templates

    @Test func templatesThatLackTheSameAreGrouped() throws {
        func group(_ labels: String) -> String { #"{"template":{"metadata":{"labels":{\#(labels)}}}}"# }
        let workers = [#""team":"a b""#, "", #""team":"b""#, "", ""].map(group).joined(separator: ",")
        let cluster =
            #"{"metadata":{"name":"r"},"spec":{"headGroupSpec":\#(group("")),"workerGroupSpecs":[\#(workers)]}}"#
        #expect(
            try Self.denial(.of("ray.io", "v1", "RayCluster", cluster), .teamOnly()) == """
                RayCluster "r" in namespace "ml" lacks cost labels that policy "team-only" requires:
                  in spec.headGroupSpec.template.metadata.labels and 3 more:
                  - team: missing
                  in spec.workerGroupSpecs[0].template.metadata.labels:
                  - team: invalid-value "a b" (holds a space; Kubernetes allows letters, digits, '-', '_' and '.')
                Set them in the labels of each template, or for the whole namespace: \
                kubectl label namespace ml team=VALUE.
                """)
    }

    /// The nearest value is looked for where it is shown: a denial must not cost by templates times teams.
    @Test func suggestionsAreBounded() throws {
        func cluster(_ environments: [String]) -> ReviewBuilder {
            let workers = environments.map {
                #"{"template":{"metadata":{"labels":{"team":"payment","environment":"\#($0)"}}}}"#
            }
            return .of(
                "ray.io", "v1", "RayCluster",
                #"{"metadata":{"name":"r"},"spec":{"workerGroupSpecs":[\#(workers.joined(separator: ","))]}}"#)
        }
        func suggestions(_ review: ReviewBuilder) throws -> Int {
            let evaluator = Evaluator(.finance)
            let request = try Scan.review(review.json, keys: evaluator.keys)
            let judgements = ObjectJudge(evaluator: evaluator).judge(
                try #require(request.object), as: try #require(request.target), kind: "RayCluster", name: "r",
                in: ObjectJudge.Surroundings(namespace: .absent(), suppliesOwners: false), at: .on("2026-06-15"))
            #expect(judgements.count == request.object?.templates.count)
            return judgements.count { $0.verdict["team"]?.gap?.nearest == "payments" }
        }
        // Different templates are looked at until there are enough, equal ones once.
        #expect(try suggestions(cluster((0..<40).map { "e\($0)" })) == 16)
        let equal = cluster(Array(repeating: "dev", count: 1_000))
        #expect(try suggestions(equal) == 1_000)
        #expect(
            try Self.denial(equal, .finance).contains(
                " and 999 more:\n  - team: unregistered-value \"payment\"; did you mean \"payments\"?\n"))
    }

    @Test func manyGroupsAreBounded() throws {
        // The last of them three times.
        let workers = ((0..<20) + [19, 19]).map { #"{"template":{"metadata":{"labels":{"team":"bad \#($0)"}}}}"# }
        let cluster = #"{"metadata":{"name":"r"},"spec":{"workerGroupSpecs":[\#(workers.joined(separator: ","))]}}"#
        let text = try Self.denial(.of("ray.io", "v1", "RayCluster", cluster), .teamOnly())
        #expect(text.split(separator: "\n").count == 1 + 8 * 2 + 2)
        #expect(text.contains("\n  … and 14 more templates\nSet them in the labels of each template."))
    }

    @Test func tooManyTemplates() throws {
        let workers = Array(repeating: #"{"template":{}}"#, count: ObjectScanner.maximumTemplates + 1)
        let cluster = #"{"metadata":{"name":"r"},"spec":{"workerGroupSpecs":[\#(workers.joined(separator: ","))]}}"#
        let review = ReviewBuilder.of("ray.io", "v1", "RayCluster", cluster)
        #expect(
            try Self.denial(review, .teamOnly())
                == #"RayCluster "r" in namespace "ml" has more than 4096 pod templates; cost labels cannot be judged, "#
                + "split the object")
        for (mode, count) in [(Mode.warn, 1), (.audit, 0)] {
            let reply = try TestGate(.teamOnly(mode)).reply(review)
            #expect(reply.isAllowed)
            #expect(reply.warnings.count == count)
        }
    }

    // MARK: Advice

    /// A namespace supplies defaults to workloads only, and only where somebody reads it.
    @Test func adviceIsTakenOnlyWhereItHelps() throws {
        let policy = Policy.teamOnly {
            $0.subjects = Set(SubjectKind.allCases)
            $0.modes = [ModeRule(namespaceSelector: nil, subjects: [.namespaces], mode: .enforce)]
        }
        let claim = ReviewBuilder.of("", "v1", "PersistentVolumeClaim", #"{"metadata":{"name":"data"}}"#)
        #expect(
            try Self.denial(claim, policy) == """
                PersistentVolumeClaim "data" in namespace "ml" lacks cost labels that policy "team-only" requires:
                  - team: missing
                Set them in metadata.labels.
                """)
        let namespace = ReviewBuilder.of("", "v1", "Namespace", #"{"metadata":{"name":"ml"}}"#)
        #expect(
            try Self.denial(namespace, policy) == """
                Namespace "ml" lacks cost labels that policy "team-only" requires:
                  - team: missing
                Set them in metadata.labels.
                """)
        let facts = FakeFacts(namespaces: ["ml": .nobodyToAsk])
        #expect(
            try Self.denial(.pod(ManifestText.pod([:])), policy, facts).hasSuffix("\nSet them in metadata.labels."))
        // An invalid value of its own is not mended by a default.
        #expect(
            try Self.denial(.pod(ManifestText.pod(["team": "-"])), policy).hasSuffix("\nSet them in metadata.labels."))
        #expect(
            try Self.denial(.pod(ManifestText.pod(["team": ""])), policy).hasSuffix(
                "or for the whole namespace: kubectl label namespace ml team=VALUE."))
    }

    // MARK: Text from outside

    /// Nothing of a request can break a line, reorder it or act on a terminal; the denial's own line breaks are the
    /// only ones.
    @Test func textsAreCleaned() throws {
        let evil = "a\\n\\u001b[31m\\u202e\\u0085\\u2028b"
        let clean = "a\u{FFFD}\u{FFFD}[31m\u{FFFD}\u{FFFD}\u{FFFD}b"
        let job =
            #"{"metadata":{"name":"\#(evil)"},"spec":{"pytorchReplicaSpecs":{"\#(evil)":{"template":{"metadata":"#
            + #"{"labels":{"team":"\#(evil)"}}}}}}}"#
        let review = ReviewBuilder.of("kubeflow.org", "v1", "PyTorchJob", job, namespace: evil)
            .with { $0.requestKind = ("", "", evil) }
        let text = try Self.denial(review, .teamOnly())
        #expect(
            text == """
                \(clean) "\(clean)" in namespace "\(clean)" lacks cost labels that policy "team-only" requires:
                  - team: invalid-value "\(clean)" (holds a control character; Kubernetes allows letters, digits, '-', \
                '_' and '.')
                Set them in spec.pytorchReplicaSpecs.\(clean).template.metadata.labels.
                """)
        let reply = try TestGate(.teamOnly(.warn)).reply(review)
        #expect(reply.warnings.count == 1)
        for scalar in (reply.warnings + [text.replacing("\n", with: "")]).joined().unicodeScalars {
            #expect(scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format)
        }
    }

    @Test func longTextsAreBounded() throws {
        let long = String(repeating: "x", count: 100_000)
        let job =
            #"{"metadata":{"name":"\#(long)"},"spec":{"pytorchReplicaSpecs":{"\#(long)":{"template":{"metadata":"#
            + #"{"labels":{"team":"\#(long)"}}}}}}}"#
        let review = ReviewBuilder.of("kubeflow.org", "v1", "PyTorchJob", job, namespace: long)
            .with { $0.requestKind = ("", "", long) }
        let text = try Self.denial(review, .teamOnly())
        #expect(text.utf8.count < 2_000)
        #expect(text.contains("…"))
    }
}

/// What kubectl prints.
@Suite struct WarningTests {
    @Test func oneLineForEachGap() throws {
        let reply = try TestGate(.plain(.warn)).reply(.pod(ManifestText.pod(["environment": "prodution"], gpu: true)))
        #expect(
            reply.warnings == [
                "cost label team: missing; set metadata.labels",
                "cost label cost-center: missing; set metadata.labels",
                "cost label environment: invalid-value \"prodution\"; did you mean \"production\"?; set metadata.labels",
                "cost label project (recommended): missing; set metadata.labels",
                "cost label model: missing; set metadata.labels",
                "cost label workload-type (recommended): missing; allowed: training, inference, batch, notebook; set metadata.labels",
            ])
    }

    /// Where a line is too long for both, the place counts for more than the list of what is allowed.
    @Test func longWarningsKeepTheirPlace() throws {
        let registry = Registry(
            teams: (0..<12).map { Team(name: LabelValue(stringLiteral: "team-number-\($0)"), costCenters: []) })
        let policy = Policy.teamOnly(.warn) {
            $0.registry = registry
            $0.labels[0].values.registered = .team
        }
        let reply = try TestGate(policy).reply(.deployment(ManifestText.deployment([:])))
        #expect(
            reply.warnings == [
                "cost label team: missing; set spec.template.metadata.labels; registered: team-number-0, team-number-1, team-number-2, t…"
            ])
    }

    private static func replicas(_ count: Int, _ labels: (Int) -> String) -> ReviewBuilder {
        let members = (0..<count).map { #""R\#($0)":{"template":{"metadata":{"labels":{\#(labels($0))}}}}"# }
        return .of(
            "kubeflow.org", "v1", "PyTorchJob",
            #"{"metadata":{"name":"j"},"spec":{"pytorchReplicaSpecs":{\#(members.joined(separator: ","))}}}"#)
    }

    /// The bounds of the API server: 120 characters each, 4,096 in all, none twice.
    @Test(arguments: [
        replicas(1) { _ in "" }, replicas(40) { _ in "" }, replicas(3_000) { #""team":"bad \#($0)""# },
        replicas(50) { _ in
            #""team":"\#(String(repeating: "é", count: 60))","environment":"\#(String(repeating: "\\u202e", count: 60))""#
        },
    ])
    func bounds(review: ReviewBuilder) throws {
        var policy = Policy.plain(.warn)
        policy.registry = .finance
        policy.labels[0].values.registered = .team
        let reply = try TestGate(policy).reply(review)
        #expect(!reply.warnings.isEmpty)
        #expect(Set(reply.warnings).count == reply.warnings.count)
        #expect(reply.warnings.map(\.unicodeScalars.count).reduce(0, +) <= DecisionLimits.warnings)
        for warning in reply.warnings {
            #expect(warning.unicodeScalars.count <= DecisionLimits.warning)
            #expect(!warning.unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }

    @Test func manyWarningsAreCounted() throws {
        let reply = try TestGate(.teamOnly(.warn)).reply(Self.replicas(100) { _ in "" })
        #expect(reply.warnings.count == 30)
        #expect(
            reply.warnings.first == "cost label team: missing; set spec.pytorchReplicaSpecs.R0.template.metadata.labels"
        )
        #expect(reply.warnings.last == "and 71 more cost label warnings")
    }

    /// Texts that differ only where they are cut are one.
    @Test func cutTextsAreMerged() throws {
        let prefix = String(repeating: "r", count: 100)
        let members = (0..<3).map { #""\#(prefix)\#($0)":{"template":{}}"# }.joined(separator: ",")
        let reply = try TestGate(.teamOnly(.warn)).reply(
            .of("kubeflow.org", "v1", "PyTorchJob", #"{"spec":{"pytorchReplicaSpecs":{\#(members)}}}"#))
        #expect(reply.warnings.count == 1)
    }

    /// The built-in policy warns in a way that tells required from recommended.
    @Test func recommendedIsMarked() throws {
        let reply = try TestGate(.builtIn).reply(
            .pod(ManifestText.pod(["team": "a", "cost-center": "c", "environment": "dev", "workload-type": "fun"])))
        #expect(
            reply.warnings == [
                "cost label project (recommended): missing; set metadata.labels",
                "cost label model (recommended): missing; set metadata.labels",
                "cost label workload-type (recommended): invalid-value \"fun\"; set metadata.labels; allowed: training, inference, batch, …",
            ])
    }
}
