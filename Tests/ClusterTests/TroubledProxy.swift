import Foundation
import Glibc
import Synchronization

/// A TCP proxy before a port of this machine that a test can have cut, refuse or hold back what goes through it.
final class TroubledProxy: Sendable {
    private struct State {
        var mode = Mode.forwarding
        /// Open sockets, the listening one included; closed only by those who remove them from here.
        var sockets: Set<Int32> = []
        var isStopped = false
        var connections = 0
    }

    enum Mode: Sendable {
        case forwarding
        /// Connections are taken and closed at once.
        case refusing
        /// Connections are taken and stay open, and nothing gets through.
        case stalling
    }

    /// How often a stalled connection looks whether it may go on.
    private static let lookMicroseconds: UInt32 = 10_000

    let port: UInt16
    private let target: UInt16
    private let state = Mutex(State())

    init(before target: UInt16) throws {
        self.target = target
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw FixtureError("socket: \(errno)") }
        guard let port = LoopbackPort.bindAny(listener), listen(listener, SOMAXCONN) == 0 else {
            close(listener)
            throw FixtureError("listen: \(errno)")
        }
        self.port = port
        state.withLock { _ = $0.sockets.insert(listener) }
        Thread.detachNewThread { [self] in accept(from: listener) }
    }

    var mode: Mode {
        get { state.withLock { $0.mode } }
        set { state.withLock { $0.mode = newValue } }
    }

    /// Taken so far.
    var connections: Int { state.withLock { $0.connections } }

    /// Breaks every connection with a reset.
    func cut() {
        state.withLock { state in
            for socket in state.sockets where !Self.isListening(socket) { Self.reset(socket) }
        }
    }

    /// Breaks every connection and lets the threads run out.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private static func isListening(_ socket: Int32) -> Bool {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0
    }

    private static func reset(_ socket: Int32) {
        var abort = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }

    private func accept(from listener: Int32) {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            // Only `stop` makes it fail.
            guard client >= 0, keep(client) else { break }
            Thread.detachNewThread { [self] in
                if mode != .refusing { forward(client) }
                drop(client)
            }
        }
        drop(listener)
    }

    private func keep(_ socket: Int32) -> Bool {
        let isKept = state.withLock { state in
            if state.isStopped { return false }
            state.sockets.insert(socket)
            state.connections += 1
            return true
        }
        if !isKept { close(socket) }
        return isKept
    }

    private func drop(_ socket: Int32) {
        state.withLock { state in
            if state.sockets.remove(socket) != nil { close(socket) }
        }
    }

    private func forward(_ client: Int32) {
        guard let server = LoopbackPort.connect(target), keep(server) else { return }
        defer { drop(server) }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let other = [client: server, server: client]
        while true {
            var waiting = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waiting, nfds_t(waiting.count), -1) > 0 else { return }
            while mode == .stalling {
                if state.withLock({ $0.isStopped }) { return }
                usleep(Self.lookMicroseconds)
            }
            for source in waiting where source.revents != 0 {
                guard let target = other[source.fd] else { continue }
                let count = recv(source.fd, &buffer, buffer.count, 0)
                guard count > 0, sendAll(buffer[..<count], to: target) else { return }
            }
        }
    }

    private func sendAll(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
