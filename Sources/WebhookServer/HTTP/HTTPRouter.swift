import NIOCore

/// What a listener serves: which requests exist, and their answers. Webhook and health listener differ in this alone.
protocol HTTPRouter: Sendable {
    associatedtype Route: Sendable

    /// Finds what a request asks for by its method, path and query (without `?`, empty when absent).
    func route(method: RequestMethod, path: Substring.UTF8View, query: Substring.UTF8View) -> Routing<Route>

    /// Answers a complete request; called on the event loop, inline. `started` is when its head arrived.
    func answer(_ route: Route, body: ByteBuffer, started: NIODeadline, on eventLoop: any EventLoop) -> HTTPAnswer
}

/// The methods any path here knows; all others are `other`.
enum RequestMethod: Sendable {
    case get, head, post, other
}

enum Routing<Route: Sendable>: Sendable {
    case found(Route, RequestBodyRule)
    case methodNotAllowed(allow: Refusal.AllowedMethods)
    case unknownPath
}

/// What body a route takes.
enum RequestBodyRule: Hashable, Sendable {
    case none
    /// `application/json`, at most so many bytes.
    case json(maximumBytes: Int)
}

struct HTTPReply: Sendable {
    enum ContentType: Sendable {
        case json
        case text
        /// The Prometheus text exposition format.
        case metrics

        var headerLine: StaticString {
            switch self {
            case .json: "Content-Type: application/json\r\n"
            case .text: "Content-Type: text/plain; charset=utf-8\r\n"
            case .metrics: "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            }
        }
    }

    var status: ReplyStatus
    var contentType: ContentType
    var body: ByteBuffer
}

enum HTTPAnswer {
    case now(HTTPReply)
    case later(EventLoopFuture<HTTPReply>)
}
