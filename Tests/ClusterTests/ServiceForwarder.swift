import Foundation
import Glibc
import Synchronization

/// What a Service is to the API server: one address, behind it the gates whose readiness was good when it was last
/// asked for. As with a Service a connection stays with the gate it began with, and news of readiness come late.
final class ServiceForwarder: Sendable {
    private struct Endpoint {
        let place: WebhookProcess.Place
        var isReady = true
    }

    private struct State {
        var endpoints: [Endpoint] = []
        var next = 0
        /// Open sockets, the listening one included; closed only by those who remove them from here.
        var sockets: Set<Int32> = []
        var isStopped = false
    }

    /// Between two looks at the endpoints' readiness: kubelets and endpoint controllers take some seconds, a drain
    /// time in tests is shorter.
    private static let probePeriodMicroseconds: UInt32 = 200_000

    let port: UInt16
    private let state = Mutex(State())

    init(_ places: [WebhookProcess.Place]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw FixtureError("socket: \(errno)") }
        guard let port = LoopbackPort.bindAny(listener), listen(listener, SOMAXCONN) == 0 else {
            close(listener)
            throw FixtureError("listen: \(errno)")
        }
        self.port = port
        state.withLock { state in
            state.endpoints = places.map { Endpoint(place: $0) }
            state.sockets.insert(listener)
        }
        Thread.detachNewThread { [self] in accept(from: listener) }
        Thread.detachNewThread { [self] in probe() }
    }

    func add(_ place: WebhookProcess.Place) {
        state.withLock { $0.endpoints.append(Endpoint(place: place)) }
    }

    /// Whether new connections may go there.
    func isReady(_ place: WebhookProcess.Place) -> Bool {
        state.withLock { $0.endpoints.contains { $0.place.port == place.port && $0.isReady } }
    }

    /// Breaks every connection and lets the threads run out.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private func probe() {
        while true {
            let places = state.withLock { $0.isStopped ? [] : $0.endpoints.map(\.place) }
            if places.isEmpty { return }
            for place in places {
                let isReady = LoopbackPort.httpStatus(place.healthPort, path: "/readyz") == 200
                state.withLock { state in
                    for index in state.endpoints.indices where state.endpoints[index].place.port == place.port {
                        state.endpoints[index].isReady = isReady
                    }
                }
            }
            usleep(Self.probePeriodMicroseconds)
        }
    }

    private func accept(from listener: Int32) {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            // Only `stop` makes it fail.
            guard client >= 0, keep(client) else { break }
            Thread.detachNewThread { [self] in
                forward(client)
                drop(client)
            }
        }
        drop(listener)
    }

    /// False once it is stopped; then the socket is closed.
    private func keep(_ socket: Int32) -> Bool {
        let isKept = state.withLock { state in
            if state.isStopped { return false }
            state.sockets.insert(socket)
            return true
        }
        if !isKept { close(socket) }
        return isKept
    }

    /// Under the lock, as `stop` must not meet a number that is another socket's by then.
    private func drop(_ socket: Int32) {
        state.withLock { state in
            if state.sockets.remove(socket) != nil { close(socket) }
        }
    }

    private func nextReady() -> WebhookProcess.Place? {
        state.withLock { state in
            let ready = state.endpoints.filter(\.isReady)
            guard !ready.isEmpty else { return nil }
            state.next += 1
            return ready[state.next % ready.count].place
        }
    }

    private func forward(_ client: Int32) {
        guard let place = nextReady(), let server = LoopbackPort.connect(place.port), keep(server) else { return }
        defer { drop(server) }
        // Either side may close its half first; the other half goes on.
        var open = [client: server, server: client]
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while !open.isEmpty {
            var waiting = open.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waiting, nfds_t(waiting.count), -1) > 0 else { return }
            for source in waiting where source.revents != 0 {
                guard let target = open[source.fd] else { continue }
                let count = recv(source.fd, &buffer, buffer.count, 0)
                if count < 0 { return }
                if count == 0 {
                    shutdown(target, Int32(SHUT_WR))
                    open[source.fd] = nil
                } else if !sendAll(buffer[..<count], to: target) {
                    return
                }
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
