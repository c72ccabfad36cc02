import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("Policy, volumes, load balancers and what leaves the cluster")
struct RuleTests {
    private func exemption(_ name: String, expires: CivilDate, kinds: [String] = [], users: [Glob] = []) -> Exemption {
        Exemption(
            name: name, match: .init(namespaces: ["shop"], kinds: kinds, users: users), owner: "jane@example.com",
            reason: "legacy", ticket: "FIN-1", expires: expires)
    }

    @Test("Exemptions: one that holds, one that expired, one that nobody needs")
    func exemptions() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        cluster.deployment("web", namespace: "shop")
        cluster.deployment("api", namespace: "shop")
        cluster.pod("debug", namespace: "shop", node: "node-1", requests: ["cpu": 500])
        var policy = Policy.team
        policy.exemptions = [
            exemption("pods", expires: "2027-01-01", kinds: ["Pod"]),
            exemption("deployments", expires: "2026-11-20", kinds: ["Deployment"]),
            exemption("jobs", expires: "2027-01-01", kinds: ["Job"]),
            exemption("old-jobs", expires: "2026-01-01", kinds: ["Job"]),
            exemption("bots", expires: "2027-01-01", users: ["bot-*"]),
        ]
        let report = cluster.audited(policy)
        #expect(
            report.summary == [
                "Exemption/deployments - expired-exemption", "Deployment/api team missing",
                "Deployment/web team missing",
                "Exemption/old-jobs - expired-exemption",
            ])
        let expired = try #require(report.findings.first)
        #expect(expired.costPerHour == "2")
        #expect(expired.pods == 2)
        #expect(report.findings[1].message.hasSuffix("exemption \"deployments\" expired on 2026-11-20"))
        #expect(report.findings[3].level == .recommended)
        #expect(report.advice.map(\.topic) == [.unusedExemption(name: "jobs", expires: "2027-01-01")])
        // What an exemption excuses blocks nothing and counts as attributed.
        #expect(report.coverage.all == AuditReport.share(1, of: 3, "0.5", of: "4"))
        #expect(report.simulation.blocked.workloads == 2)
    }

    @Test("A registration that ended, and a value that nobody registered")
    func registry() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        for name in ["a", "b"] { cluster.deployment(name, namespace: "shop", template: ["team": "MLP"]) }
        cluster.deployment("c", namespace: "shop", template: ["team": "zzz"])
        var policy = Policy.finance
        policy.subjects = [.workloads]
        policy.labels = [policy.labels[0]]
        policy.labels[0].tag = nil
        let report = cluster.audited(policy, at: .on("2027-01-15"))
        #expect(
            report.summary == [
                "Registry/ml-platform - expired-registration", "Deployment/a team expired-registration",
                "Deployment/b team expired-registration", "Deployment/c team unregistered-value",
            ])
        #expect(report.findings[0].costPerHour == "2")
        #expect(
            report.findings[0].message
                == "the registration of team \"ml-platform\" ended on 2026-12-31, and 2 workloads are billed to it")
        #expect(
            report.advice.map(\.topic) == [
                .unknownValue(label: "team", value: "zzz", mends: AuditReport.Mending(workloads: 1, costPerHour: "1"))
            ])
    }

    @Test("Claims and load balancers are judged by their own labels where the policy says so")
    func ownSubjects() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop", labels: ["team": "payments"])
        cluster.volume("pv-1", gib: 73, claim: "data", namespace: "shop")
        cluster.volume("pv-2", gib: 73, claim: "labelled", namespace: "shop", labels: ["team": "payments"])
        cluster.state.services.append(
            ServiceRecord(
                namespace: cluster.intern("shop"), name: cluster.intern("front"),
                uid: cluster.state.pool.uid(cluster.nextUID())))
        var policy = Policy.team
        #expect(cluster.audited(policy).findings(.missing).isEmpty)
        policy.subjects = [.workloads, .claims, .loadbalancers]
        let report = cluster.audited(policy)
        #expect(
            report.findings(.missing).map(\.subject.name).sorted() == ["data", "front"])
        let claim = try #require(report.findings(.missing).first { $0.subject.name == "data" })
        #expect(
            claim.fix?.text == "kubectl label --overwrite --namespace=shop persistentvolumeclaim/data 'team=<team>'")
        #expect(claim.costPerHour == report.findings(.unmounted).first { $0.subject.name == "data" }?.costPerHour)
    }

    @Test("Volumes that nobody mounts cost on, claimed or released")
    func unmounted() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.volume("pv-1", gib: 100, claim: "mounted", namespace: "shop")
        cluster.volume("pv-2", gib: 200, claim: "left", namespace: "shop", labels: ["team": "payments"])
        cluster.volume("pv-3", gib: 1536, claim: "gone", namespace: "shop", hasClaim: false)
        cluster.pricedNode("node-1")
        cluster.pod("db", namespace: "shop", node: "node-1", labels: ["team": "payments"], volumeClaims: ["mounted"])
        let report = cluster.audited(.team)
        let found = report.findings(.unmounted)
        #expect(found.map(\.subject.kind) == ["PersistentVolume", "PersistentVolumeClaim"])
        #expect(
            found.map(\.message) == [
                "the volume's claim is gone and it goes on costing (1.5 TiB, gp3)", "no Pod mounts it (200 GiB, gp3)",
            ])
        #expect(found[1].effective == [AuditReport.EffectiveLabel(key: "team", value: "payments", source: .own)])
        #expect(found[1].fix?.text.contains("kubectl delete --namespace=shop persistentvolumeclaim/left") == true)
        #expect(found.compactMap(\.costPerHour).sum() == report.totals.ownership.unmounted)
        #expect(report.totals.volumes == 3)
    }

    @Test("Custom resources whose templates lose their labels are named, and mended elsewhere")
    func pruned() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("ml")
        let owner = cluster.owner(group: "ray.io", kind: "RayCluster", namespace: "ml", name: "ray")
        cluster.pod("ray-0", namespace: "ml", node: "node-1", requests: ["cpu": 1_000], controller: owner)
        var input = AuditInput.byCores
        input.prunedKinds = [
            PrunedKind(
                kind: GroupKind(group: "ray.io", kind: "RayCluster"), resource: "rayclusters",
                path: "spec.headGroupSpec.template.metadata")
        ]
        var policy = Policy.team
        policy.labels[0].defaultFrom = []
        let report = cluster.audited(policy, input: input)
        let finding = try #require(report.findings(.metadataPruned).first)
        #expect(finding.subject.name == "rayclusters.ray.io")
        #expect(finding.costPerHour == "1")
        #expect(finding.level == .required)
        let workload = try #require(report.findings(.missing).first)
        #expect(workload.fix == .manual("set the label team of the Pods through the RayCluster that makes them"))
    }

    @Test(
        "Labels that become one elsewhere are named where they stand together",
        arguments: [
            (
                ["cost-center": "a", "cost_center": "b"], AuditReport.DownstreamSystem.prometheus,
                ["cost-center", "cost_center"]
            ),
            (["foo.bar": "a", "foo-bar": "b"], .prometheus, ["foo-bar", "foo.bar"]),
            (["costCenter": "a", "cost-center": "b"], .kubeStateMetrics, ["cost-center", "costCenter"]),
        ])
    func collisions(labels: [String: String], system: AuditReport.DownstreamSystem, keys: [String]) {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod("a", namespace: "shop", labels: labels)
        #expect(cluster.audited(.team).advice.map(\.topic) == [.collidingLabels(keys: keys, system: system)])
    }

    @Test("Labels that collide only across objects do no harm")
    func noCollision() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod("a", namespace: "shop", labels: ["cost-center": "a"])
        cluster.pod("b", namespace: "shop", labels: ["cost_center": "a"])
        #expect(cluster.audited(.team).advice.isEmpty)
    }

    @Test("A label that the import of the first fifty leaves out is named, on AWS", arguments: [true, false])
    func cut(isOnAWS: Bool) {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pricedNode("node-1", labels: isOnAWS ? ["eks.amazonaws.com/nodegroup": "pool"] : [:])
        var labels = ["team": "payments"]
        for number in 0..<55 { labels["label-\(number)"] = "x" }
        cluster.pod("a", namespace: "shop", node: "node-1", labels: labels)
        #expect(
            cluster.audited(.team).advice.map(\.topic)
                == (isOnAWS ? [.cutLabel(label: "team", position: 56, limit: 50)] : []))
    }

    @Test("A simulation promotes the clean namespaces first, then those where least is blocked")
    func simulation() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.pricedNode("node-2")
        for (name, labelled, unlabelled) in [("a", 1, 2), ("b", 1, 0), ("c", 2, 1), ("d", 0, 0), ("e", 0, 1)] {
            cluster.namespace(name)
            for number in 0..<labelled {
                cluster.deployment("ok-\(number)", namespace: name, template: ["team": "t"], node: "node-1")
            }
            for number in 0..<unlabelled {
                cluster.deployment(
                    "bad-\(number)", namespace: name, node: "node-2", millicores: name == "e" ? 500 : 750)
            }
        }
        let simulation = cluster.audited(.team).simulation
        #expect(simulation.namespaces.map(\.namespace) == ["b", "d", "e", "c", "a"])
        #expect(simulation.namespaces.map(\.isClean) == [true, true, false, false, false])
        #expect(simulation.namespaces.last?.blocked == Simulation.Blocked(workloads: 2, pods: 2, costPerHour: "1.5"))
        #expect(simulation.namespaces.last?.labels == [Simulation.LabelCount(label: "team", workloads: 2)])
        #expect(simulation.blocked == Simulation.Blocked(workloads: 4, pods: 4, costPerHour: "2.75"))
    }

    @Test("A namespace is no finding where nothing runs, and only recommended where it would mend nothing")
    func namespaces() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        for name in ["default", "labelled", "mixed", "shop"] { cluster.namespace(name) }
        cluster.deployment("web", namespace: "labelled", template: ["team": "a"])
        cluster.deployment("a", namespace: "mixed", template: ["team": "a"], millicores: 100)
        cluster.deployment("b", namespace: "mixed", template: ["team": "b"], millicores: 100)
        cluster.deployment("api", namespace: "shop", millicores: 500)
        var policy = Policy.team
        policy.subjects = [.workloads, .namespaces]
        let report = cluster.audited(policy)
        let found = report.findings.filter { $0.subject.kind == "Namespace" }
        #expect(found.map(\.subject.name) == ["shop", "labelled", "mixed"])
        #expect(found.map(\.level) == [.required, .recommended, .recommended])
        #expect(found.map(\.costPerHour) == ["0.5", "0", "0"])
    }

    @Test("The dearest comes first, whatever its level")
    func order() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        cluster.deployment("cheap", namespace: "shop", millicores: 100)
        cluster.deployment("dear", namespace: "shop", template: ["team": "a"], millicores: 900)
        var policy = Policy.team
        policy.labels.append(LabelRule(key: "project", level: .recommended))
        let report = cluster.audited(policy)
        #expect(
            report.summary == [
                "Deployment/dear project missing", "Deployment/cheap team missing", "Deployment/cheap project missing",
            ])
    }

    @Test("Custom parts are the teams', and a name that nobody has is noted")
    func sharing() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        cluster.deployment("web", namespace: "shop", template: ["team": "a"])
        var input = AuditInput.byCores
        input.allocation.settings.sharing.idle = .custom(["a": 1, "tb": 2])
        let report = cluster.audited(.team, input: input)
        let teams = try #require(report.showback(by: .label("team")))
        #expect(teams.rows.map(\.account.name) == ["a", "__idle__"])
        #expect(teams.rows.map(\.costPerHour) == ["2", "2"])
        #expect(report.showback(by: .namespace)?.rows.map(\.account.name) == ["shop", "__idle__"])
        #expect(report.showback.map(\.total) == Array(repeating: "4", count: 4))
        #expect(report.notes.contains { $0.text.contains("\"tb\"") })
    }

    @Test("A report of some namespaces has their money and nothing else, and every sum holds")
    func namespaceSelection() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1", labels: ["eks.amazonaws.com/nodegroup": "pool"])
        for name in ["shop", "lab"] { cluster.namespace(name) }
        cluster.deployment("web", namespace: "shop", template: ["team": "a"], pods: 2)
        cluster.deployment("api", namespace: "shop")
        cluster.deployment("exp", namespace: "lab", millicores: 500)
        cluster.volume("pv", gib: 73, claim: "left", namespace: "lab")
        let whole = cluster.audited(.taggedTeam)
        var input = AuditInput.byCores
        input.namespaces = ["sh*"]
        let report = cluster.audited(.taggedTeam, input: input)
        #expect(report.namespaces == whole.namespaces.filter { $0.name == "shop" })
        #expect(report.findings == whole.findings.filter { $0.subject.namespace == "shop" })
        #expect(report.coverage.all == AuditReport.share(1, of: 2, "2", of: "3"))
        #expect(report.coverage.byLabel.map(\.share) == [report.coverage.all])
        #expect(report.totals.costPerHour == "3")
        #expect(report.totals.ownership.sum == "3")
        #expect(report.showback.map(\.total) == ["3", "3", "3", "3"])
        #expect(report.showback(by: .namespace)?.rows.map(\.account.name) == ["shop"])
        #expect(report.nodeGroups.isEmpty)
        #expect((report.totals.workloads, report.totals.pods, report.totals.nodes) == (2, 3, 1))
        #expect(report.totals.findings.all == report.findings.count)
        #expect(report.simulation.namespaces.map(\.namespace) == ["shop"])
    }

    @Test("A row of a showback says how much of it has an owner, by label too; a total counts a workload once")
    func coverageOfRows() throws {
        var cluster = ClusterBuilder()
        for name in ["a", "b"] { cluster.pricedNode("node-\(name)", labels: ["eks.amazonaws.com/nodegroup": name]) }
        cluster.namespace("shop")
        let owner = cluster.owner(kind: "StatefulSet", namespace: "shop", name: "db")
        for (name, node) in [("db-0", "node-a"), ("db-1", "node-b")] {
            cluster.pod(
                name, namespace: "shop", node: node, labels: ["team": "a"], requests: ["cpu": 1_000],
                controller: owner)
        }
        cluster.deployment("web", namespace: "shop", template: ["project": "p"], node: "node-a")
        var policy = Policy.team
        policy.labels.append(LabelRule(key: "project", level: .recommended))
        let report = cluster.audited(policy)
        let groups = try #require(report.showback(by: .nodeGroup))
        #expect(groups.rows.map(\.workloads) == [2, 1])
        #expect(groups.workloads == 2)
        let first = try #require(groups.rows.first?.coverage)
        #expect(first.all.attributedSpend == "1")
        #expect(first.all.spend == "4")
        #expect(first.byLabel.map(\.label) == ["team", "project"])
        #expect(first.byLabel.map(\.share.attributedSpend) == ["1", "1"])
        let teams = try #require(report.showback(by: .label("team")))
        #expect(teams.rows.first?.coverage?.byLabel.map(\.share.spendBasisPoints) == [10_000, 0])
        #expect(report.showback(by: .workload)?.rows.allSatisfy { $0.coverage == nil } == true)
    }

    @Test("A bounded report keeps the worst, and its sums stay whole")
    func bounds() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        for number in 0..<10 {
            cluster.deployment("web-\(number)", namespace: "shop", millicores: 100 + Int64(number))
        }
        let all = cluster.audited(.team)
        let cut = cluster.audited(.team, settings: AuditSettings(maximumFindings: 3))
        #expect(cut.findings == Array(all.findings.prefix(3)))
        #expect(cut.findings.map(\.subject.name) == ["web-9", "web-8", "web-7"])
        #expect(cut.cutFindings == AuditReport.Cut(findings: 7, required: 7))
        #expect(cut.totals == all.totals)
        #expect(cut.namespaces == all.namespaces)
        #expect(cut.notes.contains { $0.kind == .limit })
    }

    @Test("Showback names the owners and keeps the rest in its rows, with budgets")
    func showback() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1", labels: ["eks.amazonaws.com/nodegroup": "pool"])
        cluster.namespace("shop")
        cluster.deployment("web", namespace: "shop", template: ["team": "payments"], pods: 2)
        cluster.deployment("api", namespace: "shop")
        var policy = Policy.team
        policy.registry = Registry(teams: [
            Team(name: "payments", costCenters: ["checkout"], monthlyBudgetNanos: 20_000_000_000_000)
        ])
        let report = cluster.audited(policy)
        let table = try #require(report.showback(by: .label("team")))
        #expect(table.rows.map(\.account.name) == ["payments", "__idle__", "__unallocated__"])
        #expect(table.rows.map(\.costPerHour) == ["2", "1", "1"])
        #expect(table.rows[0].monthlyBudget == "20000")
        #expect(table.rows[0].workloads == 1)
        #expect(
            report.showback(by: .workload)?.rows.first?.account
                == .workload(
                    ObjectReference(apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web")))
        #expect(report.showback(by: .nodeGroup)?.rows.map(\.account) == [.named("pool")])
        let bounded = cluster.audited(policy, settings: AuditSettings(maximumShowbackRows: 1)).showback(by: .workload)
        #expect(bounded?.rows.map(\.account.name) == ["shop/Deployment/web", "1 others", "__idle__"])
        #expect(bounded?.rows.map(\.costPerHour).sum() == "4")
    }
}
