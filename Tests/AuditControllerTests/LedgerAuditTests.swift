import Attribution
import Audit
import ClusterReading
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@testable import AuditController

@Suite("An audit of what was fed")
struct LedgerAuditTests {
    private static let noon = Timestamp.on("2026-11-21")

    private func deployment(_ name: String, team: String?) -> ClusterState {
        var state = ClusterState()
        let kind = state.pool.kind(GroupKind(group: "apps", kind: "Deployment"))
        var owner = OwnerRecord(
            kind: kind, version: state.pool.strings.intern("v1"), namespace: state.pool.strings.intern("shop"),
            name: state.pool.strings.intern(name),
            uid: state.pool.uid(SampleObjects.uid(name.utf8.count)))
        owner.hasTemplate = true
        owner.templateLabels = state.pool.labels((team.map { [("team", $0)] } ?? []).map { (key: $0.0, value: $0.1) })
        state.owners.append(owner)
        return state
    }

    private func audit() -> LedgerAudit {
        LedgerAudit(
            policy: .enforcing(LabelRule(key: "team", level: .required)), catalogue: .builtin, input: AuditInput(),
            cluster: "test", at: Self.noon)
    }

    @Test("What is told, changed, removed and replaced is what is audited")
    func changes() {
        let deployments = GroupKind(group: "apps", kind: "Deployment")
        var audit = audit()
        func names() -> [String] {
            _ = audit.figures(at: Self.noon)
            return audit.findings(of: .namespace("shop")).map(\.subject.name).sorted()
        }
        audit.apply([.upsert(deployment("web", team: nil)), .upsert(deployment("worker", team: nil))])
        #expect(names() == ["web", "worker"])
        audit.apply([.upsert(deployment("web", team: "search"))])
        #expect(names() == ["worker"])
        audit.apply([.remove(deployments, namespace: "shop", name: "worker")])
        #expect(names() == [])
        audit.apply([.replace(deployments, with: deployment("database", team: nil))])
        #expect(names() == ["database"])
    }

    @Test("What shows tags is told by its kind, and pruned kinds are the ledger's")
    func carriers() {
        let nodePools = GroupKind(group: "karpenter.sh", kind: "NodePool")
        var cluster = ClusterBuilder()
        cluster.node("n", labels: ["karpenter.sh/nodepool": "general"])
        cluster.state.tagCarriers.append(
            TagCarrierRecord(
                kind: cluster.state.pool.kind(nodePools), version: cluster.intern("v1"), namespace: .empty,
                name: cluster.intern("general"), uid: cluster.state.pool.uid(cluster.nextUID())))
        var audit = LedgerAudit(
            policy: .enforcing(LabelRule(key: "team", level: .required, tag: "Team")), catalogue: .builtin,
            input: AuditInput(), cluster: "test", at: Self.noon)
        func fix() -> String {
            _ = audit.figures(at: Self.noon)
            return audit.findings(of: .cluster).first { $0.reason == .tagMissing }?.fix?.commands.first ?? ""
        }
        var nodes = cluster.state
        nodes.tagCarriers = []
        audit.apply([.upsert(nodes)])
        #expect(fix().contains("node/n"))
        audit.apply([.replace(nodePools, with: cluster.state)])
        #expect(fix().contains("NodePool"))
        audit.apply([.remove(nodePools, namespace: "", name: "general")])
        #expect(fix().contains("node/n"))
        audit.apply([.upsert(cluster.state)])
        #expect(fix().contains("NodePool"))
        audit.apply([.replace(nodePools, with: ClusterState())])
        #expect(fix().contains("node/n"))
    }

    @Test("Prices from outside are the nodes' from the next figures on")
    func prices() {
        var cluster = ClusterBuilder()
        cluster.node("n", capacity: ["cpu": 4_000], allocatable: ["cpu": 4_000])
        var audit = audit()
        audit.apply([.upsert(cluster.state)])
        let before = audit.figures(at: Self.noon).costPerHour
        audit.take(ExternalPrices(origin: "OpenCost", perHour: ["n": "7.5"]))
        #expect(audit.figures(at: Self.noon).costPerHour == "7.5")
        _ = audit.refuse([GroupKind(group: "x.io", kind: "Thing")])
        #expect(audit.figures(at: Self.noon).costPerHour == "7.5", "what else changes leaves prices as they are")
        audit.take(nil)
        #expect(audit.figures(at: Self.noon).costPerHour == before)
    }

    @Test("What owners of a kind that may not be read say is not known, until it may be read")
    func refused() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        let owner = cluster.reference(group: "x.io", kind: "Thing", name: "t", uid: cluster.nextUID())
        cluster.pod("t-0", namespace: "shop", controller: owner)
        var audit = LedgerAudit(
            policy: .enforcing(LabelRule(key: "team", level: .required, defaultFrom: [.owner])), catalogue: .builtin,
            input: AuditInput(), cluster: "test", at: Self.noon)
        audit.apply([.upsert(cluster.state)])
        func isUncertain() -> [Bool] {
            _ = audit.figures(at: Self.noon)
            return audit.findings(of: .namespace("shop")).map(\.isUncertain)
        }
        #expect(isUncertain() == [false])
        let kinds: Set = [GroupKind(group: "x.io", kind: "Thing")]
        let news = [audit.refuse(kinds), audit.refuse(kinds)]
        #expect(news == [true, false])
        #expect(isUncertain() == [true])
        _ = audit.refuse([])
        #expect(isUncertain() == [false])
    }

    @Test("A scope is changed when its findings are others, and only then")
    func scopes() {
        var audit = audit()
        audit.apply([.upsert(deployment("web", team: nil))])
        _ = audit.figures(at: Self.noon)
        #expect(audit.takeChangedScopes().contains(.namespace("shop")))
        _ = audit.figures(at: Self.noon)
        #expect(audit.takeChangedScopes() == [])
        audit.apply([.upsert(deployment("web", team: "search"))])
        let figures = audit.figures(at: Self.noon)
        #expect(audit.takeChangedScopes().contains(.namespace("shop")))
        #expect(figures.coverage.all.attributedWorkloads == 1)
    }
}
