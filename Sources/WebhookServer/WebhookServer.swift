package import Logging
package import NIOCore
import ServiceLifecycle

/// The gate's two ports and their life: the webhook, and health with metrics.
package struct WebhookServer: Service, CustomStringConvertible {
    package struct Configuration: Sendable {
        package var listen: ListenAddress
        package var healthListen: ListenAddress
        package var limits = HTTPLimits.webhook
        package var healthLimits = HTTPLimits.health
        /// How long everything is still served after shutdown was asked for: endpoints take some seconds to be taken
        /// out everywhere, and API servers go on using connections to a terminating Pod until then.
        package var drainTime: Duration = .seconds(10)
        /// How long requests under way may then take. With `drainTime` it stays within Kubernetes' default
        /// terminationGracePeriodSeconds of 30.
        package var shutdownGrace: Duration = .seconds(20)

        package init(listen: ListenAddress, healthListen: ListenAddress) {
            self.listen = listen
            self.healthListen = healthListen
        }
    }

    /// Where the server listens, once it does (the port may have been the kernel's choice).
    package struct Bound: Sendable {
        package var webhook: SocketAddress?
        package var health: SocketAddress?
    }

    /// The service's name. Without it, a service group would go through all that this holds by reflection.
    package var description: String { "webhook server" }

    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let admission: any AdmissionService
    private let metrics: GateMetrics
    private let readiness: Readiness
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let unixSeconds: @Sendable () -> Int64
    private let transportHandlers: @Sendable (any Channel) throws -> [any ChannelHandler]
    private let started: @Sendable (Bound) -> Void

    /// - Parameters:
    ///   - group: its loops serve both ports; the caller shuts it down.
    ///   - unixSeconds: the wall clock, for the `Date` field.
    ///   - clock: what the times of the shutdown are measured by.
    ///   - transportHandlers: makes what stands between a webhook connection's socket and HTTP: the TLS handler.
    ///     Called on the connection's event loop; throwing closes the connection.
    ///   - started: called once both ports are bound.
    package init(
        configuration: Configuration, group: any EventLoopGroup, admission: any AdmissionService,
        metrics: GateMetrics, readiness: Readiness, logger: Logger, unixSeconds: @escaping @Sendable () -> Int64,
        clock: any Clock<Duration> = ContinuousClock(),
        transportHandlers: @escaping @Sendable (any Channel) throws -> [any ChannelHandler],
        started: @escaping @Sendable (Bound) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.group = group
        self.admission = admission
        self.metrics = metrics
        self.readiness = readiness
        self.logger = logger
        self.unixSeconds = unixSeconds
        self.clock = clock
        self.transportHandlers = transportHandlers
        self.started = started
    }

    /// Serves until a graceful shutdown has drained, or the task is cancelled.
    ///
    /// - Throws: `ListenError` when a port cannot be bound.
    package func run() async throws {
        try await self.run(until: { try await gracefulShutdown() })
    }

    /// Serves until `shutdown` returns (then drains) or throws (then stops at once).
    package func run(until shutdown: @escaping @Sendable () async throws -> Void) async throws {
        let (webhook, health) = try await self.bind()
        defer {
            webhook.stop()
            health.stop()
        }
        self.logger.info(
            "Listening",
            metadata: [
                "webhook": "\(webhook.channel.localAddress.map(hostAndPort) ?? "")",
                "health": "\(health.channel.localAddress.map(hostAndPort) ?? "")",
            ])
        self.started(Bound(webhook: webhook.channel.localAddress, health: health.channel.localAddress))

        let (events, sink) = AsyncStream.makeStream(of: DrainMachine.Event.self)
        await withDiscardingTaskGroup { group in
            group.addTask {
                do {
                    try await shutdown()
                    sink.yield(.shutdownRequested)
                } catch {
                    sink.yield(.cancelled)
                }
            }
            var machine = DrainMachine()
            for await event in events {
                for action in machine.handle(event) {
                    switch action {
                    case .announce:
                        self.readiness.startDraining()
                        webhook.beginDraining()
                        self.logger.info("Draining", metadata: ["for": "\(self.configuration.drainTime)"])
                    case .start(let timer):
                        group.addTask {
                            // Cancelled together with the group, when nobody listens any more.
                            try? await self.clock.sleep(for: self.duration(of: timer))
                            sink.yield(.elapsed(timer))
                        }
                    case .stopAccepting:
                        webhook.stopAccepting()
                        self.logger.info("Stopped accepting connections")
                    case .finishConnections:
                        webhook.finish { sink.yield(.connectionsClosed) }
                    case .abortConnections:
                        webhook.abort()
                    case .stop:
                        sink.finish()
                    }
                }
            }
            // Reached by `.stop`, and by cancellation, which ends the stream.
            group.cancelAll()
        }
        self.readiness.startDraining()
        self.logger.info("Stopped serving")
    }

    private func duration(of timer: DrainMachine.Timer) -> Duration {
        switch timer {
        case .drain: self.configuration.drainTime
        case .grace: self.configuration.shutdownGrace
        }
    }

    private func bind() async throws -> (webhook: Listener, health: Listener) {
        let health = try await Listener.bind(
            self.configuration.healthListen, group: self.group,
            router: HealthRouter(readiness: self.readiness, metrics: self.metrics),
            limits: self.configuration.healthLimits, events: .ignored, logger: self.logger,
            unixSeconds: self.unixSeconds, transportHandlers: { _ in [] })
        do {
            let webhook = try await Listener.bind(
                self.configuration.listen, group: self.group, router: WebhookRouter(admission: self.admission),
                limits: self.configuration.limits, events: .counted(by: self.metrics), logger: self.logger,
                unixSeconds: self.unixSeconds, transportHandlers: self.transportHandlers)
            return (webhook, health)
        } catch {
            health.stop()
            throw error
        }
    }
}
