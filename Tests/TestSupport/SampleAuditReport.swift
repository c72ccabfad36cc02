package import Attribution
package import Audit
import LabelPolicy

extension AuditReport {
    /// An empty cluster, on the last day of 2026.
    package static func empty(cluster: String = "") -> AuditReport {
        AuditReport(generatedAt: .on("2026-12-31"), cluster: cluster, policy: "cost-attribution", currency: .usd)
    }

    /// A small cluster with something of everything, for renderers. Its sums hold: every kind of ownership adds up to
    /// the total, every showback too.
    package static func sample() -> AuditReport {
        var report = AuditReport(
            generatedAt: .on("2026-11-21", hour: 10, minute: 30), cluster: "prod-eu-1", policy: "cost-attribution",
            currency: .usd)
        report.coverage = Coverage(
            all: share(5, of: 9, "28.4", of: "46.5"),
            byLabel: [
                LabelCoverage(label: "team", share: share(7, of: 9, "34.1", of: "46.5")),
                LabelCoverage(label: "cost-center", share: share(6, of: 9, "30.2", of: "46.5")),
                LabelCoverage(label: "environment", share: share(8, of: 9, "38", of: "46.5")),
                LabelCoverage(label: "project", share: share(2, of: 9, "3.75", of: "46.5")),
                LabelCoverage(label: "model", share: share(1, of: 9, "9.5", of: "46.5")),
            ])
        report.totals = sampleTotals()
        report.findings = sampleFindings()
        report.advice = sampleAdvice
        report.namespaces = sampleNamespaces
        report.nodeGroups = sampleNodeGroups
        report.showback = sampleShowback
        report.simulation = sampleSimulation
        report.notes = [
            Note(
                kind: .unread,
                text: "nodepools.karpenter.sh: not allowed to read; grant list on nodepools in karpenter.sh"),
            Note(kind: .object, text: "pods 'shop/odd-0': nvidia.com/gpu is negative; counted as none"),
            Note(kind: .price, text: "2 nodes: m7i.large is priced in us-east-1, not in eu-west-1"),
        ]
        return report
    }

    private static func sampleTotals() -> Totals {
        var totals = Totals()
        totals.namespaces = 4
        totals.workloads = 9
        totals.pods = 34
        totals.nodes = 8
        totals.nodeGroups = 3
        totals.volumes = 3
        totals.loadBalancers = 1
        totals.costPerHour = "46.5"
        totals.nodesCost = "46"
        totals.volumesCost = "0.475"
        totals.loadBalancersCost = "0.025"
        totals.ownership = ownership(
            attributed: "28.4", unattributed: "9.7", excluded: "0.9", overhead: "1.25", idle: "5", reserved: "1.15",
            unmounted: "0.1")
        totals.unpricedNodes = 1
        totals.findings = counts(
            [
                ReasonCount(reason: .missing, required: 3, recommended: 1, unattributed: "5.2"),
                ReasonCount(reason: .invalidValue, required: 1, unattributed: "0"),
                ReasonCount(reason: .unregisteredValue, required: 1, unattributed: "4.5"),
                ReasonCount(reason: .expiredExemption, required: 1),
                ReasonCount(reason: .environmentMismatch, recommended: 1),
                ReasonCount(reason: .unpriced, required: 1),
                ReasonCount(reason: .tagMissing, recommended: 1),
                ReasonCount(reason: .unmounted, recommended: 1),
            ])
        return totals
    }

    private static var sampleNamespaces: [NamespaceRow] {
        [
            NamespaceRow(
                name: "research", mode: .warn,
                supplies: [EffectiveLabel(key: "environment", value: "development", source: .own)], pods: 6,
                coverage: share(1, of: 3, "13", of: "21.5"),
                findings: counts([
                    ReasonCount(reason: .missing, required: 1, recommended: 1, unattributed: "4"),
                    ReasonCount(reason: .unregisteredValue, required: 1, unattributed: "4.5"),
                ])),
            NamespaceRow(
                name: "shop", mode: .enforce,
                supplies: [
                    EffectiveLabel(key: "team", value: "payments", source: .own),
                    EffectiveLabel(key: "environment", value: "production", source: .own),
                ], pods: 18, coverage: share(4, of: 5, "15.4", of: "16.6"),
                findings: counts([ReasonCount(reason: .missing, required: 1, unattributed: "1.2")])),
            NamespaceRow(
                name: "kube-system", isExcluded: true, mode: .warn, pods: 8, coverage: share(0, of: 0, "0", of: "0.9")),
            NamespaceRow(
                name: "sandbox", isKnown: false, pods: 2, coverage: share(0, of: 1, "0", of: "0"),
                findings: counts([ReasonCount(reason: .invalidValue, required: 1)])),
        ]
    }

    private static var sampleNodeGroups: [NodeGroupRow] {
        [
            NodeGroupRow(
                name: "gpu-a100", provider: .eks, identity: .label("eks.amazonaws.com/nodegroup"), nodes: 1, pods: 7,
                instanceTypes: ["p4d.24xlarge"], zones: ["eu-west-1a"],
                capacity: [CapacityShare(type: .onDemand, nodes: 1)], price: "32",
                prices: [
                    PriceRow(
                        instanceType: "p4d.24xlarge", capacity: .onDemand, perHour: "32", source: "policy",
                        origin: "private pricing agreement", date: "2026-01-01", nodes: 1)
                ],
                ownership: ownership(
                    attributed: "19.4", unattributed: "8.5", excluded: "0.1", overhead: "0.25", idle: "3",
                    reserved: "0.75"),
                tags: [
                    TagRow(label: "team", tag: "Team", value: nil, missingNodes: 1, isDrifting: false),
                    TagRow(
                        label: "cost-center", tag: "CostCenter", value: "research", missingNodes: 0, isDrifting: false),
                    TagRow(
                        label: "environment", tag: "Environment", value: "production", missingNodes: 0,
                        isDrifting: false),
                ], coverage: share(2, of: 4, "19.4", of: "32"), findings: 2),
            NodeGroupRow(
                name: "general", provider: .karpenter, identity: .label("karpenter.sh/nodepool"), nodes: 6, pods: 25,
                instanceTypes: ["m7i.2xlarge", "m7i.large"], zones: ["eu-west-1a", "eu-west-1b"],
                capacity: [CapacityShare(type: .onDemand, nodes: 2), CapacityShare(type: .spot, nodes: 4)], price: "14",
                prices: [
                    PriceRow(
                        instanceType: "m7i.2xlarge", capacity: .onDemand, perHour: "5", source: "list",
                        origin: "aws.amazon.com/ec2/pricing/on-demand", date: "2026-10-01", flags: ["reference-region"],
                        nodes: 2),
                    PriceRow(
                        instanceType: "m7i.large", capacity: .spot, perHour: "1", source: "list",
                        origin: "aws.amazon.com/ec2/pricing/on-demand", date: "2026-10-01",
                        flags: ["reference-region", "spot-estimate"], nodes: 4),
                ],
                ownership: ownership(
                    attributed: "8.65", unattributed: "1.15", excluded: "0.8", overhead: "1", idle: "2",
                    reserved: "0.4"),
                tags: [TagRow(label: "team", tag: "Team", value: nil, missingNodes: 0, isDrifting: true)],
                coverage: share(4, of: 5, "8.65", of: "14")),
            NodeGroupRow(
                name: "(no group)", provider: .unknown, identity: .none, nodes: 1, pods: 2,
                capacity: [CapacityShare(type: .unknown, nodes: 1)], unpricedNodes: 1,
                coverage: share(0, of: 1, "0", of: "0"), findings: 1),
        ]
    }

    private static func coverage(_ share: Share) -> Coverage {
        Coverage(all: share, byLabel: [LabelCoverage(label: "team", share: share)])
    }

    private static var sampleShowback: [Showback] {
        [
            Showback(
                dimension: .label("team"),
                rows: [
                    ShowbackRow(
                        account: .named("ml-platform"), workloads: 2, pods: 5, direct: "18.7", shared: "1.25",
                        monthlyBudget: "20000", coverage: coverage(share(1, of: 2, "14.2", of: "18.7"))),
                    ShowbackRow(
                        account: .named("payments"), workloads: 5, pods: 18, direct: "15.4",
                        coverage: coverage(share(5, of: 5, "15.4", of: "15.4"))),
                    ShowbackRow(account: .unallocated, workloads: 2, pods: 3, direct: "4"),
                    ShowbackRow(account: .shared, direct: "0.9"),
                    ShowbackRow(account: .idle, direct: "6.15"),
                    ShowbackRow(account: .unmounted, direct: "0.1"),
                ], total: "46.5"),
            Showback(
                dimension: .namespace,
                rows: [
                    ShowbackRow(account: .named("research"), workloads: 3, pods: 6, direct: "21.5"),
                    ShowbackRow(account: .named("shop"), workloads: 5, pods: 18, direct: "16.6"),
                    ShowbackRow(account: .named("kube-system"), pods: 8, direct: "0.9"),
                    ShowbackRow(account: .unallocated, direct: "1.25"),
                    ShowbackRow(account: .idle, direct: "6.15"),
                    ShowbackRow(account: .unmounted, direct: "0.1"),
                ], total: "46.5"),
            Showback(
                dimension: .nodeGroup,
                rows: [
                    ShowbackRow(account: .named("gpu-a100"), workloads: 4, pods: 7, direct: "32"),
                    ShowbackRow(account: .named("general"), workloads: 5, pods: 25, direct: "14"),
                    ShowbackRow(account: .unallocated, direct: "0.4"),
                    ShowbackRow(account: .unmounted, direct: "0.1"),
                ], total: "46.5"),
        ]
    }

    private static var sampleSimulation: Simulation {
        Simulation(
            namespaces: [
                Simulation.Row(
                    namespace: "shop", mode: .enforce, workloads: 5, costPerHour: "16.6",
                    blocked: Simulation.Blocked(workloads: 1, pods: 2, costPerHour: "1.2"),
                    labels: [Simulation.LabelCount(label: "cost-center", workloads: 1)]),
                Simulation.Row(
                    namespace: "research", mode: .warn, workloads: 3, costPerHour: "21.5",
                    blocked: Simulation.Blocked(workloads: 2, pods: 5, costPerHour: "8.5"),
                    labels: [
                        Simulation.LabelCount(label: "team", workloads: 1),
                        Simulation.LabelCount(label: "cost-center", workloads: 2),
                    ]),
                Simulation.Row(namespace: "sandbox", mode: nil, workloads: 1, isUncertain: true),
            ], blocked: Simulation.Blocked(workloads: 3, pods: 7, costPerHour: "9.7"))
    }

    private static var sampleAdvice: [Advice] {
        [
            Advice(
                topic: .unusedExemption(name: "legacy-batch", expires: "2027-03-31"),
                message: "exemption \"legacy-batch\" excuses nothing in this cluster",
                remedy: "remove it, or correct its match"),
            Advice(
                topic: .unknownValue(
                    label: "team", value: "mlplatform", mends: Mending(workloads: 1, costPerHour: "4.5")),
                message: "team \"mlplatform\" is not registered and 1 workload is billed to it",
                remedy: "register it, as a team or an alias, or change the label (did you mean \"ml-platform\"?)"),
            Advice(
                topic: .collidingLabels(keys: ["cost-center", "cost_center"], system: .prometheus),
                message: "cost-center and cost_center are one label in prometheus",
                remedy: "keep one of them"),
        ]
    }

    // MARK: - Shorthand

    package static func share(_ attributed: Int, of workloads: Int, _ spend: Money, of total: Money) -> Share {
        Share(attributedWorkloads: attributed, workloads: workloads, attributedSpend: spend, spend: total)
    }

    private static func ownership(
        attributed: Money = .zero, unattributed: Money = .zero, excluded: Money = .zero, overhead: Money = .zero,
        idle: Money = .zero, reserved: Money = .zero, unmounted: Money = .zero
    ) -> Ownership {
        var result = Ownership()
        result.attributed = attributed
        result.unattributed = unattributed
        result.excluded = excluded
        result.overhead = overhead
        result.idle.unallocated = idle
        result.idle.systemReserved = reserved
        result.unmounted = unmounted
        return result
    }

    private static func counts(_ reasons: [ReasonCount]) -> FindingCounts {
        var counts = FindingCounts()
        counts.byReason = reasons
        for reason in reasons {
            counts.required += reason.required
            counts.recommended += reason.recommended
        }
        return counts
    }
}

extension Money: ExpressibleByStringLiteral {
    /// A literal that is no amount is a mistake in the test, hence the trap.
    package init(stringLiteral text: String) {
        do { try self.init(parsing: text) } catch { fatalError("\(error)") }
    }
}
