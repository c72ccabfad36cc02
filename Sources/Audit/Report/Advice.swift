package import LabelPolicy

extension AuditReport {
    /// Something about policy, registry or set-up that is worth an edit and no single object's fault.
    package struct Advice: Sendable, Hashable {
        package var topic: Topic
        /// One line: what is the matter.
        package var message: String
        /// One line: what to do.
        package var remedy: String

        package init(topic: Topic, message: String, remedy: String) {
            self.topic = topic
            self.message = message
            self.remedy = remedy
        }
    }

    package enum Topic: Sendable, Hashable {
        /// No object of the cluster is excused by it.
        case unusedExemption(name: String, expires: CivilDate)
        /// A value that the registry does not know, in use by many.
        case unknownValue(label: String, value: String, mends: Mending)
        /// Label keys that become one downstream, and how many objects carry each.
        case collidingLabels(keys: [String], system: DownstreamSystem)
        /// A cost label that an import of the first labels in alphabetical order leaves out.
        case cutLabel(label: String, position: Int, limit: Int)
        /// A group with nodes of several instance types or kinds of capacity, whose price is no single one.
        case mixedNodeGroup(name: String)

        /// A stable code, like those of `Reason`.
        package var code: String {
            switch self {
            case .unusedExemption: "unused-exemption"
            case .unknownValue: "unknown-value"
            case .collidingLabels: "colliding-labels"
            case .cutLabel: "cut-label"
            case .mixedNodeGroup: "mixed-node-group"
            }
        }
    }

    /// Where labels go once they leave the cluster.
    package enum DownstreamSystem: String, Sendable, Hashable, CaseIterable {
        /// Label names of Prometheus allow letters, digits and `_`: everything else becomes `_`.
        case prometheus
        /// kube-state-metrics turns camel case into snake case too, and appends `_conflictN`.
        case kubeStateMetrics = "kube-state-metrics"
        /// AWS imports the first labels of a Pod in alphabetical order.
        case splitCostAllocation = "split-cost-allocation"
    }

    /// What the report does not cover.
    package struct Note: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            /// A resource that could not be read.
            case unread
            /// A problem of single objects.
            case object
            /// A price that is estimated, stale or doubtful.
            case price
            /// An audit's own limit.
            case limit
        }

        package var kind: Kind
        /// One line.
        package var text: String

        package init(kind: Kind, text: String) {
            self.kind = kind
            self.text = text
        }
    }
}
