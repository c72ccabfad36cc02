import NIOCore

/// When and whether a call that failed is tried again.
///
/// Waits are random between nothing and a bound that doubles ("full jitter"), so that clients that failed together do
/// not come back together.
struct RetryPolicy: Sendable, Equatable {
    /// The first bound: some round trips of a busy server.
    var base: TimeAmount = .milliseconds(100)
    /// The last bound: longer waits would outlive most deadlines.
    var cap: TimeAmount = .seconds(10)
    /// The longest wait a server may ask for; API servers ask for 1 s, and what is in front of them for minutes.
    var retryAfterCap: TimeAmount = .seconds(30)
    /// With the waits above about a minute in all; deadlines are mostly shorter.
    var attempts = 10

    /// What the request does if it comes twice.
    enum Effect: Sendable {
        /// The same as once.
        case idempotent
        /// A second time would be refused or do more.
        case once
    }

    /// - Parameters:
    ///   - attempt: how many were made, from 1.
    ///   - fraction: chance: at least 0, less than 1.
    /// - Returns: how long to wait before the next; nil: the failure is final.
    func wait(after error: APIError, attempt: Int, effect: Effect, fraction: Double) -> TimeAmount? {
        guard attempt < attempts, isWorthIt(error, effect) else { return nil }
        let doublings = min(max(attempt - 1, 0), 20)
        let bound = min(cap.nanoseconds, base.nanoseconds << Int64(doublings))
        let jitter = Int64(Double(bound) * fraction)
        guard let asked = error.retryAfter else { return .nanoseconds(jitter) }
        let floor = min(Int64(clamping: asked.components.seconds) &* 1_000_000_000, retryAfterCap.nanoseconds)
        // What the server asks for is the least, and all its clients were told the same.
        return .nanoseconds(max(0, floor) + Int64(Double(TimeAmount.seconds(1).nanoseconds) * fraction))
    }

    private func isWorthIt(_ error: APIError, _ effect: Effect) -> Bool {
        switch error {
        case .status(let status):
            guard status.isRetriable else { return false }
            // 429, or an overloaded server that says when to come back: the request was not begun.
            return status.code == 429 || status.retryAfterSeconds != nil || effect == .idempotent
        case .transport(let error, _):
            guard error.isRetriable else { return false }
            switch error.reason {
            case .refused, .unreachable, .unresolved, .timedOut(.connection), .timedOut(.handshake), .proxy: return true
            case .timedOut(.answer), .closed, .certificate, .clientCertificateRefused, .notTLS, .tls, .malformed,
                .bodyTooLarge, .unusableIdentity, .cancelled, .shutDown, .other:
                return effect == .idempotent
            }
        case .credentials(let error, _): return error.isRetriable
        case .configuration, .malformed, .deadlineExceeded, .cancelled: return false
        }
    }
}
