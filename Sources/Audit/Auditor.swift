import Attribution
package import KubernetesModel
package import LabelPolicy

/// Audits a cluster: a pure function of its state, the policy, the prices and the time.
///
/// Time is linear in Pods, nodes and objects, with one verdict for each distinct set of labels, owners and namespace
/// (and, where exemptions could match it by name, workload), and one sort of the findings.
package struct Auditor: Sendable {
    private let evaluator: Evaluator
    private let catalogue: WorkloadCatalogue
    private let settings: AuditSettings

    /// Seconds from 1970 to the end of 9999: what RFC 3339 can write. Snapshots come from strangers, too.
    private static let datable: ClosedRange<Int64> = 0...253_402_300_799

    package init(
        policy: Policy, catalogue: WorkloadCatalogue = .builtin, settings: AuditSettings = AuditSettings()
    ) {
        evaluator = Evaluator(policy)
        self.catalogue = catalogue
        self.settings = settings
    }

    package func audit(_ state: ClusterState, input: AuditInput = AuditInput(), at now: Timestamp) -> AuditReport {
        var state = state
        state.kindGaps.merge(input.kindGaps) { _, given in given }
        var cluster = AuditedCluster(
            state, evaluator: evaluator, catalogue: catalogue, settings: settings, input: input, at: now)
        let objects = ObjectRules(&cluster)
        cluster = cluster.restricted(to: input.namespaces)
        let workloads = WorkloadRules(cluster)
        let ownership = OwnershipBook(
            cluster, sharing: input.allocation.settings.sharing)
        let policyRules = PolicyRules(cluster)
        var groupRules = NodeGroupRules(cluster, ownership: ownership.sums.ofNodeGroup)
        let environments = EnvironmentRules(cluster)
        let prunedKinds = state.prunedKinds + input.prunedKinds
        let pruned = PrunedKindRules(cluster, kinds: prunedKinds)
        var candidates =
            workloads.candidates + objects.candidates + policyRules.candidates + groupRules.candidates
            + environments.candidates + pruned.candidates
        if !input.namespaces.isEmpty {
            candidates.removeAll { candidate in
                guard case .namespace(let name) = ClusterScope(of: candidate.subject) else { return true }
                return !input.namespaces.contains { $0.matches(name) }
            }
        }

        var report = AuditReport(
            generatedAt: now, cluster: state.cluster, policy: cluster.policy.name, currency: cluster.allocation.currency
        )
        report.observedAt = state.observedAt.seconds.flatMap { seconds in
            Self.datable.contains(seconds) ? Timestamp(secondsSinceEpoch: seconds) : nil
        }
        let counts = FindingCounter(candidates, cluster)
        report.totals = totals(cluster, ownership, workloads, counts)
        report.coverage = coverage(cluster, ownership, workloads)
        var rows = RowBuilder(
            cluster: cluster, ownership: ownership, workloads: workloads, namespaceVerdicts: objects.ofNamespace,
            findingsOfNamespace: counts.ofNamespace, findingsOfNodeGroup: counts.ofNodeGroup)
        report.namespaces = rows.namespaces()
        let nodeGroups = rows.nodeGroups()
        groupRules.addMixed(nodeGroups)
        // They are shared with other namespaces.
        if cluster.selection == nil { report.nodeGroups = nodeGroups }
        var showback = ShowbackBuilder(
            cluster, sharing: input.allocation.settings.sharing, maximumRows: settings.maximumShowbackRows)
        let (tables, showbackNotes) = showback.tables()
        report.showback = tables
        report.owners = ownership.owners
        report.simulation = SimulationBuilder(cluster).build()
        report.advice =
            policyRules.advice + LabelCollisions(cluster, isOnAWS: isOnAWS(cluster)).advice + groupRules.advice

        let shown = CandidateRanking.first(settings.maximumFindings, of: candidates)
        report.cutFindings = AuditReport.Cut(
            findings: candidates.count - shown.count,
            required: report.totals.findings.required - shown.count { $0.level == .required })
        var writer = FindingWriter(
            cluster,
            planner: FixPlanner(policy: cluster.policy, catalogue: catalogue, pruned: prunedKinds))
        report.findings = shown.map { writer.write($0) }
        report.notes = NoteBuilder(cluster).notes(input.notes + showbackNotes, cut: report.cutFindings)
        return report
    }

    private func totals(
        _ cluster: AuditedCluster, _ ownership: OwnershipBook, _ workloads: WorkloadRules, _ counts: FindingCounter
    ) -> AuditReport.Totals {
        var totals = AuditReport.Totals()
        let nodes = cluster.nodesInUse
        let (state, allocation) = (cluster.state, cluster.allocation)
        totals.namespaces = Set(state.namespaces.lazy.map(\.name).filter { cluster.covers($0) }).count
        totals.workloads = workloads.workloads
        totals.pods = state.pods.count { !$0.hasEnded && cluster.covers($0.namespace) }
        totals.nodes = nodes.count
        totals.nodeGroups = Set(nodes.map { cluster.nodeGroups.ofNode[$0] }).count
        totals.volumes = allocation.volumes.count { volume in
            cluster.selection == nil || volume.claim.map { cluster.covers(state.claims[$0].namespace) } ?? false
        }
        totals.loadBalancers = state.services.count { cluster.covers($0.namespace) }
        totals.nodesCost = cluster.costs.nodes
        totals.volumesCost = cluster.costs.volumes
        totals.loadBalancersCost = cluster.costs.loadBalancers
        totals.externalCost = cluster.costs.external
        totals.costPerHour = cluster.costs.total
        totals.ownership = ownership.sums.all
        totals.unpricedNodes = nodes.count { allocation.nodes[$0].pricing.price == nil }
        var sums = counts.all
        sums.merge(ownership.sums.unattributed)
        totals.findings = sums.counts
        return totals
    }

    private func coverage(
        _ cluster: AuditedCluster, _ ownership: OwnershipBook, _ workloads: WorkloadRules
    ) -> AuditReport.Coverage {
        func share(_ attributed: Int, _ spend: Money) -> AuditReport.Share {
            AuditReport.Share(
                attributedWorkloads: attributed, workloads: workloads.workloads, attributedSpend: spend,
                spend: cluster.costs.total)
        }
        return AuditReport.Coverage(
            all: share(workloads.attributed, ownership.sums.all.attributed),
            byLabel: cluster.policy.labels.enumerated().map { rule, label in
                AuditReport.LabelCoverage(
                    label: label.key.text,
                    share: share(workloads.attributedByRule[rule], ownership.attributedByRule[rule]))
            })
    }

    private func isOnAWS(_ cluster: AuditedCluster) -> Bool {
        cluster.state.nodes.contains { cluster.state.text($0.providerID).hasPrefix("aws:") }
            || cluster.nodeGroups.groups.contains { group in
                switch group.key.provider {
                case .eks, .eksctl, .fargate: true
                case .karpenter, .gke, .aks, .kops, .clusterAPI, .openShift, .hyperShift, .digitalOcean, .oracle,
                    .linode, .scaleway, .ibm, .alibaba, .gardener, .custom, .unknown:
                    false
                }
            }
    }
}

/// Counts all findings, whether they are shown or not.
struct FindingCounter {
    private(set) var all = ReasonSums()
    private(set) var ofNamespace: [String: ReasonSums] = [:]
    private(set) var ofNodeGroup: [String: Int] = [:]

    init(_ candidates: [Candidate], _ cluster: AuditedCluster) {
        for candidate in candidates {
            all.count(candidate.reason, candidate.level)
            switch candidate.origin {
            case .workload(let group, _):
                let namespace = cluster.state.text(cluster.groups.groups[group].key.namespace)
                ofNamespace[namespace, default: ReasonSums()].count(candidate.reason, candidate.level)
            case .namespace:
                ofNamespace[candidate.subject.name, default: ReasonSums()].count(candidate.reason, candidate.level)
            case .object, .mismatch, .unmounted:
                guard !candidate.subject.namespace.isEmpty else { continue }
                ofNamespace[candidate.subject.namespace, default: ReasonSums()]
                    .count(candidate.reason, candidate.level)
            case .unpriced(let group, _, _), .tagMissing(let group, _), .tagDrift(let group, _):
                ofNodeGroup[cluster.nodeGroups.groups[group].name, default: 0] += 1
            case .exemption, .team, .pruned: break
            }
        }
    }
}
