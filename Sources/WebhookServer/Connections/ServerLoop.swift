import Logging
import NIOCore

/// What happens on a listener's connections that somebody counts.
struct ListenerEvents: Sendable {
    var connectionsChanged: @Sendable (Double) -> Void
    var answered: @Sendable (ReplyStatus) -> Void
    var evicted: @Sendable () -> Void
    var handshakeFailed: @Sendable () -> Void

    static let ignored = ListenerEvents(
        connectionsChanged: { _ in }, answered: { _ in }, evicted: {}, handshakeFailed: {})

    static func counted(by metrics: GateMetrics) -> ListenerEvents {
        ListenerEvents(
            connectionsChanged: { metrics.connectionsChanged(by: $0) }, answered: { metrics.recordAnswer($0) },
            evicted: { metrics.connectionsEvicted.increment() },
            handshakeFailed: { metrics.handshakeFailures.increment() })
    }
}

/// One event loop's share of a listener: its connections, their deadlines, and what their answers have in common.
/// Touched on that loop only, so nothing is locked.
final class ServerLoop {
    /// How often deadlines are looked at: once a second for all connections costs nothing per request, and a timeout
    /// may come a second late.
    static let sweepInterval = TimeAmount.seconds(1)

    let eventLoop: any EventLoop
    let limits: HTTPLimits
    let events: ListenerEvents
    private(set) var serializer: ResponseSerializer
    /// Every answer says `Connection: close`.
    private(set) var isDraining = false

    private let unixSeconds: @Sendable () -> Int64
    private let logger: Logger
    private var faults = LogThrottle()
    private var handshakes = LogThrottle()
    private var table = ConnectionTable()
    private var heldBodyBytes = 0
    private var sweep: RepeatedTask?
    private var whenEmpty: [EventLoopPromise<Void>] = []

    init(
        eventLoop: any EventLoop, limits: HTTPLimits, events: ListenerEvents, logger: Logger,
        unixSeconds: @escaping @Sendable () -> Int64
    ) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.events = events
        self.logger = logger
        self.unixSeconds = unixSeconds
        self.serializer = ResponseSerializer(unixSeconds: unixSeconds())
    }

    func start() {
        self.eventLoop.assertInEventLoop()
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.sweep = self.eventLoop.scheduleRepeatedTask(
            initialDelay: ServerLoop.sweepInterval, delay: ServerLoop.sweepInterval
        ) { _ in
            bound.value.sweepOnce()
        }
    }

    func stop() {
        self.sweep?.cancel()
        self.sweep = nil
    }

    private func sweepOnce() {
        self.serializer.refreshDate(unixSeconds: self.unixSeconds())
        let now = self.eventLoop.now
        for slot in self.table.overdue(at: now) { slot.owner?.deadlinePassed(now: now) }
    }

    // MARK: - Connections

    var connectionCount: Int { self.table.count }

    /// Takes a new connection in, at the cost of another when there are too many; nil when all are being answered.
    func admit(_ owner: any ConnectionOwner) -> ConnectionSlot? {
        if self.table.count >= self.limits.connections {
            guard let victim = self.table.longestWaiting() else {
                self.events.evicted()
                return nil
            }
            self.evict(victim, .connectionLimit)
        }
        let now = self.eventLoop.now
        let slot = ConnectionSlot(owner: owner, now: now, deadline: now + self.limits.firstRequest)
        self.table.insert(slot)
        self.events.connectionsChanged(1)
        return slot
    }

    func remove(_ slot: ConnectionSlot) {
        let count = self.table.count
        self.hold(0, in: slot)
        self.table.remove(slot)
        guard self.table.count < count else { return }
        self.events.connectionsChanged(-1)
        self.succeedWhenEmpty()
    }

    /// Notes how many bytes of a body a connection holds; makes another give way when all together hold too many.
    func hold(_ bytes: Int, in slot: ConnectionSlot) {
        self.heldBodyBytes += bytes - slot.heldBytes
        slot.heldBytes = bytes
        while self.heldBodyBytes > self.limits.heldBodyBytes, let victim = self.table.slowestBody() {
            let before = self.heldBodyBytes
            self.evict(victim, .heldBodyLimit)
            // An eviction always frees what was held; were it not so, this must not spin.
            guard self.heldBodyBytes < before else { return }
        }
    }

    private func evict(_ slot: ConnectionSlot, _ cause: EvictionCause) {
        self.events.evicted()
        slot.owner?.evict(cause)
        // The channel may take until the next tick to close; its place is free from now on.
        self.remove(slot)
    }

    // MARK: - Shutdown

    func beginDraining() {
        self.isDraining = true
    }

    /// Closes every connection without a request under way; the rest close after their answer.
    func finish() {
        self.isDraining = true
        let now = self.eventLoop.now
        for slot in self.table.all { slot.owner?.finish(now: now) }
    }

    func abort() {
        for slot in self.table.all { slot.owner?.abort() }
    }

    /// Succeeds once there is no connection left.
    func emptied() -> EventLoopFuture<Void> {
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.whenEmpty.append(promise)
        self.succeedWhenEmpty()
        return promise.futureResult
    }

    private func succeedWhenEmpty() {
        guard self.table.count == 0, !self.whenEmpty.isEmpty else { return }
        let promises = self.whenEmpty
        self.whenEmpty = []
        for promise in promises { promise.succeed() }
    }

    // MARK: - Logs

    /// A connection that broke off or was refused: the client's affair, at most once a second.
    func logFault(
        _ message: Logger.Message, remote: @autoclosure () -> SocketAddress?, error: @autoclosure () -> String
    ) {
        guard self.logger.logLevel <= .debug, let suppressed = self.faults.admit(at: self.eventLoop.now) else { return }
        self.logger.debug(message, metadata: self.metadata(remote(), error(), suppressed))
    }

    /// A connection that failed before its first request, in the handshake mostly: the operator's affair (a wrong CA
    /// bundle, as a rule), at most once a second.
    func logHandshakeFailure(remote: SocketAddress?, error: String) {
        self.events.handshakeFailed()
        guard let suppressed = self.handshakes.admit(at: self.eventLoop.now) else { return }
        self.logger.notice(
            "Connection failed before its first request", metadata: self.metadata(remote, error, suppressed))
    }

    private func metadata(_ remote: SocketAddress?, _ error: String, _ suppressed: Int) -> Logger.Metadata {
        // Errors carry texts of the TLS library and of the kernel, no bytes of the client; bounded all the same.
        let maximumErrorLength = 300
        return [
            "remote": "\(remote.map(hostAndPort) ?? "unknown")", "error": "\(error.prefix(maximumErrorLength))",
            "suppressed": "\(suppressed)",
        ]
    }
}

/// `192.0.2.1:8443`, `[2001:db8::1]:8443`.
func hostAndPort(_ address: SocketAddress) -> String {
    guard let host = address.ipAddress, let port = address.port else { return address.description }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
}
