/// A Pod, as far as cost is concerned. Some 110 bytes, beside its name and what it shares with others in the
/// `RecordPool`.
package struct PodRecord: Sendable, Hashable {
    package var uid: ObjectUID
    package var controller = ControllerReference.none
    package var created = ObjectTime.none
    /// When the kubelet took the Pod on; none before.
    package var started = ObjectTime.none
    /// When it is or was to be gone; the Pod costs until the kubelet lets go of it.
    package var deleted = ObjectTime.none
    package var namespace: StringID
    package var name: StringID
    /// Empty until the Pod is scheduled.
    package var node = StringID.empty
    package var labels = LabelSetID.empty
    package var annotations = LabelSetID.empty
    /// What the scheduler sets aside (see `PodRequestSum`).
    package var requests = ResourceListID.empty
    /// What stays set aside once the init containers have run: the same or less.
    package var runningRequests = ResourceListID.empty
    /// PersistentVolumeClaims that its volumes name, in its namespace.
    package var volumeClaims = NameListID.empty
    /// ResourceClaims (devices given out by dynamic resource allocation) in its namespace.
    package var resourceClaims = NameListID.empty
    package var phase = PodPhase.unknown
    /// Whether it shows in the API what a kubelet runs from a file: annotated `kubernetes.io/config.mirror`.
    package var isMirror = false

    package init(namespace: StringID, name: StringID, uid: ObjectUID) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    /// Whether its containers have ended for good, so that it costs nothing any more.
    package var hasEnded: Bool { phase.hasEnded }

    /// Whether it takes up room on a node: bound to one and not ended, even if it cannot start.
    package var occupiesNode: Bool { !node.isEmpty && !hasEnded }
}

/// `status.phase` of a Pod.
package enum PodPhase: UInt8, Sendable, Hashable, CaseIterable {
    case unknown, pending, running, succeeded, failed

    /// Any other text is `unknown`, as for the API server.
    package init(_ text: String) {
        self =
            switch text {
            case "Pending": .pending
            case "Running": .running
            case "Succeeded": .succeeded
            case "Failed": .failed
            default: .unknown
            }
    }

    package var hasEnded: Bool {
        switch self {
        case .succeeded, .failed: true
        case .unknown, .pending, .running: false
        }
    }
}
