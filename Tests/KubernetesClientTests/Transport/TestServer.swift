import NIOCore
import NIOHTTP1
import NIOPosix
import OpenSSLTransport
import Synchronization
import TestSupport

/// An HTTP server on a port of 127.0.0.1 or ::1 that answers as a test says.
final class TestServer: Sendable {
    struct Request: Sendable {
        var head: HTTPRequestHead
        var body: ByteBuffer
    }

    enum Answer: Sendable {
        case response(status: Int, headers: [(String, String)] = [], body: String = "")
        /// The head and this part of the body; no more comes.
        case unfinished(String)
        /// As `unfinished`, and then the connection is closed.
        case cutOff(String)
        /// Nothing at all.
        case silence
        case close
    }

    typealias Answering = @Sendable (Request) -> Answer

    let port: Int
    private let channel: any Channel
    /// - Parameter tls: nil: plain text.
    static func start(
        host: String = "127.0.0.1", tls: TLSContext? = nil, on group: any EventLoopGroup,
        _ answering: @escaping Answering = { _ in .response(status: 200, body: "ok") }
    ) async throws -> TestServer {
        let sink = Sink()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(TLSServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(Handler(answering) { sink.add($0) })
                }
            }
            .bind(host: host, port: 0).get()
        return TestServer(channel, sink)
    }

    private final class Sink: Sendable {
        let requests = Mutex<[Request]>([])
        func add(_ request: Request) { requests.withLock { $0.append(request) } }
    }

    private let sink: Sink

    /// All requests so far.
    func takeRequests() -> [Request] { sink.requests.withLock { $0 } }

    private init(_ channel: any Channel, _ sink: Sink) {
        self.channel = channel
        self.sink = sink
        port = channel.localAddress?.port ?? 0
    }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answering: Answering
        private let record: @Sendable (Request) -> Void
        private var current: Request?

        init(_ answering: @escaping Answering, _ record: @escaping @Sendable (Request) -> Void) {
            self.answering = answering
            self.record = record
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): current = Request(head: head, body: ByteBuffer())
            case .body(var bytes): current?.body.writeBuffer(&bytes)
            case .end:
                guard let request = current else { return }
                record(request)
                answer(answering(request), context)
            }
        }

        private func answer(_ answer: Answer, _ context: ChannelHandlerContext) {
            switch answer {
            case .response(let status, let headers, let body):
                var fields = HTTPHeaders(headers)
                fields.replaceOrAdd(name: "Content-Length", value: String(body.utf8.count))
                head(status, fields, context)
                part(body, context)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .unfinished(let body):
                head(200, ["Transfer-Encoding": "chunked"], context)
                part(body, context)
                context.flush()
            case .cutOff(let body):
                head(200, ["Content-Length": "1000"], context)
                part(body, context)
                context.flush()
                context.close(promise: nil)
            case .silence: break
            case .close: context.close(promise: nil)
            }
        }

        private func head(_ status: Int, _ headers: HTTPHeaders, _ context: ChannelHandlerContext) {
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
        }

        private func part(_ body: String, _ context: ChannelHandlerContext) {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A proxy that does as CONNECT says, in plain text.
final class ConnectProxy: Sendable {
    let port: Int
    private let channel: any Channel
    private let heads: Heads

    private final class Heads: Sendable {
        let texts = Mutex<[String]>([])
    }

    /// The requests' heads.
    var requests: [String] { heads.texts.withLock { $0 } }

    static func start(on group: any EventLoopGroup) async throws -> ConnectProxy {
        let heads = Heads()
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Relay { head in heads.texts.withLock { $0.append(head) } })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ConnectProxy(channel, heads)
    }

    private init(_ channel: any Channel, _ heads: Heads) {
        self.channel = channel
        self.heads = heads
        port = channel.localAddress?.port ?? 0
    }

    func stop() async { try? await channel.close() }

    /// Reads one head, connects, and passes on what comes.
    private final class Relay: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let record: @Sendable (String) -> Void
        private var received = ByteBuffer()
        private var peer: (any Channel)?

        init(_ record: @escaping @Sendable (String) -> Void) { self.record = record }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            if let peer {
                peer.writeAndFlush(bytes, promise: nil)
                return
            }
            received.writeBuffer(&bytes)
            let text = String(buffer: received)
            guard text.hasSuffix("\r\n\r\n") else { return }
            record(text)
            let place = text.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            let parts = place.split(separator: ":")
            guard parts.count == 2, let port = Int(parts[1]) else { return context.close(promise: nil) }
            let client = context.channel
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            ClientBootstrap(group: context.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Back(to: client))
                    }
                }
                .connect(host: String(parts[0]), port: port)
                .assumeIsolated().whenSuccess { peer in
                    self.peer = peer
                    let context = bound.value
                    context.writeAndFlush(
                        self.wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n")), promise: nil)
                }
        }

        func channelInactive(context: ChannelHandlerContext) { peer?.close(promise: nil) }
    }

    private final class Back: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: any Channel
        init(to client: any Channel) { self.client = client }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            client.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }
        func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
    }
}
