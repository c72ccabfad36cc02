import FuzzSupport
import NIOCore
import NIOEmbedded
import OpenSSLTransport
import TLSTestSupport

/// Stands for the socket: notes which reads and closings reach it.
final class SocketEnd: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    /// Whether the server wants more bytes.
    var wantsRead = false
    private(set) var isOutputClosed = false

    func read(context: ChannelHandlerContext) {
        wantsRead = true
        context.read()
    }

    /// An embedded channel would take the closing of output for that of everything.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        isOutputClosed = true
        promise?.succeed()
    }
}

/// What the client puts on the wire, and takes from it.
protocol ClientEnd {
    /// Handlers of the server's side, behind the socket's.
    func serverHandlers() -> [any ChannelHandler]
    /// To be called until there is nothing more to send.
    func handshake() -> [UInt8]?
    func send(_ plaintext: [UInt8]) -> [UInt8]
    func receive(_ bytes: ByteBuffer) -> [UInt8]
    /// What ends the client's stream.
    func farewell() -> [UInt8]
}

/// Plaintext from the socket on.
struct PlainClient: ClientEnd {
    func serverHandlers() -> [any ChannelHandler] { [] }
    func handshake() -> [UInt8]? { nil }
    func send(_ plaintext: [UInt8]) -> [UInt8] { plaintext }
    func receive(_ bytes: ByteBuffer) -> [UInt8] { Array(bytes.readableBytesView) }
    func farewell() -> [UInt8] { [] }
}

/// The same within a TLS session.
struct TLSClient: ClientEnd {
    private static let context = makeContext()
    private let client: TestTLSClient

    init() {
        guard let client = try? TestTLSClient() else { fatalError("there is no TLS client") }
        self.client = client
    }

    /// Minted anew in every process.
    private static func makeContext() -> TLSContext {
        do {
            let directory = try TemporaryDirectory()
            let certificate = try TestCertificateAuthority().issueServer()
            return try TLSContext(
                TLSConfiguration(
                    certificateChainFile: try directory.write("tls.crt", certificate.chainPEM),
                    privateKeyFile: try directory.write("tls.key", certificate.keyPEM)))
        } catch {
            fatalError("there is no TLS context: \(error)")
        }
    }

    func serverHandlers() -> [any ChannelHandler] { [TLSServerHandler(context: Self.context)] }

    func handshake() -> [UInt8]? {
        do {
            _ = try client.advanceHandshake()
        } catch {
            fatalError("does not hold: a handshake succeeds: \(error)")
        }
        let bytes = client.takeCiphertext()
        return bytes.isEmpty && client.isConnected ? nil : bytes
    }

    func send(_ plaintext: [UInt8]) -> [UInt8] {
        // A connection the server has closed takes nothing more, as a socket would not.
        _ = client.write(plaintext)
        return client.takeCiphertext()
    }

    func receive(_ bytes: ByteBuffer) -> [UInt8] {
        client.receive(bytes.readableBytesView)
        if !client.isConnected { return [] }
        var plaintext: [UInt8] = []
        while case .bytes(let more) = client.read() { plaintext += more }
        return plaintext
    }

    func farewell() -> [UInt8] {
        client.close()
        return client.takeCiphertext()
    }
}
