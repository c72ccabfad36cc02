import ArgumentParser
import CertificateKeeping
import Certificates
import KubernetesClient
import Logging
import NIOCore
import NIOPosix
import OpenSSLTransport
import ServiceLifecycle
import UnixSignals
import WebhookServer

struct CertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates",
        abstract: "Show and keep the gate's certificates: Secret, caBundle and what gates serve.",
        subcommands: [Status.self, Renew.self, Keep.self], defaultSubcommand: Status.self)

    struct Status: AsyncParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case text, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Show what is in the Secret, what is published, and what every gate serves.",
            discussion: "Exit code 1 when something is to be done, or under way.")

        @OptionGroup var options: CertificateOptions
        @OptionGroup var cluster: ClusterOptions

        @Option(name: [.customShort("o"), .long], help: "The output's format.")
        var output: Format?

        func run() async throws {
            let environment = EnvironmentSettings()
            let format =
                try output ?? environment.value("output", { Format(rawValue: $0) }, expected: "text or json") ?? .text
            let (status, isInOrder) = try await CertificateAccess(options, cluster, environment).use {
                keeper, settings in
                let findings = try await CertificateAccess.reached { () throws(APIError) in try await keeper.look() }
                let plan = keeper.plan(findings)
                let status = CertificateStatus(findings.observation, plan, settings)
                return (format == .json ? status.json : status.text, status.isInOrder)
            }
            try StandardOutput.print(status)
            if !isInOrder { throw CommandOutcome(code: .findings, message: nil) }
        }
    }

    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Renew the certificate now, or with --ca the CA and then the certificate.",
            discussion: """
                Returns when every gate serves the new certificate and nothing else is trusted. Works beside a keeper \
                that runs, and without one.
                """)

        @OptionGroup var options: CertificateOptions
        @OptionGroup var cluster: ClusterOptions
        @OptionGroup var logging: LogOptions

        @Flag(help: "A new CA, published beside the old one before anything is signed by it.")
        var ca = false

        @Option(help: ArgumentHelp("How long to wait for the end (default: 10m).", valueName: "time"))
        var timeout: TimeSpan?

        func run() async throws {
            let environment = EnvironmentSettings()
            let limit =
                try timeout ?? environment.value("timeout", { TimeSpan(argument: $0) }, expected: "a time such as 10m")
            let logger = try logging.bootstrap()
            let isCA = ca
            let access = try CertificateAccess(options, cluster, environment, logger: logger)
            try await access.use { keeper, settings in
                // Something may be out of order before anything is renewed.
                await keeper.work()
                let findings = try await CertificateAccess.reached { () throws(APIError) in try await keeper.look() }
                if let mode = findings.keptOtherwise {
                    throw CommandOutcome.inputError(
                        "certificates.mode is \(mode) by the webhook configurations: renew there, or change the mode")
                }
                try await CertificateAccess.done { () throws(KeeperError) in
                    if isCA {
                        try await keeper.renewAuthority(findings)
                    } else {
                        try await keeper.perform(.issueLeaf(.asked), findings)
                    }
                }
                try await finish(keeper, settings, within: limit?.duration ?? .seconds(600))
            }
        }

        private func finish(
            _ keeper: CertificateKeeper, _ settings: KeeperSettings, within limit: Duration
        ) async throws {
            let clock = ContinuousClock()
            let end = clock.now + limit
            while true {
                await keeper.work()
                let findings = try await CertificateAccess.reached { () throws(APIError) in try await keeper.look() }
                let plan = keeper.plan(findings)
                if case .wait(.steady) = plan, CertificateStatus(findings.observation, plan, settings).isServed {
                    return
                }
                guard clock.now < end else {
                    throw CommandOutcome(
                        code: .findings,
                        message: "not finished in \(limit.components.seconds) s; see: tallygate certificates status")
                }
                // Steps are worth a second's wait, not more requests.
                try await clock.sleep(for: .seconds(1))
            }
        }
    }

    struct Keep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep them: issue, publish, renew and mend, until told to stop.",
            discussion: "Of several that run, the one that holds the Lease works.")

        @OptionGroup var options: CertificateOptions
        @OptionGroup var cluster: ClusterOptions
        @OptionGroup var logging: LogOptions

        @Option(help: "The Lease (default: the Service's name and -certificates).")
        var lease: String?

        @Option(
            help: ArgumentHelp(
                "Where health and metrics are served (default: 0.0.0.0:8080).", valueName: "host:port"))
        var healthListen: String?

        @Option(
            help: ArgumentHelp(
                "The ServiceAccount with which a Secret and a Lease that are made here are deleted; none by default.",
                valueName: "name"))
        var owner: String?

        func run() async throws {
            let environment = EnvironmentSettings()
            let logger = try logging.bootstrap()
            let listen: ListenAddress
            do throws(ListenAddressError) {
                listen = try ListenAddress(
                    parsing: healthListen ?? environment.text("health-listen") ?? "0.0.0.0:8080")
            } catch {
                throw CommandOutcome.inputError("\(error)")
            }
            let access = try CertificateAccess(
                options, cluster, environment, owner: owner ?? environment.text("owner"), logger: logger)
            let name =
                lease ?? environment.text("lease")
                ?? "\(options.service ?? environment.text("service") ?? "tallygate")-certificates"
            let holder = environment.variables["POD_NAME"] ?? environment.variables["HOSTNAME"] ?? "tallygate"
            let metrics = KeeperMetrics(
                version: Build.version, toolchain: Build.toolchain, openSSL: OpenSSLLibrary.version)
            let service = KeeperService(metrics: metrics, logger: logger)
            try await access.use(reporting: { service.note($0) }) { keeper, settings in
                logger.info(
                    "Keeping certificates",
                    metadata: [
                        "version": "\(Build.version)", "secret": "\(settings.secret.name)", "lease": "\(name)",
                    ])
                let runner = LeaseRunner(
                    api: access.api, namespace: settings.secret.namespace ?? "default", name: name,
                    settings: .init(identity: "\(holder)_\(UInt32.random(in: 0 ... .max))"),
                    owner: access.owner, wallClock: { RFC3339.Moment(seconds: WallClock.unixSeconds()) },
                    report: { service.note($0) })
                let health = HealthServer(
                    listen: listen, group: access.group, metrics: metrics,
                    readiness: Readiness(checks: service.readinessChecks), logger: logger,
                    unixSeconds: WallClock.unixSeconds)
                do {
                    try await ServiceGroup(
                        configuration: ServiceGroupConfiguration(
                            services: [
                                .init(
                                    service: ServedKeeper(
                                        health: health, service: service, keeper: keeper, lease: runner),
                                    successTerminationBehavior: .gracefullyShutdownGroup)
                            ],
                            gracefulShutdownSignals: [.sigterm, .sigint],
                            logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
                    ).run()
                } catch let error as ListenError {
                    throw CommandOutcome.inputError("\(error)")
                }
            }
        }
    }
}

/// A keeper for one command, and the connection it works on.
struct CertificateAccess {
    let api: KubernetesAPI
    let group: MultiThreadedEventLoopGroup
    private let connection: ClusterConnection
    private let settings: KeeperSettings
    private let logger: Logger

    /// - Parameters:
    ///   - owner: the ServiceAccount with which what is made here ends; nil: none.
    ///   - logger: of the keeper; nil: it says nothing.
    init(
        _ options: CertificateOptions, _ cluster: ClusterOptions, _ environment: EnvironmentSettings,
        owner: String? = nil, logger: Logger? = nil
    ) throws {
        let access: ClusterAccess
        do throws(ConfigurationError) {
            access = try cluster.access(environment)
        } catch {
            throw CommandOutcome.inputError(error.description)
        }
        var settings = try options.settings(environment, access)
        settings.owner = owner
        self.settings = settings
        for warning in access.warnings { StandardError.print("tallygate: \(warning)") }
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        connection = ClusterConnection(
            access, environment: environment.variables, hasTerminal: StandardInput.isTerminal,
            userAgent: "tallygate/\(Build.version)", group: group, unixSeconds: WallClock.unixSeconds)
        api = connection.api
        self.logger = logger ?? Logger(label: "tallygate") { _ in SwiftLogNoOpLogHandler() }
    }

    /// Who finds the owner of what is made here; nil: nobody.
    var owner: OwnerFinder? {
        settings.owner.map {
            OwnerFinder(api, namespace: settings.secret.namespace ?? "default", serviceAccount: $0)
        }
    }

    /// - Parameter report: told what the keeper finds and does.
    func use<Value>(
        reporting report: @escaping @Sendable (KeeperEvent) -> Void = { _ in },
        _ body: (CertificateKeeper, KeeperSettings) async throws -> Value
    ) async throws -> Value {
        let keeper = CertificateKeeper(
            api, settings, group: group, unixSeconds: WallClock.unixSeconds, logger: logger, report: report)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(keeper, settings))
        } catch {
            result = .failure(error)
        }
        await connection.shutdown()
        try await group.shutdownGracefully()
        return try result.get()
    }

    /// What cannot be read ends a command with 3.
    static func reached<Value>(_ body: () async throws(APIError) -> Value) async throws -> Value {
        do throws(APIError) {
            return try await body()
        } catch {
            throw CommandOutcome(code: .unreachable, message: error.description)
        }
    }

    static func done(_ body: () async throws(KeeperError) -> Void) async throws {
        do throws(KeeperError) {
            try await body()
        } catch {
            throw CommandOutcome(code: .unreachable, message: error.description)
        }
    }
}
