import Foundation
import Glibc

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
            guard let port = bindAny(descriptor) else {
                throw FixtureError("bind: \(String(cString: strerror(errno)))")
            }
            return port
        }
    }

    /// Binds a socket to a port of the kernel's choice; nil if that fails.
    static func bindAny(_ descriptor: Int32) -> UInt16? {
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        return isBound ? UInt16(bigEndian: address.sin_port) : nil
    }

    static func isListening(_ port: UInt16) -> Bool {
        connected(port) { _ in true } ?? false
    }

    /// The status of a plain HTTP GET; nil when there is no answer.
    static func httpStatus(_ port: UInt16, path: String) -> Int? { httpGet(port, path: path)?.status }

    /// A plain HTTP GET; nil when there is no answer.
    static func httpGet(_ port: UInt16, path: String) -> (status: Int, body: String)? {
        connected(port) { descriptor in
            let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
            guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
                return nil
            }
            var answer: [UInt8] = []
            var bytes = [UInt8](repeating: 0, count: 16 * 1024)
            while true {
                let count = recv(descriptor, &bytes, bytes.count, 0)
                if count <= 0 { break }
                answer += bytes.prefix(count)
            }
            let text = String(decoding: answer, as: UTF8.self)
            guard let status = Int(text.split(separator: " ").dropFirst().first ?? ""),
                let head = text.firstRange(of: "\r\n\r\n")
            else { return nil }
            return (status, String(text[head.upperBound...]))
        }.flatMap { $0 }
    }

    private static func connected<Value>(_ port: UInt16, _ body: (Int32) -> Value) -> Value? {
        guard let descriptor = connect(port) else { return nil }
        defer { close(descriptor) }
        // A server that accepts and says nothing must not hold the test.
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return body(descriptor)
    }

    /// A connection, for the caller to close; nil if nobody listens.
    static func connect(_ port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = loopback(port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return address
    }
}
