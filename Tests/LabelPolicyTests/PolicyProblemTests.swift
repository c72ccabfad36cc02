import LabelPolicy
import TestSupport
import Testing

@Suite struct PolicyProblemTests {
    typealias Path = [PolicyProblem.PathElement]

    /// A policy with one mistake, and where it stands.
    struct Case: Sendable, CustomTestStringConvertible {
        let policy: Policy
        let problems: [PolicyProblem]
        let testDescription: String

        /// `change` makes the mistake in a sound policy: the finance example.
        init(_ kind: PolicyProblem.Kind, _ place: PolicyProblem.Place, _ change: (inout Policy) -> Void) {
            var policy = Policy.finance
            change(&policy)
            self.policy = policy
            problems = [PolicyProblem(kind: kind, place: place)]
            testDescription = "\(kind)"
        }
    }

    static func label(_ index: Int, _ rest: PolicyProblem.PathElement...) -> PolicyProblem.Place {
        .policy([.field("labels"), .index(index)] + rest)
    }

    static let exemption = Exemption(
        name: "legacy", match: .init(namespaces: ["legacy"]), owner: "jane", reason: "moving", expires: "2027-01-01")
    static let production = LabelSelector(matchLabels: ["environment": "production"])

    static let rules: [Case] = [
        Case(.noLabels, .policy([.field("labels")])) { $0.labels = [] },
        Case(.noSubjects, .policy([.field("subjects")])) { $0.subjects = [] },
        Case(.duplicateRule("project"), label(5, .field("key"))) {
            $0.labels.append(LabelRule(key: "project", level: .required))
        },
        Case(.aliasIsAKey("team"), label(3, .field("aliases"), .index(1))) { $0.labels[3].aliases = ["app", "team"] },
        Case(.aliasIsAKey("project"), label(3, .field("aliases"), .index(0))) { $0.labels[3].aliases = ["project"] },
        Case(.aliasListedTwice("owner-team", other: "team"), label(3, .field("aliases"), .index(0))) {
            $0.labels[3].aliases = ["owner-team"]
        },
        Case(.aliasListedTwice("app", other: "project"), label(3, .field("aliases"), .index(1))) {
            $0.labels[3].aliases = ["app", "app"]
        },
        Case(
            .dimensionTwice(.costCenter, other: "cost-center"), label(3, .field("values"), .field("registered"))
        ) { $0.labels[3].values.registered = .costCenter },
        Case(.tagTwice("Team", other: "team"), label(4, .field("tag"))) { $0.labels[4].tag = "Team" },
    ]

    static let values: [Case] = [
        Case(.registeredWithoutRegistry, label(0, .field("values"), .field("registered"))) {
            $0.labels[1].values.registered = nil
            $0.labels[1].defaultFrom = []
            $0.registry = nil
        },
        Case(.nothingRegistered(.environment), label(2, .field("values"), .field("registered"))) {
            $0.labels[2].values = ValueRule(registered: .environment)
            $0.registry?.teams[0].environments = []
        },
        Case(.nothingAllowed, label(3, .field("values"), .field("oneOf"))) { $0.labels[3].values.oneOf = [] },
        Case(.valueTwice("a"), label(3, .field("values"), .field("oneOf"), .index(2))) {
            $0.labels[3].values.oneOf = ["a", "b", "a"]
        },
        Case(.notLowercase("B"), label(3, .field("values"), .field("oneOf"), .index(1))) {
            $0.labels[3].values = ValueRule(lowercased: true, oneOf: ["a", "B"])
        },
        Case(.allowedValueFailsPattern("b1"), label(3, .field("values"), .field("oneOf"), .index(1))) {
            $0.labels[3].values = ValueRule(oneOf: ["a", "b1"], pattern: "[a-z]+")
        },
        Case(
            .allowedValueNotRegistered("mlp", .team), label(0, .field("values"), .field("oneOf"), .index(1))
        ) { $0.labels[0].values.oneOf = ["payments", "mlp"] },
        Case(
            .allowedValueNotRegistered("nothing", .costCenter), label(1, .field("values"), .field("oneOf"), .index(0))
        ) { $0.labels[1].values.oneOf = ["nothing"] },
        Case(.synonymOfItself("prod"), synonym(3, "prod")) { $0.labels[3].values.synonyms = ["prod": "prod"] },
        Case(.synonymOfItself("prod"), synonym(3, "PROD")) {
            $0.labels[3].values = ValueRule(lowercased: true, synonyms: ["PROD": "prod"])
        },
        Case(.synonymChain(value: "b"), synonym(3, "a")) { $0.labels[3].values.synonyms = ["a": "b", "b": "c"] },
        // Spellings are looked up in lower case, so "B" is in the chain's way.
        Case(.synonymChain(value: "b"), synonym(3, "A")) {
            $0.labels[3].values = ValueRule(lowercased: true, synonyms: ["A": "b", "B": "c"])
        },
        Case(.synonymTwice("a"), synonym(3, "a")) {
            $0.labels[3].values = ValueRule(lowercased: true, synonyms: ["A": "x", "a": "y"])
        },
        Case(.synonymNotAllowed(value: "qa"), synonym(2, "q")) { $0.labels[2].values.synonyms["q"] = "qa" },
        Case(.synonymNotAllowed(value: "x1"), synonym(3, "x")) {
            $0.labels[3].values = ValueRule(synonyms: ["x": "x1"], pattern: "[a-z]+")
        },
        Case(.synonymNotAllowed(value: "nobody"), synonym(0, "nn")) { $0.labels[0].values.synonyms = ["nn": "nobody"] },
        Case(.synonymIsAllowed("staging"), label(2, .field("values"), .field("oneOf"), .index(1))) {
            $0.labels[2].values.synonyms = ["staging": "production"]
        },
        Case(.synonymIsAllowed("staging"), label(2, .field("values"), .field("oneOf"), .index(1))) {
            $0.labels[2].values.lowercased = true
            $0.labels[2].values.synonyms = ["Staging": "production"]
        },
        // A team's name that means another team is never billed.
        Case(.synonymIsAllowed("payments"), synonym(0, "payments")) {
            $0.labels[0].values.synonyms = ["payments": "ml-platform"]
        },
        Case(.notLowercase("X"), synonym(3, "x1")) {
            $0.labels[3].values = ValueRule(lowercased: true, synonyms: ["x1": "X"])
        },
    ]

    static func synonym(_ index: Int, _ spelling: String) -> PolicyProblem.Place {
        label(index, .field("values"), .field("synonyms"), .field(spelling))
    }

    static let defaults: [Case] = [
        Case(.defaultRefused("qa", .notAllowed), label(2, .field("defaultFrom"), .index(1))) {
            $0.labels[2].defaultFrom = [.namespace, .value("qa")]
        },
        Case(.defaultRefused("qa", .unregistered(.costCenter)), label(1, .field("defaultFrom"), .index(0))) {
            $0.labels[1].defaultFrom = [.value("qa")]
        },
        Case(.registryDefaultWithoutDimension, label(3, .field("defaultFrom"), .index(0))) {
            $0.labels[3].defaultFrom = [.registry]
        },
        Case(.registryDefaultOfTeam, label(0, .field("defaultFrom"), .index(0))) {
            $0.labels[0].defaultFrom = [.registry]
        },
        Case(.registryDefaultWithoutTeam, label(1, .field("defaultFrom"), .index(2))) {
            $0.labels[0].values.registered = nil
        },
        Case(.unreachableDefault(by: 0), label(3, .field("defaultFrom"), .index(1))) {
            $0.labels[3].defaultFrom = [.value("x"), .namespace]
        },
        Case(.unreachableDefault(by: 1), label(3, .field("defaultFrom"), .index(2))) {
            $0.labels[3].defaultFrom = [.owner, .namespace, .namespace]
        },
    ]

    static func mode(_ index: Int) -> PolicyProblem.Place { .policy([.field("modes"), .index(index)]) }

    static let modes: [Case] = [
        Case(.unreachableMode(by: 0), mode(1)) {
            $0.modes = [
                ModeRule(namespaceSelector: nil, mode: .warn), ModeRule(namespaceSelector: production, mode: .enforce),
            ]
        },
        Case(.unreachableMode(by: 0), mode(1)) {
            $0.modes = [
                ModeRule(namespaceSelector: LabelSelector(), mode: .warn),
                ModeRule(namespaceSelector: nil, mode: .enforce),
            ]
        },
        Case(.unreachableMode(by: 1), mode(2)) {
            $0.modes = [
                ModeRule(namespaceSelector: LabelSelector(matchLabels: ["a": "b"]), mode: .audit),
                ModeRule(namespaceSelector: production, mode: .warn),
                ModeRule(
                    namespaceSelector: LabelSelector(
                        matchLabels: ["environment": "production"],
                        matchExpressions: [.init(key: "tier", operator: .exists)]), mode: .enforce),
            ]
        },
        Case(.unreachableMode(by: 0), mode(1)) {
            $0.modes = [
                ModeRule(namespaceSelector: nil, subjects: [.workloads, .namespaces], mode: .warn),
                ModeRule(namespaceSelector: production, subjects: [.namespaces], mode: .enforce),
            ]
        },
        Case(.modeOfUnlistedSubject(.claims), .policy([.field("modes"), .index(0), .field("subjects")])) {
            $0.modes = [ModeRule(namespaceSelector: nil, subjects: [.claims, .workloads], mode: .warn)]
        },
        Case(.noSubjects, .policy([.field("modes"), .index(0), .field("subjects")])) {
            $0.modes = [ModeRule(namespaceSelector: nil, subjects: [], mode: .warn)]
        },
    ]

    static let documents: [Case] = [
        Case(.teamNameTwice("payments", otherTeam: "payments"), .team(2, [.field("name")])) {
            $0.registry?.teams.append(Team(name: "payments", costCenters: ["x"]))
        },
        Case(.teamNameTwice("mlp", otherTeam: "ml-platform"), .team(1, [.field("aliases"), .index(1)])) {
            $0.registry?.teams[1].aliases = ["pay", "mlp"]
        },
        Case(.teamNameTwice("payments", otherTeam: "payments"), .team(1, [.field("aliases"), .index(0)])) {
            $0.registry?.teams[1].aliases = ["payments"]
        },
        Case(.valueTwice("checkout"), .team(1, [.field("costCenters"), .index(1)])) {
            $0.registry?.teams[1].costCenters = ["checkout", "checkout"]
        },
        Case(.valueTwice("staging"), .team(1, [.field("environments"), .index(2)])) {
            $0.registry?.teams[1].environments = ["staging", "production", "staging"]
        },
        Case(.validityReversed, .team(1, [.field("validUntil")])) {
            $0.registry?.teams[1].validFrom = "2026-02-01"
            $0.registry?.teams[1].validUntil = "2026-01-31"
        },
        // The team rule brings values to lower case; what is upper case in the registry is never met.
        Case(.notLowercase("Search"), .team(2, [.field("name")])) {
            $0.registry?.teams.append(Team(name: "Search", costCenters: ["find"]))
        },
        Case(.notLowercase("PAY"), .team(1, [.field("aliases"), .index(0)])) {
            $0.registry?.teams[1].aliases = ["PAY"]
        },
        Case(.notLowercase("CHK"), .team(1, [.field("costCenters"), .index(1)])) {
            $0.labels[1].values.lowercased = true
            $0.registry?.teams[1].costCenters = ["checkout", "CHK"]
        },
        Case(.exemptionMatchesEverything, .exemption(1, [.field("match")])) {
            $0.exemptions = [exemption, exemption]
            $0.exemptions[1].name = "other"
            $0.exemptions[1].match = .init()
        },
        Case(.exemptionNameTwice("legacy"), .exemption(1, [])) { $0.exemptions = [exemption, exemption] },
        Case(.exemptedLabelUnknown("owner-team"), .exemption(0, [.field("labels"), .index(1)])) {
            $0.exemptions = [exemption]
            $0.exemptions[0].labels = ["team", "owner-team"]
        },
        Case(.exemptionOfNothing, .exemption(0, [.field("labels")])) {
            $0.exemptions = [exemption]
            $0.exemptions[0].labels = []
        },
    ]

    @Test(arguments: rules + values + defaults + modes + documents)
    func eachProblemOnceWithItsPlace(_ test: Case) {
        let problems = test.policy.problems()
        #expect(problems == test.problems)
        for problem in problems {
            #expect(!problem.explanation.isEmpty && !problem.explanation.contains("\n"))
        }
    }

    @Test func soundPolicies() {
        #expect(Policy.finance.problems() == [])
        #expect(Policy.builtIn.problems() == [])
    }

    /// Things that look like mistakes and are none.
    @Test(
        arguments: [
            // The registry may refuse a fixed value for the team, and then the next source counts.
            { $0.labels[1].defaultFrom = [.value("product"), .registry] },
            // Dates pass.
            {
                $0.registry?.teams[1].validUntil = "1971-01-01"
                $0.labels[0].defaultFrom = [.value("payments")]
            },
            { $0.labels[0].values.synonyms = ["pay": "payments", "mlplat": "mlp"] },
            // A default is brought to its canonical form like any value.
            { $0.labels[2].defaultFrom = [.value("dev")] },
            { $0.labels[3].values = ValueRule(lowercased: true, synonyms: ["A": "x", "a": "x"]) },
            // Namespaces are not covered by a rule that does not name them, nor a wider selector by a narrower.
            {
                $0.modes = [
                    ModeRule(namespaceSelector: nil, mode: .warn),
                    ModeRule(namespaceSelector: nil, subjects: [.namespaces], mode: .enforce),
                ]
            },
            {
                $0.modes = [
                    ModeRule(namespaceSelector: production, mode: .warn),
                    ModeRule(namespaceSelector: nil, mode: .enforce),
                ]
            },
            {
                $0.modes = [
                    ModeRule(namespaceSelector: LabelSelector(matchLabels: ["a": "b", "c": "d"]), mode: .warn),
                    ModeRule(namespaceSelector: LabelSelector(matchLabels: ["a": "b"]), mode: .enforce),
                ]
            },
            {
                $0.registry?.teams[1].validFrom = "2026-02-01"
                $0.registry?.teams[1].validUntil = "2026-02-01"
            },
            { $0.registry?.teams[1].costCenters = ["product"] },
        ] as [@Sendable (inout Policy) -> Void])
    func noProblem(_ change: @Sendable (inout Policy) -> Void) {
        var policy = Policy.finance
        change(&policy)
        #expect(policy.problems() == [])
    }

    @Test func reportsEverythingInOrderOfTheDocuments() {
        var policy = Policy.finance
        policy.labels[3].aliases = ["team"]
        policy.labels[2].values.oneOf?.append("staging")
        policy.registry?.teams[1].aliases = ["mlp"]
        policy.exemptions = [Self.exemption]
        policy.exemptions[0].match = .init()
        #expect(
            policy.problems().map(\.kind) == [
                .aliasIsAKey("team"), .valueTwice("staging"), .teamNameTwice("mlp", otherTeam: "ml-platform"),
                .exemptionMatchesEverything,
            ])
    }

    /// The built-in policy is written as texts; each of them must have survived.
    @Test func builtInIsWhole() {
        let policy = Policy.builtIn
        #expect(policy.mode == .warn)
        #expect(policy.registry == nil)
        #expect(policy.subjects == [.workloads, .namespaces])
        #expect(
            policy.labels == [
                LabelRule(
                    key: "team", level: .required, aliases: ["owner-team", "app.kubernetes.io/team"],
                    values: ValueRule(lowercased: true), defaultFrom: [.owner, .namespace], tag: "Team"),
                LabelRule(
                    key: "cost-center", level: .required, aliases: ["costCenter", "cost_center"],
                    defaultFrom: [.owner, .namespace], tag: "CostCenter"),
                .environment, .project, .model,
                LabelRule(
                    key: "workload-type", level: .recommended,
                    values: ValueRule(oneOf: ["training", "inference", "batch", "notebook"])),
            ])
        #expect(policy.excludedNamespaces == ["kube-system", "kube-public", "kube-node-lease"])
    }
}
