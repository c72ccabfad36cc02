import Attribution
import KubernetesModel
import LabelPolicy

/// What enforcing the policy everywhere would block.
struct SimulationBuilder {
    private let cluster: AuditedCluster

    init(_ cluster: AuditedCluster) { self.cluster = cluster }

    func build() -> Simulation {
        var rows: [StringID: Simulation.Row] = [:]
        var labels: [StringID: [Int: Int]] = [:]
        for record in cluster.state.namespaces
        where cluster.covers(record.name)
            && !cluster.evaluator.isExcluded(namespace: cluster.state.text(record.name))
        {
            rows[record.name] = row(record.name)
        }
        for range in cluster.groupsByRoot {
            let namespace = cluster.namespace(of: range)
            var row = rows[namespace] ?? self.row(namespace)
            row.workloads += 1
            var blocked = Simulation.Blocked()
            var missing: Set<Int> = []
            for place in range {
                let group = cluster.groups.groups[place]
                row.costPerHour += group.cost
                let violations = cluster.verdict(of: place).verdict.labels.filter(\.isViolation)
                if violations.isEmpty { continue }
                blocked.workloads = 1
                blocked.pods += group.pods
                blocked.costPerHour += group.cost
                missing.formUnion(violations.map(\.rule))
            }
            for rule in missing { labels[namespace, default: [:]][rule, default: 0] += 1 }
            row.blocked += blocked
            rows[namespace] = row
        }
        var simulation = Simulation()
        for (namespace, row) in rows {
            var row = row
            row.labels = (labels[namespace] ?? [:]).sorted { $0.key < $1.key }.map {
                Simulation.LabelCount(label: cluster.policy.labels[$0.key].key.text, workloads: $0.value)
            }
            simulation.blocked += row.blocked
            simulation.namespaces.append(row)
        }
        simulation.namespaces.sort(by: Self.comesBefore)
        return simulation
    }

    private func row(_ namespace: StringID) -> Simulation.Row {
        var namespaces = cluster.namespaces
        let context = namespaces.context(namespace)
        return Simulation.Row(
            namespace: cluster.state.text(namespace), mode: cluster.evaluator.mode(for: .workloads, in: context),
            isUncertain: context.knowledge == .unknown)
    }

    private static func comesBefore(_ left: Simulation.Row, _ right: Simulation.Row) -> Bool {
        if left.isClean != right.isClean { return left.isClean }
        if left.isClean, left.costPerHour != right.costPerHour { return left.costPerHour > right.costPerHour }
        let (first, second) = (left.blocked, right.blocked)
        if first.costPerHour != second.costPerHour { return first.costPerHour < second.costPerHour }
        if first.workloads != second.workloads { return first.workloads < second.workloads }
        return left.namespace < right.namespace
    }
}
