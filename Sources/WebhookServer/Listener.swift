import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// A bound port and the event loops' shares of its connections.
struct Listener: Sendable {
    /// Connections the kernel may hold for us between two turns of the event loop: more than a whole cluster's API
    /// servers open at once. The kernel caps it at net.core.somaxconn (4,096 by default).
    static let backlog: Int32 = 1_024

    let channel: any Channel
    private let loops: [NIOLoopBound<ServerLoop>]

    /// Binds and starts to accept.
    static func bind(
        _ address: ListenAddress, group: any EventLoopGroup, router: some HTTPRouter, limits: HTTPLimits,
        events: ListenerEvents, logger: Logger, unixSeconds: @escaping @Sendable () -> Int64,
        transportHandlers: @escaping @Sendable (any Channel) throws -> [any ChannelHandler]
    ) async throws -> Listener {
        var eventLoops: [any EventLoop] = []
        for eventLoop in group.makeIterator() { eventLoops.append(eventLoop) }
        let share = limits.share(of: eventLoops.count)
        var loops: [ObjectIdentifier: NIOLoopBound<ServerLoop>] = [:]
        for eventLoop in eventLoops {
            loops[ObjectIdentifier(eventLoop)] = try await eventLoop.submit {
                let loop = ServerLoop(
                    eventLoop: eventLoop, limits: share, events: events, logger: logger, unixSeconds: unixSeconds)
                loop.start()
                return NIOLoopBound(loop, eventLoop: eventLoop)
            }.get()
        }
        let loopOf = loops
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Listener.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A client may close its half and still wait for the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = loopOf[ObjectIdentifier(channel.eventLoop)]?.value else {
                        throw ListenError.foreignEventLoop
                    }
                    try Listener.configure(channel, router: router, loop: loop, transportHandlers: transportHandlers)
                }
            }
        var failure: (any Error)?
        for host in address.candidates {
            do {
                let channel = try await bootstrap.bind(host: host, port: address.port).get()
                return Listener(channel: channel, loops: Array(loops.values))
            } catch {
                failure = failure ?? error
            }
        }
        for loop in loops.values { loop.eventLoop.execute { loop.value.stop() } }
        throw ListenError.cannotBind(address, reason: ListenError.reason(failure))
    }

    static func configure(
        _ channel: any Channel, router: some HTTPRouter, loop: ServerLoop,
        transportHandlers: (any Channel) throws -> [any ChannelHandler]
    ) throws {
        do {
            try channel.pipeline.syncOperations.addHandlers(try transportHandlers(channel))
        } catch {
            loop.logHandshakeFailure(remote: channel.remoteAddress, error: String(describing: error))
            throw error
        }
        let connection = HTTPConnectionHandler(router: router, loop: loop)
        try channel.pipeline.syncOperations.addHandlers([
            RequestIntake(router: router, limits: loop.limits, connection: connection), connection,
        ])
    }

    func beginDraining() {
        self.onEachLoop { $0.beginDraining() }
    }

    func stopAccepting() {
        self.channel.close(promise: nil)
    }

    /// Closes idle connections; calls back when there are none left.
    func finish(_ whenEmpty: @escaping @Sendable () -> Void) {
        let emptied = self.loops.map { loop in
            loop.eventLoop.flatSubmit {
                loop.value.finish()
                return loop.value.emptied()
            }
        }
        EventLoopFuture.andAllComplete(emptied, on: self.channel.eventLoop).whenComplete { _ in whenEmpty() }
    }

    func abort() {
        self.onEachLoop { $0.abort() }
    }

    /// Closes everything.
    func stop() {
        self.stopAccepting()
        self.onEachLoop { loop in
            loop.abort()
            loop.stop()
        }
    }

    private func onEachLoop(_ body: @escaping @Sendable (ServerLoop) -> Void) {
        for loop in self.loops { loop.eventLoop.execute { body(loop.value) } }
    }
}

package enum ListenError: Error, CustomStringConvertible {
    case cannotBind(ListenAddress, reason: String)
    case foreignEventLoop

    package var description: String {
        switch self {
        case .cannotBind(let address, let reason): "cannot listen on \(address): \(reason)"
        case .foreignEventLoop: "a connection came on an event loop that is not of this server's group"
        }
    }

    fileprivate static func reason(_ error: (any Error)?) -> String {
        switch error {
        case let error as IOError where error.errnoCode == EADDRINUSE:
            "the port is in use: stop the other process or choose another port"
        case let error as IOError where error.errnoCode == EACCES:
            "permission denied: choose a port above 1023"
        case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
            "the address is not one of this machine's: use 0.0.0.0 or [::] for all of them"
        case .some(let error): "\(error): check host and port"
        case .none: "no address to try"
        }
    }
}
