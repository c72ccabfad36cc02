import Admission
import GateCache
import KubernetesClient
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
    /// Whom the gate asks about what surrounds a request.
    enum Surroundings {
        case supplied(SuppliedFacts)
        case cluster
    }

    let settings: WebhookSettings
    let policyPaths: [String]
    let loaded: LoadedPolicy
    let surroundings: Surroundings
    /// Where the API server is; nil: nothing is asked of it.
    let access: ClusterAccess?
    let environment: [String: String]
    /// nil: the certificate comes from a Secret.
    let files: CertificateStore?
    let logger: Logger

    func run() async throws {
        let metrics = GateMetrics(
            version: Build.version, toolchain: Build.toolchain, openSSL: OpenSSLLibrary.version,
            kinds: KindNames.all(of: loaded.catalogue), gapReasons: Reason.allCases.map(\.rawValue),
            watchFailureReasons: WatchFailure.Reason.allCases.map(\.rawValue))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let connection = access.map { access in
            for warning in access.warnings { logger.warning("\(warning)") }
            logger.info(
                "Asking the cluster", metadata: ["server": "\(access.server)", "configuration": "\(access.origin)"])
            return ClusterConnection(
                access, environment: environment, hasTerminal: false, userAgent: "tallygate/\(Build.version)",
                group: group, unixSeconds: WallClock.unixSeconds)
        }
        do {
            try await run(metrics, group, connection?.api)
        } catch {
            await connection?.shutdown()
            throw error
        }
        await connection?.shutdown()
        try await group.shutdownGracefully()
    }

    private func run(
        _ metrics: GateMetrics, _ group: MultiThreadedEventLoopGroup, _ api: KubernetesAPI?
    ) async throws {
        let certificates = try certificates(metrics, api)
        if case .cluster = surroundings, let api {
            let cluster = GateCluster(LiveCluster(api), metrics: metrics, logger: logger)
            metrics.cacheAge.observe { cluster.cacheAges() }
            try await run(metrics, group, cluster, cluster: cluster, certificates, api)
        } else if case .supplied(let facts) = surroundings {
            try await run(metrics, group, SuppliedKnowledge(facts: facts), cluster: nil, certificates, api)
        }
    }

    private func certificates(_ metrics: GateMetrics, _ api: KubernetesAPI?) throws -> GateCertificates {
        if let files { return .files(files) }
        guard case .secret(let secret, let clientAuthorityFile) = settings.certificates, let api else {
            throw CommandOutcome.inputError("there is nowhere to take a certificate from")
        }
        return .secret(
            SecretCertificates(
                secret, api, clientAuthorityFile: clientAuthorityFile, metrics: metrics, logger: logger))
    }

    private func run(
        _ metrics: GateMetrics, _ group: MultiThreadedEventLoopGroup, _ knowledge: any KnowledgeProviding,
        cluster: GateCluster<LiveCluster>?, _ certificates: GateCertificates, _ api: KubernetesAPI?
    ) async throws {
        let gate = AdmissionGate(policy: loaded.policy, catalogue: loaded.catalogue)
        let policy = PolicyHolder(
            gate, await knowledge.knowledge(for: gate, loaded.catalogue), loaded, metrics: metrics)
        metrics.setPolicyHash(loaded.hash)
        metrics.setCertificateSource(files == nil ? .secret : .files)
        if let files {
            CertificateReports.publish(files.currentContext.certificates, metrics)
            CertificateReports.warnIfInvalid(files.currentContext.certificates, logger)
        }
        let probe = settings.selfProbe.map { target in
            SelfProbe(target, certificates, api, metrics: metrics, group: group, logger: logger)
        }

        let service = GateService(policy: policy, metrics: metrics, logger: logger)
        var configuration = WebhookServer.Configuration(
            listen: settings.listen, healthListen: settings.healthListen)
        configuration.drainTime = settings.drainTime
        let server = WebhookServer(
            configuration: configuration, group: group, admission: service, metrics: metrics,
            readiness: Readiness(checks: readinessChecks(policy, cluster, certificates, probe)), logger: logger,
            unixSeconds: WallClock.unixSeconds,
            transportHandlers: { _ in [TLSServerHandler(context: try certificates.context())] },
            started: { _ in _ = group.next().scheduleTask(in: StartUpMemory.delay) { StartUpMemory.release() } })
        // The server goes first when it is over, so that it has its caches until then.
        let following: any Service =
            switch certificates {
            case .files(let store): CertificateReloading(store: store, metrics: metrics, logger: logger)
            case .secret(let secret): secret
            }
        let helpers: [any Service] =
            (cluster.map { [$0] } ?? []) + (probe.map { [$0] } ?? []) + [
                following,
                PolicyReloading(
                    paths: policyPaths,
                    holder: GatePolicyAdoption(holder: policy, knowledge: knowledge, metrics: metrics), logger: logger),
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
                    // The server decides when it is over; a helper that ends costs its help and nothing else.
                    services: helpers.map {
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
    }

    private func readinessChecks(
        _ policy: PolicyHolder, _ cluster: GateCluster<LiveCluster>?, _ certificates: GateCertificates,
        _ probe: SelfProbe?
    ) -> [ReadinessCheck] {
        let caches = cluster.map { cluster in
            [
                ReadinessCheck("namespaces") { cluster.namespacesStatus() },
                ReadinessCheck("owners") { cluster.ownersStatus() },
            ]
        }
        return [
            ReadinessCheck("tls") { certificates.readiness() },
            ReadinessCheck("policy") { policy.failure.map(ReadinessCheck.Status.degraded) ?? .ok },
        ] + (caches ?? []) + (probe.map { probe in [ReadinessCheck("self-probe") { probe.status() }] } ?? [])
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
