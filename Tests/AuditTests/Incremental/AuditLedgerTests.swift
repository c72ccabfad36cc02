import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("An audit that is kept up to date")
struct AuditLedgerTests {
    private static let settings = AuditSettings(maximumFindings: .max)

    /// What a full audit says of the same objects.
    private struct Oracle {
        var policy: Policy
        var input: AuditInput
        var now: Timestamp

        func audit(_ state: ClusterState) -> AuditReport {
            Auditor(policy: policy, settings: AuditLedgerTests.settings).audit(state, input: input, at: now)
        }
    }

    @Test(
        "After any changes its figures and findings are those of a full audit, and no finding changes in silence",
        arguments: 0..<24)
    func equalsFullAudit(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed) &* 7_919 &+ 3)
        var cluster = LedgerCluster(&random)
        var oracle = Oracle(policy: Self.policy(&random), input: Self.input(&random), now: .on("2026-11-19"))
        var ledger = AuditLedger(
            policy: oracle.policy, settings: Self.settings, input: oracle.input, cluster: cluster.catalogue.cluster,
            at: oracle.now)
        var known: [ClusterScope: [Said]] = [:]
        var compared = 0
        for step in 0..<30 {
            let change = Self.change(&cluster, &oracle, &ledger, &random)
            let place = "seed \(seed), step \(step): \(change)"
            let report = oracle.audit(cluster.state(cluster.present.shuffled(using: &random)))
            let figures = ledger.figures(at: oracle.now)
            #expect(figures == AuditFigures(report), "\(place)")
            #expect(figures.owners.map(\.costPerHour).sum() == figures.costPerHour, "\(place)")
            #expect(figures.ownership.sum == figures.costPerHour, "\(place)")
            let changed = ledger.takeChangedScopes()
            let expected = report.findingsByScope
            for scope in Set(expected.keys).union(known.keys).union([.cluster]) {
                let found = ledger.findings(of: scope)
                #expect(found == expected[scope] ?? [], "\(place): \(scope)")
                let said = found.map(Said.init)
                #expect(changed.contains(scope) || said == known[scope] ?? [], "\(place): \(scope) changed in silence")
                known[scope] = said
                compared += found.count
            }
        }
        #expect(compared > 0)
    }

    /// A finding without its amounts, which may move by a few nano-units.
    private struct Said: Equatable {
        let reason: Reason
        let label: String?
        let subject: ObjectReference
        let pods: Int
        let effective: [AuditReport.EffectiveLabel]

        init(_ finding: AuditReport.Finding) {
            (reason, label, subject) = (finding.reason, finding.label, finding.subject)
            (pods, effective) = (finding.pods, finding.effective)
        }
    }

    private static func policy(_ random: inout SeededGenerator) -> Policy {
        var policy = RandomCluster.policy(&random)
        if random.oneIn(2) { policy.subjects = [.workloads, .namespaces, .claims, .loadbalancers] }
        return policy
    }

    private static func input(_ random: inout SeededGenerator) -> AuditInput {
        var input = random.oneIn(2) ? AuditInput.byCores : AuditInput()
        if random.oneIn(2) {
            input.prunedKinds = [
                PrunedKind(
                    kind: GroupKind(group: "acme.io", kind: "Training"), resource: "trainings",
                    path: "spec.template.metadata")
            ]
        }
        if random.oneIn(3) { input.allocation.pricing.rates = nil }
        if random.oneIn(3) { input.allocation.externalCosts = [ExternalCost(name: "api", perHour: "1.5")] }
        return input
    }

    /// - Returns: what was done, for messages.
    private static func change(
        _ cluster: inout LedgerCluster, _ oracle: inout Oracle, _ ledger: inout AuditLedger,
        _ random: inout SeededGenerator
    ) -> String {
        let items = cluster.items
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<7:
            // Several at once, in any order.
            let new = (0..<Int.random(in: 1...8, using: &random)).map { _ in random.pick(items) }
            ledger.apply(cluster.put(new))
            return "put \(new)"
        case 7..<10:
            guard let item = cluster.present.sorted(by: { "\($0)" < "\($1)" }).randomElement(using: &random) else {
                return "nothing"
            }
            ledger.apply(cluster.remove(item))
            return "remove \(item)"
        case 10..<17:
            let item = random.pick(items)
            cluster.alter(item, &random)
            if cluster.present.contains(item) { ledger.apply(cluster.put([item])) }
            return "alter \(item)"
        case 17:
            oracle.now = Timestamp(
                secondsSinceEpoch: oracle.now.secondsSinceEpoch + random.pick([3_600, 86_400, 86_400 * 30]))
            ledger.advance(to: oracle.now)
            return "time \(oracle.now.date)"
        case 18:
            oracle.policy = policy(&random)
            ledger.apply(.policy(oracle.policy))
            return "policy"
        case 19..<22:
            oracle.input.allocation.external = prices(cluster, &random)
            ledger.apply(.prices(oracle.input.allocation.external))
            return "prices"
        case 22:
            oracle.input.prunedKinds = input(&random).prunedKinds
            ledger.apply(.prunedKinds(oracle.input.prunedKinds))
            return "definitions"
        default:
            oracle.input = input(&random)
            ledger.apply(.input(oracle.input))
            return "input"
        }
    }

    /// Of some nodes, some of them absurd, and of one that is not there.
    private static func prices(_ cluster: LedgerCluster, _ random: inout SeededGenerator) -> ExternalPrices? {
        if random.oneIn(5) { return nil }
        var perHour = ["elsewhere": "1"]
        for node in cluster.catalogue.nodes where random.oneIn(2) {
            perHour[cluster.catalogue.text(node.name)] = random.pick(["0.5", "1.25", "3", "0", "-1", "NaN"])
        }
        return ExternalPrices(origin: "OpenCost", perHour: perHour)
    }

    // MARK: - Cost of a change

    private static func bigCluster(namespaces: Int) -> ClusterBuilder {
        var cluster = ClusterBuilder()
        for number in 0..<namespaces {
            let name = "team-\(number)"
            cluster.namespace(name, labels: number % 2 == 0 ? ["team": "payments"] : [:])
            cluster.pricedNode("node-\(number)", labels: ["eks.amazonaws.com/nodegroup": "group-\(number % 3)"])
            cluster.deployment("web", namespace: name, pods: 3, node: "node-\(number)", millicores: 700)
            cluster.deployment("api", namespace: name, template: ["team": "mlp"], node: "node-\(number)")
        }
        return cluster
    }

    @Test("One Pod's change is as much work in a cluster ten times the size")
    func workFollowsChanges() throws {
        let works = try [12, 120].map { namespaces in
            var cluster = Self.bigCluster(namespaces: namespaces)
            var ledger = AuditLedger(policy: .finance, input: .byCores, at: .on("2026-11-21"))
            ledger.apply(.upsert(cluster.state))
            _ = ledger.takeChangedScopes()
            let before = ledger.work
            #expect(before.nodes == namespaces && before.workloads == 2 * namespaces && before.nodePasses == 1)

            var changed = ClusterState(pool: cluster.state.pool)
            var pod = try #require(cluster.state.pods.first)
            pod.labels = cluster.state.pool.labels([("team", "payments")])
            changed.pool = cluster.state.pool
            changed.pods = [pod]
            ledger.apply(.upsert(changed))
            #expect(ledger.takeChangedScopes() == [.cluster, .namespace("team-0")])
            return ledger.work.since(before)
        }
        #expect(works[0] == works[1])
        var expected = AuditLedger.Work()
        (expected.nodes, expected.podsOnNodes, expected.workloads, expected.podsOfWorkloads) = (1, 4, 1, 3)
        #expect(works[0] == expected)
    }

    @Test("Of prices that change, only the nodes they are of are divided anew")
    func workFollowsPrices() {
        var cluster = Self.bigCluster(namespaces: 12)
        // Nodes that say their price need no other.
        for place in cluster.state.nodes.indices {
            cluster.state.nodes[place].annotations = cluster.state.pool.labels([])
        }
        var ledger = AuditLedger(policy: .finance, input: .byCores, at: .on("2026-11-21"))
        ledger.apply(.upsert(cluster.state))
        _ = ledger.takeChangedScopes()
        var before = ledger.work
        ledger.apply(
            .prices(ExternalPrices(origin: "OpenCost", perHour: ["node-1": "0.7", "node-2": "0.2", "x": "1"])))
        #expect(ledger.takeChangedScopes() == [.cluster, .namespace("team-1"), .namespace("team-2")])
        #expect(ledger.work.since(before).nodes == 2 && ledger.work.since(before).rebuilds == 0)
        before = ledger.work
        ledger.apply(.prices(ExternalPrices(origin: "later", perHour: ["node-1": "0.7", "node-2": "0.3", "x": "2"])))
        #expect(ledger.takeChangedScopes() == [.cluster, .namespace("team-2")])
        #expect(ledger.work.since(before).nodes == 1 && ledger.work.since(before).workloads == 0)
        before = ledger.work
        ledger.apply(.prunedKinds([]))
        #expect(ledger.takeChangedScopes() == [] && ledger.work == before)
    }

    @Test("An object that is as it was, and a node's heartbeat, are no work")
    func nothingNew() {
        let cluster = Self.bigCluster(namespaces: 4)
        var ledger = AuditLedger(policy: .finance, input: .byCores, at: .on("2026-11-21"))
        ledger.apply(.upsert(cluster.state))
        _ = ledger.takeChangedScopes()
        let before = ledger.work
        ledger.apply(.upsert(cluster.state))
        ledger.apply(.remove(ObjectIdentity(.pods, namespace: "team-0", name: "never-was")))
        #expect(ledger.takeChangedScopes() == [])
        #expect(ledger.work == before)
    }

    // MARK: - Other changes

    @Test("A list that begins anew takes away what it does not hold, and nothing of other kinds")
    func replace() {
        var cluster = Self.bigCluster(namespaces: 3)
        var ledger = AuditLedger(policy: .finance, settings: Self.settings, input: .byCores, at: .on("2026-11-21"))
        ledger.apply(.upsert(cluster.state))
        cluster.state.pods.removeLast(2)
        ledger.apply(.replace(.pods, with: cluster.state))
        let set = GroupKind(group: "apps", kind: "ReplicaSet")
        cluster.state.owners.removeAll { cluster.state.pool[$0.kind] == set }
        ledger.apply(.replace(.owners(set), with: cluster.state))
        let report = cluster.audited(settings: Self.settings)
        #expect(ledger.figures(at: .on("2026-11-21")) == AuditFigures(report))
        #expect(ledger.findings(of: .namespace("team-2")) == report.findingsByScope[.namespace("team-2")] ?? [])
    }

    @Test("Names of Pods that are gone do not fill the memory, and making everything anew changes nothing")
    func rebuild() {
        var cluster = Self.bigCluster(namespaces: 2)
        var ledger = AuditLedger(
            policy: .finance, input: .byCores, at: .on("2026-11-21"), additionalEntries: 50)
        ledger.apply(.upsert(cluster.state))
        let figures = ledger.figures(at: .on("2026-11-21"))
        #expect(ledger.work.rebuilds == 0)
        for number in 0..<300 {
            let name = "passing-\(number)"
            cluster.pod(name, namespace: "team-0", node: "node-0", requests: ["cpu": 1])
            guard let pod = cluster.state.pods.popLast() else { continue }
            var state = ClusterState(pool: cluster.state.pool)
            state.pods = [pod]
            ledger.apply(.upsert(state))
            _ = ledger.takeChangedScopes()
            ledger.apply(.remove(ObjectIdentity(.pods, namespace: "team-0", name: name)))
        }
        #expect(ledger.figures(at: .on("2026-11-21")) == figures)
        #expect((1...8).contains(ledger.work.rebuilds))
    }

    @Test("Time changes verdicts on known days only")
    func days() {
        var policy = Policy.finance
        policy.exemptions = [
            Exemption(
                name: "jobs", match: .init(kinds: ["Job"]), labels: nil, owner: "jane", reason: "legacy",
                expires: "2026-11-21")
        ]
        var ledger = AuditLedger(policy: policy, at: .on("2026-11-20"))
        // The day after the exemption's last, then the day after the registration's.
        let first = ledger.nextChange(after: .on("2026-11-20"))
        #expect(first == .on("2026-11-22", hour: 0))
        #expect(ledger.nextChange(after: .on("2026-11-22", hour: 0)) == .on("2027-01-01", hour: 0))
        #expect(ledger.nextChange(after: .on("2027-01-01")) == nil)
        _ = ledger.takeChangedScopes()
        ledger.advance(to: .on("2026-11-21", hour: 23))
        #expect(ledger.takeChangedScopes() == [])
        ledger.advance(to: .on("2026-11-22", hour: 0))
        #expect(ledger.takeChangedScopes() == [.cluster])
        #expect(ledger.findings(of: .cluster).map(\.reason) == [.expiredExemption])
    }
}

extension AuditLedger.Work {
    fileprivate func since(_ before: AuditLedger.Work) -> AuditLedger.Work {
        var work = self
        work.nodes -= before.nodes
        work.podsOnNodes -= before.podsOnNodes
        work.workloads -= before.workloads
        work.podsOfWorkloads -= before.podsOfWorkloads
        work.volumes -= before.volumes
        work.loadBalancers -= before.loadBalancers
        work.nodePasses -= before.nodePasses
        work.rebuilds -= before.rebuilds
        return work
    }
}
