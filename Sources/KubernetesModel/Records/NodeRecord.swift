/// A Node: what it offers and how its group and price are told.
package struct NodeRecord: Sendable, Hashable {
    package var uid: ObjectUID
    package var created = ObjectTime.none
    package var deleted = ObjectTime.none
    package var name: StringID
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty
    package var capacity = ResourceListID.empty
    /// Capacity without what the system reserves.
    package var allocatable = ResourceListID.empty
    /// The cloud's name for the machine: `aws:///eu-west-1a/i-0123`.
    package var providerID = StringID.empty
    package var instanceType = StringID.empty
    package var zone = StringID.empty
    package var region = StringID.empty
    package var isUnschedulable = false
    package var readiness = NodeReadiness.unreported

    package init(name: StringID, uid: ObjectUID) {
        self.name = name
        self.uid = uid
    }
}

/// The condition `Ready` of a Node.
package enum NodeReadiness: UInt8, Sendable, Hashable, CaseIterable {
    /// There is no such condition.
    case unreported
    case ready, notReady
    /// The node controller has not heard of the kubelet for a while.
    case unknown

    /// - Parameter status: of the condition.
    package init(status: String) {
        self =
            switch status {
            case "True": .ready
            case "False": .notReady
            default: .unknown
            }
    }
}

/// Labels that every cloud provider sets under the same key (kubernetes.io/docs/reference/labels-annotations-taints),
/// the current one first.
package enum NodeLabel {
    package static let instanceType = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"]
    package static let zone = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"]
    package static let region = ["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"]

    static let all = instanceType + zone + region
}
