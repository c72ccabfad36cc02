/// How one copy stands.
package struct CacheStatus: Sendable, Hashable {
    /// As kubectl names it: `replicasets.apps`.
    package let resource: String
    package let isSynced: Bool
    /// Why it is not followed at the moment.
    package let failure: WatchFailure.Reason?
    /// Since the server was last in touch.
    package let age: Duration?

    package init(resource: String, isSynced: Bool, failure: WatchFailure.Reason?, age: Duration?) {
        self.resource = resource
        self.isSynced = isSynced
        self.failure = failure
        self.age = age
    }

    package init(_ resource: String, _ status: StoreStatus, at now: ContinuousClock.Instant) {
        self.resource = resource
        isSynced = status.isSynced
        if case .failing(let reason) = status.condition { failure = reason } else { failure = nil }
        age = status.age(at: now)
    }

    /// Whether there is nothing to wait for: it is there, or it will not be until somebody changes something in the
    /// cluster.
    package var isSettled: Bool { isSynced || failure == .forbidden || failure == .absent }
}
