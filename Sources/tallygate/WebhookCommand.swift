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
            "Take certificate, key and CA from this Secret, through the API, instead of files.",
            valueName: "namespace/name"))
    var certificateSecret: String?

    @Option(
        help: ArgumentHelp(
            "Ask oneself through this address, the Service's, now and then, and publish whether that works.",
            valueName: "url"))
    var selfProbe: String?

    @Option(
        help: ArgumentHelp(
            "The ValidatingWebhookConfiguration whose caBundle --self-probe trusts (default: the certificate's CA).",
            valueName: "name"))
    var selfProbeConfiguration: String?

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
        let surroundings = try surroundings(settings)
        let access = try settings.needsCluster ? clusterAccess(settings, environment) : nil
        let loaded = try policy.load()
        let files: CertificateStore?
        switch settings.certificates {
        case .files(let configuration):
            do throws(TLSError) {
                files = try CertificateStore(configuration)
            } catch {
                throw CommandOutcome.inputError("\(error)")
            }
        case .secret: files = nil
        }
        let logger = try logging.bootstrap()
        try await GateComposition(
            settings: settings, policyPaths: policy.paths, loaded: loaded, surroundings: surroundings,
            access: access, environment: environment.variables, files: files, logger: logger
        ).run()
    }

    private func surroundings(_ settings: WebhookSettings) throws -> GateComposition.Surroundings {
        guard settings.asksCluster else {
            return .supplied(
                SuppliedFacts(namespaces: try NamespaceManifests.read(settings.namespaces), suppliesOwners: false))
        }
        guard settings.namespaces.isEmpty else {
            throw CommandOutcome.inputError(
                "--namespaces is for a gate without a cluster; add --no-cluster, or leave it out: "
                    + "namespaces come from the cluster")
        }
        return .cluster
    }

    private func clusterAccess(
        _ settings: WebhookSettings, _ environment: EnvironmentSettings
    ) throws -> ClusterAccess {
        do throws(ConfigurationError) {
            return try cluster.access(environment)
        } catch {
            let advice = settings.asksCluster ? "; or add --no-cluster to run without one" : ""
            throw CommandOutcome.inputError("\(error)\(advice)")
        }
    }
}

/// The webhook's options once command line, environment and defaults are joined.
struct WebhookSettings {
    /// Longer drains outlive every sensible terminationGracePeriodSeconds.
    private static let maximumDrainSeconds = 3_600

    enum CertificateSource {
        case files(TLSConfiguration)
        case secret(ObjectReference, clientAuthorityFile: String?)
    }

    let certificates: CertificateSource
    let selfProbe: SelfProbeTarget?
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
        let clientAuthorityFile = command.clientCaFile ?? environment.text("client-ca-file")
        let certificateFile = command.tlsCertFile ?? environment.text("tls-cert-file")
        let authorityFile = command.tlsCaFile ?? environment.text("tls-ca-file")
        if let name = command.certificateSecret ?? environment.text("certificate-secret") {
            guard certificateFile == nil else {
                throw CommandOutcome.inputError(
                    "--certificate-secret and --tls-cert-file both name a certificate; give one of them")
            }
            certificates = .secret(try ObjectNames.secret(name), clientAuthorityFile: clientAuthorityFile)
        } else {
            certificates = .files(
                TLSConfiguration(
                    certificateChainFile: try needed(
                        certificateFile, "tls-cert-file",
                        "name the PEM file with the server's certificate, or a Secret with --certificate-secret"),
                    privateKeyFile: try needed(
                        command.tlsPrivateKeyFile, "tls-private-key-file",
                        "name the PEM file with the certificate's key"),
                    clientAuthorityFile: clientAuthorityFile, authorityFile: authorityFile))
        }
        selfProbe = try SelfProbeTarget(
            url: command.selfProbe ?? environment.text("self-probe"),
            configuration: command.selfProbeConfiguration ?? environment.text("self-probe-configuration"))
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

    /// Whether anything comes from the API server.
    var needsCluster: Bool {
        if case .secret = certificates { return true }
        return asksCluster || selfProbe?.configuration != nil
    }
}
