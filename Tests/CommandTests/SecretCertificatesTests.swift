import Foundation
import KubernetesClient
import Logging
import NIOCore
import OpenSSLTransport
import Synchronization
import TestSupport
import Testing
import WebhookServer

@testable import tallygate

/// The lines that were logged, each with what was said along with it.
private final class LogLines: LogHandler, Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { [self] _ in self } }

    // Lines of all levels are kept, and nothing is said along with all of them.
    var logLevel: Logger.Level {
        get { .trace }
        set { _ = newValue }
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set { _ = newValue }
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set { _ = newValue }
    }

    func log(event: LogEvent) {
        let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        state.withLock { $0.append("\(event.level) \(event.message)\(details)") }
    }
}

/// An API server that has one Secret, or does something else.
private final class SecretServer: Sendable {
    let answer: Mutex<HTTPResponse>
    private let watches = Atomic(0)

    init(_ answer: HTTPResponse) { self.answer = Mutex(answer) }

    var watchCount: Int { watches.load(ordering: .relaxed) }

    func set(_ answer: HTTPResponse) { self.answer.withLock { $0 = answer } }

    var api: KubernetesAPI {
        let transport = ScriptedTransport(
            then: .handle { [self] request in
                guard request.target.contains("watch=") else { return answer.withLock { $0 } }
                // Every watch ends at once, as those through some proxies do.
                watches.add(1, ordering: .relaxed)
                return .json("")
            })
        return KubernetesAPI(transport: transport, credentials: FixedCredential())
    }
}

@Suite("The certificate that a gate takes from a Secret")
struct SecretCertificatesTests {
    private let authority: TestCertificateAuthority
    private let first: TestCertificate
    private let server: SecretServer
    private let log = LogLines()
    private let metrics = GateMetrics(
        version: "1", toolchain: "swift", openSSL: "3", kinds: [], gapReasons: [], includeProcess: false)
    private let certificates: SecretCertificates

    init() throws {
        authority = try TestCertificateAuthority()
        first = try authority.issueServer(commonName: "first.test")
        server = SecretServer(Self.secret(first.chainPEM, first.keyPEM, authority))
        certificates = SecretCertificates(
            ObjectReference(.secrets, namespace: "ns", name: "tls"), server.api, clientAuthorityFile: nil,
            metrics: metrics, logger: log.logger)
    }

    private static func secret(_ chain: String?, _ key: String?, _ authority: TestCertificateAuthority) -> HTTPResponse
    {
        let entries = [("tls.crt", chain), ("tls.key", key), ("ca.crt", authority.identity.certificatePEM)]
        let data = entries.compactMap { name, text in
            text.map { #""\#(name)":"\#(Data($0.utf8).base64EncodedString())""# }
        }
        return .json(
            #"{"kind":"Secret","apiVersion":"v1","type":"kubernetes.io/tls","metadata":{"name":"tls","#
                + #""namespace":"ns","resourceVersion":"7"},"data":{\#(data.joined(separator: ","))}}"#)
    }

    private var served: String? { certificates.store?.currentContext.certificates.leaf.subject }
    private var readiness: ReadinessCheck.Status { GateCertificates.secret(certificates).readiness() }

    /// What a Secret may hold that is no pair, and what is said of it.
    enum Bad: String, CaseIterable, Sendable {
        case noKey, noCertificate, otherKey, noPEM, half, notASecret, absent, forbidden, away

        var said: String {
            switch self {
            case .noKey, .noCertificate: "holds no certificate yet"
            case .otherKey: "tls.key of Secret ns/tls"
            case .noPEM, .half: "tls.crt of Secret ns/tls"
            case .notASecret: "Secret ns/tls cannot be read"
            case .absent: "there is no Secret ns/tls; the keeper of certificates makes it"
            case .forbidden: #"resources: ["secrets"]"#
            case .away: "Secret ns/tls cannot be read"
            }
        }

        /// Contents that were read and refused are counted as a reload that failed; the rest is no reload.
        var isRefusedPair: Bool {
            switch self {
            case .otherKey, .noPEM, .half: true
            case .noKey, .noCertificate, .notASecret, .absent, .forbidden, .away: false
            }
        }
    }

    private func answer(_ bad: Bad) throws -> HTTPResponse {
        let other = try authority.issueServer(commonName: "other.test")
        switch bad {
        case .noKey: return Self.secret(other.chainPEM, nil, authority)
        case .noCertificate: return Self.secret(nil, other.keyPEM, authority)
        case .otherKey: return Self.secret(other.chainPEM, first.keyPEM, authority)
        case .noPEM: return Self.secret("garbage", other.keyPEM, authority)
        case .half: return Self.secret(String(other.chainPEM.prefix(300)), other.keyPEM, authority)
        case .notASecret: return .json(#"{"kind":"ConfigMap","metadata":{}}"#)
        case .absent: return .refusal(404, "NotFound", #"secrets \"tls\" not found"#)
        case .forbidden: return .refusal(403, "Forbidden", "user gate cannot get resource secrets")
        case .away: return .refusal(503, "ServiceUnavailable", "the server is starting")
        }
    }

    @Test("At first: the gate is not ready, says why once, and takes the pair when it comes", arguments: Bad.allCases)
    func notYet(_ bad: Bad) async throws {
        server.set(try answer(bad))
        for _ in 0..<3 { await certificates.look() }
        #expect(certificates.store == nil)
        guard case .failing(let why) = readiness else {
            Issue.record("\(readiness)")
            return
        }
        #expect(why.contains(bad.said), "\(why)")
        #expect(log.lines.count == 1, "\(log.lines)")
        #expect(log.lines.first?.hasPrefix("warning Waiting for a certificate; not ready why=") == true)

        server.set(Self.secret(first.chainPEM, first.keyPEM, authority))
        for _ in 0..<3 { await certificates.look() }
        #expect(served == "CN=first.test")
        #expect(readiness == .ok)
        #expect(log.lines.dropFirst().map { String($0.prefix(23)) } == ["info Certificate loaded"])
        #expect(certificates.authority == Array(authority.identity.certificatePEM.utf8))
    }

    @Test(
        "Later: the last good pair stays, the gate stays ready, and each change is said once", arguments: Bad.allCases)
    func later(_ bad: Bad) async throws {
        await certificates.look()
        let good = certificates.store?.currentContext
        server.set(try answer(bad))
        for _ in 0..<3 { await certificates.look() }
        #expect(certificates.store?.currentContext === good)
        guard case .degraded(let why) = readiness else {
            Issue.record("\(readiness)")
            return
        }
        #expect(why.contains(bad.said), "\(why)")
        let line =
            bad.isRefusedPair
            ? "error Certificate not reloaded, the last good one stays"
            : "warning Cannot follow the certificate, the last good one stays"
        #expect(log.lines.count == 2, "\(log.lines)")
        #expect(log.lines.last?.hasPrefix(line) == true)
        #expect(metrics.certificateReloadFailures.value() == (bad.isRefusedPair ? 1 : 0))

        // Back to what was: said too, so that nobody goes on looking.
        server.set(Self.secret(first.chainPEM, first.keyPEM, authority))
        for _ in 0..<3 { await certificates.look() }
        #expect(certificates.store?.currentContext === good)
        #expect(readiness == .ok)
        #expect(log.lines.count == 3, "\(log.lines)")
        #expect(
            log.lines.last?.hasPrefix(
                bad.isRefusedPair ? "info Certificate reloaded" : "info Following the certificate again") == true)

        let second = try authority.issueServer(commonName: "second.test")
        server.set(Self.secret(second.chainPEM, second.keyPEM, authority))
        await certificates.look()
        #expect(served == "CN=second.test")
        #expect(log.lines.count == 4, "\(log.lines)")
    }

    @Test("An expired pair is taken, as it may be the clock here that is wrong, and said to be of no use")
    func expired() async throws {
        await certificates.look()
        let expired = try authority.issueServer(commonName: "old.test", validity: .expired)
        server.set(Self.secret(expired.chainPEM, expired.keyPEM, authority))
        for _ in 0..<3 { await certificates.look() }
        #expect(served == "CN=old.test")
        #expect(readiness == .degraded("the certificate has expired"))
        #expect(
            log.lines.dropFirst().map { $0.prefix { $0 != "=" } } == [
                "warning The certificate is not valid now; API servers will refuse it from",
                "info Certificate reloaded expires",
            ], "\(log.lines)")
    }

    @Test("A watch that ends is opened again, and what changed meanwhile is taken")
    func watchCloses() async throws {
        let following = Task { try await certificates.run() }
        func wait(_ what: String, _ isSo: () -> Bool) async throws {
            for _ in 0..<2_000 where !isSo() { try await Task.sleep(for: .milliseconds(10)) }
            #expect(isSo(), "\(what): \(log.lines)")
        }
        try await wait("the first") { served == "CN=first.test" }
        let second = try authority.issueServer(commonName: "second.test")
        server.set(Self.secret(second.chainPEM, second.keyPEM, authority))
        try await wait("the second") { served == "CN=second.test" }
        let watches = server.watchCount
        try await wait("another watch") { server.watchCount > watches }
        #expect(log.lines.count == 2, "\(log.lines)")
        following.cancel()
        _ = await following.result
    }
}
