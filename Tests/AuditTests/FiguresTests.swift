import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("Figures of an audit")
struct FiguresTests {
    @Test("Who is billed sums to the total, and what is unattributed to its sum, on every cluster")
    func conservation() {
        var random = SeededGenerator(seed: 77)
        for round in 0..<60 {
            let state = RandomCluster.make(&random)
            let report = Auditor(policy: RandomCluster.policy(&random)).audit(state, at: .on("2026-11-21"))
            let figures = AuditFigures(report)
            #expect(figures.owners.map(\.costPerHour).sum() == figures.costPerHour, "round \(round)")
            #expect(figures.ownership.sum == figures.costPerHour, "round \(round)")
            #expect(
                figures.unattributed.map(\.costPerHour).sum() == figures.ownership.unattributed, "round \(round)")
            #expect(figures.nodeGroups.map(\.costPerHour).sum() == report.totals.nodesCost, "round \(round)")
        }
    }

    @Test("A row names team, cost center and environment together; what is nobody's has rows of its own")
    func owners() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pricedNode("node-1")
        cluster.deployment(
            "web", namespace: "shop",
            template: ["team": "payments", "cost-center": "checkout", "environment": "production"])
        cluster.deployment("api", namespace: "shop", template: ["team": "payments"])
        cluster.deployment("lost", namespace: "shop")
        let rows = cluster.audited(.builtIn).owners.map { row in
            let (team, costCenter, environment) = row.account.labels
            return "\(team)/\(costCenter)/\(environment)=\(row.costPerHour)"
        }
        #expect(
            rows == [
                "payments//=1", "payments/checkout/production=1", "__idle__/__idle__/__idle__=1",
                "__unallocated__/__unallocated__/__unallocated__=1",
            ])
    }

    @Test("Findings stand with the namespace they concern; the rest with the cluster")
    func scopes() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.node("node-1", labels: ["eks.amazonaws.com/nodegroup": "a"])
        cluster.deployment("web", namespace: "shop")
        let scopes = cluster.audited(.builtIn).findingsByScope
        #expect(Set(scopes.keys) == [.cluster, .namespace("shop")])
        #expect(Set(scopes[.cluster]?.map(\.subject.kind) ?? []) == ["NodeGroup"])
        #expect(Set(scopes[.namespace("shop")]?.map(\.subject.kind) ?? []) == ["Deployment", "Namespace"])
        #expect([ClusterScope.namespace("b"), .namespace("a"), .cluster].sorted().first == .cluster)
    }
}
