import Attribution
package import Audit
package import LabelPolicy

/// The series of the auditor's metrics, in bounded number.
///
/// Values that people can invent without end (teams, namespaces, node groups) are shown for the dearest, and what is
/// left out stands in one series `other`: every table sums to what the audit found.
package struct FigureTables: Sendable, Hashable {
    /// One series: the values of its labels, in the order that each table tells, and its value.
    package struct Row: Sendable, Hashable {
        package var labels: [String]
        package var value: Double

        package init(_ labels: [String], _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// Owners, namespaces and node groups that have series of their own, unless somebody asks for another number. A
    /// hundred of each, with three reasons for a namespace and three tags for a node group, is some 700 series: little
    /// for a Prometheus, and more than a dashboard can show.
    package static let defaultMaximumNames = 100
    /// Instead of names beyond the bound.
    package static let other = "other"

    /// Basis (`spend` or `workloads`), label. Labels that are required; without a label, all of these together.
    package private(set) var coverage: [Row]
    /// Team, cost center, environment. They sum to what the cluster costs. None in another currency than dollars.
    package private(set) var cost: [Row]
    /// Namespace, reason. None in another currency than dollars.
    package private(set) var unattributed: [Row]
    /// Node group, tag: nodes without it, and at least 1 where it has several values.
    package private(set) var tagGaps: [Row]

    package init(_ figures: AuditFigures, policy: Policy, maximumNames: Int = defaultMaximumNames) {
        let isInDollars = figures.currency == .usd
        coverage = Self.coverage(figures.coverage, policy)
        cost = isInDollars ? Self.cost(figures.owners, maximumNames) : []
        unattributed = isInDollars ? Self.unattributed(figures.unattributed, maximumNames) : []
        tagGaps = Self.tagGaps(figures.nodeGroups, maximumNames)
    }

    private static func coverage(_ coverage: AuditReport.Coverage, _ policy: Policy) -> [Row] {
        let required = Set(policy.labels.filter { $0.level == .required }.map(\.key.text))
        var shares = [("", coverage.all)]
        shares += coverage.byLabel.filter { required.contains($0.label) }.map { ($0.label, $0.share) }
        return shares.flatMap { label, share in
            [("spend", share.spendBasisPoints), ("workloads", share.workloadBasisPoints)].compactMap { basis, points in
                points.map { Row([basis, label], Double($0) / 10_000) }
            }
        }
    }

    private static func cost(_ owners: [AuditReport.OwnerCost], _ maximum: Int) -> [Row] {
        let billed = owners.filter { !$0.account.isReserved }.sorted { $0.costPerHour > $1.costPerHour }
        let shown = billed.prefix(maximum)
        var sums = Sums()
        for owner in owners where owner.account.isReserved { sums.add(owner.costPerHour, to: labels(owner)) }
        for owner in shown { sums.add(owner.costPerHour, to: labels(owner)) }
        for owner in billed.dropFirst(maximum) { sums.add(owner.costPerHour, to: [other, other, other]) }
        return sums.rows
    }

    private static func labels(_ owner: AuditReport.OwnerCost) -> [String] {
        let labels = owner.account.labels
        return [labels.team, labels.costCenter, labels.environment]
    }

    private static func unattributed(_ costs: [AuditFigures.UnattributedCost], _ maximum: Int) -> [Row] {
        var byNamespace: [String: Money] = [:]
        for cost in costs { byNamespace[cost.namespace, default: .zero] += cost.costPerHour }
        let shown = dearest(byNamespace.mapValues(\.nanos), maximum)
        var sums = Sums()
        for cost in costs {
            let name = shown.contains(cost.namespace) ? cost.namespace : other
            sums.add(cost.costPerHour, to: [name, cost.reason.rawValue])
        }
        return sums.rows
    }

    private static func tagGaps(_ groups: [AuditFigures.NodeGroupFigures], _ maximum: Int) -> [Row] {
        var gaps: [[String]: Int] = [:]
        let shown = dearest(
            Dictionary(groups.map { ($0.name, Int128($0.tags.reduce(0) { $0 + self.gaps($1) })) }) { $0 + $1 }, maximum)
        for group in groups {
            for tag in group.tags {
                gaps[[shown.contains(group.name) ? group.name : other, tag.tag], default: 0] += self.gaps(tag)
            }
        }
        return gaps.map { Row($0.key, Double($0.value)) }.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
    }

    private static func gaps(_ tag: AuditReport.TagRow) -> Int { max(tag.missingNodes, tag.isDrifting ? 1 : 0) }

    /// The names with the largest amounts; of equal amounts the first by name, so that series do not come and go.
    private static func dearest(_ amounts: [String: Int128], _ maximum: Int) -> Set<String> {
        Set(
            amounts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }.prefix(max(0, maximum))
                .map(\.key))
    }

    /// Amounts by labels: two that come to have the same labels are one series.
    private struct Sums {
        private var amounts: [[String]: Money] = [:]

        mutating func add(_ amount: Money, to labels: [String]) { amounts[labels, default: .zero] += amount }

        var rows: [Row] {
            amounts.map { Row($0.key, Double($0.value.nanos) / Double(Money.nanosPerUnit)) }
                .sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
        }
    }
}
