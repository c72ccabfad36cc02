/// How an audit is made, beside policy and prices.
package struct AuditSettings: Sendable, Hashable {
    /// Findings in one report. Nobody reads more, and each takes about a kilobyte with its texts; counts and sums are
    /// exact beyond it.
    package static let defaultMaximumFindings = 10_000
    /// Rows of one showback table; the rest is one row. Labels have few values, workloads are many.
    package static let defaultMaximumShowbackRows = 1_000

    package var maximumFindings: Int
    package var maximumShowbackRows: Int
    /// Labels of nodes that name a node group, asked before those of the providers, in order.
    package var nodeGroupKeys: [String]

    package init(
        maximumFindings: Int = defaultMaximumFindings, maximumShowbackRows: Int = defaultMaximumShowbackRows,
        nodeGroupKeys: [String] = []
    ) {
        self.maximumFindings = max(0, maximumFindings)
        self.maximumShowbackRows = max(1, maximumShowbackRows)
        self.nodeGroupKeys = nodeGroupKeys
    }
}
