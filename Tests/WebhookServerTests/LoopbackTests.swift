import Logging
import NIOCore
import NIOPosix
import Testing

@testable import WebhookServer

struct LoopbackTests {
    @Test("A connection serves many requests; health and metrics on their own port", .timeLimit(.minutes(1)))
    func serves() async throws {
        try await LoopbackServer.with(threads: 2) { server in
            let client = try await server.connect()
            for index in 0..<20 { #expect(echoes(try await client.ask(post("\(index)"))) == ["\(index)"]) }
            let large = String(repeating: "x", count: 3_000_000)
            #expect(statuses(try await client.ask(post(large, path: "/mutate"))) == [200])
            #expect(server.admission.calls.last?.body == large)
            #expect(statuses(try await server.get("/livez")) == [200])
            #expect(statuses(try await server.get("/readyz?verbose")) == [200])
            let text = try await server.get("/metrics").split(separator: "\r\n\r\n", maxSplits: 1)[1]
            let exposition = try Exposition(parsing: String(text))
            #expect(exposition.value("tallygate_http_requests_total", ["code": "200"]) == 21)
            #expect(exposition.value("tallygate_connections") == 1)
            client.close()
            server.shutDown()
            await server.clock.begun(1)
            server.clock.advance(by: .seconds(10))
        }
    }

    @Test("A client that says all at once and closes its half is answered", .timeLimit(.minutes(1)))
    func halfClose() async throws {
        try await LoopbackServer.with { server in
            let channel = try await server.connect()
            try await channel.send(post("a") + post("later") + post("c"))
            try await channel.closeOutput()
            while server.admission.pending.isEmpty { await Task.yield() }
            server.admission.pending[0].succeed(ScriptedAdmission.reply("{\"echo\":\"b\"}"))
            #expect(echoes(await channel.rest()) == ["a", "b", "c"])
            server.shutDown()
            await server.clock.begun(1)
            server.clock.advance(by: .seconds(10))
        }
    }

    @Test("A client that sends on after a refusal still reads it", .timeLimit(.minutes(1)))
    func refusalSurvives() async throws {
        try await LoopbackServer.with { server in
            let client = try await server.connect()
            try await client.send(
                "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\n\r\n"
            )
            try? await client.send(String(repeating: "x", count: 8_000_000))
            let answer = await client.answer()
            #expect(statuses(answer) == [413])
            client.close()
            server.shutDown()
            await server.clock.begun(1)
            server.clock.advance(by: .seconds(10))
        }
    }

    @Test(
        "Shutdown: unready at once, serving through the drain time, then finishing what is under way",
        .timeLimit(.minutes(1)))
    func drain() async throws {
        try await LoopbackServer.with { server in
            let busy = try await server.connect()
            try await busy.send(post("later"))
            let idle = try await server.connect()
            #expect(statuses(try await idle.ask(post("x"))) == [200])
            let active = try await server.connect()
            #expect(!(try await active.ask(post("x")).contains("Connection: close")))

            server.shutDown()
            await server.clock.begun(1)
            #expect(statuses(try await server.get("/readyz")) == [503])
            #expect(statuses(try await server.get("/livez")) == [200])
            try await active.send(post("y"))
            let last = await active.rest()
            #expect(echoes(last) == ["y"])
            #expect(last.contains("Connection: close\r\n"))
            let new = try await server.connect()
            try await new.send(post("z"))
            #expect(echoes(await new.rest()) == ["z"])

            server.clock.advance(by: .seconds(10))
            await server.clock.begun(2)
            #expect(await idle.rest() == "")
            var isRefused = false
            // The port closes on the event loop, a moment after the time has passed.
            while !isRefused {
                do {
                    try await server.connect().close()
                } catch {
                    isRefused = true
                }
            }
            #expect(statuses(try await server.get("/livez")) == [200])
            server.admission.pending[0].succeed(ScriptedAdmission.reply("{\"echo\":\"done\"}"))
            #expect(echoes(await busy.rest()) == ["done"])
        }
    }

    @Test("Requests that do not end are cut when the grace is over", .timeLimit(.minutes(1)))
    func grace() async throws {
        try await LoopbackServer.with { server in
            let busy = try await server.connect()
            try await busy.send(post("later"))
            while server.admission.pending.isEmpty { await Task.yield() }
            server.shutDown()
            await server.clock.begun(1)
            server.clock.advance(by: .seconds(10))
            await server.clock.begun(2)
            server.clock.advance(by: .seconds(20))
            #expect(await busy.rest() == "")
            server.admission.pending[0].succeed(ScriptedAdmission.reply("{}"))
        }
    }

    @Test(
        "At the cap with every request under way, the newcomer is closed and the others go on", .timeLimit(.minutes(1)))
    func cap() async throws {
        try await LoopbackServer.with({ $0.limits.connections = 1 }) { server in
            let busy = try await server.connect()
            try await busy.send(post("later"))
            while server.admission.pending.isEmpty { await Task.yield() }
            #expect(try await server.connect().rest() == "")
            server.admission.pending[0].succeed(ScriptedAdmission.reply("{\"echo\":\"done\"}"))
            #expect(echoes(await busy.answer()) == ["done"])
            let next = try await server.connect()
            #expect(echoes(try await next.ask(post("n"))) == ["n"])
            #expect(await busy.rest() == "")
            server.shutDown()
            await server.clock.begun(1)
            next.close()
            server.clock.advance(by: .seconds(10))
        }
    }

    struct NoCertificate: Error {}

    @Test("A transport that cannot be made costs its connection only", .timeLimit(.minutes(1)))
    func noTransport() async throws {
        let none: @Sendable (any Channel) throws -> [any ChannelHandler] = { _ in throw NoCertificate() }
        try await LoopbackServer.with(transportHandlers: none) { server in
            let received = try await server.connect().rest()
            #expect(received == "")
            #expect(server.metrics.handshakeFailures.value() == 1)
            let live = try await server.get("/livez")
            #expect(statuses(live) == [200])
            server.shutDown()
            await server.clock.begun(1)
            server.clock.advance(by: .seconds(10))
        }
    }

    @Test("A port in use is an error that says so", .timeLimit(.minutes(1)))
    func portInUse() async throws {
        try await LoopbackServer.with { server in
            let port = UInt16(server.webhook.port ?? 0)
            let error = await #expect(throws: ListenError.self) {
                try await LoopbackServer.with({ $0.listen = ListenAddress(host: "127.0.0.1", port: port) }) { _ in }
            }
            #expect(error?.description.contains("cannot listen on 127.0.0.1:\(port): the port is in use") == true)
            server.shutDown()
            await server.clock.begun(1)
            server.clock.advance(by: .seconds(10))
        }
    }

    struct Interrupted: Error {}

    @Test("Without a graceful end, everything stops at once", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (starts, started) = AsyncStream.makeStream(of: WebhookServer.Bound.self)
        let readiness = Readiness(checks: [])
        let server = WebhookServer(
            configuration: .init(
                listen: ListenAddress(host: "127.0.0.1", port: 0), healthListen: ListenAddress(host: "::1", port: 0)),
            group: group, admission: ScriptedAdmission(), metrics: MetricsTests.metrics(), readiness: readiness,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, unixSeconds: { 0 },
            transportHandlers: { _ in [] }, started: { started.yield($0) })
        for way in [true, false] {
            let (failures, failure) = AsyncStream.makeStream(of: Void.self)
            let run = Task {
                try await server.run(until: {
                    for await _ in failures { throw Interrupted() }
                    try await Task.sleep(for: .seconds(3600))
                })
            }
            let bound = try #require(await starts.first { _ in true })
            let client = try await LoopbackClient.connect(to: try #require(bound.webhook), group: group)
            #expect(echoes(try await client.ask(post("x"))) == ["x"])
            if way { run.cancel() } else { failure.yield() }
            try await run.value
            #expect(await client.rest() == "")
            #expect(!readiness.report().isReady)
        }
        try await group.shutdownGracefully()
    }
}
