import NIOHTTP1

/// A request whose head promises that it can be answered.
struct AcceptedRequest<Route: Sendable>: Sendable {
    var route: Route
    var bodyLimit: Int
    /// The announced length, if any, not above `bodyLimit`.
    var contentLength: Int?
    /// The client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool
    var connection: ClientConnection
    /// HEAD: the answer has no body.
    var headOnly: Bool
}

/// What the client wants to become of the connection after the answer.
enum ClientConnection: Sendable {
    /// HTTP/1.1's default: nothing need be said.
    case keepAlive
    /// HTTP/1.0 with `Connection: keep-alive`: the answer has to agree.
    case keepAliveHTTP10
    case close
}

/// The judgement on a request's head.
enum HeadVerdict<Route: Sendable>: Sendable {
    case accept(AcceptedRequest<Route>)
    /// `mayContinue` when no body follows, so that the connection can go on after the refusal.
    case refuse(Refusal, mayContinue: ClientConnection, headOnly: Bool)
}

/// Judges a request by its head alone; pure.
func judge<Router: HTTPRouter>(_ head: HTTPRequestHead, for router: Router) -> HeadVerdict<Router.Route> {
    let method: RequestMethod
    switch head.method {
    case .POST: method = .post
    case .GET: method = .get
    case .HEAD: method = .head
    default: method = .other
    }
    let fields = RequestFields(head.headers)
    let hasBody = fields.announcesBody

    var connection: ClientConnection = .close
    // The decoder stops at an upgrade or CONNECT as if another protocol followed; none does.
    if head.isKeepAlive, !fields.hasUpgrade, head.method != .CONNECT {
        connection = head.version.minor == 0 ? .keepAliveHTTP10 : .keepAlive
    }
    func refuse(_ refusal: Refusal) -> HeadVerdict<Router.Route> {
        .refuse(refusal, mayContinue: hasBody ? .close : connection, headOnly: method == .head)
    }

    guard head.version.major == 1, head.version.minor == 0 || head.version.minor == 1 else {
        return refuse(.version)
    }
    if head.version.minor == 1, fields.hostCount != 1 { return refuse(.malformed(.host)) }

    if fields.contentLength == .invalid { return refuse(.malformed(.contentLength)) }
    switch fields.transferEncoding {
    case .absent: break
    case .chunked, .other:
        if head.version.minor == 0 { return refuse(.malformed(.transferEncodingInHTTP10)) }
        if fields.contentLength != .absent { return refuse(.malformed(.lengthAndTransferEncoding)) }
        if fields.transferEncoding == .other { return refuse(.transferEncoding) }
    }

    let target = requestTarget(head.uri)
    let routing = router.route(method: method, path: target.path, query: target.query)
    return judge(
        routing, fields, connection: connection, headOnly: method == .head, isHTTP10: head.version.minor == 0)
}

/// Judges a request whose framing is in order by where it goes and what it brings.
/// - Parameter fields: with a length that is a number, or none; those of a plain head, or of any other.
func judge<Route>(
    _ routing: Routing<Route>, _ fields: RequestFields, connection: ClientConnection, headOnly: Bool,
    isHTTP10: Bool = false
) -> HeadVerdict<Route> {
    let hasBody = fields.announcesBody
    func refuse(_ refusal: Refusal) -> HeadVerdict<Route> {
        .refuse(refusal, mayContinue: hasBody ? .close : connection, headOnly: headOnly)
    }
    switch routing {
    case .unknownPath:
        return refuse(.unknownPath)
    case .methodNotAllowed(let allow):
        return refuse(.method(allow: allow))
    case .found(let route, let bodyRule):
        var contentLength: Int?
        if case .value(let length) = fields.contentLength { contentLength = length }
        let bodyLimit: Int
        switch bodyRule {
        case .none:
            if hasBody { return refuse(.malformed(.unexpectedBody)) }
            bodyLimit = 0
        case .json(let maximumBytes):
            if !fields.isJSON { return refuse(.mediaType) }
            if fields.hasContentEncoding { return refuse(.contentEncoding) }
            if let contentLength, contentLength > maximumBytes { return refuse(.bodyTooLarge(limit: maximumBytes)) }
            bodyLimit = maximumBytes
        }
        var expectsContinue = false
        switch fields.expectation {
        case .absent: break
        case .continue: expectsContinue = !isHTTP10 && hasBody
        case .unknown: return refuse(.expectation)
        }
        return .accept(
            AcceptedRequest(
                route: route, bodyLimit: bodyLimit, contentLength: contentLength, expectsContinue: expectsContinue,
                connection: connection, headOnly: headOnly))
    }
}
