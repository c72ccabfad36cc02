import Logging
import NIOCore
import NIOPosix
import Synchronization

@testable import WebhookServer

/// A clock that stands still until it is told to go on.
final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: self.offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - self.offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [(number: Int, deadline: Instant, continuation: CheckedContinuation<Void, any Error>)] = []
        var slept = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var now: Instant { self.state.withLock { $0.now } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = self.state.withLock { state in
            state.slept += 1
            return state.slept
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let watchers = self.state.withLock { state in
                    state.sleepers.append((number, deadline, continuation))
                    defer { state.watchers.removeAll { $0.count <= state.slept } }
                    return state.watchers.filter { $0.count <= state.slept }
                }
                for watcher in watchers { watcher.continuation.resume() }
                if Task.isCancelled { self.cancel(number) }
            }
        } onCancel: {
            self.cancel(number)
        }
    }

    private func cancel(_ number: Int) {
        let cancelled = self.state.withLock { state in
            defer { state.sleepers.removeAll { $0.number == number } }
            return state.sleepers.filter { $0.number == number }
        }
        for sleeper in cancelled { sleeper.continuation.resume(throwing: CancellationError()) }
    }

    /// Waits until so many sleeps have begun in all.
    func begun(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isDone = self.state.withLock { state in
                if state.sleepers.contains(where: { $0.number >= count }) { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    func advance(by duration: Duration) {
        let due = self.state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let now = state.now
            defer { state.sleepers.removeAll { $0.deadline <= now } }
            return state.sleepers.filter { $0.deadline <= now }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}

/// A whole server on loopback ports the kernel chose, in plain text.
struct LoopbackServer {
    let admission: ScriptedAdmission
    let metrics: GateMetrics
    let clock: ManualClock
    let webhook: SocketAddress
    let health: SocketAddress
    let group: MultiThreadedEventLoopGroup
    /// Asks for a graceful shutdown.
    let shutDown: @Sendable () -> Void

    struct NotBound: Error {}

    /// Runs `body` against a server, which has to end by itself once shut down.
    static func with(
        threads: Int = 1, _ adjust: (inout WebhookServer.Configuration) -> Void = { _ in },
        transportHandlers: @escaping @Sendable (any Channel) throws -> [any ChannelHandler] = { _ in [] },
        _ body: @Sendable (LoopbackServer) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let admission = ScriptedAdmission()
        let metrics = MetricsTests.metrics()
        let clock = ManualClock()
        let (shutdowns, shutdown) = AsyncStream.makeStream(of: Void.self)
        let (starts, started) = AsyncStream.makeStream(of: WebhookServer.Bound.self)
        var configuration = WebhookServer.Configuration(
            listen: ListenAddress(host: "127.0.0.1", port: 0), healthListen: ListenAddress(host: "127.0.0.1", port: 0))
        adjust(&configuration)
        let server = WebhookServer(
            configuration: configuration, group: group, admission: admission, metrics: metrics,
            readiness: Readiness(checks: []), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            unixSeconds: { 0 }, clock: clock, transportHandlers: transportHandlers,
            started: { started.yield($0) })
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    defer { started.finish() }
                    try await server.run(until: { for await _ in shutdowns { return } })
                }
                if let bound = await starts.first(where: { _ in true }), let webhook = bound.webhook,
                    let health = bound.health
                {
                    try await body(
                        LoopbackServer(
                            admission: admission, metrics: metrics, clock: clock, webhook: webhook, health: health,
                            group: group, shutDown: { shutdown.yield() }))
                }
                try await tasks.waitForAll()
            }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    func connect() async throws -> LoopbackClient {
        try await LoopbackClient.connect(to: self.webhook, group: self.group)
    }

    func get(_ target: String) async throws -> String {
        let client = try await LoopbackClient.connect(to: self.health, group: self.group)
        try await client.send("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return await client.rest()
    }
}

/// A client that speaks bytes.
final class LoopbackClient: Sendable {
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let sink: AsyncStream<ByteBuffer>.Continuation
        init(_ sink: AsyncStream<ByteBuffer>.Continuation) { self.sink = sink }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.sink.yield(self.unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { self.sink.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let channel: any Channel
    private let chunks: AsyncStream<ByteBuffer>

    private init(channel: any Channel, chunks: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.chunks = chunks
    }

    static func connect(to address: SocketAddress, group: any EventLoopGroup) async throws -> LoopbackClient {
        let (chunks, sink) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(sink))
                }
            }
            .channelOption(.allowRemoteHalfClosure, value: false)
            .connect(to: address).get()
        return LoopbackClient(channel: channel, chunks: chunks)
    }

    func send(_ text: String) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Sends a request and waits for its answer, which has to have a body that ends in `}` or a line end.
    func ask(_ text: String) async throws -> String {
        try await self.send(text)
        return await self.answer()
    }

    func answer() async -> String {
        var received = ""
        for await chunk in self.chunks {
            received += String(buffer: chunk)
            let parts = received.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[1].hasSuffix("}") || parts[1].hasSuffix("\n") { break }
        }
        return received
    }

    /// All that comes until the server closes.
    func rest() async -> String {
        var received = ""
        for await chunk in self.chunks { received += String(buffer: chunk) }
        return received
    }

    func closeOutput() async throws { try await self.channel.close(mode: .output) }

    func close() { self.channel.close(promise: nil) }
}
