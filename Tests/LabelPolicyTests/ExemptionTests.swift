import LabelPolicy
import TestSupport
import Testing

@Suite struct ExemptionTests {
    static let day: CivilDate = "2026-06-15"

    static func exemption(
        _ match: Exemption.Match, labels: [LabelKey]? = nil, expires: CivilDate = "2026-12-31", name: String = "legacy"
    ) -> Exemption {
        Exemption(name: name, match: match, labels: labels, owner: "jane", reason: "moving", expires: expires)
    }

    /// A Job `nightly-42` in `legacy`, asked for by `requester`, that has no labels.
    static func verdict(_ exemptions: [Exemption], requester: String? = "alice", on day: CivilDate = day) -> Verdict {
        var policy = Policy.finance
        policy.exemptions = exemptions
        let evaluator = Evaluator(policy)
        let subject = evaluator.workload(
            namespace: evaluator.namespace("legacy", labels: [:]), objectKind: "Job", name: "nightly-42",
            requester: requester)
        return evaluator.evaluate(subject, at: .on(day))
    }

    @Test(
        arguments: [
            (.init(namespaces: ["legacy"]), true), (.init(namespaces: ["leg*"]), true),
            (.init(namespaces: ["shop", "legacy"]), true), (.init(namespaces: ["shop"]), false),
            (.init(kinds: ["Job"]), true), (.init(kinds: ["Pod", "Job"]), true), (.init(kinds: ["CronJob"]), false),
            (.init(kinds: ["job"]), false), (.init(kinds: ["*"]), false),
            (.init(names: ["nightly-*"]), true), (.init(names: ["nightly"]), false),
            (.init(users: ["alice"]), true), (.init(users: ["bob", "a*"]), true), (.init(users: ["bob"]), false),
            (.init(serviceAccounts: ["*"]), false),
            // Every list that is not empty must match.
            (.init(namespaces: ["legacy"], kinds: ["Job"], names: ["nightly-*"], users: ["alice"]), true),
            (.init(namespaces: ["shop"], kinds: ["Job"], names: ["nightly-*"], users: ["alice"]), false),
            (.init(namespaces: ["legacy"], kinds: ["Pod"], names: ["nightly-*"], users: ["alice"]), false),
            (.init(namespaces: ["legacy"], kinds: ["Job"], names: ["daily-*"], users: ["alice"]), false),
            (.init(namespaces: ["legacy"], kinds: ["Job"], names: ["nightly-*"], users: ["bob"]), false),
            (.init(namespaces: ["legacy"], serviceAccounts: ["ci/*"]), false),
            // An exemption of everything is refused by the policy; it exempts nothing.
            (.init(), false),
        ] as [(Exemption.Match, Bool)])
    func criteria(_ match: Exemption.Match, _ excused: Bool) {
        let verdict = Self.verdict([Self.exemption(match)])
        for label in verdict.labels {
            #expect(label.gap != nil)
            #expect(label.exemption == (excused ? 0 : nil))
            #expect(label.isOpen == !excused)
            #expect(label.expiredExemption == nil)
        }
        #expect(verdict.outcome == (excused ? .compliant : .violating))
    }

    @Test(
        arguments: [
            ("system:serviceaccount:ci:deployer", "ci/deployer"), ("system:serviceaccount:ci:a.b", "ci/a.b"),
            ("alice", nil), ("", nil), ("system:serviceaccount:", nil), ("system:serviceaccount:ci", nil),
            ("system:serviceaccount::deployer", nil), ("system:serviceaccount:ci:", nil),
            ("system:serviceaccount:ci:deployer:x", nil), ("system:serviceaccount:a:b:c", nil),
            ("xsystem:serviceaccount:ci:deployer", nil), ("System:serviceaccount:ci:deployer", nil),
            ("system:serviceaccount:ci/deployer:x", nil), ("system:serviceaccount:ci:x/deployer", nil),
            ("system:serviceaccount:c.i:deployer", nil), ("system:serviceaccount:CI:deployer", nil),
            ("system:serviceaccount:ci:deployer ", nil), ("system:serviceaccount:ci:*", nil),
            ("system:serviceaccounts:ci", nil), ("system:serviceaccount:\(String(repeating: "n", count: 64)):x", nil),
        ] as [(String, String?)])
    func serviceAccounts(_ username: String, _ account: String?) {
        #expect(Requester(username: username).serviceAccount == account)
        let verdict = Self.verdict([Self.exemption(.init(serviceAccounts: ["*"]))], requester: username)
        #expect(verdict["team"]?.exemption == (account == nil ? nil : 0))
    }

    @Test func serviceAccountsAreMatchedByNamespaceAndName() {
        func excused(_ pattern: Glob, _ username: String?) -> Bool {
            Self.verdict([Self.exemption(.init(serviceAccounts: [pattern]))], requester: username)["team"]?.exemption
                == 0
        }
        #expect(excused("ci/deployer", "system:serviceaccount:ci:deployer"))
        #expect(excused("ci/*", "system:serviceaccount:ci:deployer"))
        #expect(!excused("ci/deployer", "system:serviceaccount:other:deployer"))
        #expect(!excused("deployer", "system:serviceaccount:ci:deployer"))
        #expect(!excused("ci/deployer", "ci/deployer"))
        #expect(!excused("ci/deployer", nil))
    }

    /// Where nobody asks, an exemption of users cannot hold.
    @Test func offlineNobodyIsExempt() {
        #expect(Self.verdict([Self.exemption(.init(users: ["*"]))], requester: nil)["team"]?.exemption == nil)
        #expect(Self.verdict([Self.exemption(.init(namespaces: ["*"]))], requester: nil)["team"]?.exemption == 0)
    }

    @Test func coversOnlyItsLabels() {
        let verdict = Self.verdict([Self.exemption(.init(namespaces: ["*"]), labels: ["team", "environment"])])
        #expect(verdict.labels.filter { !$0.isOpen }.map(\.key) == ["team", "environment"])
        #expect(verdict.outcome == .violating)
    }

    @Test func anEmptyListOfLabelsCoversNone() {
        #expect(Self.verdict([Self.exemption(.init(namespaces: ["*"]), labels: [])])["team"]?.exemption == nil)
    }

    @Test func labelsWithoutGapNeedNone() {
        var policy = Policy.finance
        policy.exemptions = [Self.exemption(.init(namespaces: ["*"]))]
        let evaluator = Evaluator(policy)
        let verdict = evaluator.evaluate(evaluator.workload(["team": "mlp"]), at: .on(Self.day))
        #expect(verdict["team"]?.exemption == nil)
        #expect(verdict["environment"]?.exemption == 0)
    }

    @Test(
        arguments: [
            ("2026-12-30", 0, nil), ("2026-12-31", 0, nil), ("2027-01-01", nil, 0),
        ] as [(CivilDate, Int?, Int?)])
    func lastDayCounts(_ day: CivilDate, _ holding: Int?, _ expired: Int?) {
        for moment in [Timestamp.on(day, hour: 0), .on(day, hour: 23, minute: 59, second: 59)] {
            let verdict = Self.verdict([Self.exemption(.init(namespaces: ["*"]))], on: moment.date)
            #expect(verdict["team"]?.exemption == holding)
            #expect(verdict["team"]?.expiredExemption == expired)
            #expect(verdict["team"]?.isViolation == (holding == nil))
        }
    }

    /// One that holds goes before those that have expired, then the order of the policy.
    @Test func firstThatHolds() {
        let all = Exemption.Match(namespaces: ["*"])
        let exemptions = [
            Self.exemption(.init(namespaces: ["shop"]), name: "elsewhere"),
            Self.exemption(all, expires: "2026-01-01", name: "over"),
            Self.exemption(all, labels: ["team"], name: "team"),
            Self.exemption(all, labels: ["team", "environment"], name: "both"),
        ]
        let verdict = Self.verdict(exemptions)
        #expect(verdict["team"]?.exemption == 2)
        #expect(verdict["environment"]?.exemption == 3)
        #expect(verdict["team"]?.expiredExemption == nil)
        #expect(verdict["project"]?.exemption == nil)
        #expect(verdict["project"]?.expiredExemption == 1)
    }
}
