import AuditController
import ClusterReading
import KubernetesClient
import LabelPolicy
import Logging
import NIOCore
import NIOPosix
import OpenSSLTransport
import PolicyDocuments
import ServiceLifecycle
import UnixSignals
import WebhookServer

/// Joins the parts of the auditor and runs them until a signal asks it to stop.
struct AuditorComposition {
    let settings: AuditorSettings
    let policyPaths: [String]
    let loaded: LoadedPolicy
    let access: ClusterAccess
    let environment: [String: String]
    let logger: Logger

    func run() async throws {
        let metrics = AuditorMetrics(
            version: Build.version, toolchain: Build.toolchain, openSSL: OpenSSLLibrary.version,
            watchFailureReasons: WatchFailure.Reason.allCases.map(\.rawValue))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        for warning in access.warnings { logger.warning("\(warning)") }
        logger.info(
            "Asking the cluster", metadata: ["server": "\(access.server)", "configuration": "\(access.origin)"])
        let connection = ClusterConnection(
            access, environment: environment, hasTerminal: false, userAgent: "tallygate/\(Build.version)",
            group: group, unixSeconds: WallClock.unixSeconds)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await withPrices(connection.api, metrics, group))
        } catch {
            outcome = .failure(error)
        }
        await connection.shutdown()
        try await group.shutdownGracefully()
        try outcome.get()
    }

    private func withPrices(
        _ api: KubernetesAPI, _ metrics: AuditorMetrics, _ group: MultiThreadedEventLoopGroup
    ) async throws {
        guard let location = settings.opencost else { return try await run(api, nil, metrics, group) }
        let connection = try OpenCostConnection(location, environment: environment, group: group)
        let prices = AuditorPrices(connection.source, metrics: metrics, logger: logger)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await run(api, prices, metrics, group))
        } catch {
            outcome = .failure(error)
        }
        await connection.shutdown()
        try outcome.get()
    }

    private func run(
        _ api: KubernetesAPI, _ prices: AuditorPrices?, _ metrics: AuditorMetrics, _ group: MultiThreadedEventLoopGroup
    ) async throws {
        let policy = AuditorPolicy(loaded, metrics: metrics)
        let auditor = AuditorService(
            api, settings: settings, cluster: settings.clusterName ?? access.server.description, policy: policy,
            prices: prices, metrics: metrics, logger: logger)
        let health = HealthServer(
            listen: settings.healthListen, group: group, metrics: metrics,
            readiness: Readiness(checks: auditor.readinessChecks), logger: logger, unixSeconds: WallClock.unixSeconds)
        logger.info(
            "Starting",
            metadata: [
                "version": "\(Build.version)", "policy": "\(loaded.policy.name)", "policy-hash": "\(loaded.hash)",
                "identity": "\(settings.identity)",
            ])
        do {
            try await ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        ServiceGroupConfiguration.ServiceConfiguration(
                            service: PolicyReloading(paths: policyPaths, holder: policy, logger: logger),
                            successTerminationBehavior: .ignore),
                        ServiceGroupConfiguration.ServiceConfiguration(
                            service: ServedAuditor(health: health, auditor: auditor),
                            successTerminationBehavior: .gracefullyShutdownGroup),
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
            ).run()
        } catch let error as ListenError {
            throw CommandOutcome.inputError("\(error)")
        }
        logger.info("Stopped")
    }
}

/// The auditor, and its health port while it runs.
private struct ServedAuditor: Service, CustomStringConvertible {
    let health: HealthServer
    let auditor: AuditorService

    var description: String { "auditor" }

    func run() async throws {
        try await health.serving { await cancelWhenGracefulShutdown { await auditor.run() } }
    }
}
