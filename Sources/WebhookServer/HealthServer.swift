package import Logging
package import NIOCore
import ServiceLifecycle

/// Serves `/livez`, `/readyz` and `/metrics` alone, for a process without webhooks.
package struct HealthServer: Sendable {
    private let listen: ListenAddress
    private let group: any EventLoopGroup
    private let metrics: any MetricsExposing
    private let readiness: Readiness
    private let logger: Logger
    private let unixSeconds: @Sendable () -> Int64

    /// - Parameters:
    ///   - group: its loops serve the port; the caller shuts it down.
    ///   - unixSeconds: the wall clock, for the `Date` field.
    package init(
        listen: ListenAddress, group: any EventLoopGroup, metrics: any MetricsExposing, readiness: Readiness,
        logger: Logger, unixSeconds: @escaping @Sendable () -> Int64
    ) {
        self.listen = listen
        self.group = group
        self.metrics = metrics
        self.readiness = readiness
        self.logger = logger
        self.unixSeconds = unixSeconds
    }

    /// Serves while `body` runs.
    ///
    /// - Throws: `ListenError` when the port cannot be bound.
    package func serving(_ body: () async -> Void) async throws {
        let listener = try await Listener.bind(
            listen, group: group, router: HealthRouter(readiness: readiness, metrics: metrics), limits: .health,
            events: .ignored, logger: logger, unixSeconds: unixSeconds, transportHandlers: { _ in [] })
        logger.info("Listening", metadata: ["health": "\(listener.channel.localAddress.map(hostAndPort) ?? "")"])
        await body()
        readiness.startDraining()
        listener.stop()
    }
}
