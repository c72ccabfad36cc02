import AsyncHTTPClient
import Logging
package import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Requests to one API server over async-http-client.
///
/// HTTP/1.1, although the server speaks HTTP/2: the client library sends no pings, and on one shared connection that
/// died silently every watch and every request would hang until its own limit; over HTTP/1.1 a dead connection costs
/// the one request on it, and a slow list delays no other.
///
/// A server name other than the host (`tls-server-name`) is put into the request's URL, and that name made to resolve
/// to the host by the library's table of names: so TLS asks for the one and connects to the other. The Host header
/// stays the host's.
package final class ClusterTransport: HTTPTransport {
    package struct Settings: Sendable {
        /// `tallygate/VERSION`.
        package var userAgent: String
        /// Of the connection and of its TLS handshake. A server in the same network answers in milliseconds; one across
        /// an ocean, after lost packets, in seconds.
        package var connectTimeout: TimeAmount

        package init(userAgent: String, connectTimeout: TimeAmount = .seconds(10)) {
            self.userAgent = userAgent
            self.connectTimeout = connectTimeout
        }
    }

    /// Each watch holds a connection for its life, and there is one for each resource; the library's own limit of 8
    /// would leave none for requests. `KubernetesAPI` bounds what is under way beside them.
    private static let connections = 256
    /// Less than the idle times of load balancers (AWS 350 s, Azure 240 s).
    private static let idleTimeout = TimeAmount.seconds(60)

    private let access: ClusterAccess
    private let settings: Settings
    private let client: HTTPClient
    private let group: any EventLoopGroup
    private let unixSeconds: @Sendable () -> Int64
    private let tls: Mutex<TLSSettings>
    private let urlPrefix: String

    /// What errors name.
    package let address: String

    /// - Parameters:
    ///   - group: whose threads the connections live on; it has to outlive the transport.
    ///   - unixSeconds: the time of day, for files that are read again and for messages about certificates.
    package init(
        _ access: ClusterAccess, settings: Settings, group: any EventLoopGroup,
        unixSeconds: @escaping @Sendable () -> Int64
    ) {
        self.access = access
        self.settings = settings
        self.group = group
        self.unixSeconds = unixSeconds
        address = access.server.description
        tls = Mutex(TLSSettings(access.trust, address: access.server.description))

        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        // A redirect could lead the credentials elsewhere, and API servers send none.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = settings.connectTimeout
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connections
        configuration.connectionPool.idleTimeout = Self.idleTimeout
        // Who asks decides whether and when it is tried again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = access.proxy.map(Self.proxy)
        let server = access.server
        if let name = access.trust.serverName, server.isTLS {
            configuration.dnsOverride = [name: server.host]
            urlPrefix = "https://\(name):\(server.port)\(server.basePath)"
        } else {
            urlPrefix = server.description
        }
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    /// Ends all connections. Has to be called before the last reference goes.
    package func shutdown() async {
        try? await client.shutdown()
    }

    private static func proxy(_ proxy: ProxyServer) -> HTTPClient.Configuration.Proxy {
        switch proxy.scheme {
        case .http:
            .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.credentials.map { .basic(username: $0.username, password: $0.password) })
        case .socks5: .socksServer(host: proxy.host, port: proxy.port)
        }
    }

    package func execute(
        _ request: HTTPRequest, deadline: NIODeadline
    ) async throws(TransportError) -> HTTPResponse {
        var mayRefresh = true
        while true {
            let prepared = try prepare(request)
            do {
                return response(try await client.execute(prepared, deadline: deadline))
            } catch {
                let reason = await reason(for: error)
                // A CA that was replaced may have been read too early.
                if case .certificate(.untrusted) = reason, mayRefresh,
                    tls.withLock({ $0.refresh(now: unixSeconds()) })
                {
                    mayRefresh = false
                    continue
                }
                throw TransportError(address: address, reason: reason)
            }
        }
    }

    private func prepare(_ request: HTTPRequest) throws(TransportError) -> HTTPClientRequest {
        var prepared = HTTPClientRequest(url: urlPrefix + request.target)
        prepared.method = request.method
        prepared.headers = request.headers
        prepared.headers.replaceOrAdd(name: "User-Agent", value: settings.userAgent)
        if access.trust.serverName != nil, access.server.isTLS {
            prepared.headers.replaceOrAdd(name: "Host", value: access.server.authority)
        }
        for header in access.user.impersonation { prepared.headers.add(name: header.name, value: header.value) }
        if let body = request.body { prepared.body = .bytes(body) }
        if access.server.isTLS {
            let now = unixSeconds()
            prepared.tlsConfiguration = try tls.withLock { (tls) throws(TransportError) in
                try tls.configuration(for: request.identity, now: now)
            }
        }
        return prepared
    }

    private func response(_ response: HTTPClientResponse) -> HTTPResponse {
        let body = response.body
        let proxy = access.proxy
        let address = address
        return HTTPResponse(
            status: Int(response.status.code), headers: response.headers,
            body: HTTPBody {
                var iterator = body.makeAsyncIterator()
                return { () async throws(TransportError) in
                    do {
                        let chunk = try await iterator.next()
                        // The library ends a cancelled body as it ends a complete one.
                        if chunk == nil, Task.isCancelled { throw CancellationError() }
                        return chunk
                    } catch {
                        let reason: TransportError.Reason =
                            switch TransportFailure(error, proxy: proxy) {
                            case .reason(let reason): reason
                            case .certificateRefused: .tls("\(error)")
                            }
                        throw TransportError(address: address, reason: reason)
                    }
                }
            })
    }

    private func reason(for error: any Error) async -> TransportError.Reason {
        switch TransportFailure(error, proxy: access.proxy) {
        case .reason(let reason): return reason
        case .certificateRefused(let nameFailed):
            let name = access.trust.serverName ?? access.server.host
            // Through a proxy there is nothing to look at from here.
            let probe = CertificateProbe(
                host: access.server.host, port: access.server.port, serverName: IPAddress(name) == nil ? name : nil)
            let chain = access.proxy == nil ? await probe.chain(on: group) : nil
            return .certificate(
                TransportError.CertificateProblem(chain, nameFailed: nameFailed, expected: name, now: unixSeconds()))
        }
    }
}
