import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("Redaction")
struct RedactionTests {
    /// What an audit says without any name.
    private static func figures(_ report: AuditReport) -> [String] {
        let findings = report.findings.map {
            "\($0.reason.rawValue) \($0.label ?? "-") \($0.level) \($0.mode.map { "\($0)" } ?? "-") \($0.subject.kind) "
                + "\($0.pods) \($0.unpricedPods) \($0.costPerHour?.description ?? "?")"
        }.sorted()
        var totals = report.totals
        totals.findings.byReason.sort { $0.reason.rawValue < $1.reason.rawValue }
        let simulation = report.simulation.namespaces.map {
            "\($0.mode.map { "\($0)" } ?? "-") \($0.workloads) \($0.costPerHour) \($0.blocked) \($0.labels)"
        }.sorted()
        let showback = report.showback.flatMap { table in
            [table.total.description] + table.rows.map { "\($0.costPerHour) \($0.workloads) \($0.pods)" }.sorted()
        }
        return findings + ["\(totals)", "\(report.coverage)"] + simulation + showback
    }

    private func redact(
        _ state: ClusterState, _ policy: Policy, _ pricing: PricingPolicy = PricingPolicy(), seed: UInt64 = 7
    )
        -> ClusterState
    {
        ClusterRedaction.redact(
            state, policy: policy, pricing: pricing, allocation: AllocationSettings(), at: .on("2026-11-21"),
            random: SeededGenerator(seed: seed))
    }

    private static var strict: Policy {
        var policy = Policy.finance
        policy.excludedNamespaces = ["kube-*"]
        policy.modes = [
            ModeRule(namespaceSelector: LabelSelector(matchLabels: ["environment": "production"]), mode: .enforce)
        ]
        policy.mode = .warn
        policy.exemptions = [
            Exemption(
                name: "old", match: Exemption.Match(names: ["app-1*"]), owner: "x", reason: "y", expires: "2027-01-01")
        ]
        return policy
    }

    @Test("An audit of the redacted state counts and sums the same", arguments: 0..<40)
    func sameFigures(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let state = RandomCluster.make(&random)
        let plain = Auditor(policy: Self.strict).audit(state, input: .byCores, at: .on("2026-11-21"))
        let other = Auditor(policy: Self.strict).audit(
            redact(state, Self.strict, seed: seed), input: .byCores, at: .on("2026-11-21"))
        #expect(Self.figures(plain) == Self.figures(other))
    }

    private static func secrets() -> ClusterState {
        var cluster = ClusterBuilder(cluster: "prod.secret.example")
        cluster.namespace(
            "secret-ns", labels: ["kubernetes.io/metadata.name": "secret-ns", "secret.example/deal": "secret"])
        cluster.namespace("kube-system")
        cluster.pricedNode(
            "secret-node",
            labels: [
                "node.kubernetes.io/instance-type": "m7i.large", "karpenter.sh/nodepool": "secret-pool",
                "topology.kubernetes.io/zone": "eu-west-1a", "team": "payments",
            ],
            annotations: [
                "cluster.x-k8s.io/machine": "secret-machine", "machine.openshift.io/machine": "secret-a/secret-b",
            ])
        cluster.state.nodes[0].providerID = cluster.intern("aws:///eu-west-1a/i-secret")
        cluster.deployment(
            "secret-web", namespace: "secret-ns", labels: ["team": "payments", "project": "secret-project"],
            template: ["team": "secret-team", "app": "secret-app", "environment": "prod"], pods: 2, node: "secret-node")
        cluster.volume("secret-pv", gib: 10, claim: "secret-claim", namespace: "secret-ns")
        cluster.carrier(
            group: "karpenter.sh", kind: "NodePool", name: "secret-pool",
            tags: ["Team": "payments", "Secret": "secret"])
        let problem = ObjectProblem(resource: "pods", object: "secret-ns/x", cause: .overflow(resource: "cpu"))
        cluster.state.notes = [
            ReadingNote(resource: "services", gap: .failed("https://secret.example: refused")),
            ReadingNote(resource: "pods", gap: .problems(count: 3, first: [problem])),
        ]
        return cluster.state
    }

    /// Everything that the records say in text.
    private static func texts(_ state: ClusterState) -> [String] {
        func labels(_ id: LabelSetID) -> [String] { state.pool.labels(id).flatMap { [$0.key, $0.value] } }
        var ids: [StringID] = state.namespaces.map(\.name) + state.nodes.flatMap { [$0.name, $0.providerID] }
        ids += state.pods.flatMap { [$0.namespace, $0.name, $0.node, $0.controller.name] }
        ids += state.owners.flatMap { [$0.namespace, $0.name, $0.controller.name] }
        ids += state.claims.flatMap { [$0.namespace, $0.name, $0.volume] }
        ids += state.volumes.flatMap { [$0.name, $0.claimNamespace, $0.claimName, $0.handle] }
        ids += state.tagCarriers.flatMap { [$0.name, $0.namespace, $0.reference.name, $0.providerID] }
        var sets = state.namespaces.map(\.labels) + state.nodes.flatMap { [$0.labels, $0.annotations] }
        sets += state.pods.map(\.labels) + state.owners.flatMap { [$0.labels, $0.templateLabels] }
        sets += state.tagCarriers.flatMap { [$0.labels, $0.tags, $0.nodeLabels] }
        return ids.map { state.text($0) } + sets.flatMap(labels) + [state.cluster] + state.notes.map(\.description)
    }

    @Test("No name stays, and what the policy and the prices know does")
    func readable() {
        let state = redact(Self.secrets(), Self.strict)
        let texts = Self.texts(state)
        #expect(texts.filter { $0.contains("secret") } == [])
        for kept in ["payments", "prod", "m7i.large", "eu-west-1a", "kube-system", "4"] {
            #expect(texts.contains(kept))
        }
        #expect(state.text(state.nodes[0].providerID).hasPrefix("aws:"))
    }

    @Test("One text has one pseudonym in a state, and another in another")
    func stable() throws {
        let first = redact(Self.secrets(), Self.strict, seed: 1)
        let second = redact(Self.secrets(), Self.strict, seed: 2)
        let pool = first.pool.label("karpenter.sh/nodepool", in: first.nodes[0].labels)
        #expect(pool == first.text(first.tagCarriers[0].name))
        #expect(first.text(first.pods[0].node) == first.text(first.nodes[0].name))
        #expect(first.text(first.nodes[0].name) != second.text(second.nodes[0].name))
        #expect(Set(Self.texts(first).filter { $0.hasPrefix("r-") }).isDisjoint(with: Self.texts(second)))
    }

    @Test("A name by which prices or exemptions go stays, unless its pseudonym would do")
    func named() {
        var cluster = ClusterBuilder()
        cluster.node("gpu-7")
        cluster.node("cpu-7")
        cluster.pod("app-17", namespace: "shop")
        cluster.pod("web", namespace: "shop")
        var pricing = PricingPolicy()
        pricing.overrides = [PriceOverride(match: PriceOverride.Match(nodes: ["gpu-*"]), perHour: "9", origin: "x")]
        let state = redact(cluster.state, Self.strict, pricing)
        let names = state.nodes.map { state.text($0.name) } + state.pods.map { state.text($0.name) }
        #expect(names.map { $0.hasPrefix("r-") } == [false, true, false, true])
    }
}
