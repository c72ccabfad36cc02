package import NIOCore

/// Who of several replicas does the work: the one that holds a Lease, and keeps renewing it.
///
/// No clock but one's own is trusted. A holder counts as gone when its record has not changed for the record's own
/// duration *since it was first seen here*; the times in it, written by another clock, are for people. And a leader
/// counts itself as one only until the time limit for renewals is over, reckoned from the start of its last successful
/// write: it stops before another may begin, as long as its own clock runs at the same speed.
///
/// This is the algorithm of client-go's `leaderelection`, without its clocks and threads: a machine that is told what
/// has happened and says what to do next.
package struct LeaderElection: Sendable {
    package struct Settings: Sendable, Hashable {
        /// Of this process among all that ever lived: a Pod's name with something random.
        package var identity: String
        /// How long a leader that is not heard of stays one.
        package var leaseDuration: TimeAmount
        /// How long a leader goes on without a successful renewal; less than the above, so that it ends first.
        package var renewDeadline: TimeAmount
        /// Between two renewals, and between two looks of those that wait.
        package var retryPeriod: TimeAmount

        /// The times are those of Kubernetes' own controllers.
        package init(
            identity: String, leaseDuration: TimeAmount = .seconds(15), renewDeadline: TimeAmount = .seconds(10),
            retryPeriod: TimeAmount = .seconds(2)
        ) {
            self.identity = identity
            self.leaseDuration = leaseDuration
            self.renewDeadline = renewDeadline
            self.retryPeriod = retryPeriod
        }
    }

    package enum Action: Sendable, Hashable {
        case read
        case create(LeaseRecord)
        /// In place of exactly this version.
        case update(LeaseRecord, replacing: StoredLease)
        case wait(until: NIODeadline)
        /// There is nothing left to do.
        case end
    }

    /// What came of an action.
    package enum Outcome: Sendable, Hashable {
        case found(StoredLease)
        case missing
        /// As the server has it now.
        case written(StoredLease)
        /// Somebody else was faster.
        case conflict
        /// There is no telling whether a write was done.
        case failed
    }

    private enum State: Sendable {
        case follower(lookAt: NIODeadline)
        case reading
        case acquiring(startedAt: NIODeadline)
        case leader(Lead, renewAt: NIODeadline)
        case renewing(Lead, startedAt: NIODeadline)
        /// The version it knew is gone: who holds it now?
        case rereading(Lead)
        case releasing
        case ended
    }

    private struct Lead: Sendable {
        var lease: StoredLease
        /// When the last successful write began.
        var renewedAt: NIODeadline
    }

    private struct Observation: Sendable {
        var record: LeaseRecord
        var since: NIODeadline
    }

    private let settings: Settings
    private var state: State
    private var observation: Observation?
    private var isShuttingDown = false

    package init(_ settings: Settings, now: NIODeadline) {
        self.settings = settings
        state = .follower(lookAt: now)
    }

    // MARK: What holds

    /// Until when this process leads, as far as it knows; nil: it does not.
    package var leadsUntil: NIODeadline? {
        switch state {
        case .leader(let lead, _), .renewing(let lead, _), .rereading(let lead): lead.renewedAt + settings.renewDeadline
        case .follower, .reading, .acquiring, .releasing, .ended: nil
        }
    }

    package func isLeader(at now: NIODeadline) -> Bool { leadsUntil.map { now < $0 } ?? false }

    /// Who holds the lease, as it was last seen; nil: nobody, or not known.
    package var observedHolder: String? { observation.flatMap { $0.record.holder.nonEmpty } }

    // MARK: What to do

    /// - Parameters:
    ///   - wallClock: written into the lease, for people.
    ///   - fraction: chance, at least 0 and less than 1; it keeps those that wait from looking at the same moment.
    package mutating func proceed(at now: NIODeadline, wallClock: RFC3339.Moment, fraction: Double) -> Action {
        if let until = leadsUntil, now >= until { lose(at: now) }
        switch state {
        case .follower(let lookAt):
            if isShuttingDown { return finish() }
            guard now >= lookAt else { return .wait(until: lookAt) }
            state = .reading
            return .read
        case .leader(let lead, let renewAt):
            if isShuttingDown { return release(lead, wallClock) }
            guard now >= renewAt else { return .wait(until: renewAt) }
            state = .renewing(lead, startedAt: now)
            return .update(renewal(of: lead.lease.record, wallClock), replacing: lead.lease)
        case .reading, .rereading: return .read
        // A write whose outcome was never told.
        case .acquiring, .renewing:
            received(.failed, at: now, fraction: fraction)
            return proceed(at: now, wallClock: wallClock, fraction: fraction)
        case .releasing, .ended: return finish()
        }
    }

    /// Tells what came of the last action, and what to do now; nil: `proceed` says it.
    ///
    /// - Parameter now: after the action.
    @discardableResult
    package mutating func received(
        _ outcome: Outcome, at now: NIODeadline, wallClock: RFC3339.Moment? = nil, fraction: Double
    ) -> Action? {
        switch (state, outcome) {
        case (.reading, .found(let lease)): return consider(lease, at: now, wallClock, fraction)
        case (.reading, .missing):
            observation = nil
            guard let wallClock, !isShuttingDown else { break }
            state = .acquiring(startedAt: now)
            return .create(acquisition(after: nil, wallClock))
        case (.acquiring(let startedAt), .written(let lease)), (.renewing(_, let startedAt), .written(let lease)):
            observe(lease.record, at: now)
            state = .leader(
                Lead(lease: lease, renewedAt: startedAt), renewAt: startedAt + settings.retryPeriod)
            return nil
        case (.renewing(let lead, _), .conflict):
            state = .rereading(lead)
            return nil
        case (.rereading(var lead), .found(let lease)):
            observe(lease.record, at: now)
            guard lease.record.holder == settings.identity else { break }
            // One's own write of which no answer came.
            lead.lease = lease
            state = .leader(lead, renewAt: now)
            return nil
        case (.renewing(let lead, _), .failed), (.rereading(let lead), .failed):
            // It may have been done: what is there now has to be read before the next try.
            let next = min(now + settings.retryPeriod, lead.renewedAt + settings.renewDeadline)
            state = .leader(lead, renewAt: next)
            return nil
        case (.releasing, _), (.ended, _):
            state = .ended
            return nil
        case (.rereading, .missing), (.rereading, .written), (.rereading, .conflict), (.renewing, .found),
            (.renewing, .missing):
            break
        case (.reading, .written), (.reading, .conflict), (.reading, .failed), (.acquiring, .found),
            (.acquiring, .missing), (.acquiring, .conflict), (.acquiring, .failed), (.follower, _), (.leader, _):
            break
        }
        wait(from: now, fraction)
        return nil
    }

    /// From now on it gives up what it has: the lease is written empty, so that the next need not wait.
    package mutating func shutDown() { isShuttingDown = true }

    // MARK: Steps

    private mutating func consider(
        _ lease: StoredLease, at now: NIODeadline, _ wallClock: RFC3339.Moment?, _ fraction: Double
    ) -> Action? {
        observe(lease.record, at: now)
        let record = lease.record
        let since = observation?.since ?? now
        let isFree =
            record.holder.isEmpty || record.holder == settings.identity
            || now >= since + .seconds(Int64(min(max(record.durationSeconds, 0), Self.longestLease)))
        guard isFree, !isShuttingDown, let wallClock else {
            wait(from: now, fraction)
            return nil
        }
        state = .acquiring(startedAt: now)
        return .update(acquisition(after: record, wallClock), replacing: lease)
    }

    /// A day: nobody means more, and sums stay far from overflow.
    private static let longestLease = 86_400

    private mutating func observe(_ record: LeaseRecord, at now: NIODeadline) {
        if observation?.record != record { observation = Observation(record: record, since: now) }
    }

    private mutating func wait(from now: NIODeadline, _ fraction: Double) {
        // As client-go: up to a fifth more.
        let jitter = Int64(Double(settings.retryPeriod.nanoseconds) * 0.2 * fraction)
        state = .follower(lookAt: now + settings.retryPeriod + .nanoseconds(jitter))
    }

    private mutating func lose(at now: NIODeadline) {
        // What one wrote oneself may still stand there: it has to be read, and its duration waited for.
        state = .follower(lookAt: now)
    }

    private mutating func release(_ lead: Lead, _ wallClock: RFC3339.Moment) -> Action {
        state = .releasing
        var record = lead.lease.record
        record.holder = ""
        record.durationSeconds = 1
        record.renewed = wallClock
        return .update(record, replacing: lead.lease)
    }

    private mutating func finish() -> Action {
        state = .ended
        return .end
    }

    // MARK: Records

    private var durationSeconds: Int { max(1, Int(settings.leaseDuration.nanoseconds / 1_000_000_000)) }

    private func renewal(of record: LeaseRecord, _ wallClock: RFC3339.Moment) -> LeaseRecord {
        var record = record
        record.renewed = wallClock
        record.durationSeconds = durationSeconds
        return record
    }

    private func acquisition(after record: LeaseRecord?, _ wallClock: RFC3339.Moment) -> LeaseRecord {
        guard let record else {
            return LeaseRecord(
                holder: settings.identity, durationSeconds: durationSeconds, acquired: wallClock, renewed: wallClock)
        }
        var next = renewal(of: record, wallClock)
        guard record.holder != settings.identity else { return next }
        next.holder = settings.identity
        next.acquired = wallClock
        next.transitions = record.transitions == Int.max ? record.transitions : record.transitions + 1
        return next
    }
}
