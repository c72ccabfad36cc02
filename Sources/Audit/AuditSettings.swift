package import LabelPolicy

/// How an audit is made, beside policy and prices.
package struct AuditSettings: Sendable, Hashable {
    /// Findings in one report. Nobody reads more, and each takes about a kilobyte with its texts; counts and sums are
    /// exact beyond it.
    package static let defaultMaximumFindings = 10_000
    /// Rows of one showback table; the rest is one row. Labels have few values, workloads are many.
    package static let defaultMaximumShowbackRows = 1_000

    package var maximumFindings: Int
    package var maximumShowbackRows: Int
    /// Only findings of these namespaces are shown, and left out beyond the maximum; none: all. Counts are the cluster's.
    package var shownNamespaces: [Glob]
    /// Labels of nodes that name a node group, asked before those of the providers, in order.
    package var nodeGroupKeys: [String]

    package init(
        maximumFindings: Int = defaultMaximumFindings, maximumShowbackRows: Int = defaultMaximumShowbackRows,
        shownNamespaces: [Glob] = [], nodeGroupKeys: [String] = []
    ) {
        self.maximumFindings = max(0, maximumFindings)
        self.maximumShowbackRows = max(1, maximumShowbackRows)
        self.shownNamespaces = shownNamespaces
        self.nodeGroupKeys = nodeGroupKeys
    }

    /// Whether a finding about the object is shown.
    package func shows(_ subject: ObjectReference) -> Bool {
        if shownNamespaces.isEmpty { return true }
        let isNamespace = subject.kind == "Namespace" && subject.group.isEmpty
        let name = isNamespace ? subject.name : subject.namespace
        return shownNamespaces.contains { $0.matches(name) }
    }
}
