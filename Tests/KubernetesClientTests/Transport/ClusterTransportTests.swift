import NIOCore
import NIOHTTP1
import NIOPosix
import OpenSSLTransport
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Requests over real connections", .timeLimit(.minutes(2)))
struct ClusterTransportTests {
    private let files: TemporaryDirectory
    private let authority: TestCertificateAuthority
    private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    /// The real time: certificates are valid by it.
    private let now: @Sendable () -> Int64 = { Int64(RealTime.now) }

    init() throws {
        files = try TemporaryDirectory()
        authority = try TestCertificateAuthority()
    }

    private func tls(_ certificate: TestCertificate, clientAuthority: TestCertificateAuthority? = nil) throws
        -> TLSContext
    {
        try TLSContext(
            OpenSSLTransport.TLSConfiguration(
                certificateChainFile: try files.write("tls.crt", certificate.chainPEM),
                privateKeyFile: try files.write("tls.key", certificate.keyPEM),
                clientAuthorityFile: try clientAuthority.map { try files.write("ca.crt", $0.identity.certificatePEM) }))
    }

    private func access(
        port: Int, host: String = "127.0.0.1", isTLS: Bool = true, basePath: String = "",
        _ adjust: (inout ClusterAccess) -> Void = { _ in }
    ) -> ClusterAccess {
        var access = ClusterAccess(
            server: ServerURL(isTLS: isTLS, host: host, port: port, basePath: basePath),
            trust: ServerTrust(authorities: .bytes(Array(authority.identity.certificatePEM.utf8))), origin: "a test")
        adjust(&access)
        return access
    }

    private func with<Value>(
        _ access: ClusterAccess, connectTimeout: TimeAmount = .seconds(10),
        _ body: (ClusterTransport) async throws -> Value
    ) async throws -> Value {
        let transport = ClusterTransport(
            access, settings: ClusterTransport.Settings(userAgent: "tallygate/test", connectTimeout: connectTimeout),
            group: group, unixSeconds: now)
        let result: Result<Value, any Error>
        do { result = .success(try await body(transport)) } catch { result = .failure(error) }
        await transport.shutdown()
        return try result.get()
    }

    private var soon: NIODeadline { .now() + .seconds(20) }

    private func get(_ transport: ClusterTransport, _ target: String = "/version") async throws -> String {
        let response = try await transport.execute(HTTPRequest(method: .GET, target: target), deadline: soon)
        return String(buffer: try await response.body.collect(upTo: 1_000, deadline: soon, from: transport.address))
    }

    /// The line a request fails with.
    private func failure(_ access: ClusterAccess, connectTimeout: TimeAmount = .seconds(10)) async throws -> String {
        try await with(access, connectTimeout: connectTimeout) { transport in
            do {
                return "no failure: " + (try await get(transport))
            } catch let error as TransportError {
                return error.description.replacing("\(access.server.port)", with: "PORT")
            }
        }
    }

    // MARK: What works

    @Test("A request goes out as it is meant, and its answer comes back")
    func request() async throws {
        let server = try await TestServer.start(tls: try tls(authority.issueServer()), on: group) { request in
            .response(
                status: 201, headers: [("X-Method", request.head.method.rawValue)], body: String(buffer: request.body))
        }
        try await with(access(port: server.port, basePath: "/k8s/c")) { transport in
            let response = try await transport.execute(
                HTTPRequest(
                    method: .PATCH, target: "/api/v1/x%2Fy?fieldManager=a%26b", headers: ["Authorization": "Bearer t"],
                    body: ByteBuffer(string: "{}")), deadline: soon)
            #expect(response.status == 201)
            #expect(response.headers.first(name: "x-method") == "PATCH")
            #expect(String(buffer: try await response.body.collect(upTo: 9, deadline: soon, from: "")) == "{}")
        }
        let seen = try #require(server.takeRequests().first)
        #expect(seen.head.uri == "/k8s/c/api/v1/x%2Fy?fieldManager=a%26b")
        #expect(seen.head.headers["user-agent"] == ["tallygate/test"])
        #expect(seen.head.headers["authorization"] == ["Bearer t"])
        #expect(seen.head.headers["host"] == ["127.0.0.1:\(server.port)"])
        await server.stop()
    }

    @Test("IPv6 and plain HTTP")
    func otherPlaces() async throws {
        let six = try await TestServer.start(host: "::1", tls: try tls(authority.issueServer()), on: group)
        #expect(try await with(access(port: six.port, host: "::1")) { try await get($0) } == "ok")
        await six.stop()
        let plain = try await TestServer.start(on: group)
        let inPlainText = access(port: plain.port, isTLS: false) { $0.trust.serverName = "no-such-host.invalid" }
        #expect(try await with(inPlainText) { try await get($0) } == "ok")
        await plain.stop()
    }

    @Test("A server name other than the host is what the certificate is checked for, and only that")
    func serverName() async throws {
        let certificate = try authority.issueServer(dnsNames: ["api.inner.test"], ipAddresses: [])
        let server = try await TestServer.start(tls: try tls(certificate), on: group)
        let named = access(port: server.port) { $0.trust.serverName = "api.inner.test" }
        #expect(try await with(named) { try await get($0) } == "ok")
        #expect(server.takeRequests().first?.head.headers["host"] == ["127.0.0.1:\(server.port)"])
        let wrong = access(port: server.port) { $0.trust.serverName = "other.test" }
        #expect(
            try await failure(wrong)
                == "https://127.0.0.1:PORT: the server's certificate is not for other.test but for api.inner.test; "
                + "use one of its names in the server's URL, or set tls-server-name")
        await server.stop()
    }

    @Test("The client shows its certificate, and changes it from one request to the next")
    func clientCertificate() async throws {
        let clients = try TestCertificateAuthority(name: "Clients")
        let server = try await TestServer.start(
            tls: try tls(authority.issueServer(), clientAuthority: clients), on: group)
        let good = try clients.issueClient(commonName: "jane")
        let bad = try TestCertificateAuthority(name: "Strangers").issueClient(commonName: "joe")
        try await with(access(port: server.port)) { transport in
            func status(_ certificate: TestCertificate?) async throws -> Int {
                let identity = certificate.map {
                    ClientIdentity(certificatePEM: Array($0.chainPEM.utf8), keyPEM: Array($0.keyPEM.utf8))
                }
                return try await transport.execute(
                    HTTPRequest(method: .GET, target: "/", identity: identity), deadline: soon
                ).status
            }
            #expect(try await status(good) == 200)
            for certificate in [nil, bad] {
                do {
                    _ = try await status(certificate)
                    Issue.record("the server let a stranger in")
                } catch let error as TransportError {
                    guard case .clientCertificateRefused = error.reason else {
                        Issue.record("\(error)")
                        continue
                    }
                    #expect(error.description.contains("the server refuses the client certificate"))
                }
            }
            #expect(try await status(good) == 200)
        }
        await server.stop()
    }

    @Test("A CA's file that was replaced is read again when it is needed")
    func authorityReload() async throws {
        let older = try TestCertificateAuthority(name: "Older CA")
        let path = try files.write("cluster-ca.crt", older.identity.certificatePEM)
        let first = try await TestServer.start(tls: try tls(older.issueServer()), on: group)
        var cluster = access(port: first.port)
        cluster.trust.authorities = .file(path: path)
        #expect(try await with(cluster) { try await get($0) } == "ok")
        let second = try await TestServer.start(tls: try tls(authority.issueServer()), on: group)
        cluster.server.port = second.port
        try await with(cluster) { transport in
            await #expect(throws: TransportError.self) { try await get(transport) }
            try files.write("cluster-ca.crt", authority.identity.certificatePEM)
            #expect(try await get(transport) == "ok")
        }
        await first.stop()
        await second.stop()
    }

    @Test("Through a proxy, by its user and password")
    func proxy() async throws {
        let server = try await TestServer.start(tls: try tls(authority.issueServer()), on: group)
        let proxy = try await ConnectProxy.start(on: group)
        let through = access(port: server.port) {
            $0.proxy = ProxyServer(
                scheme: .http, host: "127.0.0.1", port: proxy.port,
                credentials: BasicCredentials(username: "u", password: "p"))
        }
        #expect(try await with(through) { try await get($0) } == "ok")
        let head = try #require(proxy.requests.first)
        #expect(head.hasPrefix("CONNECT 127.0.0.1:\(server.port) HTTP/1.1\r\n"))
        #expect(head.lowercased().contains("proxy-authorization: basic dtpw"))
        await proxy.stop()
        let nobody = try ReservedPort()
        let nowhere = access(port: server.port) {
            $0.proxy = ProxyServer(scheme: .http, host: "127.0.0.1", port: nobody.port)
        }
        #expect(
            try await failure(nowhere)
                == "https://127.0.0.1:PORT: the proxy does not let through: no connection to "
                + "http://127.0.0.1:\(nobody.port) (Connection refused); check proxy-url, HTTPS_PROXY and NO_PROXY")
        await server.stop()
    }

    @Test("A watch's body comes as it is sent, and dropping it ends the request")
    func streaming() async throws {
        let server = try await TestServer.start(tls: try tls(authority.issueServer()), on: group) { _ in
            .unfinished("event")
        }
        try await with(access(port: server.port)) { transport in
            let response = try await transport.execute(HTTPRequest(method: .GET, target: "/watch"), deadline: soon)
            var iterator = response.body.makeAsyncIterator()
            #expect(try await iterator.next().map { String(buffer: $0) } == "event")
        }
        await server.stop()
    }

    // MARK: What fails

    @Test("Nobody there, no such name, no way")
    func unreachable() async throws {
        let nobody = try ReservedPort()
        #expect(
            try await failure(access(port: nobody.port))
                == "https://127.0.0.1:PORT: connection refused; is the API server running, and is this its port?")
        #expect(
            try await failure(access(port: 6443, host: "no-such-host.invalid"))
                == "https://no-such-host.invalid:PORT: the name no-such-host.invalid has no address; "
                + "check the server's name in the kubeconfig, and DNS")
    }

    @Test("A certificate of a stranger, too old, too young, for somebody else")
    func certificates() async throws {
        let cases: [(TestCertificate, String)] = [
            (
                try TestCertificateAuthority(name: "Another CA").issueServer(),
                "the server's certificate is not from a CA that is trusted here (issuer: Another CA); put the right CA "
                    + "into certificate-authority-data (has the cluster been made anew?)"
            ),
            (try authority.issueServer(validity: .expired), "renew it; or is the clock skewed here?"),
            (try authority.issueServer(validity: .notYet), "is the clock skewed, here or where it was issued?"),
            (
                try authority.issueServer(dnsNames: ["a.test"], ipAddresses: ["10.0.0.1", "fd00::1"]),
                "the server's certificate is not for 127.0.0.1 but for a.test, 10.0.0.1, fd00::1; use one of its names "
                    + "in the server's URL, or set tls-server-name"
            ),
        ]
        for (certificate, words) in cases {
            let server = try await TestServer.start(tls: try tls(certificate), on: group)
            let line = try await failure(access(port: server.port))
            #expect(line.hasPrefix("https://127.0.0.1:PORT: the server's certificate "))
            #expect(line.hasSuffix(words), "\(line)")
            let anyway = access(port: server.port) { $0.trust = ServerTrust(skipsVerification: true) }
            #expect(try await with(anyway) { try await get($0) } == "ok")
            await server.stop()
        }
    }

    @Test("Text where TLS should be, and certificates that are none")
    func notTLS() async throws {
        let server = try await TestServer.start(on: group)
        #expect(
            try await failure(access(port: server.port))
                == "https://127.0.0.1:PORT: what answers there does not speak TLS; is the port right, and is the server's "
                + "URL meant to be http://?")
        let noCA = access(port: server.port) { $0.trust.authorities = .bytes(Array("none".utf8)) }
        #expect(
            try await failure(noCA)
                == "https://127.0.0.1:PORT: the certificate authority is no PEM of certificates; check the certificate "
                + "and key in the kubeconfig")
        let missing = access(port: server.port) { $0.trust.authorities = .file(path: "/nowhere/ca.crt") }
        #expect(try await failure(missing).contains("/nowhere/ca.crt: cannot read the certificate authority"))
        await server.stop()
    }

    @Test("Servers that say nothing, stop in the middle, or hang up")
    func badServers() async throws {
        let stage = Mutex(TestServer.Answer.silence)
        let server = try await TestServer.start(tls: try tls(authority.issueServer()), on: group) { _ in
            stage.withLock { $0 }
        }
        try await with(access(port: server.port)) { transport in
            func reason(_ answer: TestServer.Answer, milliseconds: Int64 = 20_000) async -> TransportError.Reason? {
                stage.withLock { $0 = answer }
                let deadline = NIODeadline.now() + .milliseconds(milliseconds)
                do throws(TransportError) {
                    let response = try await transport.execute(
                        HTTPRequest(method: .GET, target: "/"), deadline: deadline)
                    _ = try await response.body.collect(upTo: 10, deadline: deadline, from: transport.address)
                    return nil
                } catch {
                    return error.reason
                }
            }
            #expect(await reason(.silence, milliseconds: 200) == .timedOut(.answer))
            #expect(await reason(.unfinished("abc"), milliseconds: 500) == .timedOut(.answer))
            #expect(await reason(.cutOff("abc")) == .closed)
            #expect(await reason(.close) == .closed)
            #expect(await reason(.response(status: 200, body: "12345678901")) == .bodyTooLarge(limit: 10))
            #expect(await reason(.response(status: 200, body: "1234567890")) == nil)
        }
        await server.stop()
    }

    @Test("A request whose task is cancelled ends")
    func cancellation() async throws {
        let server = try await TestServer.start(tls: try tls(authority.issueServer()), on: group) { _ in .silence }
        try await with(access(port: server.port)) { transport in
            let task = Task { try await get(transport) }
            try await wait(for: "the request") { server.takeRequests().isEmpty ? "none" : nil }
            task.cancel()
            await #expect(throws: TransportError(address: transport.address, reason: .cancelled)) {
                try await task.value
            }
        }
        await server.stop()
    }
}
