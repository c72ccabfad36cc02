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
    /// What stays set aside once the init containers have run: the same or less (see `currentRequests`).
    package var runningRequests = ResourceListID.empty
    /// PersistentVolumeClaims that its volumes name, in its namespace.
    package var volumeClaims = NameListID.empty
    /// ResourceClaims (devices given out by dynamic resource allocation) in its namespace.
    package var resourceClaims = NameListID.empty
    package var phase = PodPhase.unknown
    package var initialization = PodInitialization.unreported
    /// Whether it shows in the API what a kubelet runs from a file: annotated `kubernetes.io/config.mirror`.
    package var isMirror = false

    package init(namespace: StringID, name: StringID, uid: ObjectUID) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    /// What is set aside for it now. Its phase tells that only where the condition is missing: a Pod stays pending
    /// behind its init containers, too, as long as an image cannot be pulled.
    package var currentRequests: ResourceListID {
        switch initialization {
        case .finished: runningRequests
        case .unfinished: requests
        case .unreported: phase == .pending ? requests : runningRequests
        }
    }

    /// Whether its containers have ended for good, so that it costs nothing any more.
    package var hasEnded: Bool { phase.hasEnded }

    /// Whether it takes up room on a node: bound to one and not ended, even if it cannot start.
    package var occupiesNode: Bool { !node.isEmpty && !hasEnded }
}

/// Whether a Pod's init containers have run: its condition `Initialized`.
package enum PodInitialization: UInt8, Sendable, Hashable, CaseIterable {
    /// There is no such condition, or nobody knows.
    case unreported
    case finished, unfinished

    package static let condition = "Initialized"

    /// - Parameter status: of the condition.
    package init(status: String) {
        self =
            switch status {
            case "True": .finished
            case "False": .unfinished
            default: .unreported
            }
    }

    /// The condition's status; nil for none.
    var text: String? {
        switch self {
        case .unreported: nil
        case .finished: "True"
        case .unfinished: "False"
        }
    }
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
