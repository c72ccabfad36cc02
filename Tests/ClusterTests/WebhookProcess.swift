import Foundation
import Glibc
import TestSupport

/// A webhook server as a child process on 127.0.0.1, with a certificate of its own authority.
final class WebhookProcess: Sendable {
    /// What a server's arguments are made of.
    struct Place: Sendable {
        var certificatePath: String
        var keyPath: String
        var port: UInt16
        var healthPort: UInt16
    }

    enum Readiness: Sendable {
        /// `GET /readyz` on the health port answers 200.
        case healthPort
        /// Something listens on the port.
        case listening
    }

    /// Of the policy within the files of a gate.
    private static let policyName = "policy.yaml"

    let place: Place
    let authority: TestCertificateAuthority
    let process: ChildProcess
    private let files: TemporaryDirectory
    private let readiness: Readiness
    private let command: [String]

    /// Runs the command and waits for its readiness.
    private init(
        _ command: [String], place: Place, authority: TestCertificateAuthority, files: TemporaryDirectory,
        readiness: Readiness
    ) async throws {
        self.place = place
        self.authority = authority
        self.files = files
        self.readiness = readiness
        self.command = command
        process = try ChildProcess(command[0], Array(command.dropFirst()))
        try await wait(for: "readiness of \(command[0])") {
            guard process.isRunning else {
                throw FixtureError("\(command[0]) ended while starting: \(process.errors)\(process.output)")
            }
            return isReady(readiness) ? nil : "not ready; it says: \(process.errors.suffix(500))"
        }
    }

    static var gateBinary: String { BuiltProduct.tallygate }

    /// Starts the gate and waits for its readiness.
    ///
    /// - Parameter policy: YAML documents; nil for the built-in policy.
    /// - Parameter namespaces: Namespace manifests whose labels the gate is to know.
    /// - Parameter arguments: added to the command line.
    /// - Parameter authority: issues the certificate; nil for one of its own.
    /// - Parameter readiness: what is waited for.
    static func startGate(
        policy: String? = nil, namespaces: String? = nil, arguments: [String] = ["--no-cluster"],
        authority: TestCertificateAuthority? = nil, readiness: Readiness = .healthPort
    ) async throws -> WebhookProcess {
        let files = try TemporaryDirectory()
        let policyArguments = try policy.map { ["--policy", try files.write(policyName, $0)] } ?? []
        let namespaceArguments =
            try namespaces.map { ["--namespaces", try files.write("namespaces.yaml", $0)] } ?? []
        return try await start(gateBinary, files: files, authority: authority, readiness: readiness) { place in
            [
                "webhook", "--tls-cert-file", place.certificatePath, "--tls-private-key-file", place.keyPath,
                "--listen", "127.0.0.1:\(place.port)", "--health-listen", "127.0.0.1:\(place.healthPort)",
            ] + policyArguments + namespaceArguments + arguments
        }
    }

    /// - Parameter ports: of webhooks and health; nil: any.
    static func start(
        _ executable: String, files: TemporaryDirectory? = nil, authority: TestCertificateAuthority? = nil,
        ports: [UInt16]? = nil, readiness: Readiness, arguments: (Place) -> [String]
    ) async throws -> WebhookProcess {
        let files = try files ?? TemporaryDirectory()
        let authority = try authority ?? TestCertificateAuthority()
        let served = try authority.issueServer()
        let ports = try ports ?? LoopbackPort.free(2)
        let place = Place(
            certificatePath: try files.write("tls.crt", served.chainPEM),
            keyPath: try files.write("tls.key", served.keyPEM), port: ports[0], healthPort: ports[1])
        return try await WebhookProcess(
            [executable] + arguments(place), place: place, authority: authority, files: files, readiness: readiness)
    }

    /// Another process in the place of this one, which has ended: same command, files and ports.
    func restarted() async throws -> WebhookProcess {
        try await WebhookProcess(command, place: place, authority: authority, files: files, readiness: readiness)
    }

    private func isReady(_ readiness: Readiness) -> Bool {
        switch readiness {
        case .healthPort: LoopbackPort.httpStatus(place.healthPort, path: "/readyz") == 200
        case .listening: LoopbackPort.isListening(place.port)
        }
    }

    /// Whether `GET /readyz` on the health port answers 200 now.
    var isReady: Bool { isReady(.healthPort) }

    /// Puts another certificate in the place of the served one, both files renamed into place as careful programs do.
    func replaceCertificate(with served: TestCertificate) throws {
        try files.write("next.key", served.keyPEM)
        try files.write("next.crt", served.chainPEM)
        try files.rename("next.key", to: "tls.key")
        try files.rename("next.crt", to: "tls.crt")
    }

    /// Writes one of the served files in place, as careless programs do.
    func write(_ certificate: TestCertificate? = nil, key: TestCertificate? = nil) throws {
        if let certificate { try files.write("tls.crt", certificate.chainPEM) }
        if let key { try files.write("tls.key", key.keyPEM) }
    }

    /// Puts another policy in the place of the one the gate was started with. It is in force some moments later.
    func replacePolicy(with text: String) throws {
        try files.write("next.yaml", text)
        try files.rename("next.yaml", to: Self.policyName)
    }

    /// What `GET /metrics` says now.
    func metrics() throws -> Metrics {
        guard let answer = LoopbackPort.httpGet(place.healthPort, path: "/metrics"), answer.status == 200 else {
            throw FixtureError("no metrics from port \(place.healthPort); it says: \(process.errors.suffix(500))")
        }
        return Metrics(text: answer.body)
    }

    /// The common name of the certificate that a new connection gets.
    func servedName() throws -> String? {
        let connection = try TestTLSConnection(port: Int(place.port))
        try connection.close()
        return connection.client.peerSubject
    }

    /// Ends it as a kubelet does and waits.
    @discardableResult
    func stop() async -> ProcessResult {
        process.send(signal: SIGTERM)
        return await process.result()
    }

    /// Ends it as a crash does and waits.
    @discardableResult
    func crash() async -> ProcessResult {
        process.send(signal: SIGKILL)
        return await process.result()
    }
}
