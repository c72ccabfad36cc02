package import Attribution
package import LabelPolicy

/// What would happen if the policy were enforced everywhere today, and in which order to begin.
package struct Simulation: Sendable, Hashable {
    /// One for each namespace that is not excluded, in the order in which to promote them: those where nothing would be
    /// blocked, the dearest first, then by the least blocked spend, the fewest blocked workloads, and the name.
    package var namespaces: [Row]
    /// Workloads whose creation, or next change of their labels, would be denied, over all namespaces.
    package var blocked: Blocked

    package init(namespaces: [Row] = [], blocked: Blocked = Blocked()) {
        self.namespaces = namespaces
        self.blocked = blocked
    }

    package struct Blocked: Sendable, Hashable {
        package var workloads: Int
        package var pods: Int
        /// What those workloads cost per hour.
        package var costPerHour: Money

        package init(workloads: Int = 0, pods: Int = 0, costPerHour: Money = .zero) {
            self.workloads = workloads
            self.pods = pods
            self.costPerHour = costPerHour
        }

        package static func += (left: inout Blocked, right: Blocked) {
            left.workloads += right.workloads
            left.pods += right.pods
            left.costPerHour += right.costPerHour
        }
    }

    package struct Row: Sendable, Hashable {
        package var namespace: String
        /// What holds now; nil where the namespace could not be read.
        package var mode: Mode?
        package var workloads: Int
        package var costPerHour: Money
        package var blocked: Blocked
        /// Blocked workloads by the label they lack, in the policy's order; labels that block nothing are absent.
        package var labels: [LabelCount]
        /// Its labels could not be read, so that defaults from it may be missing from the count.
        package var isUncertain: Bool

        package init(
            namespace: String, mode: Mode?, workloads: Int = 0, costPerHour: Money = .zero,
            blocked: Blocked = Blocked(), labels: [LabelCount] = [], isUncertain: Bool = false
        ) {
            self.namespace = namespace
            self.mode = mode
            self.workloads = workloads
            self.costPerHour = costPerHour
            self.blocked = blocked
            self.labels = labels
            self.isUncertain = isUncertain
        }

        /// Enforcing here blocks nothing.
        package var isClean: Bool { blocked.workloads == 0 && !isUncertain }
    }

    package struct LabelCount: Sendable, Hashable {
        package var label: String
        package var workloads: Int

        package init(label: String, workloads: Int) {
            self.label = label
            self.workloads = workloads
        }
    }
}
