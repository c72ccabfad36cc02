import LabelPolicy
import TestSupport
import Testing

/// What is found wrong with a label.
@Suite struct EvaluatorGapTests {
    typealias Case = EvaluatorCase

    struct Fault: Sendable {
        var problem: Gap.Problem
        var reason: Reason
        var key: LabelKey?
        var found: String?
        var nearest: String?
        /// Defaults that were there and could not be used, and why.
        var rejected: [String] = []
        var uncertain = false

        init(
            _ problem: Gap.Problem, _ reason: Reason, key: LabelKey? = nil, found: String? = nil,
            nearest: String? = nil,
            rejected: [String] = [], uncertain: Bool = false
        ) {
            self.problem = problem
            self.reason = reason
            self.key = key
            self.found = found
            self.nearest = nearest
            self.rejected = rejected
            self.uncertain = uncertain
        }
    }

    static let faults: [(Case, LabelKey, Fault)] = [
        (Case("missing") { _ in }, "team", Fault(.missing, .missing)),
        (
            Case("empty") { $0.labels = ["team": ""] }, "team",
            Fault(.empty, .empty, key: "team", found: "")
        ),
        (Case("only an empty alias") { $0.labels = ["owner-team": ""] }, "team", Fault(.missing, .missing)),
        (
            Case("malformed") { $0.labels = ["project": "a b"] }, "project",
            Fault(.malformed(.illegalCharacter("a space")), .invalidValue, key: "project", found: "a b")
        ),
        (
            Case("not allowed") { $0.labels = ["environment": "prodution"] }, "environment",
            Fault(.notAllowed, .invalidValue, key: "environment", found: "prodution", nearest: "production")
        ),
        (
            Case("case counts without normalisation") { $0.labels = ["environment": "Production"] }, "environment",
            Fault(.notAllowed, .invalidValue, key: "environment", found: "Production", nearest: "production")
        ),
        (
            Case("pattern") {
                $0.policy.labels[3].values.pattern = "[A-Z]{2}-\\d+"
                $0.labels = ["project": "AB-12x"]
            }, "project", Fault(.patternMismatch, .invalidValue, key: "project", found: "AB-12x")
        ),
        (
            Case("invalid alias") { $0.labels = ["owner-team": "nobody"] }, "team",
            Fault(.unregistered(.team), .unregisteredValue, key: "owner-team", found: "nobody")
        ),
        (
            Case("an own value is never overridden by a default") {
                $0.labels = ["team": "nobody"]
                $0.owners = [["team": "payments"]]
                $0.namespace = ["team": "payments"]
            }, "team", Fault(.unregistered(.team), .unregisteredValue, key: "team", found: "nobody")
        ),
        (
            Case("unregistered team, did you mean") { $0.labels = ["team": "Paymens"] }, "team",
            Fault(.unregistered(.team), .unregisteredValue, key: "team", found: "Paymens", nearest: "payments")
        ),
        (
            Case("did you mean, by an alias") {
                $0.policy.registry?.teams[1].aliases = ["billing"]
                $0.labels = ["team": "biling"]
            }, "team",
            Fault(.unregistered(.team), .unregisteredValue, key: "team", found: "biling", nearest: "payments")
        ),
        (
            Case("no team is suggested that would be refused") {
                $0.labels = ["team": "ml-plattform"]
                $0.on = "2027-01-01"
            }, "team", Fault(.unregistered(.team), .unregisteredValue, key: "team", found: "ml-plattform")
        ),
        (
            Case("unregistered cost center, of the team") { $0.labels = ["team": "mlp", "cost-center": "produkt"] },
            "cost-center",
            Fault(
                .unregistered(.costCenter), .unregisteredValue, key: "cost-center", found: "produkt", nearest: "product"
            )
        ),
        (
            Case("unregistered cost center, of any team") { $0.labels = ["cost-center": "chekout"] }, "cost-center",
            Fault(
                .unregistered(.costCenter), .unregisteredValue, key: "cost-center", found: "chekout",
                nearest: "checkout")
        ),
        (
            Case("another team's cost center is not suggested") {
                $0.labels = ["team": "payments", "cost-center": "produkt"]
            }, "cost-center",
            Fault(.unregistered(.costCenter), .unregisteredValue, key: "cost-center", found: "produkt")
        ),
        (
            Case("inconsistent pair") { $0.labels = ["team": "payments", "cost-center": "product"] }, "cost-center",
            Fault(
                .notOfTeam(team: "payments", dimension: .costCenter), .inconsistentPair, key: "cost-center",
                found: "product")
        ),
        (
            Case("pair with the team of the namespace") {
                $0.labels = ["cost-center": "product"]
                $0.namespace = ["team": "payments"]
            }, "cost-center",
            Fault(
                .notOfTeam(team: "payments", dimension: .costCenter), .inconsistentPair, key: "cost-center",
                found: "product")
        ),
        (
            Case("environment of another team") {
                $0.policy.registry?.teams[1].environments = ["development"]
                $0.policy.labels[2].values = ValueRule(registered: .environment)
                $0.labels = ["team": "mlp", "environment": "development"]
            }, "environment",
            Fault(
                .notOfTeam(team: "ml-platform", dimension: .environment), .inconsistentPair, key: "environment",
                found: "development")
        ),
        (
            Case("registration not begun") {
                $0.labels = ["team": "mlp"]
                $0.on = "2025-12-31"
            }, "team",
            Fault(
                .outsideValidity(from: "2026-01-01", until: "2026-12-31"), .expiredRegistration, key: "team",
                found: "mlp")
        ),
        (
            Case("registration ended") {
                $0.labels = ["team": "mlp"]
                $0.on = "2027-01-01"
            }, "team",
            Fault(
                .outsideValidity(from: "2026-01-01", until: "2026-12-31"), .expiredRegistration, key: "team",
                found: "mlp")
        ),
        (
            Case("an expired team supplies nothing") {
                $0.labels = ["team": "mlp"]
                $0.on = "2027-01-01"
            }, "cost-center", Fault(.missing, .missing)
        ),
        (
            Case("conflicting aliases") { $0.labels = ["owner-team": "mlp", "app.kubernetes.io/team": "payments"] },
            "team",
            Fault(
                .conflict(other: "app.kubernetes.io/team", otherValue: "payments"), .conflictingAliases,
                key: "owner-team", found: "mlp")
        ),
        (
            Case("no default settles a conflict") {
                $0.labels = ["team": "", "owner-team": "mlp", "app.kubernetes.io/team": "payments"]
                $0.namespace = ["team": "payments"]
            }, "team",
            Fault(
                .conflict(other: "app.kubernetes.io/team", otherValue: "payments"), .conflictingAliases,
                key: "owner-team", found: "mlp")
        ),
        (
            Case("rejected defaults") {
                $0.owners = [["team": "nobody"], ["team": "a b"]]
                $0.namespace = ["owner-team": "noone"]
            }, "team",
            Fault(
                .missing, .missing,
                rejected: [
                    "owner nobody unregistered-value", "owner a b invalid-value",
                    "namespace noone unregistered-value",
                ])
        ),
        (
            Case("empty, and a rejected default") {
                $0.labels = ["environment": ""]
                $0.namespace = ["environment": "qa"]
            }, "environment",
            Fault(.empty, .empty, key: "environment", found: "", rejected: ["namespace qa invalid-value"])
        ),
        (
            Case("unknown namespace") { $0.namespace = nil }, "team",
            Fault(.missing, .missing, uncertain: true)
        ),
        (
            Case("unknown namespace after a rejected owner") {
                $0.namespace = nil
                $0.owners = [["team": "nobody"]]
            }, "team",
            Fault(.missing, .missing, rejected: ["owner nobody unregistered-value"], uncertain: true)
        ),
        (
            Case("no later default is invented for an unknown namespace") {
                $0.policy.labels[2].defaultFrom = [.namespace, .value("dev")]
                $0.namespace = nil
            }, "environment", Fault(.missing, .missing, uncertain: true)
        ),
        (
            Case("nor the registry's") {
                $0.labels = ["team": "mlp"]
                $0.namespace = nil
            }, "cost-center", Fault(.missing, .missing, uncertain: true)
        ),
        (
            Case("a registry default hangs on a team that the unknown namespace might name") {
                $0.policy.labels[1].defaultFrom = [.registry, .value("checkout")]
                $0.namespace = nil
            }, "cost-center", Fault(.missing, .missing, uncertain: true)
        ),
        (
            Case("a team that is wrong for sure leaves nothing uncertain") {
                $0.policy.labels[1].defaultFrom = [.registry]
                $0.labels = ["team": "nobody"]
                $0.namespace = nil
            }, "cost-center", Fault(.missing, .missing)
        ),
        (
            Case("a label no namespace could supply") { $0.namespace = nil }, "project", Fault(.missing, .missing)
        ),
        // Other subjects.
        (
            Case("a claim takes nothing from its namespace") {
                $0.kind = .claims
                $0.namespace = ["team": "payments"]
                $0.owners = [["team": "payments"]]
            }, "team", Fault(.missing, .missing)
        ),
        (
            Case("a claim in an unknown namespace misses it for sure") {
                $0.kind = .claims
                $0.namespace = nil
            }, "team", Fault(.missing, .missing)
        ),
        (
            Case("a namespace does not supply itself") {
                $0.kind = .namespaces
                $0.namespace = ["team": "payments"]
            }, "team", Fault(.missing, .missing)
        ),
        (
            Case("without a registry nothing is registered") {
                $0.policy.registry = nil
                $0.labels = ["team": "payments"]
            }, "team", Fault(.unregistered(.team), .unregisteredValue, key: "team", found: "payments")
        ),
    ]

    @Test(arguments: faults)
    func finds(_ test: Case, _ key: LabelKey, _ expected: Fault) throws {
        let label = try #require(test.verdict()[key])
        #expect(label.attribution == nil)
        let gap = try #require(label.gap)
        #expect(gap.problem == expected.problem)
        #expect(gap.reason == expected.reason)
        #expect(gap.key == expected.key)
        #expect(gap.found == expected.found)
        #expect(gap.nearest == expected.nearest)
        #expect(
            gap.rejectedDefaults.map { "\($0.source.rawValue) \($0.value) \($0.problem.reason.rawValue)" }
                == expected.rejected)
        #expect(gap.isUncertain == expected.uncertain)
    }
}
