import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("Steps that mend several findings at once")
struct FixStepTests {
    private var policy: Policy {
        var policy = Policy.team
        policy.labels.append(LabelRule(key: "project", level: .recommended, defaultFrom: [.owner]))
        return policy
    }

    @Test("Two labels of one template are one rollout, and gently none")
    func template() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        cluster.deployment("web", namespace: "shop", pods: 2)
        let findings = cluster.audited(policy).findings
        #expect(findings.count == 2)
        let step = try #require(FixStep.steps(for: findings).first)
        #expect(FixStep.steps(for: findings).count == 1)
        #expect(
            step.commands == [
                "kubectl patch --namespace=shop deployment.apps/web --type=merge "
                    + #"'--patch={"spec":{"template":{"metadata":{"labels":{"team":"<team>","project":"<project>"}}}}}'"#
            ])
        #expect(step.remarks == ["starts a rollout: the Pods are replaced"])
        #expect(step.findings == 2)
        #expect(step.costPerHour == "2")
        #expect(step.placeholders == ["team", "project"])
        #expect(step.patch == nil)
        #expect(
            step.gentlerCommands == [
                "kubectl label --overwrite --namespace=shop deployment.apps/web 'team=<team>' 'project=<project>'"
            ])
        let gentle = FixStep.steps(for: findings, gently: true)
        #expect(
            gentle.map(\.commands) == [
                ["kubectl label --overwrite --namespace=shop deployment.apps/web 'team=<team>' 'project=<project>'"]
            ])
        #expect(gentle.map(\.mayRestart) == [false])
        #expect(gentle.map(\.gentlerCommands) == [[]])
    }

    @Test("A namespace that mends many is labelled once")
    func namespace() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        for number in 0..<5 { cluster.deployment("web-\(number)", namespace: "shop") }
        let steps = FixStep.steps(for: cluster.audited(.team).findings)
        #expect(steps.map(\.commands) == [["kubectl label --overwrite namespace/shop 'team=<team>'"]])
        #expect(steps.first?.findings == 5)
        #expect(steps.first?.remarks == ["mends 5 workloads"])
    }

    @Test("What is known can be applied, in one patch")
    func patch() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod("debug", namespace: "shop", labels: ["team": "paymnets", "environment": "prodution"])
        let findings = cluster.audited().findings.filter { $0.reason != .missing && $0.subject.kind == "Pod" }
        let steps = FixStep.steps(for: findings)
        #expect(
            steps.map { $0.patch?.body } == [#"{"metadata":{"labels":{"team":"payments","environment":"production"}}}"#]
        )
    }
}
