import ArgumentParser
import CertificateKeeping
import Certificates
import KubernetesClient

/// The names of objects on the command line.
enum ObjectNames {
    /// `NAMESPACE/NAME`.
    static func secret(_ text: String) throws -> ObjectReference {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw CommandOutcome.inputError("\"\(text)\" names no Secret; write NAMESPACE/NAME")
        }
        return ObjectReference(.secrets, namespace: String(parts[0]), name: String(parts[1]))
    }
}

/// A span of time: `90d`, `12h`, `30m`, `60s`.
struct TimeSpan: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Int64(argument.dropLast()), count >= 0
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        // A thousand years: nothing that is added to the time of day overflows.
        guard !overflow, seconds <= 1_000 * 366 * 86_400 else { return nil }
        duration = .seconds(seconds)
    }
}

/// Whose certificates are meant, and how long they last. Both the command and the auditor take these.
struct CertificateOptions: ParsableArguments {
    @Option(help: "The gate's namespace (default: the kubeconfig's or the Pod's own).")
    var namespace: String?

    @Option(help: "The gate's Service (default: tallygate).")
    var service: String?

    @Option(help: "The Secret that gates serve from (default: the Service's name and -tls).")
    var secret: String?

    @Option(help: "The name of both webhook configurations (default: the Service's).")
    var webhookConfiguration: String?

    @Option(help: "The domain of the cluster's Service names (default: cluster.local).")
    var clusterDomain: String?

    @Option(
        help: ArgumentHelp(
            "The labels of the gates' Pods (default: app.kubernetes.io/name=tallygate,"
                + "app.kubernetes.io/component=gate).", valueName: "selector"))
    var replicaSelector: String?

    @Option(help: ArgumentHelp("Where the gates' Pods listen (default: 8443).", valueName: "port"))
    var replicaPort: Int?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A gate that is no Pod of the cluster, instead of Pods; repeatable.", valueName: "host:port")
    )
    var replica: [String] = []

    @Option(help: ArgumentHelp("How long a CA is valid (default: 3650d).", valueName: "time"))
    var caLifetime: TimeSpan?

    @Option(help: ArgumentHelp("How long a certificate is valid (default: 90d).", valueName: "time"))
    var leafLifetime: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "How long API servers have to learn of a new CA before it signs (default: 60s).", valueName: "time"))
    var settleTime: TimeSpan?

    @Option(help: ArgumentHelp("How often the gates are looked at (default: 10s).", valueName: "time"))
    var checkInterval: TimeSpan?

    func settings(_ environment: EnvironmentSettings, _ access: ClusterAccess) throws -> KeeperSettings {
        let service = service ?? environment.text("service") ?? "tallygate"
        guard let namespace = namespace ?? environment.text("namespace") ?? access.namespace else {
            throw CommandOutcome.inputError("--namespace is missing; name the gate's namespace")
        }
        var settings = KeeperSettings(
            namespace: namespace, service: service,
            clusterDomain: clusterDomain ?? environment.text("cluster-domain") ?? "cluster.local",
            secret: secret ?? environment.text("secret") ?? "\(service)-tls",
            webhookConfiguration: webhookConfiguration ?? environment.text("webhook-configuration") ?? service,
            replicas: try replicas(namespace, environment))
        func span(_ given: TimeSpan?, _ option: String, least: Duration, _ usual: Duration) throws -> Duration {
            let value =
                try given
                ?? environment.value(option, { TimeSpan(argument: $0) }, expected: "a time such as 90d or 60s")
            guard let value else { return usual }
            guard value.duration >= least else {
                throw CommandOutcome.inputError("--\(option) is too short; at least \(least.components.seconds)s")
            }
            return value.duration
        }
        let least = RotationSettings.minimumLifetime
        settings.rotation.authorityLifetime = try span(
            caLifetime, "ca-lifetime", least: least, settings.rotation.authorityLifetime)
        settings.rotation.leafLifetime = try span(
            leafLifetime, "leaf-lifetime", least: least, settings.rotation.leafLifetime)
        settings.rotation.settleTime = try span(settleTime, "settle-time", least: .zero, settings.rotation.settleTime)
        settings.checkInterval = try span(checkInterval, "check-interval", least: .seconds(1), settings.checkInterval)
        return settings
    }

    private func replicas(_ namespace: String, _ environment: EnvironmentSettings) throws -> ReplicaSource {
        guard replica.isEmpty else {
            return .addresses(
                try replica.map { text in
                    guard let address = ReplicaAddress(text) else {
                        throw CommandOutcome.inputError("--replica \"\(text)\" is no address; write HOST:PORT")
                    }
                    return address
                })
        }
        let port = try replicaPort ?? environment.value("replica-port", { Int($0) }, expected: "a port") ?? 8443
        guard (1...65_535).contains(port) else {
            throw CommandOutcome.inputError("--replica-port is \(port); ports are 1 to 65535")
        }
        return .pods(
            namespace: namespace,
            labelSelector: replicaSelector ?? environment.text("replica-selector")
                ?? "app.kubernetes.io/name=tallygate,app.kubernetes.io/component=gate", port: port)
    }
}
