import Foundation
import TestSupport

/// An API server's answer.
struct APIResponse: Sendable {
    var status: Int
    /// Their texts, in order.
    var warnings: [String] = []
    var bytes: [UInt8] = []
    var body: String { String(decoding: bytes, as: UTF8.self) }

    var succeeded: Bool { (200..<300).contains(status) }

    /// The `message` of a Status object.
    var message: String {
        struct Status: Decodable { var message: String? }
        return (try? JSONDecoder().decode(Status.self, from: Data(body.utf8)).message) ?? body
    }
}

/// One kept connection to the API server with an administrator's certificate. It costs a hundredth of a kubectl, and
/// shows the status and headers as they are. Blocks; not for use on an event loop.
final class APIConnection {
    /// Whom to talk to, and as whom.
    struct Access: Sendable {
        var port: Int
        var authorityPEM: String
        var certificate: TestCertificate
    }

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    private let connection: TestTLSConnection
    private var unread: [UInt8] = []

    init(_ access: Access) throws {
        var options = TestTLSClient.Options()
        options.trusting = access.authorityPEM
        options.certificate = access.certificate
        connection = try TestTLSConnection(port: access.port, options: options)
    }

    func send(
        _ method: String, _ path: String, _ body: String, type: String, accept: String = "application/json"
    ) throws -> APIResponse {
        let bytes = Array(body.utf8)
        let fields = [
            "\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Accept: \(accept)", "Content-Type: \(type)",
            "Content-Length: \(bytes.count)", "", "",
        ]
        try connection.send(Array(fields.joined(separator: "\r\n").utf8) + bytes)
        let status = try Int(line().split(separator: " ").dropFirst().first ?? "") ?? 0
        var response = APIResponse(status: status)
        var length = 0
        var isChunked = false
        while case let field = try line(), !field.isEmpty {
            let parts = field.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            switch (parts.first?.lowercased(), parts.last ?? "") {
            case ("content-length", let value): length = Int(value) ?? 0
            case ("transfer-encoding", let value): isChunked = value == "chunked"
            case ("warning", let value): response.warnings.append(try Self.warning(value))
            default: break
            }
        }
        response.bytes = try isChunked ? chunks() : take(length)
        return response
    }

    /// `299 - "text"`, where quotes and backslashes are escaped (RFC 7234, 5.5).
    private static func warning(_ field: String) throws -> String {
        guard field.hasPrefix(#"299 - ""#), field.hasSuffix(#"""#) else { throw Malformed(description: field) }
        return field.dropFirst(7).dropLast()
            .replacingOccurrences(of: #"\""#, with: #"""#).replacingOccurrences(of: #"\\"#, with: #"\"#)
    }

    private func chunks() throws -> [UInt8] {
        var all: [UInt8] = []
        while let count = try Int(line(), radix: 16), count > 0 {
            all += try take(count)
            _ = try line()
        }
        _ = try line()
        return all
    }

    private func line() throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let text = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeFirst(end + 1)
                return text.trimmingCharacters(in: .newlines)
            }
            try fill()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while unread.count < count { try fill() }
        defer { unread.removeFirst(count) }
        return Array(unread.prefix(count))
    }

    private func fill() throws {
        guard let bytes = try connection.receive() else { throw Malformed(description: "the API server has left") }
        unread += bytes
    }
}

extension Cluster {
    /// The paths of the resources that tests create.
    enum Path {
        static func pods(_ namespace: String) -> String { "/api/v1/namespaces/\(namespace)/pods" }
        static func deployments(_ namespace: String) -> String { "/apis/apps/v1/namespaces/\(namespace)/deployments" }
        static func jobs(_ namespace: String) -> String { "/apis/batch/v1/namespaces/\(namespace)/jobs" }
        static func cronJobs(_ namespace: String, version: String = "v1beta1") -> String {
            "/apis/batch/\(version)/namespaces/\(namespace)/cronjobs"
        }
    }

    func access() throws -> APIConnection.Access {
        let kubeconfig = try String(contentsOfFile: kubeconfig, encoding: .utf8)
        guard let server = kubeconfig.firstMatch(of: #/server: https://127\.0\.0\.1:(?<port>\d+)/#),
            let port = Int(server.output.port)
        else { throw FixtureError("the kubeconfig names no server on 127.0.0.1") }
        func pem(_ name: String) throws -> String {
            try String(contentsOfFile: file("tls/\(name)"), encoding: .utf8)
        }
        return APIConnection.Access(
            port: port, authorityPEM: try pem("ca.crt"),
            certificate: TestCertificate(
                certificatePEM: try pem("admin.crt"), keyPEM: try pem("admin.key")))
    }

    /// One request on a connection of its own.
    @discardableResult
    func api(
        _ method: String, _ path: String, _ body: String = "", type: String = "application/json",
        accept: String = "application/json"
    ) async throws -> APIResponse {
        let access = try access()
        // Off the pool that tests run on, as it blocks.
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result { try APIConnection(access).send(method, path, body, type: type, accept: accept) })
            }
        }
    }

    /// An unrelated or related edit, as `kubectl patch --type=merge` makes it.
    func edit(_ path: String, _ patch: String) async throws -> APIResponse {
        try await api("PATCH", path, patch, type: "application/merge-patch+json")
    }
}
