package import NIOCore

/// Lets one message a second through, and counts the others. No clock.
package struct LogThrottle {
    private let interval: TimeAmount
    private var quietUntil: NIODeadline?
    private var suppressed = 0

    package init(interval: TimeAmount = .seconds(1)) {
        self.interval = interval
    }

    /// The number of messages suppressed since the last one, or nil when this one has to be.
    package mutating func admit(at now: NIODeadline) -> Int? {
        if let quietUntil = self.quietUntil, now < quietUntil {
            self.suppressed += 1
            return nil
        }
        defer { self.suppressed = 0 }
        self.quietUntil = now + self.interval
        return self.suppressed
    }
}
