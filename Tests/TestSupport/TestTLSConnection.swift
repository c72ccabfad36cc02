import Glibc

/// A blocking TLS connection to a port of this machine, for tests against a real server. Not for use on an event loop.
package final class TestTLSConnection {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// A server that does not answer fails the test instead of hanging it.
    private static let timeout = timeval(tv_sec: 10, tv_usec: 0)

    package let client: TestTLSClient
    private let descriptor: Int32

    /// Connects to 127.0.0.1 and completes the handshake.
    package convenience init(
        port: Int, options: TestTLSClient.Options = .init(), resuming session: TestTLSClient.Session? = nil
    ) throws {
        try self.init(connectingTo: port, client: TestTLSClient(options, resuming: session))
        while !(try client.advanceHandshake()) {
            try flush()
            guard try fill() else { throw Failure(description: "the server left within the handshake") }
        }
        try flush()
    }

    private init(connectingTo port: Int, client: TestTLSClient) throws {
        self.client = client
        descriptor = try Self.connect(port: port)
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// A plain TCP connection to 127.0.0.1; the caller closes the descriptor.
    package static func connect(port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: \(errno)") }
        var timeout = Self.timeout
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(clamping: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            Glibc.close(descriptor)
            throw Failure(description: "connect to port \(port): \(errno)")
        }
        return descriptor
    }

    package func send(_ bytes: some Sequence<UInt8>) throws {
        guard client.write(Array(bytes)) else { throw Failure(description: "the connection takes no more bytes") }
        try flush()
    }

    /// What the server sends next, decrypted; nil at its close_notify.
    package func receive() throws -> [UInt8]? {
        while true {
            switch client.read() {
            case .bytes(let bytes): return bytes
            case .closed: return nil
            case .failed(let reason): throw Failure(description: reason)
            case .needsMore:
                try flush()
                guard try fill() else { throw Failure(description: "the stream ended without a close_notify") }
            }
        }
    }

    /// Reads until so many bytes have come, or the server closes.
    package func receive(count: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count, let bytes = try receive() {
            all += bytes
        }
        return all
    }

    /// Sends close_notify; the socket stays open for reading.
    package func close() throws {
        client.close()
        try flush()
    }

    private func flush() throws {
        var rest = client.takeCiphertext()[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// False at the end of the stream.
    private func fill() throws -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw Failure(description: "recv: \(errno)") }
        client.receive(bytes.prefix(count))
        return count > 0
    }
}
