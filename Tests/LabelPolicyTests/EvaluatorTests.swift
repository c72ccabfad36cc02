import LabelPolicy
import TestSupport
import Testing

/// Where values come from, and what is listed.
@Suite struct EvaluatorTests {
    typealias Case = EvaluatorCase

    static let now = Timestamp.on("2026-06-15")

    // MARK: Where values come from

    static let team = "ml-platform"

    static let attributed: [(Case, LabelKey, Attribution)] = [
        (Case("own") { $0.labels = ["team": "payments"] }, "team", own("payments")),
        (
            Case("own before alias") { $0.labels = ["team": "payments", "owner-team": "mlp"] }, "team", own("payments")
        ),
        (
            Case("alias") { $0.labels = ["app.kubernetes.io/team": "payments"] }, "team",
            Attribution(value: "payments", source: .alias, key: "app.kubernetes.io/team")
        ),
        (
            Case("first alias of those that agree") {
                $0.labels = ["app.kubernetes.io/team": "payments", "owner-team": "payments"]
            }, "team", Attribution(value: "payments", source: .alias, key: "owner-team")
        ),
        (
            Case("aliases that agree once canonical") {
                $0.labels = ["app.kubernetes.io/team": "MLP", "owner-team": "ml-platform"]
            }, "team", Attribution(value: team, source: .alias, key: "owner-team")
        ),
        (
            Case("empty own, alias") { $0.labels = ["team": "", "owner-team": "payments"] }, "team",
            Attribution(value: "payments", source: .alias, key: "owner-team")
        ),
        (
            Case("empty alias is none") { $0.labels = ["owner-team": "", "app.kubernetes.io/team": "payments"] },
            "team",
            Attribution(value: "payments", source: .alias, key: "app.kubernetes.io/team")
        ),
        (
            Case("nearest owner") { $0.owners = [["team": "payments"], ["team": "mlp"]] }, "team",
            Attribution(value: "payments", source: .owner, key: "team")
        ),
        (
            Case("farther owner") { $0.owners = [[:], ["team": "payments"]] }, "team",
            Attribution(value: "payments", source: .owner, key: "team")
        ),
        (
            Case("owner's alias") { $0.owners = [["owner-team": "MLP"]] }, "team",
            Attribution(value: team, source: .owner, key: "owner-team", spelled: "MLP")
        ),
        (
            Case("owner with contradictory aliases is passed over") {
                $0.owners = [["owner-team": "mlp", "app.kubernetes.io/team": "payments"], ["team": "payments"]]
            }, "team", Attribution(value: "payments", source: .owner, key: "team")
        ),
        (
            Case("owner with an invalid value is passed over") {
                $0.owners = [["team": "nobody"], ["team": "payments"]]
            },
            "team", Attribution(value: "payments", source: .owner, key: "team")
        ),
        (
            Case("owner before namespace") {
                $0.owners = [["team": "payments"]]
                $0.namespace = ["team": "mlp"]
            }, "team", Attribution(value: "payments", source: .owner, key: "team")
        ),
        (
            Case("owner before an unknown namespace") {
                $0.owners = [["team": "payments"]]
                $0.namespace = nil
            }, "team", Attribution(value: "payments", source: .owner, key: "team")
        ),
        (
            Case("namespace") { $0.namespace = ["team": "payments"] }, "team",
            Attribution(value: "payments", source: .namespace, key: "team")
        ),
        (
            Case("namespace's alias") { $0.namespace = ["owner-team": "Payments"] }, "team",
            Attribution(value: "payments", source: .namespace, key: "owner-team", spelled: "Payments")
        ),
        (
            Case("namespace after an owner that is rejected") {
                $0.owners = [["team": "nobody"]]
                $0.namespace = ["team": "payments"]
            }, "team", Attribution(value: "payments", source: .namespace, key: "team")
        ),
        (
            Case("empty, filled") {
                $0.labels = ["team": ""]
                $0.namespace = ["team": "payments"]
            }, "team", Attribution(value: "payments", source: .namespace, key: "team")
        ),
        (
            Case("registry") { $0.labels = ["team": "mlp"] }, "cost-center",
            Attribution(value: "product", source: .registry, key: nil)
        ),
        (
            Case("registry, by the team of the namespace") { $0.namespace = ["team": "payments"] }, "cost-center",
            Attribution(value: "checkout", source: .registry, key: nil)
        ),
        (
            Case("namespace before registry") {
                $0.labels = ["team": "mlp"]
                $0.namespace = ["cost-center": "research"]
            }, "cost-center", Attribution(value: "research", source: .namespace, key: "cost-center")
        ),
        (
            Case("registry where the namespace's pair is wrong") {
                $0.labels = ["team": "payments"]
                $0.namespace = ["cost-center": "research"]
            }, "cost-center", Attribution(value: "checkout", source: .registry, key: nil)
        ),
        (
            Case("fixed value, in its canonical form") {
                $0.policy.labels[2].defaultFrom = [.namespace, .value("dev")]
            }, "environment", Attribution(value: "development", source: .value, key: nil, spelled: "dev")
        ),
        (
            Case("a fixed value stands before an unknown namespace") {
                $0.policy.labels[2].defaultFrom = [.value("staging"), .namespace]
                $0.namespace = nil
            }, "environment", Attribution(value: "staging", source: .value, key: nil)
        ),
        (
            Case("the registry's environment") {
                $0.policy.labels[2].values = ValueRule(registered: .environment)
                $0.policy.labels[2].defaultFrom = [.registry]
                $0.labels = ["team": "mlp"]
            }, "environment", Attribution(value: "production", source: .registry, key: nil)
        ),
        // Canonical forms.
        (Case("case") { $0.labels = ["team": "Payments"] }, "team", own("payments", spelled: "Payments")),
        (Case("case, then the registry's alias") { $0.labels = ["team": "MLP"] }, "team", own(team, spelled: "MLP")),
        (Case("synonym") { $0.labels = ["environment": "prod"] }, "environment", own("production", spelled: "prod")),
        (
            Case("case, then synonym, then alias") {
                $0.policy.labels[0].values.synonyms = ["ML": "mlp"]
                $0.labels = ["team": "Ml"]
            }, "team", own(team, spelled: "Ml")
        ),
        (Case("case is kept without normalisation") { $0.labels = ["project": "ABC"] }, "project", own("ABC")),
        // Conditions.
        (Case("any value") { $0.labels = ["project": "1.2_x"] }, "project", own("1.2_x")),
        (
            Case("pattern") {
                $0.policy.labels[3].values.pattern = "[A-Z]{2}-\\d+"
                $0.labels = ["project": "AB-12"]
            }, "project", own("AB-12")
        ),
        (
            Case("pair") { $0.labels = ["team": "mlp", "cost-center": "research"] }, "cost-center", own("research")
        ),
        (
            Case("cost center without a team is not paired") { $0.labels = ["cost-center": "checkout"] }, "cost-center",
            own("checkout")
        ),
        (
            Case("environment of the team") {
                $0.policy.labels[2].values = ValueRule(registered: .environment)
                $0.labels = ["team": "mlp", "environment": "staging"]
            }, "environment", own("staging")
        ),
        (
            Case("a team without a list may run in any environment") {
                $0.policy.labels[2].values = ValueRule(registered: .environment)
                $0.labels = ["team": "payments", "environment": "staging"]
            }, "environment", own("staging")
        ),
        (
            Case("first day of a registration") {
                $0.labels = ["team": "mlp"]
                $0.on = "2026-01-01"
            }, "team", own(team, spelled: "mlp")
        ),
        (
            Case("last day of a registration") {
                $0.labels = ["team": "mlp"]
                $0.on = "2026-12-31"
            }, "team", own(team, spelled: "mlp")
        ),
        // The order of the rules does not matter.
        (
            Case("team listed last") {
                $0.policy.labels.reverse()
                $0.labels = ["team": "mlp"]
            }, "cost-center", Attribution(value: "product", source: .registry, key: nil)
        ),
        // Other subjects.
        (
            Case("what a namespace supplies") {
                $0.kind = .namespaces
                $0.labels = ["team": "payments"]
            }, "team", own("payments")
        ),
        (
            Case("a claim's own") {
                $0.kind = .claims
                $0.labels = ["team": "payments"]
            }, "team", own("payments")
        ),
    ]

    static func own(_ value: String, spelled: String? = nil) -> Attribution {
        Attribution(value: value, source: .own, key: nil, spelled: spelled)
    }

    @Test(arguments: attributed)
    func attributes(_ test: Case, _ key: LabelKey, _ expected: Attribution) throws {
        let label = try #require(test.verdict()[key])
        // The table leaves the key of own labels out: it is the label itself.
        let wanted =
            expected.source == .own
            ? Attribution(value: expected.value, source: .own, key: key, spelled: expected.spelled) : expected
        #expect(label.attribution == wanted)
        #expect(label.gap == nil)
        #expect(!label.isViolation && !label.isOpen)
    }

    // MARK: Levels and listing

    @Test(arguments: [(false, Level.recommended), (true, .required)])
    func gpuRaisesTheLevel(_ gpu: Bool, _ level: Level) throws {
        let verdict = Case("") { $0.gpu = gpu }.verdict()
        #expect(verdict["model"]?.level == level)
        #expect(verdict["model"]?.isViolation == gpu)
        #expect(verdict["model"]?.isOpen == true)
        // Only the rule that asks for it is raised.
        #expect(verdict["project"]?.level == .recommended)
    }

    @Test func listsEveryRuleInThePolicysOrder() {
        var test = Case("") { $0.labels = ["team": "mlp"] }
        #expect(test.verdict().labels.map(\.key) == ["team", "cost-center", "environment", "project", "model"])
        #expect(test.verdict().labels.map(\.rule) == [0, 1, 2, 3, 4])
        test.policy.labels.reverse()
        #expect(test.verdict().labels.map(\.key) == ["model", "project", "environment", "cost-center", "team"])
        #expect(test.verdict().labels.map(\.rule) == [0, 1, 2, 3, 4])
    }

    @Test func namespacesAreAskedOnlyForWhatTheySupply() {
        #expect(
            Case("") { $0.kind = .namespaces }.verdict().labels.map(\.key) == ["team", "cost-center", "environment"])
        let ownerOnly = Case("") {
            $0.kind = .namespaces
            $0.policy.labels[0].defaultFrom = [.owner]
            $0.labels = ["team": "payments", "cost-center": "product"]
        }
        #expect(ownerOnly.verdict().labels.map(\.key) == ["cost-center", "environment"])
        // A label the namespace does not supply says nothing of those it does.
        #expect(ownerOnly.verdict()["cost-center"]?.gap == nil)
    }

    @Test func tableOfKeysHoldsEachOnce() {
        var policy = Policy.finance
        policy.labels[3].aliases = ["app", "owner-team"]
        let evaluator = Evaluator(policy)
        #expect(
            evaluator.keys == [
                "team", "owner-team", "app.kubernetes.io/team", "cost-center", "costCenter", "cost_center",
                "environment",
                "project", "app", "model",
            ])
        var filled = ObservedLabels(count: evaluator.keys.count)
        filled.set(0, to: "payments")
        filled.set(7, to: "x")
        filled.set(-1, to: "ignored")
        filled.set(99, to: "ignored")
        #expect(filled == evaluator.observe(["team": "payments", "project": "x", "other": "y"]))
    }

    /// Labels made for another policy's table are nonsense, but no reason to stop.
    @Test func labelsOfAnotherTableDoNotTrap() {
        let evaluator = Evaluator(.finance)
        let namespace = evaluator.namespace("shop", labels: [:])
        for count in [0, 1, 100] {
            let subject = Subject(
                kind: .workloads, objectKind: "Pod", name: "x", namespace: namespace,
                labels: ObservedLabels(count: count), owners: [ObservedLabels(count: count)])
            #expect(evaluator.evaluate(subject, at: Self.now).labels.count == 5)
        }
    }

    @Test func policyWithoutRulesIsContent() {
        let evaluator = Evaluator(.enforcing())
        #expect(evaluator.evaluate(evaluator.workload(["team": "x"]), at: Self.now).outcome == .compliant)
    }

    /// A policy with problems is refused when it is read; should one come here all the same, nothing traps.
    @Test func problematicPolicyDoesNotTrap() {
        var policy = Policy.finance
        policy.labels += policy.labels
        policy.labels[3].aliases = ["team", "project"]
        policy.labels[4].defaultFrom = [.registry, .registry]
        #expect(!policy.problems().isEmpty)
        let evaluator = Evaluator(policy)
        let verdict = evaluator.evaluate(evaluator.workload(["team": "mlp"]), at: Self.now)
        #expect(verdict.labels.count == 10)
    }
}
