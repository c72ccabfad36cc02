import CertificateKeeping
import KubernetesClient
import LabelPolicy
import Logging
import NIOCore
import OpenSSLTransport
import ServiceLifecycle
import Synchronization
import WebhookServer

/// Where the gate's certificate comes from.
enum GateCertificates {
    case files(CertificateStore)
    case secret(SecretCertificates)

    /// nil: there is no pair yet.
    var store: CertificateStore? {
        switch self {
        case .files(let store): store
        case .secret(let certificates): certificates.store
        }
    }

    /// For new connections.
    func context() throws -> TLSContext {
        guard let store else { throw NoCertificate() }
        return store.currentContext
    }

    /// The CA it came with; nil: none was named.
    var authority: ConfiguredBytes? {
        switch self {
        case .files(let store): store.configuration.authorityFile.map(ConfiguredBytes.file)
        case .secret(let certificates): certificates.authority.map(ConfiguredBytes.bytes)
        }
    }

    func readiness() -> ReadinessCheck.Status {
        guard let store else {
            if case .secret(let certificates) = self { return .failing(certificates.problem ?? "no certificate yet") }
            return .failing("no certificate")
        }
        if let failure = store.failure { return .degraded("\(failure)") }
        switch store.currentContext.certificates.leaf.validity(at: WallClock.unixSeconds()) {
        case .valid: break
        case .notYetValid: return .degraded("the certificate is not valid yet")
        case .expired: return .degraded("the certificate has expired")
        }
        // A gate that has a pair serves, whatever has become of the Secret and of the API server.
        if case .secret(let certificates) = self, let problem = certificates.problem { return .degraded(problem) }
        return .ok
    }
}

private struct NoCertificate: Error, CustomStringConvertible {
    var description: String { "there is no certificate yet; the gate is not ready" }
}

/// Takes the gate's certificate from a Secret, through the API: a mounted Secret follows its object only after one or
/// two minutes, and what a rotation waits for is that every gate has the new one.
///
/// What is no pair never replaces one that was. Without any, at first, the gate is not ready and waits.
final class SecretCertificates: Service, CustomStringConvertible {
    private struct State {
        var store: CertificateStore?
        /// PEM, of the pair in use.
        var authority: [UInt8]?
        /// Why what is in the Secret is not in use, or cannot be read; nil: it is in use.
        var problem: String?
    }

    /// Of one request for the Secret.
    private static let timeout = TimeAmount.seconds(10)

    let secret: ObjectReference
    private let api: KubernetesAPI
    private let configuration: TLSConfiguration
    private let metrics: GateMetrics
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter clientAuthorityFile: as of files.
    init(
        _ secret: ObjectReference, _ api: KubernetesAPI, clientAuthorityFile: String?, metrics: GateMetrics,
        logger: Logger
    ) {
        self.secret = secret
        self.api = api
        self.metrics = metrics
        self.logger = logger
        let place = "of Secret \(secret.namespace ?? "")/\(secret.name)"
        configuration = TLSConfiguration(
            certificateChainFile: "tls.crt \(place)", privateKeyFile: "tls.key \(place)",
            clientAuthorityFile: clientAuthorityFile, authorityFile: "ca.crt \(place)")
        state = Mutex(State(problem: "the Secret has not been read yet"))
    }

    var description: String { "certificate following" }

    var store: CertificateStore? { state.withLock { $0.store } }
    var authority: [UInt8]? { state.withLock { $0.authority } }
    var problem: String? { state.withLock { $0.problem } }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await ObjectFollower(api, secret).run { await self.look() }
        }
    }

    /// Reads the Secret and takes up what is in it.
    func look() async {
        let name = "Secret \(secret.namespace ?? "")/\(secret.name)"
        do throws(APIError) {
            let answer = try await api.get(secret, deadline: .now() + Self.timeout, isRetried: false)
            guard let document = CertificateSecret(answer.body) else {
                return complain("\(name) cannot be read")
            }
            guard let pair = document.pair else {
                return complain("\(name) holds no certificate yet; it is issued when API servers know its CA")
            }
            take(pair)
        } catch {
            guard !Task.isCancelled else { return }
            complain(
                error.isNotFound
                    ? "there is no \(name); the keeper of certificates makes it" : "\(name) cannot be read: \(error)")
        }
    }

    private func take(_ pair: SuppliedPair) {
        let now = WallClock.unixSeconds()
        guard let store else {
            do throws(TLSError) {
                let store = try CertificateStore(configuration, pair)
                state.withLock { $0 = State(store: store, authority: pair.authorities, problem: nil) }
                adopted(store.currentContext.certificates, "Certificate loaded")
            } catch {
                complain("\(error)")
            }
            return
        }
        switch store.replace(with: pair, now: now) {
        case .unchanged, .watching:
            let wasTroubled = state.withLock { state in
                defer { state.problem = nil }
                return state.problem != nil
            }
            if wasTroubled { logger.info("Following the certificate again") }
        case .swapped(let certificates, _):
            state.withLock { ($0.authority, $0.problem) = (pair.authorities, nil) }
            adopted(certificates, "Certificate reloaded")
        case .keptLastGood(let error):
            metrics.certificateReloadFailures.increment()
            state.withLock { $0.problem = nil }
            logger.error("Certificate not reloaded, the last good one stays", metadata: ["error": "\(error)"])
        }
    }

    private func adopted(_ certificates: CertificateSet, _ line: Logger.Message) {
        CertificateReports.publish(certificates, metrics)
        CertificateReports.warnIfInvalid(certificates, logger)
        logger.info(line, metadata: CertificateReports.metadata(certificates))
    }

    /// Once for each reason.
    private func complain(_ problem: String) {
        let (isNew, isServing) = state.withLock { state in
            defer { state.problem = problem }
            return (state.problem != problem, state.store != nil)
        }
        guard isNew else { return }
        if isServing {
            logger.warning("Cannot follow the certificate, the last good one stays", metadata: ["why": "\(problem)"])
        } else {
            logger.warning("Waiting for a certificate; not ready", metadata: ["why": "\(problem)"])
        }
    }
}
