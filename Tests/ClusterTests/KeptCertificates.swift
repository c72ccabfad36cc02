import Foundation
import TestSupport

/// A keeper of certificates as a process of its own, and two gates that take theirs from its Secret, behind a Service
/// that the API server calls by its name.
struct KeptCertificates: Sendable {
    static let service = "gate"
    static let secret = "gate-tls"
    private static let places = 2

    let cluster: Cluster
    let namespace: String
    let ports: [UInt16]
    private let files: TemporaryDirectory

    init(_ cluster: Cluster, namespace: String) throws {
        self.cluster = cluster
        self.namespace = namespace
        ports = try LoopbackPort.free(2 * Self.places)
        files = try TemporaryDirectory()
    }

    /// What every command is told. Times of a test: an API server on this machine hears of a bundle in milliseconds.
    private var options: [String] {
        [
            "--kubeconfig", cluster.kubeconfig, "--namespace", namespace, "--service", Self.service,
            "--webhook-configuration", WebhookRegistration().name, "--settle-time", "2s", "--check-interval", "1s",
        ] + (0..<Self.places).flatMap { ["--replica", "127.0.0.1:\(ports[2 * $0])"] }
    }

    /// - Parameter healthPort: 0 for any.
    func startKeeper(healthPort: UInt16 = 0) throws -> ChildProcess {
        try ChildProcess(
            BuiltProduct.tallygate,
            ["certificates", "keep", "--health-listen", "127.0.0.1:\(healthPort)"] + options)
    }

    func renew(_ arguments: [String] = []) async throws -> ProcessResult {
        try await ChildProcess.run(BuiltProduct.tallygate, ["certificates", "renew"] + options + arguments)
    }

    /// A gate that reads its certificate from the Secret.
    func startGate(_ place: Int, readiness: WebhookProcess.Readiness = .healthPort) async throws -> WebhookProcess {
        let (policy, namespaces) = (
            try files.write("policy-\(place).yaml", Gate.policy()),
            try files.write("namespaces-\(place).yaml", Gate.namespaces)
        )
        return try await WebhookProcess.start(
            WebhookProcess.gateBinary, ports: Array(ports[(2 * place)..<(2 * place + 2)]), readiness: readiness
        ) { place in
            [
                "webhook", "--certificate-secret", "\(namespace)/\(Self.secret)", "--kubeconfig",
                cluster.kubeconfig, "--listen", "127.0.0.1:\(place.port)", "--health-listen",
                "127.0.0.1:\(place.healthPort)", "--policy", policy, "--namespaces", namespaces, "--no-cluster",
            ]
        }
    }

    // MARK: What there is

    struct Status: Decodable, Sendable {
        struct Certificate: Decodable, Sendable { var fingerprint: String }
        struct Secret: Decodable, Sendable {
            var certificate: Certificate?
            var authorities: [Certificate]
        }
        struct Configuration: Decodable, Sendable { var caBundles: [[Certificate]?] }
        struct Replica: Decodable, Sendable { var serves: Certificate? }

        var secret: Secret?
        var configurations: [Configuration]
        var replicas: [Replica]
        var inOrder: Bool
        var next: String

        var leaf: String? { secret?.certificate?.fingerprint }
        var authorities: [String] { secret?.authorities.map(\.fingerprint) ?? [] }
    }

    func status() async throws -> Status {
        let result = try await ChildProcess.run(
            BuiltProduct.tallygate, ["certificates", "status", "-o", "json"] + options)
        guard result.status < 2 else { throw FixtureError("certificates status", result) }
        return try JSONDecoder().decode(Status.self, from: Data(result.output.utf8))
    }

    /// Waits until one CA is all that is trusted, everywhere, and every gate serves a leaf other than `leaf`.
    @discardableResult
    func inOrder(_ what: String, otherThan leaf: String? = nil, authority: String? = nil) async throws -> Status {
        var last: Status?
        try await wait(for: what, seconds: 120) {
            let status = try await status()
            last = status
            let isServed = status.replicas.allSatisfy { $0.serves?.fingerprint == status.leaf }
            let isPublished =
                status.configurations.count == 2
                && status.configurations.allSatisfy { configuration in
                    configuration.caBundles.allSatisfy { $0?.map(\.fingerprint) == status.authorities }
                }
            let isNew = status.leaf != leaf && status.authorities != authority.map { [$0] }
            return status.inOrder && isServed && isPublished && isNew && status.authorities.count == 1
                ? nil : "\(status)"
        }
        guard let last else { throw FixtureError("no status") }
        return last
    }
}
