package import LabelPolicy

/// How costs are divided and passed on.
package struct AllocationSettings: Sendable, Hashable {
    package var split: SplitMethod
    package var sharing: SharingSettings

    package init(split: SplitMethod = .openCost, sharing: SharingSettings = SharingSettings()) {
        self.split = split
        self.sharing = sharing
    }
}

/// What becomes of costs that are nobody's own. Applied once, when costs are summed up by a label; the total stays what it
/// is.
package struct SharingSettings: Sendable, Hashable {
    /// What is not asked for, and what the system reserves.
    package var idle: SharingRule
    /// DaemonSets and static Pods: every node runs them.
    package var overhead: SharingRule
    /// Everything else in `sharedNamespaces`.
    package var namespaces: SharingRule
    /// Namespaces that serve all others.
    package var sharedNamespaces: [Glob]

    package init(
        idle: SharingRule = .separate, overhead: SharingRule = .separate, namespaces: SharingRule = .separate,
        sharedNamespaces: [Glob] = SharingSettings.systemNamespaces
    ) {
        self.idle = idle
        self.overhead = overhead
        self.namespaces = namespaces
        self.sharedNamespaces = sharedNamespaces
    }

    package static let systemNamespaces = ["kube-system", "kube-public", "kube-node-lease"].map { Glob($0) }
}

/// By what measure a common cost is passed on.
package enum SharingRule: Sendable, Hashable {
    /// It is not: it stands in a row of its own.
    case separate
    /// The same for everybody who has costs.
    case even
    /// In proportion to what each costs itself.
    case weighted
    /// In fixed proportions, by the value of the label the report is grouped by.
    case custom([String: UInt64])
}
