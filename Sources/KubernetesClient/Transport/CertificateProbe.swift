package import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Looks at the certificate of a server without judging it.
package struct CertificateProbe: Sendable {
    /// It only makes a message better, or is tried again: a server that hangs is not waited for longer.
    private static let timeout = TimeAmount.seconds(3)

    let host: String
    let port: Int
    /// As the server is told whom it is asked for; nil for an address.
    let serverName: String?

    package init(host: String, port: Int, serverName: String?) {
        self.host = host
        self.port = port
        self.serverName = serverName
    }

    /// The server's chain, its own certificate first, to say why it was not accepted: the TLS library only says that it
    /// was not. The handshake is broken off as soon as the certificate is there.
    func chain(on group: any EventLoopGroup) async -> [CertificateFacts]? {
        try? await handshake(on: group, isCompleted: false).compactMap { CertificateFacts(der: $0) }
    }

    /// The server's chain in DER, its own certificate first. The handshake is brought to its end and the connection
    /// closed in order, so that the server counts no failure.
    package func served(on group: any EventLoopGroup) async throws -> [[UInt8]] {
        try await handshake(on: group, isCompleted: true)
    }

    private func handshake(on group: any EventLoopGroup, isCompleted: Bool) async throws -> [[UInt8]] {
        let promise = group.any().makePromise(of: [[UInt8]].self)
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .noHostnameVerification
            let context = try NIOSSLContext(configuration: configuration)
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(Self.timeout)
                .channelInitializer { [serverName] channel in
                    channel.eventLoop.makeCompletedFuture {
                        let end = HandshakeEnd(promise)
                        let certificates = NIOLoopBound(end, eventLoop: channel.eventLoop)
                        let handler = try NIOSSLClientHandler(
                            context: context, serverHostname: serverName,
                            customVerificationCallback: { chain, verdict in
                                certificates.value.chain = chain.compactMap { try? $0.toDERBytes() }
                                verdict.succeed(isCompleted ? .certificateVerified : .failed)
                            })
                        try channel.pipeline.syncOperations.addHandlers([handler, end])
                    }
                }
                .connect(host: host, port: port).get()
            let expiry = channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
            defer {
                expiry.cancel()
                channel.close(promise: nil)
            }
            return try await promise.futureResult.get()
        } catch {
            // No-op when it has been kept already.
            promise.fail(error)
            throw error
        }
    }
}

/// Tells the chain once the handshake is over, however it ended: a server may refuse a client without a certificate
/// after it has shown its own.
private final class HandshakeEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var chain: [[UInt8]] = []
    private let promise: EventLoopPromise<[[UInt8]]>

    init(_ promise: EventLoopPromise<[[UInt8]]>) { self.promise = promise }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { finish(nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    private func finish(_ error: (any Error)?) {
        if let error, chain.isEmpty { promise.fail(error) } else { promise.succeed(chain) }
    }
}

extension TransportError.CertificateProblem {
    /// Why a chain that was not accepted was not.
    ///
    /// - Parameters:
    ///   - nameFailed: the library found it good but for its names.
    ///   - expected: the name or address it should be for.
    ///   - now: in seconds since 1970.
    init(_ chain: [CertificateFacts]?, nameFailed: Bool, expected: String, now: Int64) {
        let leaf = chain?.first
        if nameFailed {
            self = .wrongName(expected: expected, names: leaf?.names ?? [])
        } else if let late = chain?.first(where: { $0.notAfter < now }) {
            self = .expired(at: RFC3339.format(late.notAfter), now: RFC3339.format(now))
        } else if let early = chain?.first(where: { $0.notBefore > now }) {
            self = .notYetValid(from: RFC3339.format(early.notBefore), now: RFC3339.format(now))
        } else {
            self = .untrusted(issuer: chain?.last?.issuer)
        }
    }
}
