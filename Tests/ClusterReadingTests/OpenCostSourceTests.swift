import Attribution
import KubernetesClient
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import ClusterReading

@Suite("Where OpenCost's prices are")
struct OpenCostLocationTests {
    @Test(
        "A URL, with the usual path where it has none, or a file",
        arguments: [
            ("http://opencost.opencost:9003", "OpenCost at http://opencost.opencost:9003/metrics", "/metrics"),
            ("http://opencost:9003/", "OpenCost at http://opencost:9003/metrics", "/metrics"),
            (
                "https://costs.example.com/model/metrics", "OpenCost at https://costs.example.com:443/model/metrics",
                "/model/metrics"
            ),
            ("http://[::1]:9003/metrics", "OpenCost at http://[::1]:9003/metrics", "/metrics"),
            (
                #"http://prometheus:9090/federate?match[]={__name__="node_total_hourly_cost"}"#,
                "OpenCost at http://prometheus:9090/federate",
                "/federate?match%5B%5D=%7B__name__=%22node_total_hourly_cost%22%7D"
            ),
            ("http://a:1?token=secret", "OpenCost at http://a:1/metrics", "/metrics?token=secret"),
            ("prices.txt", "OpenCost's prices in prices.txt", nil),
            ("/dev/fd/3", "OpenCost's prices in /dev/fd/3", nil),
        ])
    func places(text: String, origin: String, target: String?) throws {
        let location = try OpenCostLocation(text)
        #expect(location.origin == origin)
        switch location {
        case .server(_, let found): #expect(found == target)
        case .file(let path): #expect(target == nil && path == text)
        }
    }

    @Test(
        "What names no place is named without its password",
        arguments: [
            ("", "is empty"), ("ftp://opencost", "ftp://"), ("http://", "no host"), ("http://a:99999", "99999"),
            ("http://jane:secret@opencost:9003", "servers of prices are asked without one"),
            ("http://a/#x", "fragment"),
            ("http://a b/", "' '"), ("http://a/?x y", "query"), ("://a", "no scheme"),
        ])
    func refusals(text: String, expected: String) {
        let error = #expect(throws: OpenCostLocationError.self) { try OpenCostLocation(text) }
        #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
        #expect(error?.description.contains("secret") == false)
        #expect(error?.description.contains("--opencost") == true)
    }
}

@Suite("Reading OpenCost's prices", .timeLimit(.minutes(1)))
struct OpenCostSourceTests {
    private static let text = "node_total_hourly_cost{node=\"a\"} 0.5\nnode_total_hourly_cost{node=\"b\"} 1\n"

    private static func metrics(_ text: String = text, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, body: HTTPBody(chunks: [ByteBuffer(string: text)]))
    }

    private func source(
        _ transport: ScriptedTransport, maximumBytes: Int = 1 << 20, bodyTimeout: TimeAmount = .seconds(20)
    ) throws -> OpenCostSource {
        try OpenCostSource(
            OpenCostLocation("http://opencost:9003"), transport: transport, maximumBytes: maximumBytes,
            bodyTimeout: bodyTimeout)
    }

    @Test("A server's prices are of the day, a file's of none")
    func prices() async throws {
        let transport = ScriptedTransport([.respond(Self.metrics())])
        let answer = try await source(transport).read(today: "2026-11-21")
        #expect(answer.prices.perHour == ["a": "0.5", "b": "1"])
        #expect(answer.prices.origin == "OpenCost at http://opencost:9003/metrics")
        #expect(answer.prices.date == "2026-11-21")
        #expect(transport.targets == ["GET /metrics"])
        #expect(transport.requests.first?.headers.contains(name: "Authorization") == false)

        let files = try TemporaryDirectory()
        let path = try files.write("metrics", Self.text)
        let file = try await OpenCostSource(OpenCostLocation(path), transport: nil).read(today: "2026-11-21")
        #expect(file.prices.perHour == answer.prices.perHour && file.prices.date == nil)
    }

    @Test("A body in pieces is one text")
    func pieces() async throws {
        let chunks = Array(Self.text.utf8).map { ByteBuffer(bytes: [$0]) }
        let transport = ScriptedTransport([.respond(HTTPResponse(status: 200, body: HTTPBody(chunks: chunks)))])
        #expect(try await source(transport).read(today: "2026-11-21").prices.perHour.count == 2)
    }

    static let failures: [(ScriptedTransport.Step, String, Bool)] = [
        (.fail(.refused), "connection refused; is it running", true),
        (.fail(.unresolved(host: "opencost")), "the name opencost has no address", true),
        (.fail(.timedOut(.connection)), "no connection in time", true),
        (.respond(metrics("", status: 404)), "the answer is 404; is this where it shows its metrics?", true),
        (.respond(metrics("", status: 302)), "is a redirect (302), which is not followed", true),
        (.respond(metrics("", status: 401)), "asked without credentials", true),
        (.respond(metrics("<html>")), "there is no series node_total_hourly_cost", false),
        (.respond(metrics(String(repeating: "x", count: 2_000))), "has more than 1000 bytes", true),
        (
            .respond(
                HTTPResponse(
                    status: 200,
                    body: HTTPBody {
                        { () async throws(TransportError) in
                            throw TransportError(address: "http://opencost:9003", reason: .closed)
                        }
                    })), "closed before the answer was complete", true
        ),
    ]

    @Test("What goes wrong is one line that names the place", arguments: failures.indices)
    func whatGoesWrong(place: Int) async throws {
        let (step, expected, isOutOfReach) = Self.failures[place]
        let source = try source(ScriptedTransport([step]), maximumBytes: 1_000)
        let error = await #expect(throws: OpenCostReadError.self) { try await source.read(today: "2026-11-21") }
        #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
        #expect(error?.description.hasPrefix("OpenCost at http://opencost:9003/metrics: ") == true)
        #expect(error?.isOutOfReach == isOutOfReach)
    }

    @Test("A body that does not end is given up")
    func endless() async throws {
        let body = HTTPBody {
            { () async throws(TransportError) in
                try? await Task.sleep(for: .seconds(3_600))
                throw TransportError(address: "x", reason: .cancelled)
            }
        }
        let transport = ScriptedTransport([.respond(HTTPResponse(status: 200, body: body))])
        let source = try source(transport, bodyTimeout: .milliseconds(20))
        let error = await #expect(throws: OpenCostReadError.self) { try await source.read(today: "2026-11-21") }
        #expect(error?.description.contains("no answer in time") == true)
    }

    @Test("A file that is not there, or a folder, is named", arguments: ["/nowhere/metrics", "/tmp"])
    func files(path: String) async throws {
        let source = try OpenCostSource(OpenCostLocation(path), transport: nil)
        let error = await #expect(throws: OpenCostReadError.self) { try await source.read(today: "2026-11-21") }
        #expect(error?.description.contains(path) == true && error?.isOutOfReach == false)
    }
}
