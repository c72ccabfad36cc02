import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// What an error of the libraries below means.
enum TransportFailure {
    case reason(TransportError.Reason)
    /// The server's certificate was not accepted; which reason that has takes a look at it.
    case certificateRefused(nameFailed: Bool)

    /// - Parameter proxy: if there is one, it is what connections are made to.
    init(_ error: any Error, proxy: ProxyServer?) {
        switch error {
        case is CancellationError: self = .reason(.cancelled)
        case let error as HTTPClientError: self = .reason(Self.reason(error))
        case let error as NIOConnectionError: self = .reason(Self.connecting(error, proxy))
        case let error as IOError: self = .reason(Self.system(error.errnoCode, proxy))
        case let error as ChannelError: self = .reason(Self.channel(error))
        case let error as NIOSSLError: self = Self.tls(error)
        case let error as BoringSSLError: self = Self.tls(error)
        case let error as NIOSSLExtraError:
            self =
                error == .failedToValidateHostname
                ? .certificateRefused(nameFailed: true) : .reason(.tls("\(error)"))
        case HTTPParserError.invalidEOFState: self = .reason(.closed)
        case let error as HTTPParserError: self = .reason(.malformed("\(error)"))
        default: self = .reason(.other("\(error)"))
        }
    }

    private static func reason(_ error: HTTPClientError) -> TransportError.Reason {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout: .timedOut(.connection)
        case .tlsHandshakeTimeout: .timedOut(.handshake)
        case .deadlineExceeded, .readTimeout, .writeTimeout: .timedOut(.answer)
        case .remoteConnectionClosed, .uncleanShutdown: .closed
        case .cancelled, .requestStreamCancelled: .cancelled
        case .proxyAuthenticationRequired: .proxy("it wants a user and a password")
        case .invalidProxyResponse: .proxy("it refuses to connect to the server")
        case .httpProxyHandshakeTimeout, .socksHandshakeTimeout: .proxy("it does not answer in time")
        case .alreadyShutdown: .shutDown
        default: .other("\(error)")
        }
    }

    private static func connecting(_ error: NIOConnectionError, _ proxy: ProxyServer?) -> TransportError.Reason {
        let codes = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
        // Of several addresses, the one that was refused tells most: somebody is there.
        if let code = codes.first(where: { $0 == ECONNREFUSED }) ?? codes.first { return system(code, proxy) }
        if let first = error.connectionErrors.first {
            if case ChannelError.connectTimeout = first.error { return .timedOut(.connection) }
            return .unreachable("\(first.error)")
        }
        if let proxy { return .proxy("the name \(proxy.host) of the proxy has no address") }
        return .unresolved(host: error.host)
    }

    private static func system(_ code: Int32, _ proxy: ProxyServer?) -> TransportError.Reason {
        let words = String(cString: strerror(code))
        switch code {
        case ECONNRESET, EPIPE, ENOTCONN: return .closed
        default: break
        }
        if let proxy { return .proxy("no connection to \(proxy) (\(words))") }
        return switch code {
        case ECONNREFUSED: .refused
        case ETIMEDOUT: .timedOut(.connection)
        default: .unreachable(words)
        }
    }

    private static func channel(_ error: ChannelError) -> TransportError.Reason {
        switch error {
        case .connectTimeout: .timedOut(.connection)
        case .ioOnClosedChannel, .alreadyClosed, .eof, .inputClosed, .outputClosed: .closed
        default: .other("\(error)")
        }
    }

    private static func tls(_ error: NIOSSLError) -> TransportFailure {
        switch error {
        case .handshakeFailed(let error): tls(error)
        case .uncleanShutdown: .reason(.closed)
        case .unableToValidateCertificate, .noCertificateToValidate: .certificateRefused(nameFailed: false)
        default: .reason(.tls("\(error)"))
        }
    }

    private static func tls(_ error: BoringSSLError) -> TransportFailure {
        let stack: NIOBoringSSLErrorStack
        switch error {
        case .sslError(let errors), .unknownError(let errors): stack = errors
        case .zeroReturn, .syscallError: return .reason(.closed)
        default: return .reason(.tls("\(error)"))
        }
        if stack.contains(.eofDuringHandshake) { return .reason(.closed) }
        // `error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at /path:123`
        let names = stack.map { entry in
            let text = entry.description
            return text.split(separator: ":").last { $0.contains("_") }.map { String($0.prefix { $0 != " " }) } ?? text
        }
        let name = names.first ?? "unknown"
        if names.contains("CERTIFICATE_VERIFY_FAILED") { return .certificateRefused(nameFailed: false) }
        if names.contains("WRONG_VERSION_NUMBER") || names.contains("HTTP_REQUEST") { return .reason(.notTLS) }
        if name.contains("ALERT"),
            name.contains("CERT") || name.contains("UNKNOWN_CA") || name.contains("ACCESS_DENIED")
        {
            return .reason(.clientCertificateRefused(name))
        }
        return .reason(.tls(name))
    }
}
