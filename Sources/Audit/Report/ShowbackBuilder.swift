import Attribution
import KubernetesModel
import LabelPolicy

/// Sums up costs by every dimension of a report.
struct ShowbackBuilder {
    private let cluster: AuditedCluster
    private let sharing: SharingSettings
    private let maximumRows: Int
    private let owners: CostOwners
    private let workloadOfName: [String: ObjectReference]
    private let budgets: [String: Money]
    private let teams: Set<String>
    private let teamRule: Int?
    private var unknownNames: Set<String> = []

    init(_ cluster: AuditedCluster, sharing: SharingSettings, maximumRows: Int) {
        self.cluster = cluster
        self.sharing = sharing
        self.maximumRows = maximumRows
        let rules = cluster.policy.labels
        teamRule = rules.firstIndex {
            ($0.values.registered ?? RegistryDimension(inferredFrom: $0.key)) == .team
        }
        var budgets: [String: Money] = [:]
        for team in cluster.policy.registry?.teams ?? [] {
            budgets[team.name.text] = team.monthlyBudgetNanos.map { Money(nanos: $0) }
        }
        self.budgets = budgets
        teams = Set((cluster.policy.registry?.teams ?? []).map(\.name.text))
        var sets = cluster.verdicts.entries.map { entry in
            var values = [String?](repeating: nil, count: rules.count)
            for label in entry.verdict.labels { values[label.rule] = label.attribution?.value }
            return CostOwners.Values(values: values, isComplete: entry.isAttributed)
        }
        // Pods that nobody judges have no value of anything.
        sets.append(CostOwners.Values(values: [String?](repeating: nil, count: rules.count), isComplete: false))
        let none = sets.count - 1
        let names = cluster.roots.map { AuditReport.Account.workload($0).name }
        workloadOfName = Dictionary(zip(names, cluster.roots)) { first, _ in first }
        owners = CostOwners(
            keys: rules.map(\.key.text), sets: sets,
            setOfPod: cluster.groups.ofPod.map { $0 < 0 ? none : cluster.groups.groups[$0].verdict },
            workloads: names, workloadOfPod: cluster.index.rootOfPod,
            nodeGroups: cluster.nodeGroups.groups.map(\.name), groupOfNode: cluster.nodeGroups.ofNode)
    }

    /// - Returns: the tables, and a note on names of custom parts that are nobody's.
    mutating func tables() -> (tables: [AuditReport.Showback], notes: [AuditReport.Note]) {
        let tables = allTables()
        if unknownNames.isEmpty { return (tables, []) }
        let shown = unknownNames.sorted().prefix(5).map { GapText.quote($0) }.joined(separator: ", ")
        let more = unknownNames.count > 5 ? " and \(unknownNames.count - 5) more" : ""
        let text =
            "sharing: no workload has the value \(shown)\(more) of label \(owners.keys[customRule]), and no team is "
            + "registered so; the part stays in the row it came from"
        return (tables, [AuditReport.Note(kind: .price, text: text)])
    }

    /// The label whose values are the names of custom parts: the teams', or the policy's first.
    private var customRule: Int { teamRule ?? 0 }

    private mutating func allTables() -> [AuditReport.Showback] {
        let labels = owners.keys.indices.map { table(.label(owners.keys[$0]), by: .label($0)) }
        return labels + [
            table(.namespace, by: .namespace), table(.nodeGroup, by: .nodeGroup), table(.workload, by: .workload),
        ]
    }

    private mutating func table(
        _ dimension: AuditReport.Dimension, by grouping: Dimension
    ) -> AuditReport.Showback {
        let showback = Showback(
            cluster.allocation, state: cluster.state, owners: owners, by: grouping, sharing: sharing,
            customNames: grouping == .label(customRule) ? .known(teams) : .foreign)
        unknownNames.formUnion(showback.unknownNames)
        let counts = workloadCounts(dimension)
        let coverage = coverage(by: grouping)
        var rows: [AuditReport.ShowbackRow] = []
        var others = AuditReport.ShowbackRow(account: .others(0))
        var cut = 0
        for row in showback.rows {
            var made = self.row(row, dimension, counts)
            made.coverage = coverage[row.name]
            if row.reserved == nil, rows.count >= maximumRows {
                cut += 1
                others.add(made)
            } else {
                rows.append(made)
            }
        }
        if cut > 0 {
            others.account = .others(cut)
            rows.insert(others, at: rows.firstIndex { $0.account.isReserved } ?? rows.endIndex)
        }
        return AuditReport.Showback(
            dimension: dimension, rows: rows, total: showback.total, workloads: counts.total)
    }

    /// How much of each row's own costs belongs to somebody, by the row's name. Workloads are their own rows.
    private func coverage(by grouping: Dimension) -> [String: AuditReport.Coverage] {
        if grouping == .workload { return [:] }
        let report = CoverageReport(
            cluster.allocation, state: cluster.state, owners: owners, by: grouping, sharing: sharing)
        let rows = report.groups.map { row in
            (
                row.name,
                AuditReport.Coverage(
                    all: Self.share(row.complete),
                    byLabel: zip(owners.keys, row.byLabel).map {
                        AuditReport.LabelCoverage(label: $0, share: Self.share($1))
                    })
            )
        }
        return Dictionary(rows) { first, _ in first }
    }

    private static func share(_ coverage: Coverage) -> AuditReport.Share {
        AuditReport.Share(
            attributedWorkloads: coverage.workloads.attributed, workloads: coverage.workloads.total,
            attributedSpend: coverage.spend.attributed, spend: coverage.spend.total)
    }

    private func row(
        _ row: ShowbackRow, _ dimension: AuditReport.Dimension, _ counts: Counts
    ) -> AuditReport.ShowbackRow {
        let account: AuditReport.Account
        switch row.reserved {
        case .idle: account = .idle
        case .unallocated: account = .unallocated
        case .unmounted: account = .unmounted
        case .shared: account = .shared
        case .external: account = .external
        case nil:
            account =
                dimension == .workload
                ? workloadOfName[row.name].map(AuditReport.Account.workload) ?? .named(row.name) : .named(row.name)
        }
        // A node group's idle part and overhead are its own, and so is what a reserved row collects.
        let isOwn = dimension == .nodeGroup || row.reserved != nil
        let passedOn = row.idle + row.overhead + row.shared
        var made = AuditReport.ShowbackRow(
            account: account,
            workloads: row.reserved == .unallocated
                ? counts.without : row.reserved == nil ? counts.with[row.name] ?? 0 : 0,
            pods: row.pods, direct: isOwn ? row.total : row.own, shared: isOwn ? .zero : passedOn)
        made.parts = AuditReport.CostParts(
            cpu: row.cpu, memory: row.memory, gpu: row.gpu, storage: row.storage, loadBalancers: row.loadBalancers,
            idle: row.idle, overhead: row.overhead, sharedNamespaces: row.shared, other: row.external + row.undivided)
        if case .label(let key) = dimension, let teamRule, key == owners.keys[teamRule], row.reserved == nil {
            made.monthlyBudget = budgets[row.name]
        }
        return made
    }

    // MARK: - Workloads

    /// Roots by account. A root with Pods of several values counts for each of them.
    private struct Counts {
        var with: [String: Int] = [:]
        var without = 0
        /// Of all, each once.
        var total = 0
    }

    private func workloadCounts(_ dimension: AuditReport.Dimension) -> Counts {
        var counts = Counts()
        counts.total = cluster.groupsByRoot.count
        switch dimension {
        case .label(let key):
            guard let rule = owners.keys.firstIndex(of: key) else { return counts }
            for range in cluster.groupsByRoot {
                let values = Set(range.map { owners.sets[cluster.groups.groups[$0].verdict].values[rule] })
                for value in values {
                    if let value { counts.with[value, default: 0] += 1 } else { counts.without += 1 }
                }
            }
        case .namespace:
            for range in cluster.groupsByRoot {
                for namespace in Set(range.map({ cluster.groups.groups[$0].key.namespace })) {
                    counts.with[cluster.state.text(namespace), default: 0] += 1
                }
            }
        case .nodeGroup:
            var seen: Set<[Int]> = []
            for (node, group) in cluster.nodeGroups.ofNode.enumerated() {
                for pod in cluster.index.pods(onNode: node)
                where cluster.groups.ofPod[pod] >= 0 && cluster.covers(cluster.state.pods[pod].namespace) {
                    let root = cluster.groups.groups[cluster.groups.ofPod[pod]].key.root
                    if seen.insert([group, root]).inserted {
                        counts.with[cluster.nodeGroups.groups[group].name, default: 0] += 1
                    }
                }
            }
            counts.total = Set(seen.map { $0[1] }).count
        case .workload:
            for range in cluster.groupsByRoot {
                let root = cluster.groups.groups[range.lowerBound].key.root
                counts.with[owners.workloads[root], default: 0] += 1
            }
        }
        return counts
    }
}

extension AuditReport.ShowbackRow {
    fileprivate mutating func add(_ other: AuditReport.ShowbackRow) {
        workloads += other.workloads
        pods += other.pods
        direct += other.direct
        shared += other.shared
        parts = parts + other.parts
    }
}
