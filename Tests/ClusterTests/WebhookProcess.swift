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

    let place: Place
    let authority: TestCertificateAuthority
    let process: ChildProcess
    private let files: TemporaryDirectory

    private init(
        place: Place, authority: TestCertificateAuthority, process: ChildProcess, files: TemporaryDirectory
    ) {
        self.place = place
        self.authority = authority
        self.process = process
        self.files = files
    }

    static var gateBinary: String { BuiltProduct.tallygate }

    /// Starts the gate and waits for its readiness.
    ///
    /// - Parameter policy: YAML documents; nil for the built-in policy.
    /// - Parameter arguments: added to the command line.
    static func startGate(policy: String? = nil, arguments: [String] = ["--no-cluster"]) async throws -> WebhookProcess
    {
        let files = try TemporaryDirectory()
        let policyArguments = try policy.map { ["--policy", try files.write("policy.yaml", $0)] } ?? []
        return try await start(gateBinary, files: files, readiness: .healthPort) { place in
            [
                "webhook", "--tls-cert-file", place.certificatePath, "--tls-private-key-file", place.keyPath,
                "--listen", "127.0.0.1:\(place.port)", "--health-listen", "127.0.0.1:\(place.healthPort)",
            ] + policyArguments + arguments
        }
    }

    static func start(
        _ executable: String, files: TemporaryDirectory? = nil, readiness: Readiness,
        arguments: (Place) -> [String]
    ) async throws -> WebhookProcess {
        let files = try files ?? TemporaryDirectory()
        let authority = try TestCertificateAuthority()
        let served = try authority.issueServer()
        let ports = try LoopbackPort.free(2)
        let place = Place(
            certificatePath: try files.write("tls.crt", served.chainPEM),
            keyPath: try files.write("tls.key", served.keyPEM), port: ports[0], healthPort: ports[1])
        let process = try ChildProcess(executable, arguments(place))
        let server = WebhookProcess(place: place, authority: authority, process: process, files: files)
        try await wait(for: "readiness of \(executable)") {
            guard process.isRunning else {
                throw FixtureError("\(executable) ended while starting: \(process.errors)\(process.output)")
            }
            return server.isReady(readiness) ? nil : "not ready; it says: \(process.errors.suffix(500))"
        }
        return server
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

/// The little that is needed of sockets on 127.0.0.1.
enum LoopbackPort {
    /// Ports that nobody listens on now. They are the kernel's choice, so that parallel callers rarely meet.
    static func free(_ count: Int) throws -> [UInt16] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw FixtureError("socket: \(String(cString: strerror(errno)))") }
            sockets.append(descriptor)
            var address = loopback(0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let named = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard named else { throw FixtureError("bind: \(String(cString: strerror(errno)))") }
            return UInt16(bigEndian: address.sin_port)
        }
    }

    static func isListening(_ port: UInt16) -> Bool {
        connected(port) { _ in true } ?? false
    }

    /// The status of a plain HTTP GET; nil when there is no answer.
    static func httpStatus(_ port: UInt16, path: String) -> Int? {
        connected(port) { descriptor in
            let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
            guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
                return nil
            }
            var answer = [UInt8](repeating: 0, count: 512)
            let count = recv(descriptor, &answer, answer.count, Int32(MSG_WAITALL))
            guard count > 0 else { return nil }
            return Int(String(decoding: answer[..<count], as: UTF8.self).split(separator: " ").dropFirst().first ?? "")
        }.flatMap { $0 }
    }

    private static func connected<Value>(_ port: UInt16, _ body: (Int32) -> Value) -> Value? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // A server that accepts and says nothing must not hold the test.
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = loopback(port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 ? body(descriptor) : nil
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return address
    }
}
