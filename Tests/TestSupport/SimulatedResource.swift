package import KubernetesClient
package import NIOCore
import Synchronization

/// A server with a history that changes while it is read, and that fails in every way it can, at random, until it has
/// answered so many calls; then it is calm.
///
/// Object names that begin with `broken` stand for objects that cannot be read.
package final class SimulatedResource: ListWatching {
    package struct Chunks: AsyncSequence, Sendable {
        package struct AsyncIterator: AsyncIteratorProtocol {
            let resource: SimulatedResource
            var stream: Stream
            package mutating func next() async throws -> ByteBuffer? { try await resource.chunk(of: &stream) }
        }

        let resource: SimulatedResource
        let stream: Stream
        package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(resource: resource, stream: stream) }
    }

    /// One watch.
    struct Stream: Sendable {
        var encoding: WireEncoding
        /// Sent up to here.
        var position: Int
        /// Encoded and not sent.
        var unsent = ByteBuffer()
        /// Whether the client is, or will be, synced by what it was sent.
        var isSynced: Bool
    }

    package enum InitialEvents: Sendable, CaseIterable {
        case offered
        /// 422, as Kubernetes says that does not know them.
        case refused
        /// The parameter is passed over: objects come, and no end of them.
        case unknown
    }

    struct State: Sendable {
        var random: SeededGenerator
        var initialEvents: InitialEvents
        var chaosLeft: Int
        var objects: [String: TestWire.Item] = [:]
        var history: [(version: Int, event: TestWire.Event)] = []
        var version = 1
        /// Nothing is known of what came before this.
        var compacted = 0
        var snapshots: [Int: [TestWire.Item]] = [:]
        var settledWaiters: [CheckedContinuation<Void, Never>] = []
        var isSettled = false
        var calls = 0
    }

    package let resource = "simulations"
    private let state: Mutex<State>
    private let clock: ManualClock

    /// - Parameters:
    ///   - chaos: for how many calls and chunks.
    ///   - clock: moved on when nothing comes, so that the client's patience ends.
    package init(seed: UInt64, chaos: Int, initialEvents: InitialEvents, clock: ManualClock) {
        var state = State(
            random: SeededGenerator(seed: seed), initialEvents: initialEvents, chaosLeft: chaos)
        for _ in 0..<40 { state.change() }
        self.state = Mutex(state)
        self.clock = clock
    }

    /// Values of what can be read.
    package var values: [String: String] {
        state.withLock { $0.objects.values.reduce(into: [:]) { $0[$1.name] = $1.value } }
    }

    package var calls: Int { state.withLock { $0.calls } }

    /// Waits until it is calm and a client has been sent everything.
    package func settled() async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.isSettled { return continuation.resume() }
                state.settledWaiters.append(continuation)
            }
        }
    }

    package func list(_ request: ListRequest) async throws(WatchFailure) -> ListResponse {
        let answer: Result<ListResponse, WatchFailure>? = state.withLock { state in
            if let trouble = state.trouble() { return trouble.map(Result.failure) }
            if state.isChaotic && state.random.oneIn(25) {
                return .success(ListResponse(encoding: .json, body: ByteBuffer(string: "<html>")))
            }
            return state.page(request).map { ListResponse(encoding: .json, body: TestWire.bytes($0)) }
        }
        guard let answer else { return try await hang() }
        return try answer.get()
    }

    package func watch(_ request: WatchRequest) async throws(WatchFailure) -> WatchResponse<Chunks> {
        let answer: Result<Stream, WatchFailure>? = state.withLock { state in
            if let trouble = state.trouble() { return trouble.map(Result.failure) }
            return state.open(request)
        }
        guard let answer else { return try await hang() }
        let stream = try answer.get()
        return WatchResponse(encoding: stream.encoding, chunks: Chunks(resource: self, stream: stream))
    }

    /// No answer, until the client gives up.
    private func hang<Answer>() async throws(WatchFailure) -> Answer {
        // More than any patience.
        clock.advance(by: .seconds(3600))
        try? await Task.sleep(for: .seconds(3600))
        throw WatchFailure(.cut, "given up")
    }

    fileprivate enum Piece {
        case bytes(ByteBuffer)
        case end
        case cut
        case nothing
        case settled
    }

    fileprivate func chunk(of stream: inout Stream) async throws -> ByteBuffer? {
        let piece: Piece = state.withLock { state in
            state.calls += 1
            if let piece = state.chaos(&stream) { return piece }
            state.fill(&stream)
            guard stream.unsent.readableBytes > 0 else {
                if state.isChaotic || !stream.isSynced { return .nothing }
                state.settle()
                return .settled
            }
            let size =
                state.random.oneIn(2)
                ? stream.unsent.readableBytes : Int.random(in: 1...stream.unsent.readableBytes, using: &state.random)
            return stream.unsent.readSlice(length: size).map(Piece.bytes) ?? .end
        }
        switch piece {
        case .bytes(let bytes): return bytes
        case .end: return nil
        case .cut: throw ChannelError.ioOnClosedChannel
        case .nothing: return try await hang()
        case .settled:
            try await Task.sleep(for: .seconds(3600))
            return nil
        }
    }
}

extension SimulatedResource.State {
    var isChaotic: Bool { chaosLeft > 0 }

    mutating func change() {
        version += 1
        let name =
            random.oneIn(12)
            ? "broken-\(Int.random(in: 0..<3, using: &random))"
            : "object-\(Int.random(in: 0..<30, using: &random))"
        let value = name.hasPrefix("broken") ? nil : "value-\(Int.random(in: 0..<20, using: &random))"
        let item = TestWire.Item(name: name, resourceVersion: "\(version)", value: value)
        if objects[name] != nil && random.oneIn(3) {
            objects[name] = nil
            history.append((version, TestWire.Event("DELETED", item)))
        } else {
            let type = objects.updateValue(item, forKey: name) == nil ? "ADDED" : "MODIFIED"
            history.append((version, TestWire.Event(type, item)))
        }
    }

    /// Changes something, and says what goes wrong with a call: nil, nothing; `.some(nil)`, there is no answer.
    mutating func trouble() -> WatchFailure?? {
        calls += 1
        guard isChaotic else { return nil }
        chaosLeft -= 1
        for _ in 0..<Int.random(in: 0..<4, using: &random) { change() }
        if random.oneIn(8) { compact() }
        if random.oneIn(20) { return .some(nil) }
        guard random.oneIn(5) else { return nil }
        let reason = random.pick(WatchFailure.Reason.allCases)
        return WatchFailure(reason, retryAfter: random.oneIn(3) ? .seconds(1) : nil, "at random")
    }

    private mutating func compact() {
        compacted = Int.random(in: compacted...version, using: &random)
        history.removeAll { $0.version <= compacted }
        snapshots = snapshots.filter { $0.key >= compacted }
    }

    mutating func page(_ request: ListRequest) -> Result<TestWire.Page, WatchFailure> {
        let parts = request.continueToken?.split(separator: "/").compactMap { Int($0) } ?? [version, 0]
        if request.continueToken == nil { snapshots[version] = objects.values.sorted { $0.name < $1.name } }
        guard parts.count == 2, let items = snapshots[parts[0]] else {
            return .failure(WatchFailure(.expired, "the continue token is too old"))
        }
        let rest = items.dropFirst(parts[1])
        let page = Array(rest.prefix(request.limit ?? .max))
        let next = page.count < rest.count ? "\(parts[0])/\(parts[1] + page.count)" : nil
        return .success(TestWire.Page(resourceVersion: "\(parts[0])", next: next, items: page))
    }

    mutating func open(_ request: WatchRequest) -> Result<SimulatedResource.Stream, WatchFailure> {
        let encoding: WireEncoding = random.oneIn(2) ? .json : .protobuf
        switch request.start {
        case .resume(let after):
            guard let position = Int(after) else {
                return .failure(WatchFailure(.rejected, "resourceVersion \(after)"))
            }
            if position < compacted { return .failure(WatchFailure(.expired, "too old resource version")) }
            return .success(SimulatedResource.Stream(encoding: encoding, position: position, isSynced: true))
        case .initialEvents:
            if initialEvents == .refused { return .failure(WatchFailure(.rejected, "sendInitialEvents is forbidden")) }
            var stream = SimulatedResource.Stream(
                encoding: encoding, position: version, isSynced: initialEvents == .offered)
            for item in objects.values.shuffled(using: &random) {
                stream.send(TestWire.Event("ADDED", item))
            }
            if initialEvents == .offered {
                stream.send(TestWire.Event(bookmark: "\(version)", endsInitialEvents: true))
            }
            return .success(stream)
        }
    }

    /// What has happened since the stream was sent something.
    mutating func fill(_ stream: inout SimulatedResource.Stream) {
        for (version, event) in history where version > stream.position {
            stream.send(event)
            // Some servers repeat themselves.
            if isChaotic && random.oneIn(8) { stream.send(event) }
            stream.position = version
        }
    }

    fileprivate mutating func chaos(_ stream: inout SimulatedResource.Stream) -> SimulatedResource.Piece? {
        guard isChaotic else { return nil }
        chaosLeft -= 1
        for _ in 0..<Int.random(in: 0..<3, using: &random) { change() }
        if stream.position < compacted {
            stream.send(TestWire.Event(error: 410))
            stream.position = version
        }
        switch Int.random(in: 0..<60, using: &random) {
        case 0..<3: return .end
        case 3..<6: return .cut
        case 6: return .nothing
        case 7: stream.send(TestWire.Event(error: 410))
        case 8: stream.send(TestWire.Event(error: 500))
        case 9: stream.unsent.writeString("nonsense")
        case 10: fill(&stream); stream.send(TestWire.Event(bookmark: "\(version)"))
        default: break
        }
        return nil
    }

    mutating func settle() {
        isSettled = true
        for waiter in settledWaiters { waiter.resume() }
        settledWaiters = []
    }
}

extension SimulatedResource.Stream {
    fileprivate mutating func send(_ event: TestWire.Event) {
        var frame = TestWire.frame(event, encoding)
        unsent.writeBuffer(&frame)
    }
}
