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
        let step = try #require(open.filled(try values("team=Payments")))
        #expect(step.isComplete)
        #expect(step.placeholders == [])
        #expect(step.patch?.body == #"{"metadata":{"labels":{"team":"payments"}}}"#)
        #expect(step.patch?.members == [MergePatch.Member(key: "team", value: "payments")])
        #expect(open.filled(.none) == open)
    }

    @Test("What the registry says of a chosen team needs no value")
    func registry() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod("debug", namespace: "shop")
        var policy = Policy.finance
        policy.subjects = [.workloads]
        policy.labels.removeAll { !["team", "cost-center"].contains($0.key.text) }
        func step(_ team: String) throws -> FixStep {
            let open = try #require(FixStep.steps(for: cluster.audited(policy).findings).first)
            #expect(open.placeholders.sorted() == ["cost-center", "team"])
            return try #require(open.filled(try FixValues(["team=\(team)"], policy: policy, at: .on("2026-11-21"))))
        }
        // A default needs no label.
        let supplied = try step("payments")
        #expect(supplied.patch?.body == #"{"metadata":{"labels":{"team":"payments"}}}"#)
        #expect(supplied.remarks == ["the registry supplies cost-center=checkout"])
        // What is no default is written with the team.
        policy.labels[1].defaultFrom = []
        #expect(
            try step("payments").patch?.body
                == #"{"metadata":{"labels":{"team":"payments","cost-center":"checkout"}}}"#)
        // Two cost centers: somebody has to choose.
        #expect(try step("ml-platform").placeholders == ["cost-center"])
    }

    @Test("What follows from a chosen team does not hold of a workload that has another")
    func otherTeam() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod("debug", namespace: "shop", labels: ["team": "ml-platform"])
        var policy = Policy.finance
        policy.subjects = [.workloads]
        policy.labels[1].defaultFrom = []
        let open = try #require(FixStep.steps(for: cluster.audited(policy).findings).first)
        #expect(open.placeholders.contains("cost-center"))
        let values = try FixValues(["team=payments"], policy: policy, at: .on("2026-11-21"))
        #expect(try #require(open.filled(values)).placeholders.contains("cost-center"))
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
