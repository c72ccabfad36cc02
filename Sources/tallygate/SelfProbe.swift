import CertificateKeeping
import KubernetesClient
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import WebhookServer

/// Where the gate asks itself, and whom it trusts.
struct SelfProbeTarget {
    let server: ServerURL
    /// Whose caBundle; nil: the CA that came with the certificate.
    let configuration: String?

    /// nil: it does not.
    init?(url: String?, configuration: String?) throws {
        guard let url else {
            guard configuration == nil else {
                throw CommandOutcome.inputError("--self-probe-configuration needs --self-probe, the Service's address")
            }
            return nil
        }
        do throws(ServerURL.Problem) {
            server = try ServerURL(url, assumesTLS: true)
        } catch {
            throw CommandOutcome.inputError("--self-probe \"\(url)\" \(error.text)")
        }
        guard server.isTLS else {
            throw CommandOutcome.inputError("--self-probe \"\(url)\" is not https://; what is tested is TLS above all")
        }
        self.configuration = configuration
    }
}

/// Asks the gate as API servers do: through its Service, over TLS, trusting what is published. What they would only
/// tell in their own logs (a bundle that fits no more, a CA that has expired, a Service that leads nowhere) shows here.
final class SelfProbe: Service, CustomStringConvertible {
    /// Bundles and leaves change some times a year. A minute is also what Prometheus needs to see it.
    private static let interval = Duration.seconds(60)
    /// The first comes soon, as a fresh install wants to know.
    private static let firstDelay = Duration.seconds(5)
    /// As long as API servers wait at most.
    private static let timeout = TimeAmount.seconds(10)
    /// An answer is some hundred bytes.
    private static let answerLimit = 64 << 10
    private static let uid = "tallygate-self-probe"

    /// A kind no policy judges, as a dry run, so that it leaves no trace in counts and logs.
    private static let review = """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"\(uid)",\
        "kind":{"group":"","version":"v1","kind":"ConfigMap"},\
        "resource":{"group":"","version":"v1","resource":"configmaps"},"name":"self-probe","namespace":"default",\
        "operation":"CREATE","userInfo":{"username":"\(uid)"},"dryRun":true,\
        "object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"self-probe","namespace":"default"}}}}
        """

    private let target: SelfProbeTarget
    private let certificates: GateCertificates
    private let api: KubernetesAPI?
    private let metrics: GateMetrics
    private let group: any EventLoopGroup
    private let logger: Logger
    /// nil: not asked yet.
    private let last = Mutex<Result<Void, ProbeFailure>?>(nil)

    init(
        _ target: SelfProbeTarget, _ certificates: GateCertificates, _ api: KubernetesAPI?, metrics: GateMetrics,
        group: any EventLoopGroup, logger: Logger
    ) {
        self.target = target
        self.certificates = certificates
        self.api = api
        self.metrics = metrics
        self.group = group
        self.logger = logger
    }

    var description: String { "self-probe" }

    /// Never failing: a gate that made itself unready for it would take itself out of the Service it asks through, and
    /// could not become ready again; and where the cluster's network keeps Pods from their own Services all would be
    /// lost for a test. It is for people and for alerts.
    func status() -> ReadinessCheck.Status {
        switch last.withLock({ $0 }) {
        case nil: .degraded("not asked yet")
        case .success: .ok
        case .failure(let failure): .degraded("\(target.server): \(failure.reason)")
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            var delay = Self.firstDelay
            while (try? await Task.sleep(for: delay)) != nil {
                delay = Self.interval
                // What has no certificate yet need not be asked.
                if certificates.store != nil { await look() }
            }
        }
    }

    private func look() async {
        let result: Result<Void, ProbeFailure>
        do throws(ProbeFailure) {
            result = .success(try await ask())
        } catch {
            result = .failure(error)
        }
        guard !Task.isCancelled else { return }
        let before = last.withLock { last in
            defer { last = result }
            return last
        }
        switch result {
        case .success:
            metrics.recordSelfProbe(succeeded: true, at: WallClock.unixSeconds())
            if case .failure = before { logger.notice("The gate can be asked through its Service again") }
        case .failure(let failure):
            metrics.recordSelfProbe(succeeded: false, at: WallClock.unixSeconds())
            if case .failure(let old) = before, old.reason == failure.reason { return }
            logger.warning(
                "The gate cannot be asked through its Service",
                metadata: ["server": "\(target.server)", "why": "\(failure.reason)"])
        }
    }

    private struct ProbeFailure: Error {
        var reason: String
    }

    private func ask() async throws(ProbeFailure) {
        let deadline = NIODeadline.now() + Self.timeout
        let trust = ServerTrust(authorities: try await authorities(deadline))
        let transport = ClusterTransport(
            ClusterAccess(server: target.server, trust: trust, origin: "--self-probe"),
            settings: ClusterTransport.Settings(userAgent: "tallygate/\(Build.version) self-probe"), group: group,
            unixSeconds: WallClock.unixSeconds)
        let result: Result<Void, ProbeFailure>
        do throws(TransportError) {
            let answer = try await transport.execute(
                HTTPRequest(
                    method: .POST, target: "/validate?timeout=5s", headers: ["Content-Type": "application/json"],
                    body: ByteBuffer(string: Self.review)), deadline: deadline)
            let body = try await answer.body.collect(
                upTo: Self.answerLimit, deadline: deadline, from: transport.address)
            let isAnswer = answer.status == 200 && String(buffer: body).contains(Self.uid)
            result = isAnswer ? .success(()) : .failure(ProbeFailure(reason: "it answers with status \(answer.status)"))
        } catch {
            result = .failure(ProbeFailure(reason: "\(error)"))
        }
        await transport.shutdown()
        try result.get()
    }

    private func authorities(_ deadline: NIODeadline) async throws(ProbeFailure) -> ConfiguredBytes {
        guard let name = target.configuration, let api else {
            if let authority = certificates.authority { return authority }
            throw ProbeFailure(reason: "no CA is known to trust; name --tls-ca-file or --self-probe-configuration")
        }
        let body: ByteBuffer
        do throws(APIError) {
            body = try await api.get(
                ObjectReference(.validatingWebhookConfigurations, name: name), deadline: deadline
            ).body
        } catch {
            throw ProbeFailure(reason: "\(error)")
        }
        let bundle = WebhookConfiguration(body)?.webhooks.first?.caBundle ?? []
        guard !bundle.isEmpty else {
            throw ProbeFailure(reason: "ValidatingWebhookConfiguration \(name) has no caBundle")
        }
        return .bytes(bundle)
    }
}
