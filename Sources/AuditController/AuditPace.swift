/// When to audit: soon after something has changed, but not all the time, and at the latest when time itself changes
/// what would be found.
package struct AuditPace: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Between two audits while things change. A rollout changes dozens of objects each second; people and Prometheus
    /// look every half minute or so.
    package static let defaultInterval = Duration.seconds(10)
    /// Without any change: registrations begin and end, deadlines pass, and Jobs finish whatever happens.
    package static let longestRest = Duration.seconds(300)
    /// After the first of several changes: what belongs together comes together.
    package static let settlingTime = Duration.milliseconds(200)

    private let interval: Duration
    private var lastAudit: Instant?
    private var changedAt: Instant?

    /// - Parameter interval: the least time from one audit to the next.
    package init(interval: Duration = defaultInterval) { self.interval = interval }

    package mutating func changed(at now: Instant) {
        if changedAt == nil { changedAt = now }
    }

    /// An audit was begun; it knows of every change so far.
    package mutating func audited(at now: Instant) {
        lastAudit = now
        changedAt = nil
    }

    /// When the next is due; nil before there was anything to audit.
    ///
    /// - Parameter timeChange: when time itself changes something, if that is known.
    package func next(timeChange: Instant? = nil) -> Instant? {
        guard let lastAudit else { return changedAt.map { $0 + Self.settlingTime } }
        let rested = min(timeChange ?? lastAudit + Self.longestRest, lastAudit + Self.longestRest)
        let changed = changedAt.map { $0 + Self.settlingTime } ?? rested
        return max(min(changed, rested), lastAudit + interval)
    }
}
