/// Why a call to the API server failed.
package enum APIError: Error, Sendable, Hashable {
    /// The server's refusal.
    case status(APIStatus)
    /// There is no answer.
    case transport(TransportError, APICall)
    /// There are no credentials to ask with.
    case credentials(CredentialError, APICall)
    /// What the kubeconfig or the Pod's files say is of no use.
    case configuration(ConfigurationError)
    /// The answer is not what the API promises.
    case malformed(APICall, problem: String)
    /// The caller's time was up before there was an answer worth having; what the last attempt said, if there was one.
    case deadlineExceeded(APICall, last: String?)
    case cancelled(APICall)
}

/// A refusal: the API server's `Status` object, or what its HTTP status says where there is none.
package struct APIStatus: Error, Sendable, Hashable {
    /// The HTTP status.
    package var code: Int
    /// `NotFound`, `Forbidden`, `Expired`, …; empty when the server gave none.
    package var reason: String
    /// For people, in one line.
    package var message: String
    /// After how many seconds the server wants to be asked again.
    package var retryAfterSeconds: Int?
    /// Where a list that has expired can go on, inconsistently: `metadata.continue` of the refusal.
    package var continueToken: String?
    package var call: APICall

    package init(
        code: Int, reason: String, message: String, retryAfterSeconds: Int? = nil, continueToken: String? = nil,
        call: APICall
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
        self.continueToken = continueToken
        self.call = call
    }
}

extension APIError {
    private var status: APIStatus? { if case .status(let status) = self { status } else { nil } }

    /// The resource version or the continue token is too old: list anew.
    package var isExpired: Bool {
        status.map { $0.code == 410 || $0.reason == "Expired" || $0.reason == "Gone" } ?? false
    }
    package var isNotFound: Bool { status?.code == 404 }
    package var isForbidden: Bool { status?.code == 403 }
    package var isUnauthorized: Bool { status?.code == 401 }
    /// The object is not as the change supposes, or exists already.
    package var isConflict: Bool { status?.code == 409 }
    package var isAlreadyExists: Bool { status?.reason == "AlreadyExists" }

    /// Whether the same call may succeed in a moment.
    package var isRetriable: Bool {
        switch self {
        case .status(let status): status.isRetriable
        case .transport(let error, _): error.isRetriable
        case .deadlineExceeded: true
        case .credentials(let error, _): error.isRetriable
        case .configuration, .malformed, .cancelled: false
        }
    }

    /// After how long the server wants to be asked again, if it said so.
    package var retryAfter: Duration? { status?.retryAfterSeconds.map { .seconds($0) } }
}

extension APIStatus {
    /// Too many requests, or a server that is starting, stopping or overloaded.
    package var isRetriable: Bool { code == 429 || (500...599).contains(code) && code != 501 && code != 505 }
}

extension APIError: CustomStringConvertible {
    /// One line: what was asked, what came of it, and what to do.
    package var description: String {
        switch self {
        case .status(let status): status.description
        case .transport(let error, let call): "\(call): \(error)"
        case .credentials(let error, let call): "\(call): \(error)"
        case .configuration(let error): error.description
        case .malformed(let call, let problem): "\(call): the API server's answer cannot be read: \(problem)"
        case .deadlineExceeded(let call, let last):
            "\(call): no answer in time" + (last.map { "; the last attempt: \($0)" } ?? "")
        case .cancelled(let call): "\(call): given up"
        }
    }
}

extension APIStatus: CustomStringConvertible {
    package var description: String {
        let said = message.isEmpty ? "HTTP status \(code)" : message
        switch code {
        case 401:
            return "\(call): credentials expired or not accepted: \(said); "
                + "renew the token, certificate or login that the kubeconfig names"
        case 403: return "\(call): forbidden: \(said); allow it by \(call.permission)"
        default: return "\(call): \(reason.isEmpty ? "refused" : reason): \(said)"
        }
    }
}
