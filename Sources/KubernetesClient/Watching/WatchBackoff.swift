/// How long to wait before the next attempt: exponential with full jitter, that is any time up to a bound which doubles
/// with every attempt ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
package struct WatchBackoff: Sendable, Hashable {
    package struct Settings: Sendable, Hashable {
        /// The bound of the first wait.
        package var base: Duration = .milliseconds(500)
        /// No wait is shorter, whatever is drawn: full jitter alone may draw nothing many times in a row.
        package var floor: Duration = .milliseconds(50)
        /// The bound of waits for what mends itself: restarts, elections, networks.
        package var cap: Duration = .seconds(30)
        /// The bound where somebody has to grant something. A server that is starting refuses too, for a moment, so
        /// that these also begin with short waits.
        package var refusedCap: Duration = .seconds(60)
        /// The bound where the resource does not exist.
        package var absentCap: Duration = .seconds(300)
        /// The longest `Retry-After` that is obeyed; kube-apiserver asks for a second.
        package var retryAfterCap: Duration = .seconds(300)

        package init() {}
    }

    private let settings: Settings
    /// Waits since the last success.
    package private(set) var attempts = 0

    /// 500 ms doubled so often is over a day: beyond every cap.
    private static let mostDoublings = 18

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
    }

    package mutating func reset() {
        attempts = 0
    }

    /// The wait before the next attempt after this failure. It is never shorter than the server asked for, nor than the
    /// floor.
    package mutating func next(
        after failure: WatchFailure, using random: inout some RandomNumberGenerator
    ) -> Duration {
        let doublings = min(attempts, Self.mostDoublings)
        attempts += attempts < Int.max ? 1 : 0
        let bound = min(settings.base * (1 << doublings), cap(failure.reason))
        let wait = max(bound * Double.random(in: 0...1, using: &random), settings.floor)
        guard let asked = failure.retryAfter, asked > .zero else { return wait }
        // The jitter goes on top: all who were refused together were told the same time.
        return min(asked, settings.retryAfterCap) + wait
    }

    private func cap(_ reason: WatchFailure.Reason) -> Duration {
        switch reason {
        case .unauthorized, .forbidden, .rejected: settings.refusedCap
        case .absent: settings.absentCap
        case .expired, .throttled, .unavailable, .unreachable, .timedOut, .cut, .silent, .malformed: settings.cap
        }
    }
}
