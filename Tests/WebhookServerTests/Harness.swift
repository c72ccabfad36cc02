import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import WebhookServer

/// A scripted admission service: answers with what it was asked, at once or when the test says so.
final class ScriptedAdmission: AdmissionService {
    struct Call: Sendable {
        var endpoint: WebhookEndpoint
        var body: String
        var deadline: NIODeadline
    }

    private struct State {
        var calls: [Call] = []
        var pending: [EventLoopPromise<AdmissionReply>] = []
    }

    private let state = Mutex(State())

    var calls: [Call] { self.state.withLock { $0.calls } }
    var pending: [EventLoopPromise<AdmissionReply>] { self.state.withLock { $0.pending } }

    /// A body that starts with `later` is answered when the test completes it; `broken` is refused.
    func answer(
        _ endpoint: WebhookEndpoint, body: ByteBuffer, deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> AdmissionAnswer {
        let text = String(buffer: body)
        self.state.withLock { $0.calls.append(Call(endpoint: endpoint, body: text, deadline: deadline)) }
        if text.hasPrefix("later") {
            let promise = eventLoop.makePromise(of: AdmissionReply.self)
            self.state.withLock { $0.pending.append(promise) }
            return .later(promise.futureResult)
        }
        if text.hasPrefix("broken") {
            return .now(AdmissionReply(status: .badRequest, body: ByteBuffer(string: "not an AdmissionReview\n")))
        }
        return .now(ScriptedAdmission.reply("{\"echo\":\"\(text.prefix(40))\"}"))
    }

    static func reply(_ text: String) -> AdmissionReply {
        AdmissionReply(status: .ok, body: ByteBuffer(string: text))
    }
}

/// Holds back the closing of output, which EmbeddedChannel would take for a full close, and notes it.
final class OutputCloseRecorder: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var isOutputClosed = false

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        self.isOutputClosed = true
        promise?.succeed()
    }
}

/// Counts the reads that reach the socket.
final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var reads = 0

    func read(context: ChannelHandlerContext) {
        self.reads += 1
        context.read()
    }
}

/// Counts what happens on a listener.
final class EventCounts: Sendable {
    struct Counts {
        var connections = 0.0
        var statuses: [ReplyStatus] = []
        var evicted = 0
        var handshakeFailures = 0
    }

    private let counts = Mutex(Counts())

    var value: Counts { self.counts.withLock { $0 } }

    var events: ListenerEvents {
        ListenerEvents(
            connectionsChanged: { difference in self.counts.withLock { $0.connections += difference } },
            answered: { status in self.counts.withLock { $0.statuses.append(status) } },
            evicted: { self.counts.withLock { $0.evicted += 1 } },
            handshakeFailed: { self.counts.withLock { $0.handshakeFailures += 1 } })
    }
}

/// One event loop of a listener, with time in the test's hand and no sockets.
final class EmbeddedServer {
    let eventLoop = EmbeddedEventLoop()
    let admission = ScriptedAdmission()
    let counts = EventCounts()
    let loop: ServerLoop
    fileprivate var channels: [EmbeddedChannel] = []

    init(_ adjust: (inout HTTPLimits) -> Void = { _ in }) {
        var limits = HTTPLimits.webhook
        adjust(&limits)
        self.loop = ServerLoop(
            eventLoop: self.eventLoop, limits: limits, events: self.counts.events, logger: Logger(label: "test"),
            unixSeconds: { 784_111_777 })
        self.loop.start()
    }

    func connect() throws -> EmbeddedConnection {
        try EmbeddedConnection(self) { channel, transport in
            try Listener.configure(
                channel, router: WebhookRouter(admission: self.admission), loop: self.loop,
                transportHandlers: { _ in transport })
        }
    }

    func connectHealth(_ router: HealthRouter) throws -> EmbeddedConnection {
        try EmbeddedConnection(self) { channel, transport in
            try Listener.configure(channel, router: router, loop: self.loop, transportHandlers: { _ in transport })
        }
    }

    func advance(_ time: TimeAmount) {
        self.eventLoop.advanceTime(by: time)
    }

    /// After the last connection, which all keep their server.
    deinit {
        self.loop.stop()
        for channel in self.channels where channel.isActive { channel.close(promise: nil) }
        self.eventLoop.run()
    }
}

struct EmbeddedConnection {
    let channel: EmbeddedChannel
    let closes = OutputCloseRecorder()
    let reads = ReadCounter()

    private let server: EmbeddedServer

    init(_ server: EmbeddedServer, configure: (EmbeddedChannel, [any ChannelHandler]) throws -> Void) throws {
        self.server = server
        self.channel = EmbeddedChannel(loop: server.eventLoop)
        server.channels.append(self.channel)
        self.channel.connect(to: try SocketAddress(ipAddress: "192.0.2.7", port: 50_000), promise: nil)
        try configure(self.channel, [self.reads, self.closes])
    }

    /// Sends bytes as one read, and returns what was answered.
    @discardableResult
    func send(_ text: String) -> String {
        self.send(ByteBuffer(string: text))
    }

    @discardableResult
    func send(_ bytes: ByteBuffer) -> String {
        self.channel.pipeline.fireChannelRead(bytes)
        self.channel.pipeline.fireChannelReadComplete()
        return self.received()
    }

    func received() -> String {
        var text = ""
        while let bytes = try? self.channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    var isOpen: Bool { self.channel.isActive }
    var isOutputClosed: Bool { self.closes.isOutputClosed || !self.isOpen }
}

/// A well-formed admission request.
func post(_ body: String, path: String = "/validate?timeout=10s", fields: String = "") -> String {
    """
    POST \(path) HTTP/1.1\r\nHost: gate.example\r\nContent-Type: application/json\r\n\(fields)\
    Content-Length: \(body.utf8.count)\r\n\r\n\(body)
    """
}

/// The status codes of all answers in `text`.
func statuses(_ text: String) -> [Int] {
    text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst().compactMap { Int($0.prefix(3)) }
}

/// The echoes of all answers in `text`, in order.
func echoes(_ text: String) -> [String] {
    text.split(separator: "{\"echo\":\"", omittingEmptySubsequences: false).dropFirst().map {
        String($0.prefix { $0 != "\"" })
    }
}
