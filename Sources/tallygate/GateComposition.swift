import Admission
import KubernetesModel
import LabelPolicy
import Logging
import NIOCore
import NIOPosix
import OpenSSLTransport
import PolicyDocuments
import ServiceLifecycle
import UnixSignals
import WebhookServer

/// Joins the parts of the gate and runs them until a signal asks it to stop.
struct GateComposition {
    let settings: WebhookSettings
    let policyPaths: [String]
    let loaded: LoadedPolicy
    let knowledge: any KnowledgeProviding
    let certificates: CertificateStore
    let logger: Logger

    func run() async throws {
        let metrics = GateMetrics(
            version: Build.version, toolchain: Build.toolchain, openSSL: OpenSSLLibrary.version,
            kinds: KindNames.all(of: loaded.catalogue), gapReasons: Reason.allCases.map(\.rawValue))
        let gate = AdmissionGate(policy: loaded.policy, catalogue: loaded.catalogue)
        let policy = PolicyHolder(
            gate, await knowledge.knowledge(for: gate, loaded.catalogue), loaded, metrics: metrics)
        metrics.setPolicyHash(loaded.hash)
        CertificateReports.publish(certificates.currentContext.certificates, metrics)
        CertificateReports.warnIfInvalid(certificates.currentContext.certificates, logger)

        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let service = GateService(policy: policy, metrics: metrics, logger: logger)
        var configuration = WebhookServer.Configuration(
            listen: settings.listen, healthListen: settings.healthListen)
        configuration.drainTime = settings.drainTime
        let certificates = certificates
        let server = WebhookServer(
            configuration: configuration, group: group, admission: service, metrics: metrics,
            readiness: Readiness(checks: readinessChecks(policy)), logger: logger,
            unixSeconds: WallClock.unixSeconds,
            transportHandlers: { _ in [TLSServerHandler(context: certificates.currentContext)] },
            started: { _ in _ = group.next().scheduleTask(in: StartUpMemory.delay) { StartUpMemory.release() } })
        let reloaders: [any Service] = [
            CertificateReloading(store: certificates, metrics: metrics, logger: logger),
            PolicyReloading(
                paths: policyPaths, holder: policy, knowledge: knowledge, metrics: metrics, logger: logger),
        ]
        logger.info(
            "Starting",
            metadata: [
                "version": "\(Build.version)", "policy": "\(loaded.policy.name)", "policy-hash": "\(loaded.hash)",
                "mode": "\(loaded.policy.mode.rawValue)", "tls": "\(OpenSSLLibrary.version)",
            ])
        do {
            try await ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    // The server decides when it is over; a reloader that ends costs reloads and nothing else.
                    services: reloaders.map {
                        ServiceGroupConfiguration.ServiceConfiguration(service: $0, successTerminationBehavior: .ignore)
                    } + [
                        ServiceGroupConfiguration.ServiceConfiguration(
                            service: server, successTerminationBehavior: .gracefullyShutdownGroup)
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: Logger(label: "lifecycle") { _ in
                        SwiftLogNoOpLogHandler()
                    })
            ).run()
        } catch let error as ListenError {
            throw CommandOutcome.inputError("\(error)")
        }
        try await group.shutdownGracefully()
    }

    private func readinessChecks(_ policy: PolicyHolder) -> [ReadinessCheck] {
        let certificates = certificates
        return [
            ReadinessCheck("tls") {
                if let failure = certificates.failure { return .degraded("\(failure)") }
                let leaf = certificates.currentContext.certificates.leaf
                switch leaf.validity(at: WallClock.unixSeconds()) {
                case .valid: return .ok
                case .notYetValid: return .degraded("the certificate is not valid yet")
                case .expired: return .degraded("the certificate has expired")
                }
            },
            ReadinessCheck("policy") { policy.failure.map(ReadinessCheck.Status.degraded) ?? .ok },
        ]
    }
}

/// The names kinds are counted under: the kind alone, with its group where another group has a kind of that name.
enum KindNames {
    /// Kinds of the core group that are judged without being workloads.
    static let core = ["Namespace", "PersistentVolumeClaim", "Service"]

    static func all(of catalogue: WorkloadCatalogue) -> [String] {
        catalogue.kinds.map { name($0.groupKind, in: catalogue) } + core
    }

    static func name(_ kind: GroupKind, in catalogue: WorkloadCatalogue) -> String {
        if core.contains(kind.kind) { return kind.description }
        let first = catalogue.kinds.first { $0.kind == kind.kind }
        return first.map { $0.groupKind == kind } ?? true ? kind.kind : kind.description
    }
}
