import NIOCore

/// Serves `POST /validate` and `POST /mutate`.
struct WebhookRouter: HTTPRouter {
    struct Route: Sendable {
        var endpoint: WebhookEndpoint
        /// What the API server will wait, from the query.
        var timeout: TimeAmount
    }

    /// What the API server waits when the configuration does not say.
    static let defaultTimeout = TimeAmount.seconds(10)
    /// The range `timeoutSeconds` of a webhook configuration may have.
    static let timeoutRange = 1...30

    let admission: any AdmissionService

    func route(method: RequestMethod, path: Substring.UTF8View, query: Substring.UTF8View) -> Routing<Route> {
        let endpoint: WebhookEndpoint
        if path.equals("/validate") {
            endpoint = .validate
        } else if path.equals("/mutate") {
            endpoint = .mutate
        } else {
            return .unknownPath
        }
        switch method {
        case .post: break
        case .get, .head, .other: return .methodNotAllowed(allow: .post)
        }
        return .found(
            Route(endpoint: endpoint, timeout: WebhookRouter.timeout(in: query)),
            .json(maximumBytes: HTTPLimits.webhookBody))
    }

    func answer(_ route: Route, body: ByteBuffer, started: NIODeadline, on eventLoop: any EventLoop) -> HTTPAnswer {
        let deadline = started + WebhookRouter.budget(of: route.timeout)
        switch self.admission.answer(route.endpoint, body: body, deadline: deadline, on: eventLoop) {
        case .now(let reply): return .now(HTTPReply(reply))
        case .later(let future): return .later(future.map { HTTPReply($0) })
        }
    }

    /// What of a timeout may be spent: the API server rounds what it has left up to whole seconds, and the answer has
    /// to travel. A tenth, at least 200 ms, is kept back.
    static func budget(of timeout: TimeAmount) -> TimeAmount {
        timeout - max(.milliseconds(200), .nanoseconds(timeout.nanoseconds / 10))
    }

    /// `timeout=10s` of the query, limited to the range the API server allows; the default when it is absent or is
    /// not a whole number of seconds.
    static func timeout(in query: Substring.UTF8View) -> TimeAmount {
        for parameter in query.split(separator: UInt8(ascii: "&")) {
            let name = parameter.prefix { $0 != UInt8(ascii: "=") }
            guard name.equals("timeout") else { continue }
            let value = parameter[name.endIndex...].dropFirst()
            guard value.last == UInt8(ascii: "s"), let seconds = decimal(value.dropLast()) else { continue }
            let range = WebhookRouter.timeoutRange
            return .seconds(Int64(min(max(seconds, range.lowerBound), range.upperBound)))
        }
        return WebhookRouter.defaultTimeout
    }
}

extension HTTPReply {
    init(_ reply: AdmissionReply) {
        self.init(status: reply.status, contentType: reply.status == .ok ? .json : .text, body: reply.body)
    }
}
