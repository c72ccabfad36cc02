package import Attribution
package import LabelPolicy

extension AuditReport {
    /// Exact sums over the whole cluster, whatever `findings` leaves out.
    package struct Totals: Sendable, Hashable {
        package var namespaces = 0
        /// Roots that are judged.
        package var workloads = 0
        /// Pods that have not ended.
        package var pods = 0
        package var nodes = 0
        package var nodeGroups = 0
        package var volumes = 0
        package var loadBalancers = 0

        /// Everything per hour: `nodesCost + volumesCost + loadBalancersCost + externalCost`.
        package var costPerHour = Money.zero
        package var nodesCost = Money.zero
        package var volumesCost = Money.zero
        package var loadBalancersCost = Money.zero
        /// What arises outside of the cluster, as far as the caller knows of it.
        package var externalCost = Money.zero

        /// The same money once more, by whom it belongs to. These lines sum to `costPerHour`.
        package var ownership = Ownership()

        /// Nodes without a price: their cost is in no sum.
        package var unpricedNodes = 0
        package var findings = FindingCounts()

        package init() {}
    }

    /// A sum of money by whom it belongs to.
    package struct Ownership: Sendable, Hashable {
        /// Workloads of which every required label is attributed, DaemonSets among them.
        package var attributed = Money.zero
        /// Workloads that lack one.
        package var unattributed = Money.zero
        /// Workloads in namespaces that the policy excludes, and Pods that are nobody's to label (static Pods).
        package var excluded = Money.zero
        /// DaemonSets without an owner: what every node carries.
        package var overhead = Money.zero
        package var idle = Idle()
        /// Volumes that no Pod mounts.
        package var unmounted = Money.zero
        /// What could be given to nobody: the price of a node without capacity, a load balancer without Pods.
        package var unallocated = Money.zero
        /// What arises outside of the cluster.
        package var external = Money.zero

        package init() {}

        package var sum: Money {
            attributed + unattributed + excluded + overhead + idle.sum + unmounted + unallocated + external
        }
    }

    /// The three kinds of idle room.
    package struct Idle: Sendable, Hashable {
        /// Room that no Pod asks for.
        package var unallocated = Money.zero
        /// Asked for and not used; known only with usage data. Whoever asks for it pays for it, so it is part of the
        /// workloads' cost and not of `sum`.
        package var overRequested = Money.zero
        /// Capacity that the system keeps for itself.
        package var systemReserved = Money.zero

        package init() {}

        package var sum: Money { unallocated + systemReserved }
    }

    package struct ReasonCount: Sendable, Hashable {
        package var reason: Reason
        package var required: Int
        package var recommended: Int
        /// The spend of workloads that this reason keeps from being attributed. A workload counts under the first of
        /// its required gaps in the policy's order, so that the reasons sum to what is unattributed.
        package var unattributed: Money

        package init(reason: Reason, required: Int = 0, recommended: Int = 0, unattributed: Money = .zero) {
            self.reason = reason
            self.required = required
            self.recommended = recommended
            self.unattributed = unattributed
        }
    }

    package struct FindingCounts: Sendable, Hashable {
        package var required = 0
        package var recommended = 0
        /// In the order of `Reason.allCases`; those that do not occur are absent.
        package var byReason: [ReasonCount] = []

        package init() {}

        package var all: Int { required + recommended }
    }
}
