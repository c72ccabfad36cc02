/// Why a list or a watch did not work out, as far as it matters to what is done next.
package struct WatchFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// A bounded set: it is also the metrics' label.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        /// 410, or an ERROR event or Status that says as much: the resourceVersion or the continue token is too old.
        case expired
        /// 401.
        case unauthorized
        /// 403.
        case forbidden
        /// 404: the server does not have the resource; its CustomResourceDefinition may have been deleted.
        case absent
        /// 429.
        case throttled
        /// 400, 405, 406, 415, 422: the server understood, and will say the same next time.
        case rejected
        /// 5xx, or an ERROR event of another kind.
        case unavailable
        /// No connection, or TLS failed.
        case unreachable
        /// No answer in time.
        case timedOut = "timed-out"
        /// The stream was cut.
        case cut
        /// The stream was open and nothing came for longer than the server would be silent.
        case silent
        /// What came is not what was asked for.
        case malformed
    }

    package var reason: Reason
    /// What the server asked for in `Retry-After` or `details.retryAfterSeconds`.
    package var retryAfter: Duration?
    /// For people: what was asked, what came, and what to do.
    package var description: String

    package init(_ reason: Reason, retryAfter: Duration? = nil, _ description: String) {
        self.reason = reason
        self.retryAfter = retryAfter
        self.description = description
    }
}

extension WatchFailure.Reason {
    /// What an HTTP status means, for those who have no more than that.
    package init(status: Int) {
        self =
            switch status {
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .absent
            case 410: .expired
            case 429: .throttled
            case 400..<500: .rejected
            default: .unavailable
            }
    }
}

extension WatchFailure {
    /// What a Status object says.
    package init(statusCode code: Int, reason: String, message: String, retryAfterSeconds: Int) {
        self.init(
            reason == "Expired" || reason == "Gone" ? .expired : Reason(status: code),
            retryAfter: retryAfterSeconds > 0 ? .seconds(retryAfterSeconds) : nil,
            "the API server says \(reason.isEmpty ? "nothing of why" : reason): \(message)")
    }
}
