import ArgumentParser
import AuditController
import ClusterReading
import Glibc
import KubernetesClient
import LabelPolicy
import Logging
import PolicyDocuments
import Reports
import WebhookServer

struct AuditorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auditor",
        abstract: "Audit a cluster all the time: metrics, reports and Events.",
        discussion: """
            Follows the cluster and audits it as it changes. Of several replicas the holder of the Lease writes \
            reports and Events and shows the cluster's figures; the others are ready to take over. The health port \
            serves /livez, /readyz (?verbose) and /metrics. The policy is reloaded when its files change.
            """)

    enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

    enum ReportChoice: String, ExpressibleByArgument, CaseIterable {
        case wgpolicy, openreports, none

        var api: ReportAPI? {
            switch self {
            case .wgpolicy: .wgpolicy
            case .openreports: .openreports
            case .none: nil
            }
        }
    }

    @Option(
        help: ArgumentHelp("Where health and metrics are served (default: 0.0.0.0:8080).", valueName: "host:port"))
    var healthListen: String?

    @Option(
        help: ArgumentHelp(
            "The least time between two audits while the cluster changes (default: 10).", valueName: "seconds"))
    var interval: Int?

    @Option(help: "The API of the reports that are written (default: wgpolicy).")
    var reportApi: ReportChoice?

    @Option(
        help: ArgumentHelp("The least time between two writes of one report (default: 60).", valueName: "seconds"))
    var reportInterval: Int?

    @Option(help: "Whether findings are told as Events of the workloads (default: on).")
    var events: Switch?

    @Option(help: "Whether replicas take turns by a Lease; off for a single one (default: on).")
    var leaderElection: Switch?

    @Option(help: ArgumentHelp("The Lease's namespace (default: the Pod's, else default).", valueName: "name"))
    var leaseNamespace: String?

    @Option(help: ArgumentHelp("The Lease's name (default: tallygate-auditor).", valueName: "name"))
    var leaseName: String?

    @Option(
        help: ArgumentHelp(
            "The ServiceAccount with which a Lease that is made here is deleted; none by default.", valueName: "name"))
    var leaseOwner: String?

    @Option(
        help: ArgumentHelp(
            "Owners, namespaces and node groups with series of their own in each metric (default: 100).",
            valueName: "count"))
    var metricNames: Int?

    @Option(help: "How the cluster is called; else by its server.")
    var clusterName: String?

    @OptionGroup var prices: PriceOptions

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var policy: PolicyOptions
    @OptionGroup var logging: LogOptions

    func run() async throws {
        let environment = EnvironmentSettings()
        let settings = try AuditorSettings(self, environment)
        let access: ClusterAccess
        do throws(ConfigurationError) {
            access = try cluster.access(environment)
        } catch {
            throw CommandOutcome.inputError("\(error)")
        }
        let loaded = try policy.load()
        let logger = try logging.bootstrap()
        try await AuditorComposition(
            settings: settings, policyPaths: policy.paths, loaded: loaded, access: access,
            environment: environment.variables, logger: logger
        ).run()
    }
}

/// The auditor's options once command line, environment and defaults are joined.
struct AuditorSettings {
    /// Longer, and the metrics would be of no use to any alert.
    private static let maximumInterval = 3_600
    /// Some tens of thousands of series, which a Prometheus still takes from one target.
    private static let maximumMetricNames = 10_000

    let healthListen: ListenAddress
    let interval: Duration
    let reportAPI: ReportAPI?
    let reportInterval: Duration
    let tellsEvents: Bool
    let leaseNamespace: String
    let leaseName: String
    /// nil: nobody's.
    let leaseOwner: String?
    let isElecting: Bool
    let metricNames: Int
    let clusterName: String?
    /// Where other prices are read; nil: nowhere.
    let opencost: OpenCostLocation?
    /// Of this process among all that ever lived.
    let identity: String

    init(_ command: AuditorCommand, _ environment: EnvironmentSettings) throws {
        func choice<Choice: RawRepresentable & CaseIterable>(
            _ given: Choice?, _ option: String, _ standard: Choice
        ) throws -> Choice where Choice.RawValue == String {
            let expected = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            return try given ?? environment.value(option, { Choice(rawValue: $0) }, expected: expected) ?? standard
        }
        func number(_ given: Int?, _ option: String, _ standard: Int, _ range: ClosedRange<Int>) throws -> Int {
            let value = try given ?? environment.value(option, { Int($0) }, expected: "a number") ?? standard
            guard range.contains(value) else {
                throw CommandOutcome.inputError(
                    "--\(option) is \(value); use \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        do throws(ListenAddressError) {
            healthListen = try ListenAddress(
                parsing: command.healthListen ?? environment.text("health-listen") ?? "0.0.0.0:8080")
        } catch {
            throw CommandOutcome.inputError("\(error)")
        }
        interval = .seconds(
            try number(
                command.interval, "interval", Int(AuditPace.defaultInterval.components.seconds),
                1...Self.maximumInterval))
        metricNames = try number(
            command.metricNames, "metric-names", FigureTables.defaultMaximumNames, 1...Self.maximumMetricNames)
        reportInterval = .seconds(
            try number(
                command.reportInterval, "report-interval", Int(ReportBook.defaultInterval.components.seconds),
                1...Self.maximumInterval))
        reportAPI = try choice(command.reportApi, "report-api", .wgpolicy).api
        tellsEvents = try choice(command.events, "events", .on) == .on
        isElecting = try choice(command.leaderElection, "leader-election", .on) == .on
        leaseNamespace =
            command.leaseNamespace ?? environment.text("lease-namespace") ?? environment.variables["POD_NAMESPACE"]
            ?? "default"
        leaseName = command.leaseName ?? environment.text("lease-name") ?? "tallygate-auditor"
        leaseOwner = command.leaseOwner ?? environment.text("lease-owner")
        clusterName = command.clusterName ?? environment.text("cluster-name")
        opencost = try command.prices.location(environment)
        let name = environment.variables["POD_NAME"] ?? HostName.current
        identity = "\(name)_\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }
}

private enum HostName {
    /// POSIX bounds it at 255 characters.
    static var current: String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let status = bytes.withUnsafeMutableBytes { buffer -> CInt in
            guard let start = buffer.baseAddress else { return -1 }
            return gethostname(start.assumingMemoryBound(to: CChar.self), buffer.count - 1)
        }
        return status == 0 ? String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) : "auditor"
    }
}
