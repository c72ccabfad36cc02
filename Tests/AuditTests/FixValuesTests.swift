import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("Values for fixes")
struct FixValuesTests {
    private func values(_ assignments: String...) throws -> FixValues {
        try FixValues(assignments, policy: .finance, at: .on("2026-11-21"))
    }

    @Test("They are put in in their canonical form, and the step can be applied")
    func filled() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod("debug", namespace: "shop")
        let findings = cluster.audited(.team).findings
        let open = try #require(FixStep.steps(for: findings).first)
        #expect(!open.isComplete && open.patch == nil)
        let step = open.filled(try values("team=Payments"))
        #expect(step.isComplete)
        #expect(step.placeholders == [])
        #expect(step.patch?.body == #"{"metadata":{"labels":{"team":"payments"}}}"#)
        #expect(step.patch?.members == [MergePatch.Member(key: "team", value: "payments")])
        #expect(open.filled(.none) == open)
    }

    static let refused: [([String], String)] = [
        (["team"], "expected KEY=VALUE"), (["=x"], "expected KEY=VALUE"), (["team="], "expected KEY=VALUE"),
        (["tem=payments"], "choose among: team"), (["team=paymnets"], "did you mean \"payments\"?"),
        (["team=a b"], "team=a b"), (["team=payments", "team=payments"], "given twice"),
        (["environment=moon"], "allowed: production"),
        (["team=payments", "cost-center=research"], "inconsistent-pair"),
    ]

    @Test("What the policy would refuse is refused, with what would do", arguments: refused)
    func refusal(assignments: [String], part: String) {
        let error = #expect(throws: FixValueError.self) {
            try FixValues(assignments, policy: .finance, at: .on("2026-11-21"))
        }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
}
