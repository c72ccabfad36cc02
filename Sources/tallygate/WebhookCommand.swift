import Admission
import ArgumentParser
import KubernetesClient
import KubernetesModel
import LabelPolicy
import Logging
import NIOPosix
import OpenSSLTransport
import PolicyDocuments
import ServiceLifecycle
import WebhookServer

struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Serve the admission webhooks over TLS.",
        discussion: """
            POST /validate denies and warns, POST /mutate completes Pods. The health port serves /livez, /readyz \
            (?verbose) and /metrics. Certificates and policy are reloaded when their files change. Namespaces and \
            the owners of Pods are followed in the cluster.
            """)

    @Option(help: ArgumentHelp("The server's certificate and its intermediates, PEM.", valueName: "file"))
    var tlsCertFile: String?

    @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
    var tlsPrivateKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "The CA that signed the certificate, PEM; read only to publish its expiry.", valueName: "file"))
    var tlsCaFile: String?

    @Option(help: ArgumentHelp("Demand client certificates signed by these CAs, PEM.", valueName: "file"))
    var clientCaFile: String?

    @Option(help: ArgumentHelp("Where the webhooks are served (default: 0.0.0.0:8443).", valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp("Where health and metrics are served (default: 0.0.0.0:8080).", valueName: "host:port"))
    var healthListen: String?

    @Flag(help: "Run without a cluster: namespaces and controllers are not looked up.")
    var noCluster = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Namespace manifests that supply defaults when there is no cluster; repeatable.", valueName: "path"))
    var namespaces: [String] = []

    @Option(help: ArgumentHelp("How long to go on serving after SIGTERM (default: 10).", valueName: "seconds"))
    var drainSeconds: Int?

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var policy: PolicyOptions
    @OptionGroup var logging: LogOptions

    func run() async throws {
        let environment = EnvironmentSettings()
        let settings = try WebhookSettings(self, environment)
        let surroundings = try surroundings(settings, environment)
        let loaded = try policy.load()
        let certificates: CertificateStore
        do throws(TLSError) {
            certificates = try CertificateStore(settings.tls)
        } catch {
            throw CommandOutcome.inputError("\(error)")
        }
        let logger = try logging.bootstrap()
        try await GateComposition(
            settings: settings, policyPaths: policy.paths, loaded: loaded, surroundings: surroundings,
            certificates: certificates, logger: logger
        ).run()
    }

    private func surroundings(
        _ settings: WebhookSettings, _ environment: EnvironmentSettings
    ) throws -> GateComposition.Surroundings {
        guard settings.asksCluster else {
            return .supplied(
                SuppliedFacts(namespaces: try NamespaceManifests.read(settings.namespaces), suppliesOwners: false))
        }
        guard settings.namespaces.isEmpty else {
            throw CommandOutcome.inputError(
                "--namespaces is for a gate without a cluster; add --no-cluster, or leave it out: "
                    + "namespaces come from the cluster")
        }
        do throws(ConfigurationError) {
            return .cluster(try cluster.access(environment), environment: environment.variables)
        } catch {
            throw CommandOutcome.inputError("\(error); or add --no-cluster to run without one")
        }
    }
}

/// The webhook's options once command line, environment and defaults are joined.
struct WebhookSettings {
    /// Longer drains outlive every sensible terminationGracePeriodSeconds.
    private static let maximumDrainSeconds = 3_600

    let tls: TLSConfiguration
    let listen: ListenAddress
    let healthListen: ListenAddress
    let drainTime: Duration
    let namespaces: [String]
    let asksCluster: Bool

    init(_ command: WebhookCommand, _ environment: EnvironmentSettings) throws {
        func needed(_ value: String?, _ option: String, _ remedy: String) throws -> String {
            guard let text = value ?? environment.text(option) else {
                throw CommandOutcome.inputError("--\(option) is missing; \(remedy)")
            }
            return text
        }
        tls = TLSConfiguration(
            certificateChainFile: try needed(
                command.tlsCertFile, "tls-cert-file", "name the PEM file with the server's certificate"),
            privateKeyFile: try needed(
                command.tlsPrivateKeyFile, "tls-private-key-file", "name the PEM file with the certificate's key"),
            clientAuthorityFile: command.clientCaFile ?? environment.text("client-ca-file"),
            authorityFile: command.tlsCaFile ?? environment.text("tls-ca-file"))
        do throws(ListenAddressError) {
            listen = try ListenAddress(parsing: command.listen ?? environment.text("listen") ?? "0.0.0.0:8443")
            healthListen = try ListenAddress(
                parsing: command.healthListen ?? environment.text("health-listen") ?? "0.0.0.0:8080")
        } catch {
            throw CommandOutcome.inputError("\(error)")
        }
        let seconds =
            try command.drainSeconds ?? environment.value("drain-seconds", { Int($0) }, expected: "a number") ?? 10
        guard (0...Self.maximumDrainSeconds).contains(seconds) else {
            throw CommandOutcome.inputError("--drain-seconds is \(seconds); use 0 to \(Self.maximumDrainSeconds)")
        }
        drainTime = .seconds(seconds)
        namespaces =
            command.namespaces.isEmpty
            ? environment.text("namespaces")?.split(separator: ":").map(String.init) ?? [] : command.namespaces
        asksCluster = try !environment.flag("no-cluster", given: command.noCluster)
    }
}
