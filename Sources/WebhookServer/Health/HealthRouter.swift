import NIOCore

/// Serves `/livez`, `/readyz` and `/metrics`.
struct HealthRouter: HTTPRouter {
    enum Route: Sendable {
        case live
        case ready(verbose: Bool)
        case metrics
    }

    let readiness: Readiness
    let metrics: any MetricsExposing

    func route(method: RequestMethod, path: Substring.UTF8View, query: Substring.UTF8View) -> Routing<Route> {
        let route: Route
        if path.equals("/livez") {
            route = .live
        } else if path.equals("/readyz") {
            route = .ready(verbose: HealthRouter.isVerbose(query))
        } else if path.equals("/metrics") {
            route = .metrics
        } else {
            return .unknownPath
        }
        switch method {
        case .get, .head: return .found(route, .none)
        case .post, .other: return .methodNotAllowed(allow: .getHead)
        }
    }

    func answer(_ route: Route, body: ByteBuffer, started: NIODeadline, on eventLoop: any EventLoop) -> HTTPAnswer {
        switch route {
        case .live:
            return .now(HTTPReply(status: .ok, contentType: .text, body: ByteBuffer(staticString: "ok\n")))
        case .ready(let verbose):
            let report = self.readiness.report()
            // A failure always says why; kubelet shows it in the Pod's events.
            guard verbose || !report.isReady else {
                return .now(HTTPReply(status: .ok, contentType: .text, body: ByteBuffer(staticString: "ok\n")))
            }
            let summary = report.isReady ? "readyz check passed" : "readyz check failed"
            let text = (report.lines + [summary]).map { $0 + "\n" }.joined()
            return .now(
                HTTPReply(
                    status: report.isReady ? .ok : .unavailable, contentType: .text, body: ByteBuffer(string: text)))
        case .metrics:
            return .now(HTTPReply(status: .ok, contentType: .metrics, body: self.metrics.exposition()))
        }
    }

    /// `?verbose`, `?verbose=true`, anything but an explicit no.
    private static func isVerbose(_ query: Substring.UTF8View) -> Bool {
        query.split(separator: UInt8(ascii: "&")).contains { parameter in
            let name = parameter.prefix { $0 != UInt8(ascii: "=") }
            let value = parameter[name.endIndex...].dropFirst()
            return name.equals("verbose") && !value.equals("false") && !value.equals("0")
        }
    }
}
