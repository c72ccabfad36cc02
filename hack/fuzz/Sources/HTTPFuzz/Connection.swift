import FuzzSupport
import Logging
import NIOCore
import NIOEmbedded

@testable import WebhookServer

/// One connection to one listener, driven by a script.
final class Connection<Client: ClientEnd> {
    let service = ScriptedService()
    /// What the client was sent, decrypted.
    private(set) var received: [UInt8] = []
    /// What of the client's stream reached the server.
    private(set) var delivered: [UInt8] = []
    /// Whether the client has sent all, and the server has taken it.
    var isAllDelivered: Bool { pending.isEmpty }
    var isOpen: Bool { channel.isActive && !socket.isOutputClosed }

    private let eventLoop = EmbeddedEventLoop()
    private let channel: EmbeddedChannel
    private let loop: ServerLoop
    private let socket = SocketEnd()
    private let client: Client
    private var pending: CircularBuffer<[UInt8]> = []
    private var inputEnds = false

    init(_ script: Script, _ client: Client) {
        self.client = client
        var limits = script.isHealth ? HTTPLimits.health : HTTPLimits.webhook
        if script.hasSmallLimits {
            limits.pipelinedRequests = 2
            limits.headerBytes = 512
            limits.headerFieldBytes = 256
            limits.headerFields = 8
            limits.lingerBytes = 256
        }
        // Time passes by the sweep, second by second: what is a minute in production need not be one here.
        limits.firstRequest = .seconds(4)
        limits.request = .seconds(6)
        limits.idle = .seconds(9)
        loop = ServerLoop(
            eventLoop: eventLoop, limits: limits, events: .ignored,
            logger: Logger(label: "fuzz", factory: { _ in CheckingLogHandler() }), unixSeconds: { 784_111_777 })
        loop.start()
        channel = EmbeddedChannel(loop: eventLoop)
        channel.allowRemoteHalfClosure = true
        if script.isDraining { loop.beginDraining() }
        do {
            channel.connect(to: try SocketAddress(ipAddress: "192.0.2.7", port: 50_000), promise: nil)
            let handlers = [socket] + client.serverHandlers()
            if script.isHealth {
                try Listener.configure(
                    channel, router: healthRouter, loop: loop, transportHandlers: { _ in handlers })
            } else {
                try Listener.configure(
                    channel, router: WebhookRouter(admission: service), loop: loop,
                    transportHandlers: { _ in handlers })
            }
        } catch {
            fatalError("there is no connection: \(error)")
        }
        channel.read()
        while let bytes = client.handshake() {
            if !bytes.isEmpty { fire(bytes) }
            takeAnswers()
        }
    }

    // MARK: Script

    func perform(_ event: Script.Event) {
        switch event {
        case .send(let bytes): pending.append(bytes)
        case .answer(let succeeds): service.answerOldest(succeeds: succeeds)
        case .advance(let seconds):
            eventLoop.advanceTime(by: .seconds(seconds))
        case .toggleWritability: setWritable(!channel.isWritable)
        case .endInput: inputEnds = true
        }
        settle()
    }

    /// All answers arrive and the client takes all of them.
    func finish() {
        setWritable(true)
        settle()
        while service.answerOldest(succeeds: true) { settle() }
        require(!channel.isActive || pending.isEmpty || !isOpen, "who owes no answer reads on")
    }

    /// Nothing outlives the longest of the limits.
    func expire() {
        if channel.isActive { eventLoop.advanceTime(by: .seconds(16)) }
        takeAnswers()
        require(!channel.isActive, "an idle connection is closed")
        require(loop.connectionCount == 0, "a closed connection is forgotten")
    }

    func tearDown() {
        loop.stop()
        if channel.isActive { channel.close(promise: nil) }
        eventLoop.run()
        while service.answerOldest(succeeds: false) {}
        eventLoop.run()
        // What went wrong on the connection was the handlers' to see; none may let it fall to the end.
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    private func setWritable(_ isWritable: Bool) {
        guard channel.isWritable != isWritable else { return }
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    // MARK: The socket

    /// Delivers what the server is willing to read, one piece for each read.
    private func settle() {
        takeAnswers()
        while channel.isActive, socket.wantsRead, let piece = pending.popFirst() {
            delivered += piece
            let bytes = client.send(piece)
            if !bytes.isEmpty { fire(bytes) }
            takeAnswers()
        }
        if inputEnds, pending.isEmpty, channel.isActive, socket.wantsRead {
            inputEnds = false
            let bytes = client.farewell()
            if !bytes.isEmpty { fire(bytes) }
            if channel.isActive { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
            takeAnswers()
        }
    }

    private func fire(_ bytes: [UInt8]) {
        socket.wantsRead = false
        channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
        channel.pipeline.fireChannelReadComplete()
        // As a channel does that reads by itself.
        if channel.isActive { channel.read() }
    }

    private func takeAnswers() {
        eventLoop.run()
        while let bytes = try? channel.readOutbound(as: ByteBuffer.self) { received += client.receive(bytes) }
    }
}

/// The health listener's, with a scrape that takes no time: its thousand lines would take most of the fuzzer's.
private struct QuickHealthRouter: HTTPRouter {
    let health: HealthRouter

    func route(
        method: RequestMethod, path: Substring.UTF8View, query: Substring.UTF8View
    ) -> Routing<HealthRouter.Route> {
        health.route(method: method, path: path, query: query)
    }

    func answer(
        _ route: HealthRouter.Route, body: ByteBuffer, started: NIODeadline, on eventLoop: any EventLoop
    ) -> HTTPAnswer {
        switch route {
        case .live, .ready: health.answer(route, body: body, started: started, on: eventLoop)
        case .metrics:
            .now(HTTPReply(status: .ok, contentType: .metrics, body: ByteBuffer(repeating: 0x23, count: 4_096)))
        }
    }
}

private let healthRouter = QuickHealthRouter(
    health: HealthRouter(
        readiness: Readiness(checks: [
            ReadinessCheck("tls") { .ok }, ReadinessCheck("policy") { .degraded("a bad\nreload") },
        ]),
        metrics: GateMetrics(
            version: "1", toolchain: "6", openSSL: "3", kinds: ["Pod"], gapReasons: ["missing"],
            includeProcess: false)))
