import LabelPolicy
import TestSupport
import Testing

@Suite struct LabelSelectorTests {
    static let labels = ["environment": "production", "tier": ""]

    @Test(arguments: [
        (LabelSelector(), true),
        (LabelSelector(matchLabels: ["environment": "production"]), true),
        (LabelSelector(matchLabels: ["environment": "staging"]), false),
        (LabelSelector(matchLabels: ["environment": "production", "team": "web"]), false),
        (LabelSelector(matchLabels: ["tier": ""]), true),
        (LabelSelector(matchLabels: ["absent": ""]), false),
        (expression("environment", .in, ["staging", "production"]), true),
        (expression("environment", .in, ["staging"]), false),
        (expression("environment", .in, []), false),
        (expression("absent", .in, ["production", ""]), false),
        (expression("environment", .notIn, ["staging"]), true),
        (expression("environment", .notIn, ["staging", "production"]), false),
        (expression("absent", .notIn, ["production"]), true),
        (expression("environment", .exists), true),
        (expression("tier", .exists), true),
        (expression("absent", .exists), false),
        (expression("absent", .doesNotExist), true),
        (expression("tier", .doesNotExist), false),
        // Everything must hold.
        (
            LabelSelector(
                matchLabels: ["environment": "production"],
                matchExpressions: [.init(key: "tier", operator: .exists), .init(key: "team", operator: .exists)]),
            false
        ),
        (
            LabelSelector(
                matchLabels: ["environment": "production"],
                matchExpressions: [.init(key: "tier", operator: .exists), .init(key: "team", operator: .doesNotExist)]),
            true
        ),
    ])
    func table(_ selector: LabelSelector, _ selects: Bool) { #expect(selector.matches(Self.labels) == selects) }

    @Test func emptySelectsEverything() {
        #expect(LabelSelector().selectsEverything)
        #expect(LabelSelector().matches([:]))
        #expect(!LabelSelector(matchLabels: ["a": "b"]).selectsEverything)
        #expect(!Self.expression("a", .exists).selectsEverything)
    }

    static func expression(_ key: LabelKey, _ kind: LabelSelector.Operator, _ values: [String] = []) -> LabelSelector {
        LabelSelector(matchExpressions: [.init(key: key, operator: kind, values: values)])
    }

    @Test(
        arguments: [
            ("team", .team), ("acme.io/team", .team), ("Team", .team), ("cost-center", .costCenter),
            ("costCenter", .costCenter), ("cost_centre", .costCenter), ("acme.io/cost.center", .costCenter),
            ("environment", .environment), ("env", .environment), ("ENV", .environment), ("owner-team", nil),
            ("teams", nil), ("team.io/x", nil), ("project", nil),
        ] as [(LabelKey, RegistryDimension?)])
    func inferredDimension(_ key: LabelKey, _ expected: RegistryDimension?) {
        #expect(RegistryDimension(inferredFrom: key) == expected)
    }
}
