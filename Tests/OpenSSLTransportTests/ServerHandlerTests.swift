import COpenSSL
import NIOCore
import NIOEmbedded
import NIOTLS
import TestSupport
import Testing

@testable import OpenSSLTransport

/// What those behind the handler get to see.
private final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var reads: [[UInt8]] = []
    private(set) var completedReads = 0
    private(set) var errors: [any Error] = []
    private(set) var tlsEvents: [TLSUserEvent] = []
    private(set) var inputClosed = 0
    private(set) var isInactive = false
    var onRead: (ChannelHandlerContext) -> Void = { _ in }

    var bytes: [UInt8] { reads.flatMap { $0 } }
    var codes: [TLSError.Code?] { errors.map { ($0 as? TLSError)?.code } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reads.append(Array(unwrapInboundIn(data).readableBytesView))
        onRead(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        completedReads += 1
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent {
            tlsEvents.append(event)
        } else if case .inputClosed? = event as? ChannelEvent {
            inputClosed += 1
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        errors.append(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isInactive = true
        context.fireChannelInactive()
    }
}

/// A channel without a network, and a client that talks to it.
private final class EmbeddedServer {
    let channel: EmbeddedChannel
    let handler: TLSServerHandler
    let recorder = Recorder()
    let client: TestTLSClient

    init(_ fixture: ServerFixture, _ options: TestTLSClient.Options? = nil, allowsHalfClosure: Bool = false) throws {
        handler = TLSServerHandler(context: fixture.context)
        client = try TestTLSClient(options ?? fixture.options())
        channel = EmbeddedChannel()
        channel.allowRemoteHalfClosure = allowsHalfClosure
        try channel.pipeline.syncOperations.addHandlers([handler, recorder])
        channel.pipeline.fireChannelActive()
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    func toServer(sliceSize: Int? = nil) throws {
        var rest = client.takeCiphertext()[...]
        while !rest.isEmpty {
            let slice = rest.prefix(sliceSize ?? rest.count)
            try deliver(slice)
            rest = rest.dropFirst(slice.count)
        }
    }

    func deliver(_ bytes: some Sequence<UInt8>) throws {
        channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
        channel.pipeline.fireChannelReadComplete()
    }

    @discardableResult
    func toClient() throws -> Int {
        var count = 0
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            client.receive(buffer.readableBytesView)
            count += 1
        }
        return count
    }

    func shakeHands(sliceSize: Int? = nil) throws {
        while !(try client.advanceHandshake()) {
            try toServer(sliceSize: sliceSize)
            try toClient()
        }
        try toServer(sliceSize: sliceSize)
        try toClient()
    }

    func clientReads() -> (bytes: [UInt8], records: Int, end: TestTLSClient.Read) {
        var all: [UInt8] = []
        var records = 0
        while true {
            let read = client.read()
            guard case .bytes(let bytes) = read else { return (all, records, read) }
            all += bytes
            records += 1
        }
    }
}

@Suite struct ServerHandlerTests {
    @Test(arguments: [TestTLSClient.Version.tls12, .tls13], [nil, 1, 7] as [Int?])
    func requestAndResponse(version: TestTLSClient.Version, sliceSize: Int?) throws {
        let fixture = try ServerFixture()
        var options = fixture.options(version)
        options.applicationProtocols = ["h2", "http/1.1"]
        let server = try EmbeddedServer(fixture, options)
        #expect(server.handler.handshake == nil)
        try server.shakeHands(sliceSize: sliceSize)
        #expect(server.recorder.tlsEvents == [.handshakeCompleted(negotiatedProtocol: "http/1.1")])
        #expect(server.handler.handshake?.applicationProtocol == "http/1.1")

        let request = [UInt8](repeating: 65, count: sliceSize == nil ? 40_000 : 2_000)
        server.client.write(request)
        try server.toServer(sliceSize: sliceSize)
        #expect(server.recorder.bytes == request)
        if sliceSize == nil {
            #expect(server.recorder.reads.count == 1, "all records of a read go on at once")
        }
        try server.channel.writeAndFlush(ByteBuffer(string: "answer")).wait()
        try server.toClient()
        #expect(server.clientReads().bytes == Array("answer".utf8))
        #expect(server.recorder.errors.isEmpty)
        #expect(ERR_peek_error() == 0)
    }

    @Test func requestRightBehindTheHandshakeIsDelivered() throws {
        let fixture = try ServerFixture()
        let server = try EmbeddedServer(fixture, fixture.options(.tls13))
        _ = try server.client.advanceHandshake()
        try server.toServer()
        try server.toClient()
        #expect(try server.client.advanceHandshake())
        server.client.write(Array("early".utf8))
        // Finished and request in one packet.
        try server.toServer()
        #expect(server.recorder.bytes == Array("early".utf8))
    }

    @Test func writesUntilAFlushShareARecord() throws {
        let server = try EmbeddedServer(ServerFixture())
        try server.shakeHands()
        _ = server.clientReads()
        let first = server.channel.write(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"))
        let second = server.channel.write(ByteBuffer(string: "body"))
        let third = server.channel.write(ByteBuffer())
        #expect(try server.toClient() == 0)
        server.channel.flush()
        try first.and(second).and(third).map { _ in }.wait()
        #expect(try server.toClient() == 1)
        let read = server.clientReads()
        #expect(read.bytes == Array("HTTP/1.1 200 OK\r\n\r\nbody".utf8))
        #expect(read.records == 1)
    }

    @Test(arguments: [[10, 3_000_000, 20], [16_384, 1], [8_000, 8_000, 8_000], [0], [0, 5, 0], [65_537]])
    func writesOfAnySizesArriveInOrder(sizes: [Int]) throws {
        let server = try EmbeddedServer(ServerFixture())
        try server.shakeHands()
        var all: [UInt8] = []
        var written: [EventLoopFuture<Void>] = []
        for (index, size) in sizes.enumerated() {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &+ index) }
            written.append(server.channel.write(ByteBuffer(bytes: bytes)))
            all += bytes
        }
        server.channel.flush()
        try EventLoopFuture.andAllSucceed(written, on: server.channel.eventLoop).wait()
        try server.toClient()
        #expect(server.clientReads().bytes == all)
    }

    @Test func writesBeforeTheHandshakeWaitForIt() throws {
        let server = try EmbeddedServer(ServerFixture())
        let greeting = server.channel.writeAndFlush(ByteBuffer(string: "greeting"))
        let unflushed = server.channel.write(ByteBuffer(string: "not yet"))
        let excess = server.channel.write(ByteBuffer(repeating: 0, count: 100_000))
        #expect(throws: ChannelError.writeMessageTooLarge) { try excess.wait() }
        try server.shakeHands()
        try greeting.wait()
        #expect(server.clientReads().bytes == Array("greeting".utf8))
        server.channel.flush()
        try unflushed.wait()
        try server.toClient()
        #expect(server.clientReads().bytes == Array("not yet".utf8))
    }

    // MARK: Failures

    @Test func plainHTTPGetsAnAnswerInItsOwnTongue() throws {
        let server = try EmbeddedServer(ServerFixture())
        try server.deliver("GET / HTTP/1.1\r\n\r\n".utf8)
        #expect(server.recorder.codes == [.plainHTTP])
        let answer = try #require(try server.channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: answer).hasPrefix("HTTP/1.0 400 Bad Request\r\n"))
        #expect(!server.channel.isActive)
    }

    @Test func failedHandshakeSendsItsAlertOnce() throws {
        let fixture = try ServerFixture()
        var options = fixture.options()
        options.applicationProtocols = ["h2"]
        let server = try EmbeddedServer(fixture, options)
        let write = server.channel.writeAndFlush(ByteBuffer(string: "never"))
        _ = try server.client.advanceHandshake()
        try server.toServer()
        #expect(server.recorder.codes == [.noCommonProtocol])
        #expect(throws: TLSError.self) { try write.wait() }
        try server.toClient()
        let alert = #expect(throws: TestCertificateError.self) { try server.client.advanceHandshake() }
        #expect(alert?.description.contains("alert no application protocol") == true)
        #expect(!server.channel.isActive)
        // More input changes nothing.
        server.channel.pipeline.fireChannelRead(ByteBuffer(string: "more"))
        #expect(server.recorder.codes == [.noCommonProtocol])
    }

    @Test func alteredRecordsCloseTheConnection() throws {
        let server = try EmbeddedServer(ServerFixture())
        try server.shakeHands()
        server.client.write(Array("good".utf8))
        try server.toServer()
        server.client.write(Array("bad".utf8))
        var bytes = server.client.takeCiphertext()
        bytes[bytes.count - 1] ^= 1
        try server.deliver(bytes)
        #expect(server.recorder.bytes == Array("good".utf8))
        #expect(server.recorder.codes == [.protocolViolation])
        #expect(!server.channel.isActive)
    }

    @Test func endWithoutCloseNotifyIsAnError() throws {
        let server = try EmbeddedServer(ServerFixture())
        try server.shakeHands()
        server.channel.pipeline.fireChannelInactive()
        #expect(server.recorder.codes == [.truncated])
    }

    @Test func probesThatOnlyConnectAreSilent() throws {
        let server = try EmbeddedServer(ServerFixture())
        _ = try server.channel.finish()
        #expect(server.recorder.errors.isEmpty)
        #expect(server.recorder.isInactive)
    }

    @Test func handshakeCanBeGivenUp() throws {
        let server = try EmbeddedServer(ServerFixture())
        _ = try server.client.advanceHandshake()
        try server.toServer()
        try server.channel.close().wait()
        #expect(!server.channel.isActive)
        #expect(ERR_peek_error() == 0)
    }

    // MARK: The end

    @Test func closeNotifyOfTheClientClosesTheChannel() throws {
        let server = try EmbeddedServer(ServerFixture())
        try server.shakeHands()
        server.client.write(Array("last".utf8))
        server.client.close()
        try server.toServer()
        #expect(server.recorder.bytes == Array("last".utf8))
        #expect(server.recorder.tlsEvents.last == .shutdownCompleted)
        #expect(server.recorder.isInactive && server.recorder.errors.isEmpty)
        try server.toClient()
        #expect(server.clientReads().end == .closed)
    }

    @Test func withHalfClosureTheAnswerStillGoesOut() throws {
        let server = try EmbeddedServer(ServerFixture(), allowsHalfClosure: true)
        try server.shakeHands()
        server.client.write(Array("question".utf8))
        server.client.close()
        try server.toServer()
        #expect(server.recorder.inputClosed == 1)
        // The end of the stream says nothing new.
        server.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(server.recorder.inputClosed == 1)
        #expect(server.channel.isActive && server.recorder.errors.isEmpty)
        try server.channel.writeAndFlush(ByteBuffer(string: "answer")).wait()
        try server.channel.close().wait()
        try server.toClient()
        let read = server.clientReads()
        #expect(read.bytes == Array("answer".utf8) && read.end == .closed)
        #expect(server.recorder.tlsEvents.last == .shutdownCompleted)
    }

    @Test func closeSendsWhatWasFlushedAndCloseNotify() throws {
        let server = try EmbeddedServer(ServerFixture())
        try server.shakeHands()
        server.channel.writeAndFlush(ByteBuffer(string: "answer"), promise: nil)
        let unflushed = server.channel.write(ByteBuffer(string: "unflushed"))
        let closed = server.channel.close()
        server.channel.embeddedEventLoop.run()
        try closed.wait()
        #expect(throws: ChannelError.self) { try unflushed.wait() }
        try server.toClient()
        let read = server.clientReads()
        #expect(read.bytes == Array("answer".utf8) && read.end == .closed)
    }

    @Test func closingFromWithinAReadIsSafe() throws {
        let server = try EmbeddedServer(ServerFixture())
        try server.shakeHands()
        server.recorder.onRead = { context in
            context.channel.writeAndFlush(ByteBuffer(string: "bye"), promise: nil)
            context.close(promise: nil)
            context.close(promise: nil)
        }
        server.client.write(Array("question".utf8))
        server.client.close()
        try server.toServer()
        try server.toClient()
        #expect(server.clientReads().bytes == Array("bye".utf8))
        #expect(server.recorder.errors.isEmpty && server.recorder.isInactive)
    }

    @Test func clientThatDoesNotReadCannotFillTheOutput() throws {
        let fixture = try ServerFixture()
        let server = try EmbeddedServer(fixture, fixture.options(.tls13))
        try server.shakeHands()
        server.channel.isWritable = false
        for _ in 0..<10_000 where server.channel.isActive {
            server.client.updateKeys()
            try server.toServer()
        }
        #expect(server.recorder.codes == [.outputBacklog])
        #expect(!server.channel.isActive)
    }

    /// Those behind ask for bytes once; a packet without a whole record must not leave them waiting.
    @Test func readsAreRepeatedUntilThereIsPlaintext() throws {
        final class ReadCounter: ChannelOutboundHandler {
            typealias OutboundIn = ByteBuffer
            var reads = 0
            func read(context: ChannelHandlerContext) {
                reads += 1
            }
        }
        let server = try EmbeddedServer(ServerFixture())
        try server.shakeHands()
        let counter = ReadCounter()
        try server.channel.pipeline.syncOperations.addHandler(counter, position: .before(server.handler))
        server.channel.read()
        #expect(counter.reads == 1)
        server.client.write(Array("question".utf8))
        let bytes = server.client.takeCiphertext()
        try server.deliver(bytes.prefix(10))
        #expect(counter.reads == 2)
        try server.deliver(bytes.dropFirst(10))
        #expect(server.recorder.bytes == Array("question".utf8))
        #expect(counter.reads == 2)
    }
}
