import ArgumentParser
import CertificateKeeping
import Certificates
import KubernetesClient
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

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

        func run() async throws {
            let environment = EnvironmentSettings()
            let logger = try logging.bootstrap()
            let access = try CertificateAccess(options, cluster, environment, logger: logger)
            let name =
                lease ?? environment.text("lease")
                ?? "\(options.service ?? environment.text("service") ?? "tallygate")-certificates"
            let holder = environment.variables["POD_NAME"] ?? environment.variables["HOSTNAME"] ?? "tallygate"
            try await access.use { keeper, settings in
                logger.info(
                    "Keeping certificates",
                    metadata: [
                        "version": "\(Build.version)", "secret": "\(settings.secret.name)", "lease": "\(name)",
                    ])
                let service = CertificateService(
                    keeper: keeper,
                    lease: LeaseRunner(
                        api: access.api, namespace: settings.secret.namespace ?? "default", name: name,
                        settings: .init(identity: "\(holder)_\(UInt32.random(in: 0 ... .max))"),
                        wallClock: { RFC3339.Moment(seconds: WallClock.unixSeconds()) },
                        report: { LeaseLog.report($0, logger) }))
                try await ServiceGroup(
                    configuration: ServiceGroupConfiguration(
                        services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                        gracefulShutdownSignals: [.sigterm, .sigint],
                        logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
                ).run()
            }
        }
    }
}

/// The keeper, while it leads.
struct CertificateService: Service, CustomStringConvertible {
    let keeper: CertificateKeeper
    let lease: LeaseRunner

    var description: String { "certificate keeping" }

    func run() async throws {
        await cancelWhenGracefulShutdown { [keeper, lease] in await lease.run { await keeper.run() } }
    }
}

/// What of an election is worth a line.
enum LeaseLog {
    static func report(_ change: LeaseRunner.Change, _ logger: Logger) {
        switch change {
        case .elected: logger.info("Leading")
        case .lost: logger.warning("No longer leading")
        case .observed(let holder): logger.info("Another leads", metadata: ["holder": "\(holder)"])
        case .failed(let error): logger.warning("The Lease cannot be kept", metadata: ["error": "\(error)"])
        case .released: logger.info("Gave the Lease back")
        }
    }
}

/// A keeper for one command, and the connection it works on.
struct CertificateAccess {
    let api: KubernetesAPI
    private let connection: ClusterConnection
    private let settings: KeeperSettings
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger

    /// - Parameter logger: of the keeper; nil: it says nothing.
    init(
        _ options: CertificateOptions, _ cluster: ClusterOptions, _ environment: EnvironmentSettings,
        logger: Logger? = nil
    ) throws {
        let access: ClusterAccess
        do throws(ConfigurationError) {
            access = try cluster.access(environment)
        } catch {
            throw CommandOutcome.inputError(error.description)
        }
        settings = try options.settings(environment, access)
        for warning in access.warnings { StandardError.print("tallygate: \(warning)") }
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        connection = ClusterConnection(
            access, environment: environment.variables, hasTerminal: StandardInput.isTerminal,
            userAgent: "tallygate/\(Build.version)", group: group, unixSeconds: WallClock.unixSeconds)
        api = connection.api
        self.logger = logger ?? Logger(label: "tallygate") { _ in SwiftLogNoOpLogHandler() }
    }

    func use<Value>(_ body: (CertificateKeeper, KeeperSettings) async throws -> Value) async throws -> Value {
        let keeper = CertificateKeeper(
            api, settings, group: group, unixSeconds: WallClock.unixSeconds, logger: logger)
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
