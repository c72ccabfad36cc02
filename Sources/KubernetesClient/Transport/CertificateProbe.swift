import NIOCore
import NIOPosix
import NIOSSL

/// Looks at the certificate of a server that was not accepted, to say why: the TLS library only says that it failed.
///
/// The handshake is broken off as soon as the certificate is there. Nothing is sent that the server could use.
struct CertificateProbe {
    /// It only makes a message better: a server that hangs is not waited for longer.
    private static let timeout = TimeAmount.seconds(3)

    let host: String
    let port: Int
    /// As the server is told whom it is asked for; nil for an address.
    let serverName: String?

    /// The server's chain, its own certificate first; nil if it could not be had.
    func chain(on group: any EventLoopGroup) async -> [CertificateFacts]? {
        let promise = group.any().makePromise(of: [CertificateFacts].self)
        let answer = promise.futureResult
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .noHostnameVerification
            let context = try NIOSSLContext(configuration: configuration)
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(Self.timeout)
                .channelInitializer { [serverName] channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(
                            context: context, serverHostname: serverName,
                            customVerificationCallback: { certificates, verdict in
                                promise.succeed(
                                    certificates.compactMap { certificate in
                                        (try? certificate.toDERBytes()).flatMap { CertificateFacts(der: $0) }
                                    })
                                verdict.succeed(.failed)
                            })
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: host, port: port).get()
            channel.closeFuture.whenComplete { _ in promise.fail(ChannelError.ioOnClosedChannel) }
            let expiry = channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
            defer {
                expiry.cancel()
                channel.close(promise: nil)
            }
            return try await answer.get()
        } catch {
            // No-op when it has been kept already.
            promise.fail(error)
            return nil
        }
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
