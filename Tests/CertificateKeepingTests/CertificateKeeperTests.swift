import Certificates
import KubernetesClient
import LocatedDocuments
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import OpenSSLTransport
import Synchronization
import TestSupport
import Testing

@testable import CertificateIssuing
@testable import CertificateKeeping

/// An API server that holds what a keeper deals with, and checks versions as the real one does.
private final class FakeCluster: HTTPTransport {
    struct State {
        var secret: String?
        var version = 1
        var bundles = ["validating": "", "mutating": ""]
        /// Of both configurations.
        var mode: String?
        var pods = "[]"
        /// Writes that come too late, as if somebody had been faster.
        var conflicts = 0
        var writes: [String] = []
    }

    let state = Mutex(State())
    let address = "https://fake.test"

    func execute(_ request: HTTPRequest, deadline: NIODeadline) async throws(TransportError) -> HTTPResponse {
        let body = request.body.map { String(buffer: $0) } ?? ""
        return state.withLock { state in
            let path = String(request.target.prefix { $0 != "?" })
            if path.hasSuffix("/pods") { return .json(#"{"kind":"PodList","metadata":{},"items":\#(state.pods)}"#) }
            if path.hasSuffix("/serviceaccounts/keeper") {
                return .json(#"{"kind":"ServiceAccount","metadata":{"name":"keeper","uid":"u-1"}}"#)
            }
            if request.method != .GET {
                if state.conflicts > 0 {
                    state.conflicts -= 1
                    return .refusal(409, "Conflict", "the object has been modified")
                }
                state.version += 1
                state.writes.append("\(request.method.rawValue) \(path)")
            }
            if path.contains("/secrets") { return Self.secret(request.method, body, &state) }
            let kind = path.contains("validating") ? "validating" : "mutating"
            if request.method == .PATCH, let value = body.split(separator: #""value":""#).last {
                state.bundles[kind] = String(value.prefix { $0 != "\"" })
            }
            let annotations = state.mode.map { #","annotations":{"tallygate.io/certificates":"\#($0)"}"# } ?? ""
            return .json(
                #"{"kind":"\#(kind)WebhookConfiguration","metadata":{"name":"tallygate","resourceVersion":""#
                    + #"\#(state.version)"\#(annotations)},"webhooks":[{"name":"a.tallygate.io","clientConfig":{"caBundle":""#
                    + #"\#(state.bundles[kind] ?? "")"}}]}"#)
        }
    }

    private static func secret(_ method: HTTPMethod, _ body: String, _ state: inout State) -> HTTPResponse {
        switch method {
        case .POST, .PUT: state.secret = body
        default: break
        }
        guard let secret = state.secret else { return .refusal(404, "NotFound", "secrets \\\"tls\\\" not found") }
        return .json(secret)
    }
}

@Suite("The keeper of certificates")
struct CertificateKeeperTests {
    private let cluster = FakeCluster()
    private let keeper: CertificateKeeper

    init() {
        var settings = KeeperSettings(
            namespace: "ns", service: "gate", clusterDomain: "cluster.local", secret: "tls",
            webhookConfiguration: "tallygate",
            replicas: .pods(namespace: "ns", labelSelector: "a=b", port: 8443))
        settings.owner = "keeper"
        keeper = CertificateKeeper(
            KubernetesAPI(transport: cluster, credentials: FixedCredential()), settings,
            group: MultiThreadedEventLoopGroup.singleton, unixSeconds: { 1_800_000_000 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func secret() throws -> CertificateSecret {
        let text = try #require(cluster.state.withLock { $0.secret })
        return try #require(CertificateSecret(ByteBuffer(string: text)))
    }

    /// What is served is a pair that what is published verifies.
    private func checkWhole() throws {
        let secret = try secret()
        let leaf = try #require(CertificateReader.certificates(secret.certificateChain)?.first)
        #expect(CertificateReader.isPair(leaf, secret.privateKey))
        let bundles = cluster.state.withLock { $0.bundles }
        for (_, text) in bundles {
            let bundle = try #require(Base64.decode(text).flatMap { CertificateReader.certificates($0) })
            #expect(bundle.contains { CertificateReader.verifies(leaf, by: $0) })
        }
        #expect(
            Set(leaf.info.alternativeNames) == [
                .dns("gate.ns.svc"), .dns("gate.ns"), .dns("gate.ns.svc.cluster.local"),
            ])
    }

    @Test("From nothing: the CA, both bundles, then the certificate")
    func freshInstall() async throws {
        await keeper.work()
        try checkWhole()
        #expect(
            cluster.state.withLock { $0.writes } == [
                "POST /api/v1/namespaces/ns/secrets",
                "PATCH /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/tallygate",
                "PATCH /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/tallygate",
                "PUT /api/v1/namespaces/ns/secrets/tls",
            ])
        // And then nothing more.
        await keeper.work()
        #expect(cluster.state.withLock { $0.writes.count } == 4)
    }

    @Test("Somebody faster: it looks again", arguments: 1...4)
    func conflicts(_ count: Int) async throws {
        cluster.state.withLock { $0.conflicts = count }
        await keeper.work()
        try checkWhole()
    }

    @Test("Emptied, garbage, another's: each caBundle is mended", arguments: ["", "Z2FyYmFnZQ=="])
    func tamperedBundle(_ bundle: String) async throws {
        await keeper.work()
        cluster.state.withLock { $0.bundles["mutating"] = bundle }
        await keeper.work()
        try checkWhole()
        #expect(cluster.state.withLock { $0.writes.count } == 5)
    }

    @Test("A deleted Secret, a pair of garbage, a CA without its key: all are mended", arguments: 0..<4)
    func tamperedSecret(_ way: Int) async throws {
        await keeper.work()
        var secret = try secret()
        let before = secret.certificateChain
        switch way {
        case 0: cluster.state.withLock { $0.secret = nil }
        case 1: secret.certificateChain = Array("garbage".utf8)
        case 2: secret.privateKey = secret.authorityKey
        default: secret.authorityKey = PrivateKeyPEM([])
        }
        if way > 0 { cluster.state.withLock { [secret] in $0.secret = String(buffer: secret.body) } }
        await keeper.work()
        try checkWhole()
        #expect(try self.secret().certificateChain != before)
    }

    @Test("A Secret that is made here ends with its owner; one that was there already is given none")
    func owner() async throws {
        await keeper.work()
        let made = try #require(cluster.state.withLock { $0.secret })
        #expect(
            made.contains(
                #""ownerReferences":[{"apiVersion":"v1","kind":"ServiceAccount","name":"keeper","uid":"u-1"}]"#))
        let kept = made.replacing(/,"ownerReferences":\[[^\]]*\]/, with: "")
        var secret = try #require(CertificateSecret(ByteBuffer(string: kept)))
        secret.authorityKey = PrivateKeyPEM([])
        cluster.state.withLock { [secret] in $0.secret = String(buffer: secret.body) }
        await keeper.work()
        try checkWhole()
        #expect(cluster.state.withLock { $0.secret?.contains("ownerReferences") } == false)
    }

    @Test(
        "Where the chart says that others keep the certificates nothing is written",
        arguments: ["provided", "cert-manager"])
    func keptOtherwise(_ mode: String) async throws {
        await keeper.work()
        cluster.state.withLock { ($0.mode, $0.bundles["mutating"], $0.secret) = (mode, "", nil) }
        await keeper.work()
        await keeper.restore()
        #expect(cluster.state.withLock { $0.writes.count } == 4)
        cluster.state.withLock { $0.mode = "managed" }
        await keeper.work()
        try checkWhole()
    }

    @Test("A caBundle is put back without asking any gate, and again and again", arguments: ["", "Z2FyYmFnZQ=="])
    func restored(_ bundle: String) async throws {
        await keeper.work()
        let good = cluster.state.withLock { $0.bundles }
        // A gate that cannot be asked in less than some seconds.
        cluster.state.withLock {
            $0.pods = #"[{"metadata":{"name":"g"},"status":{"phase":"Running","podIP":"192.0.2.1"}}]"#
        }
        for kind in ["mutating", "validating"] {
            cluster.state.withLock { $0.bundles[kind] = bundle }
            await keeper.restore()
            #expect(cluster.state.withLock { $0.bundles } == good)
        }
        #expect(cluster.state.withLock { $0.writes.count } == 6)
        await keeper.restore()
        #expect(cluster.state.withLock { $0.writes.count } == 6)
    }

    @Test("Nothing is put back that never was published")
    func notYetPublished() async throws {
        await keeper.restore()
        #expect(cluster.state.withLock { $0.writes } == [])
        await keeper.work()
        // Another CA's Secret, which some other keeper is about to publish.
        let before = try secret()
        cluster.state.withLock { $0.secret = nil }
        await keeper.restore()
        #expect(cluster.state.withLock { $0.writes.count } == 4)
        cluster.state.withLock { $0.secret = String(buffer: before.body) }
        await keeper.work()
        try checkWhole()
    }
}
