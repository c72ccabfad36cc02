import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("Findings on workloads")
struct WorkloadTests {
    @Test("A finding stands at the root, once, with its Pods counted and priced")
    func root() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        cluster.deployment("web", namespace: "shop", pods: 3)
        let report = cluster.audited(.team)
        #expect(report.summary == ["Deployment/web team missing"])
        let finding = try #require(report.findings.first)
        #expect(
            finding.subject
                == ObjectReference(apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web"))
        #expect(finding.pods == 3)
        #expect(finding.costPerHour == "3")
        #expect(finding.costPerMonth == "2190")
        #expect(finding.message == "cost label team: missing")
        #expect(report.totals.costPerHour == "4")
        #expect(report.totals.ownership.unattributed == "3")
        #expect(report.totals.ownership.idle.unallocated == "1")
        #expect(report.coverage.all == AuditReport.share(0, of: 1, "0", of: "4"))
    }

    @Test(
        "The effective value may come from the Pods, an owner or the namespace",
        arguments: [
            ([:], [:], [:], nil),
            (["team": "own"], ["team": "deployment"], ["team": "namespace"], Source.own),
            ([:], ["team": "deployment"], ["team": "namespace"], .owner),
            ([:], [:], ["team": "namespace"], .namespace),
        ] as [([String: String], [String: String], [String: String], Source?)])
    func sources(
        template: [String: String], deployment: [String: String], namespace: [String: String], source: Source?
    ) {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop", labels: namespace)
        cluster.deployment("web", namespace: "shop", labels: deployment, template: template)
        // A second label that is never there yields a finding which shows the first.
        var policy = Policy.team
        policy.labels.append(LabelRule(key: "project", level: .recommended))
        let report = cluster.audited(policy)
        #expect(report.findings(.missing, "project").first?.effective.first?.source == source)
        #expect(report.findings(.missing, "team").count == (source == nil ? 1 : 0))
        #expect(report.coverage.all.attributedWorkloads == (source == nil ? 0 : 1))
        #expect(report.coverage.byLabel[0].share.attributedSpend == (source == nil ? "0" : "1"))
    }

    @Test(
        "A label without a value is a gap that no default closes, as at the gate, where a controller selects by it",
        arguments: [(true, 1), (false, 0)])
    func emptyValues(isControlled: Bool, findings: Int) {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop", labels: ["team": "namespace"])
        let owner: ControllerReference =
            isControlled
            ? cluster.owner(kind: "StatefulSet", namespace: "shop", name: "db", templateLabels: [:]) : .none
        // One after the other of the same labels, so that no verdict is taken for the other's.
        cluster.pod("bare", namespace: "shop", node: "node-1", labels: ["team": ""], requests: ["cpu": 100])
        cluster.pod(
            "db-0", namespace: "shop", node: "node-1", labels: ["team": ""], requests: ["cpu": 100], controller: owner)
        let found = cluster.audited(.team).findings(.empty, "team")
        #expect(found.count == findings)
        // Where the value is to be written: neither its owner nor its namespace supplies it.
        for finding in found {
            guard case .label(let edit)? = finding.fix, case .template = edit.place else {
                Issue.record("fixed elsewhere: \(String(describing: finding.fix))")
                continue
            }
        }
    }

    @Test("Pods of one root with different faults have a finding for each reason, the dearest described")
    func variants() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        let owner = cluster.owner(kind: "StatefulSet", namespace: "shop", name: "db", templateLabels: [:])
        for (name, environment, millicores) in [("db-0", "prd", 500), ("db-1", "qa", 1_000), ("db-2", nil, 250)]
            as [(String, String?, Int64)]
        {
            cluster.pod(
                name, namespace: "shop", node: "node-1", labels: environment.map { ["environment": $0] } ?? [:],
                requests: ["cpu": millicores], controller: owner)
        }
        var rule = LabelRule.environment
        rule.tag = nil
        let policy = Policy(name: "environments", mode: .warn, subjects: [.workloads], labels: [rule])
        let report = cluster.audited(policy)
        #expect(report.summary == ["StatefulSet/db environment invalid-value", "StatefulSet/db environment missing"])
        let first = try #require(report.findings.first)
        #expect(first.pods == 2)
        #expect(first.costPerHour == "1.5")
        #expect(first.message.contains("\"qa\""))
        #expect(first.message.contains("2 different faults"))
    }

    @Test(
        "Workloads without Pods are judged by their templates, at no cost; finished ones are not",
        arguments: [
            ("apps", "Deployment", false, ["Deployment/idle team missing"]),
            ("batch", "CronJob", true, ["CronJob/idle team missing"]),
            ("batch", "Job", false, ["Job/idle team missing"]),
            ("batch", "Job", true, []),
        ])
    func templates(group: String, kind: String, hasEndedPod: Bool, expected: [String]) {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        let owner = cluster.owner(group: group, kind: kind, namespace: "shop", name: "idle", templateLabels: [:])
        if hasEndedPod {
            cluster.pod("idle-0", namespace: "shop", node: "gone", controller: owner, phase: .succeeded)
        }
        let report = cluster.audited(.team)
        #expect(report.summary == expected)
        #expect(report.findings.allSatisfy { $0.pods == 0 && $0.costPerHour == .zero })
        #expect(report.totals.workloads == expected.count)
    }

    @Test("A template's labels count where nothing runs yet")
    func templateLabels() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        _ = cluster.owner(
            kind: "Deployment", namespace: "shop", name: "labelled", templateLabels: ["team": "payments"])
        _ = cluster.owner(
            kind: "Deployment", namespace: "shop", name: "owned", labels: ["team": "payments"], templateLabels: [:])
        // Nobody saw its template.
        _ = cluster.owner(group: "acme.io", kind: "Training", namespace: "shop", name: "opaque")
        let report = cluster.audited(.team)
        #expect(report.findings.isEmpty)
        #expect(report.totals.workloads == 2)
    }

    @Test("Static Pods, ended Pods and excluded namespaces are not judged, and their money is in the sums")
    func unjudged() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("kube-system")
        cluster.namespace("shop")
        cluster.pod("dns", namespace: "kube-system", node: "node-1", requests: ["cpu": 500])
        cluster.pod("static", namespace: "shop", node: "node-1", requests: ["cpu": 250])
        cluster.state.pods[1].isMirror = true
        cluster.pod("done", namespace: "shop", node: "node-1", requests: ["cpu": 250], phase: .succeeded)
        var policy = Policy.team
        policy.excludedNamespaces = ["kube-*"]
        let report = cluster.audited(policy)
        #expect(report.findings.isEmpty)
        #expect(report.totals.workloads == 0)
        #expect(report.totals.pods == 2)
        #expect(report.totals.ownership.excluded == "0.5")
        #expect(report.totals.ownership.overhead == "0.25")
        #expect(report.totals.ownership.sum == "4")
        #expect(report.namespace("kube-system")?.isExcluded == true)
        #expect(report.namespace("kube-system")?.costPerHour == "0.5")
    }

    @Test("A DaemonSet has findings, and its cost is overhead until it has an owner", arguments: [true, false])
    func daemonSets(isLabelled: Bool) {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("monitoring")
        let labels = isLabelled ? ["team": "platform"] : [:]
        let owner = cluster.owner(kind: "DaemonSet", namespace: "monitoring", name: "agent", templateLabels: labels)
        cluster.pod(
            "agent-1", namespace: "monitoring", node: "node-1", labels: labels, requests: ["cpu": 1_000],
            controller: owner)
        let report = cluster.audited(.team)
        #expect(report.findings.map(\.costPerHour) == (isLabelled ? [] : ["1"]))
        #expect(report.totals.ownership.overhead == (isLabelled ? "0" : "1"))
        #expect(report.totals.ownership.attributed == (isLabelled ? "1" : "0"))
        #expect(report.totals.ownership.unattributed == "0")
    }

    @Test(
        "An owner of a kind that may not be read leaves the gap uncertain; one that was looked for does not",
        arguments: [KindGap?.some(.refused), .some(.notGiven), .none])
    func unreadOwner(gap: KindGap?) throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        let kind = GroupKind(group: "x.io", kind: "Thing")
        let owner = cluster.reference(group: kind.group, kind: kind.kind, name: "t", uid: cluster.nextUID())
        cluster.state.pool.note(version: cluster.intern("v1beta3"), of: owner.kind)
        cluster.pod("t-0", namespace: "shop", node: "node-1", requests: ["cpu": 1_000], controller: owner)
        cluster.state.kindGaps[kind] = gap
        var policy = Policy.team
        policy.labels[0].defaultFrom = [.owner]
        let finding = try #require(cluster.audited(policy).findings(.missing).first)
        #expect(finding.isUncertain == (gap == .refused))
        #expect(finding.subject.apiVersion == "x.io/v1beta3")
        #expect(finding.subjectUID == cluster.state.pool.text(of: owner.uid))
        let remark = try #require(finding.fix?.text)
        let reason =
            switch gap {
            case .refused: "it could not be read"
            case .notGiven: "no Thing is among the objects that were given"
            case nil: "it is not in this cluster"
            }
        #expect(remark.contains(reason))
    }

    @Test("An unreadable namespace leaves the gap uncertain, and no namespace is proposed")
    func unknownNamespace() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.deployment("web", namespace: "hidden")
        cluster.deployment("api", namespace: "hidden")
        let report = cluster.audited(.team)
        #expect(report.findings.count == 2)
        #expect(report.findings.allSatisfy { $0.isUncertain })
        #expect(report.namespace("hidden")?.isKnown == false)
        #expect(report.simulation.namespaces.first?.isUncertain == true)
        guard case .label(let edit)? = report.findings.first?.fix else {
            Issue.record("no label is set")
            return
        }
        #expect(edit.target.kind == "Deployment")
    }

    @Test("A GPU raises a recommended label")
    func gpu() {
        var cluster = ClusterBuilder()
        cluster.namespace("ml")
        cluster.pod("train", namespace: "ml", requests: ["nvidia.com/gpu": 1])
        cluster.pod("serve", namespace: "ml", requests: ["cpu": 1])
        let policy = Policy(name: "models", mode: .warn, subjects: [.workloads], labels: [.model])
        let report = cluster.audited(policy)
        #expect(report.summary == ["Pod/train model missing", "Pod/serve model missing"])
        #expect(report.findings.map(\.level) == [.required, .recommended])
        #expect(report.coverage.all.attributedWorkloads == 1)
    }

    @Test("Circles of owners and owners that are gone end at one root, and are noted")
    func brokenChains() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        let (first, second) = (cluster.nextUID(), cluster.nextUID())
        let ring = cluster.reference(group: "acme.io", kind: "Ring", name: "b", uid: second)
        let other = cluster.owner(
            group: "acme.io", kind: "Ring", namespace: "shop", name: "a", controller: ring, uid: first)
        _ = cluster.owner(group: "acme.io", kind: "Ring", namespace: "shop", name: "b", controller: other, uid: second)
        cluster.pod("turning", namespace: "shop", node: "node-1", requests: ["cpu": 1_000], controller: ring)
        let gone = cluster.reference(group: "apps", kind: "ReplicaSet", name: "gone", uid: cluster.nextUID())
        cluster.pod("orphan", namespace: "shop", node: "node-1", requests: ["cpu": 500], controller: gone)
        let report = cluster.audited(.team)
        #expect(report.summary == ["Ring/a team missing", "ReplicaSet/gone team missing"])
        #expect(report.findings[1].subject.apiVersion == "apps/v1")
        #expect(report.notes.contains { $0.text.contains("circle of owners") })
        #expect(report.notes.contains { $0.text.contains("1 owner of Pods could not be found") })
    }

    @Test("A forged owner reference supplies nothing")
    func forgedOwner() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        cluster.namespace("bank")
        let uid = cluster.nextUID()
        _ = cluster.owner(
            kind: "Deployment", namespace: "bank", name: "vault", labels: ["team": "bank"], uid: uid)
        let forged = cluster.reference(group: "apps", kind: "Deployment", name: "vault", uid: uid)
        cluster.pod("thief", namespace: "shop", node: "node-1", requests: ["cpu": 1_000], controller: forged)
        let report = cluster.audited(.team)
        #expect(report.findings(.missing, "team").count == 1)
        #expect(report.totals.ownership.attributed == "0")
    }

    @Test("A Pod on a node without a price has a finding without a cost")
    func unpriced() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.node("bare", capacity: machine)
        cluster.deployment("web", namespace: "shop", pods: 2, node: "bare")
        var input = AuditInput.byCores
        input.allocation.pricing.rates = nil
        let report = cluster.audited(.team, input: input)
        let finding = try #require(report.findings(.missing, "team").first)
        #expect(finding.costPerHour == nil)
        #expect(finding.unpricedPods == 2)
        let node = try #require(report.findings(.unpriced).first)
        #expect(node.costPerHour == nil)
        #expect(node.pods == 2)
        #expect(node.subject.name == "(no group)")
        #expect(report.totals.unpricedNodes == 1)
        #expect(report.totals.costPerHour == .zero)
    }
}
