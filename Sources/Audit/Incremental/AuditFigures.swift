package import Attribution
package import LabelPolicy

/// What metrics print of an audit: sums, without the texts of findings. All amounts are rates per hour.
package struct AuditFigures: Sendable, Hashable {
    package var at: Timestamp
    package var currency: Currency
    package var coverage: AuditReport.Coverage
    /// Everything.
    package var costPerHour: Money
    /// The same money by whom it belongs to.
    package var ownership: AuditReport.Ownership
    /// The same money by who is billed, the dearest first, then the rows that are nobody's. Nothing is passed on here,
    /// whatever the settings share: idle room, overhead and the like stand in rows of their own.
    package var owners: [AuditReport.OwnerCost]
    /// What no owner is known of, by namespace and the first reason, in the order of their names: they sum to
    /// `ownership.unattributed`.
    package var unattributed: [UnattributedCost]
    /// In the order of their names.
    package var nodeGroups: [NodeGroupFigures]
    /// Pods that have not ended.
    package var pods: Int
    package var nodes: Int
    package var namespaces: Int

    package init(at: Timestamp, currency: Currency) {
        self.at = at
        self.currency = currency
        coverage = AuditReport.Coverage()
        costPerHour = .zero
        ownership = AuditReport.Ownership()
        owners = []
        unattributed = []
        nodeGroups = []
        pods = 0
        nodes = 0
        namespaces = 0
    }

    /// The figures of a full audit.
    package init(_ report: AuditReport) {
        self.init(at: report.generatedAt, currency: report.currency)
        coverage = report.coverage
        costPerHour = report.totals.costPerHour
        ownership = report.totals.ownership
        owners = report.owners
        unattributed = report.namespaces.flatMap { row in
            row.findings.byReason.compactMap { count in
                count.unattributed.isZero
                    ? nil
                    : UnattributedCost(namespace: row.name, reason: count.reason, costPerHour: count.unattributed)
            }
        }.sorted()
        nodeGroups = report.nodeGroups.map(NodeGroupFigures.init).sorted { $0.name < $1.name }
        pods = report.totals.pods
        nodes = report.totals.nodes
        namespaces = report.totals.namespaces
    }
}

extension AuditFigures {
    /// Spend in a namespace that a reason keeps from being attributed.
    package struct UnattributedCost: Sendable, Hashable, Comparable {
        package var namespace: String
        package var reason: Reason
        package var costPerHour: Money

        package init(namespace: String, reason: Reason, costPerHour: Money) {
            self.namespace = namespace
            self.reason = reason
            self.costPerHour = costPerHour
        }

        package static func < (left: Self, right: Self) -> Bool {
            (left.namespace, left.reason.rawValue) < (right.namespace, right.reason.rawValue)
        }
    }

    package struct NodeGroupFigures: Sendable, Hashable {
        /// Unique among the groups.
        package var name: String
        package var nodes: Int
        package var unpricedNodes: Int
        /// Of the nodes that have a price.
        package var costPerHour: Money
        package var ownership: AuditReport.Ownership
        /// One for each label of the policy that has a `tag`, in its order.
        package var tags: [AuditReport.TagRow]

        package init(
            name: String, nodes: Int, unpricedNodes: Int, costPerHour: Money, ownership: AuditReport.Ownership,
            tags: [AuditReport.TagRow]
        ) {
            self.name = name
            self.nodes = nodes
            self.unpricedNodes = unpricedNodes
            self.costPerHour = costPerHour
            self.ownership = ownership
            self.tags = tags
        }

        package init(_ row: AuditReport.NodeGroupRow) {
            self.init(
                name: row.name, nodes: row.nodes, unpricedNodes: row.unpricedNodes, costPerHour: row.price,
                ownership: row.ownership, tags: row.tags)
        }
    }
}
