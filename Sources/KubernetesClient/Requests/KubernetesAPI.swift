package import NIOCore
import NIOHTTP1

/// Calls to one cluster's API server: credentials, retries, limits and errors, the same for all.
///
/// Every call ends at its deadline or when its task is cancelled, whatever the server does.
package final class KubernetesAPI: Sendable {
    package struct Settings: Sendable {
        /// Requests under way at a time, watches not counted. The server's fair queuing gives one client some tens of
        /// seats; a client with fewer leaves room for the others.
        package var concurrentRequests = 16
        /// How long one attempt may take before it is given up for the next. API servers end requests after 60 s.
        package var attemptTimeout = TimeAmount.seconds(60)
        /// Bytes of one answer. A page of 500 of the largest Pods takes some 10 MB; what is listed at once and not in
        /// pages may take ten times that.
        package var bodyLimit = 256 << 20

        package init() {}
    }

    /// Refusals are small; a proxy's error page may not be.
    private static let refusalLimit = 1 << 20
    /// Of a refusal's words, which are only good for the message.
    private static let refusalTimeout = TimeAmount.seconds(5)

    let transport: any HTTPTransport
    private let credentials: any CredentialProviding
    let settings: Settings
    let timing: APITiming
    private let retries = RetryPolicy()
    private let permits: Permits

    package init(
        transport: any HTTPTransport, credentials: any CredentialProviding, settings: Settings = Settings(),
        timing: APITiming = .system
    ) {
        self.transport = transport
        self.credentials = credentials
        self.settings = settings
        self.timing = timing
        permits = Permits(settings.concurrentRequests)
    }

    /// One call, before it has credentials.
    struct Exchange {
        var call: APICall
        var method: HTTPMethod
        var target: RequestTarget
        var headers: [(String, String)] = []
        var body: ByteBuffer?
        var effect = RetryPolicy.Effect.idempotent
        /// Whether a failure that may pass is waited out.
        var isRetried = true
    }

    // MARK: Whole answers

    /// Makes the call, again where that helps, and collects the answer.
    func answer(_ exchange: Exchange, deadline: NIODeadline) async throws(APIError) -> APIAnswer {
        try await retrying(exchange, deadline: deadline) { attemptDeadline throws(APIError) in
            guard await permits.acquire(deadline: attemptDeadline, timing: timing) else {
                throw Task.isCancelled
                    ? .cancelled(exchange.call)
                    : .deadlineExceeded(exchange.call, last: "too many requests of this process are under way")
            }
            defer { permits.release() }
            let response = try await respond(exchange, deadline: attemptDeadline)
            do throws(TransportError) {
                let body = try await response.body.collect(
                    upTo: settings.bodyLimit, deadline: attemptDeadline, from: transport.address)
                return APIAnswer(response, body: body)
            } catch {
                throw Self.error(error, exchange.call)
            }
        }
    }

    /// Makes the call, again where that helps, and returns with the answer's head.
    func stream(_ exchange: Exchange, deadline: NIODeadline) async throws(APIError) -> HTTPResponse {
        try await retrying(exchange, deadline: deadline) { attemptDeadline throws(APIError) in
            try await respond(exchange, deadline: attemptDeadline)
        }
    }

    // MARK: Attempts

    private func retrying<Value: Sendable>(
        _ exchange: Exchange, deadline: NIODeadline,
        _ attempt: (NIODeadline) async throws(APIError) -> Value
    ) async throws(APIError) -> Value {
        var attempts = 0
        while true {
            attempts += 1
            let failure: APIError
            do throws(APIError) {
                return try await attempt(min(deadline, timing.now() + settings.attemptTimeout))
            } catch {
                failure = error
            }
            let now = timing.now()
            if now >= deadline {
                if case .transport(let error, let call) = failure, case .timedOut(.answer) = error.reason {
                    throw .deadlineExceeded(call, last: attempts > 1 ? error.description : nil)
                }
                throw failure
            }
            guard exchange.isRetried,
                let wait = retries.wait(
                    after: failure, attempt: attempts, effect: exchange.effect, fraction: timing.fraction()),
                now + wait < deadline
            else { throw failure }
            do throws(CancellationError) { try await timing.sleep(wait) } catch { throw .cancelled(exchange.call) }
        }
    }

    /// One request; two when the first shows that the credentials are no longer good.
    private func respond(_ exchange: Exchange, deadline: NIODeadline) async throws(APIError) -> HTTPResponse {
        var refused: (credential: Credential, status: APIStatus)?
        while true {
            let credential: Credential
            do throws(CredentialError) { credential = try await credentials.credential(deadline: deadline) } catch {
                throw error == .cancelled ? .cancelled(exchange.call) : .credentials(error, exchange.call)
            }
            // There is nothing newer to show.
            if let refused, refused.credential == credential { throw .status(refused.status) }
            let response = try await send(exchange, credential, deadline: deadline)
            if (200...299).contains(response.status) { return response }
            let status = await refusal(response, exchange.call, deadline: deadline)
            guard status.code == 401, refused == nil else { throw .status(status) }
            await credentials.refused(credential)
            refused = (credential, status)
        }
    }

    private func send(
        _ exchange: Exchange, _ credential: Credential, deadline: NIODeadline
    ) async throws(APIError) -> HTTPResponse {
        var headers = HTTPHeaders(exchange.headers)
        if let authorization = credential.authorization { headers.add(name: "Authorization", value: authorization) }
        let request = HTTPRequest(
            method: exchange.method, target: exchange.target.text, headers: headers, body: exchange.body,
            identity: credential.identity)
        do throws(TransportError) {
            return try await transport.execute(request, deadline: deadline)
        } catch {
            throw Self.error(error, exchange.call)
        }
    }

    private func refusal(_ response: HTTPResponse, _ call: APICall, deadline: NIODeadline) async -> APIStatus {
        let bound = min(deadline, timing.now() + Self.refusalTimeout)
        let body = try? await response.body.collect(upTo: Self.refusalLimit, deadline: bound, from: transport.address)
        return APIStatus(code: response.status, headers: response.headers, body: body ?? ByteBuffer(), call: call)
    }

    static func error(_ error: TransportError, _ call: APICall) -> APIError {
        error.reason == .cancelled ? .cancelled(call) : .transport(error, call)
    }
}

/// A whole answer with a status of success.
package struct APIAnswer: Sendable {
    package var status: Int
    package var type: ContentType
    package var body: ByteBuffer

    init(_ response: HTTPResponse, body: ByteBuffer) {
        status = response.status
        type = ContentType(header: response.headers.first(name: "Content-Type"))
        self.body = body
    }
}
