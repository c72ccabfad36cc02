import LabelPolicy
import TestSupport
import Testing

@Suite struct ModeTests {
    static let production = LabelSelector(matchLabels: ["environment": "production"])
    static let staging = LabelSelector(matchLabels: ["environment": "staging"])

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let mode: Mode
        let rules: [ModeRule]
        let kind: SubjectKind
        /// Nil: the namespace is not known.
        let namespace: [String: String]?
        let expected: Mode?

        init(
            _ description: String, _ mode: Mode, _ rules: [ModeRule], for kind: SubjectKind = .workloads,
            in namespace: [String: String]? = ["environment": "production"], _ expected: Mode?
        ) {
            testDescription = description
            self.mode = mode
            self.rules = rules
            self.kind = kind
            self.namespace = namespace
            self.expected = expected
        }
    }

    @Test(arguments: [
        Case("no rule", .audit, [], .audit),
        Case("rule before the policy", .warn, [ModeRule(namespaceSelector: production, mode: .enforce)], .enforce),
        Case("no match", .warn, [ModeRule(namespaceSelector: staging, mode: .enforce)], .warn),
        Case(
            "first match wins", .warn,
            [
                ModeRule(namespaceSelector: staging, mode: .warn),
                ModeRule(namespaceSelector: production, mode: .audit),
                ModeRule(namespaceSelector: nil, mode: .enforce),
            ], .audit),
        Case("no selector selects all", .warn, [ModeRule(namespaceSelector: nil, mode: .enforce)], .enforce),
        Case("empty selector selects all", .warn, [ModeRule(namespaceSelector: .init(), mode: .enforce)], .enforce),
        Case(
            "subjects", .warn,
            [
                ModeRule(namespaceSelector: nil, subjects: [.claims], mode: .enforce),
                ModeRule(namespaceSelector: nil, subjects: [.workloads, .loadbalancers], mode: .audit),
            ], .audit),
        Case(
            "a rule without subjects covers claims", .warn, [ModeRule(namespaceSelector: nil, mode: .enforce)],
            for: .claims,
            .enforce),
        // Namespaces.
        Case("namespaces are warned where the policy enforces", .enforce, [], for: .namespaces, .warn),
        Case("namespaces are audited where the policy audits", .audit, [], for: .namespaces, .audit),
        Case(
            "a rule that does not name namespaces is not theirs", .audit,
            [ModeRule(namespaceSelector: nil, mode: .enforce)], for: .namespaces, .audit),
        Case(
            "a rule that names namespaces", .warn,
            [ModeRule(namespaceSelector: production, subjects: [.namespaces], mode: .enforce)], for: .namespaces,
            .enforce),
        // Unknown namespaces.
        Case("unknown, nothing to ask", .enforce, [], in: nil, .enforce),
        Case("unknown", .warn, [ModeRule(namespaceSelector: production, mode: .enforce)], in: nil, nil),
        Case(
            "unknown, but settled before", .warn,
            [ModeRule(namespaceSelector: nil, mode: .audit), ModeRule(namespaceSelector: production, mode: .enforce)],
            in: nil, .audit),
        Case(
            "unknown, the selector is another subject's", .warn,
            [ModeRule(namespaceSelector: production, subjects: [.claims], mode: .enforce)], in: nil, .warn),
        Case(
            "unknown, the same whatever it is", .enforce,
            [
                ModeRule(namespaceSelector: production, mode: .enforce),
                ModeRule(namespaceSelector: staging, mode: .enforce),
            ], in: nil, .enforce),
        Case(
            "unknown, two that differ", .enforce,
            [
                ModeRule(namespaceSelector: production, mode: .enforce),
                ModeRule(namespaceSelector: staging, mode: .warn),
            ],
            in: nil, nil),
        Case(
            "unknown, the rest differs", .warn,
            [
                ModeRule(namespaceSelector: production, mode: .enforce),
                ModeRule(namespaceSelector: nil, mode: .enforce),
            ], in: nil, .enforce),
    ])
    func modes(_ test: Case) {
        var policy = Policy.finance
        policy.mode = test.mode
        policy.modes = test.rules
        let evaluator = Evaluator(policy)
        let namespace = test.namespace.map { evaluator.namespace("shop", labels: $0) } ?? .unknown("shop")
        #expect(evaluator.mode(for: test.kind, in: namespace) == test.expected)
        let subject = evaluator.workload(namespace: namespace, kind: test.kind)
        #expect(evaluator.evaluate(subject, at: .on("2026-06-15")).mode == test.expected)
    }

    /// Without a cluster there are no labels to select by: a rule that asks for some does not hold.
    @Test func absentNamespaceHasNoLabels() {
        var policy = Policy.finance
        policy.mode = .warn
        policy.modes = [ModeRule(namespaceSelector: Self.production, mode: .enforce)]
        #expect(Evaluator(policy).mode(for: .workloads, in: .absent("shop")) == .warn)
        #expect(NamespaceContext.absent().name == "")
    }

    @Test(arguments: [
        ("kube-system", true), ("kube-systems", false), ("team-a-sandbox", true), ("sandbox", false), ("shop", false),
    ])
    func exclusions(_ namespace: String, _ excluded: Bool) {
        var policy = Policy.finance
        policy.excludedNamespaces = ["kube-system", "*-sandbox"]
        #expect(Evaluator(policy).isExcluded(namespace: namespace) == excluded)
        #expect(!Evaluator(.finance).isExcluded(namespace: namespace))
    }

    // MARK: Outcomes

    /// One label of a verdict, as far as the outcome cares.
    enum Part: Sendable {
        case fine, required, recommended, uncertain, uncertainRecommended, excused
    }

    @Test(
        arguments: [
            ([], .compliant, .compliant, .compliant),
            ([.fine, .excused], .compliant, .compliant, .compliant),
            ([.fine, .required], .violating, .tolerated, .unknown),
            ([.recommended, .excused], .tolerated, .tolerated, .tolerated),
            ([.required, .uncertain], .violating, .tolerated, .unknown),
            ([.uncertain], .unknown, .unknown, .unknown),
            ([.uncertain, .recommended], .unknown, .tolerated, .unknown),
            ([.uncertainRecommended], .unknown, .unknown, .unknown),
            ([.uncertainRecommended, .recommended], .tolerated, .tolerated, .tolerated),
            ([.uncertainRecommended, .required], .violating, .tolerated, .unknown),
            ([.uncertain, .uncertainRecommended], .unknown, .unknown, .unknown),
            ([.recommended, .required, .recommended], .violating, .tolerated, .unknown),
        ] as [([Part], Verdict.Outcome, Verdict.Outcome, Verdict.Outcome)])
    func outcomes(
        _ parts: [Part], enforced: Verdict.Outcome, warned: Verdict.Outcome, unsettled: Verdict.Outcome
    ) {
        let labels = parts.enumerated().map { index, part in
            let uncertain = part == .uncertain || part == .uncertainRecommended
            let gap = Gap(
                problem: .missing, key: nil, found: nil, nearest: nil, rejectedDefaults: [], isUncertain: uncertain)
            return LabelVerdict(
                rule: index, key: "team",
                level: part == .recommended || part == .uncertainRecommended ? .recommended : .required,
                attribution: nil, gap: part == .fine ? nil : gap, excuse: part == .excused ? .holding(0) : nil)
        }
        // The order of the labels does not matter.
        for list in [labels, labels.reversed()] {
            #expect(Verdict(labels: list, mode: .enforce).outcome == enforced)
            #expect(Verdict(labels: list, mode: .warn).outcome == warned)
            #expect(Verdict(labels: list, mode: .audit).outcome == warned)
            #expect(Verdict(labels: list, mode: nil).outcome == unsettled)
            #expect(Verdict(labels: list, mode: .warn).hasGaps == (enforced != .compliant))
        }
    }

    /// The same through the evaluator.
    @Test func unknownNamespaceIsAnOutcomeOfItsOwn() {
        let evaluator = Evaluator(.finance)
        func outcome(_ labels: [String: String]) -> Verdict.Outcome {
            evaluator.evaluate(evaluator.workload(labels, namespace: .unknown("shop")), at: .on("2026-06-15")).outcome
        }
        #expect(outcome([:]) == .unknown)
        #expect(outcome(["team": "mlp"]) == .unknown)
        // What is wrong whatever the namespace says is a violation, beside what is not known.
        #expect(outcome(["team": "nobody"]) == .violating)
        #expect(outcome(["environment": "qa"]) == .violating)
        let whole = ["team": "mlp", "cost-center": "product", "environment": "staging"]
        #expect(outcome(whole) == .tolerated)
        #expect(outcome(whole.merging(["project": "x", "model": "y"]) { $1 }) == .compliant)
    }
}

/// What an evaluator makes of labels it reads for others.
@Suite struct ObservedLabelsTests {
    static let evaluator: Evaluator = {
        var policy = Policy.finance
        policy.modes = [
            ModeRule(namespaceSelector: LabelSelector(matchLabels: ["tier": "gold"]), mode: .audit),
            ModeRule(
                namespaceSelector: LabelSelector(matchExpressions: [.init(key: "zone", operator: .exists)]),
                subjects: [.namespaces], mode: .enforce),
        ]
        return Evaluator(policy)
    }()

    @Test func keysOfSelectorsAreRead() {
        #expect(Self.evaluator.keys.suffix(2) == ["tier", "zone"])
    }

    /// A Namespace object is judged by the mode its own labels select.
    @Test(arguments: [
        (["zone": "a"], SubjectKind.namespaces, Mode.enforce), ([:], .namespaces, .warn),
        (["tier": "gold"], .workloads, .audit),
        (["tier": "tin"], .workloads, .enforce),
    ])
    func namespaceSeenAsItself(_ labels: [String: String], _ kind: SubjectKind, _ mode: Mode) {
        let observed = Self.evaluator.observe(labels)
        let namespace = Self.evaluator.namespace("shop", observed: observed)
        #expect(Self.evaluator.mode(for: kind, in: namespace) == mode)
        #expect(Self.evaluator.mode(for: kind, in: Self.evaluator.namespace("shop", labels: labels)) == mode)
    }

    @Test func weakerLabelsFillWhatIsLacking() {
        let strong = Self.evaluator.observe(["team": "a", "project": ""])
        let weak = Self.evaluator.observe(["team": "b", "project": "p", "tier": "gold"])
        #expect(
            strong.filled(from: weak) == Self.evaluator.observe(["team": "a", "project": "", "tier": "gold"]))
        #expect(strong.filled(from: ObservedLabels(count: 0)) == strong)
        #expect(strong.cleared() == Self.evaluator.observe([:]))
    }

    /// Laid over another object, what is missing may be there; what is said counts.
    @Test func overlays() {
        let verdict = Self.evaluator.evaluate(
            Self.evaluator.workload(["team": "nobody", "project": "p", "environment": ""]), at: .on("2026-06-15"))
        #expect(verdict.ofOverlay.labels.map(\.key) == ["team", "project"])
        #expect(verdict.ofOverlay.mode == verdict.mode)
    }
}
