import Glibc
import NIOCore
import NIOPosix
import NIOTLS
import Synchronization
import TestSupport
import Testing

@testable import OpenSSLTransport

/// Answers each read with as many bytes as the read asks for, in decimal; "close" closes.
private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let errors: @Sendable (any Error) -> Void

    init(errors: @escaping @Sendable (any Error) -> Void) {
        self.errors = errors
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let question = String(buffer: unwrapInboundIn(data))
        if let count = Int(question) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(repeating: 65, count: count)), promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: question)), promise: nil)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        errors(error)
    }
}

/// A listening server on a loop of its own.
private final class SocketServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    init(_ context: TLSContext, lingerBound: TimeAmount = .seconds(5)) throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let recorded = ErrorList()
        list = recorded
        channel = try ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        TLSServerHandler(context: context, lingerBound: lingerBound),
                        Answerer { error in recorded.append((error as? TLSError)?.code) },
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress?.port ?? 0
    }

    final class ErrorList: Sendable {
        private let codes = Mutex<[TLSError.Code?]>([])
        func append(_ code: TLSError.Code?) { codes.withLock { $0.append(code) } }
        var all: [TLSError.Code?] { codes.withLock { $0 } }
    }

    let list: ErrorList

    deinit {
        try? channel.close().wait()
        try? group.syncShutdownGracefully()
    }
}

@Suite(.timeLimit(.minutes(1))) struct SocketTests {
    @Test(arguments: [TestTLSClient.Version.tls12, .tls13])
    func largeAndSmallAnswersCross(version: TestTLSClient.Version) throws {
        let fixture = try ServerFixture()
        let server = try SocketServer(fixture.context)
        let connection = try TestTLSConnection(port: server.port, options: fixture.options(version))
        for count in [1, 3_000_000, 20_000, 5] {
            try connection.send(String(count).utf8)
            #expect(try connection.receive(count: count).count == count)
        }
        try connection.close()
        #expect(try connection.receive() == nil)
        #expect(server.list.all.isEmpty)
    }

    @Test func serverSaysCloseNotifyBeforeItLeaves() throws {
        let fixture = try ServerFixture()
        let server = try SocketServer(fixture.context)
        let connection = try TestTLSConnection(port: server.port, options: fixture.options())
        try connection.send("close".utf8)
        #expect(try connection.receive(count: 5) == Array("close".utf8))
        #expect(try connection.receive() == nil)
    }

    /// The client has more to send when the server refuses it: closing at once would reset the connection, and the alert
    /// would be lost with it.
    @Test func alertArrivesThoughMoreInputFollows() throws {
        let fixture = try ServerFixture(verifiesClients: true)
        let server = try SocketServer(fixture.context)
        for _ in 0..<20 {
            let connection = try TestTLSConnection(port: server.port, options: fixture.options(.tls13))
            // TLS 1.3: the client may send before it learns what the server thinks of its certificate.
            for _ in 0..<20 {
                try connection.send([UInt8](repeating: 65, count: 10_000))
            }
            let error = #expect(throws: TestTLSConnection.Failure.self) { try connection.receive() }
            #expect(error?.description.contains("alert certificate required") == true, "\(String(describing: error))")
        }
    }

    @Test func plainHTTPGetsAnAnswer() throws {
        let fixture = try ServerFixture()
        let server = try SocketServer(fixture.context)
        let descriptor = try TestTLSConnection.connect(port: server.port)
        defer { close(descriptor) }
        let request = Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        #expect(send(descriptor, request, request.count, 0) == request.count)
        var answer: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1_000)
        while case let count = recv(descriptor, &bytes, bytes.count, 0), count > 0 {
            answer += bytes.prefix(count)
        }
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.0 400 Bad Request"))
        #expect(server.list.all == [.plainHTTP])
    }

    /// A peer that stays although everything is said does not hold the connection.
    @Test func lingeringHasAnEnd() throws {
        let fixture = try ServerFixture()
        let server = try SocketServer(fixture.context, lingerBound: .milliseconds(10))
        let descriptor = try TestTLSConnection.connect(port: server.port)
        defer { close(descriptor) }
        let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        _ = send(descriptor, request, request.count, 0)
        var answer = [UInt8](repeating: 0, count: 1_000)
        while recv(descriptor, &answer, answer.count, 0) > 0 {}
        // Our side stays open: writing fails once the server has gone for good.
        while send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) > 0 {
            usleep(1_000)
        }
    }
}
