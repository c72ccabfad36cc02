import KubernetesClient
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@Suite("Reflector", .timeLimit(.minutes(2)))
struct ReflectorTests {
    /// A reflector that runs, and its server.
    private struct Bench {
        let source = ScriptedListWatching()
        let clock = ManualClock()
        let metrics = CountingReflectorMetrics()
        let reflector: Reflector<ScriptedListWatching, TestObjectDecoder>
        var store: Store<TestObject> { reflector.store }

        init(initialEvents: Bool = false, permits: Permits? = nil) {
            var settings = WatchSettings()
            settings.usesInitialEvents = initialEvents
            reflector = Reflector(
                source, TestObjectDecoder(), settings: settings, permits: permits, metrics: metrics,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: clock,
                random: SeededGenerator(seed: 7))
        }

        func list() async throws -> (request: ListRequest, reply: ScriptedListWatching.Reply<ListResponse>) {
            guard case .list(let request, let reply) = try await source.nextCall() else { throw Unexpected() }
            return (request, reply)
        }

        func watch() async throws -> (request: WatchRequest, reply: WatchReply) {
            guard case .watch(let request, let reply) = try await source.nextCall() else { throw Unexpected() }
            return (request, reply)
        }

        /// Answers the list and opens the watch after it.
        func sync(_ values: [String: String], version: String = "7") async throws -> TestStream {
            let list = try await list()
            list.reply.give(.success(Self.page(values, version: version)))
            return try await open(try await watch().reply)
        }

        func open(_ reply: WatchReply, _ encoding: WireEncoding = .json) async throws -> TestStream {
            let stream = TestStream()
            reply.give(.success(WatchResponse(encoding: encoding, chunks: stream)))
            // So that the watch is known to be open.
            await stream.send(ByteBuffer())
            return stream
        }

        /// Lets the first wait after a failure pass.
        func backoff() async {
            clock.advance(by: await clock.sleeper(for: .milliseconds(1) ... .seconds(1)))
        }

        static func page(_ values: [String: String], version: String, next: String? = nil) -> ListResponse {
            let items = values.map { TestWire.Item(name: $0.key, resourceVersion: "1", value: $0.value) }
            return ListResponse(
                encoding: .json, body: TestWire.bytes(TestWire.Page(resourceVersion: version, next: next, items: items))
            )
        }
    }

    private typealias WatchReply = ScriptedListWatching.Reply<WatchResponse<TestStream>>

    private struct Unexpected: Error {}

    private func running(_ bench: Bench, _ body: () async throws -> Void) async throws {
        let task = Task { await bench.reflector.run() }
        defer { task.cancel() }
        try await body()
        // Ends at once, whatever it is doing.
        task.cancel()
        await task.value
    }

    private func event(_ type: String, _ name: String, _ value: String?, version: String) -> ByteBuffer {
        TestWire.frame(
            TestWire.Event(type, TestWire.Item(name: name, resourceVersion: version, value: value)), .json)
    }

    @Test("Pages and events make the copy")
    func listAndWatch() async throws {
        let bench = Bench()
        try await running(bench) {
            let first = try await bench.list()
            #expect(first.request.limit == 500)
            first.reply.give(.success(Bench.page(["a": "1", "b": "2"], version: "7", next: "more")))
            let second = try await bench.list()
            #expect(second.request.continueToken == "more")
            #expect(!bench.store.status.isSynced)
            second.reply.give(.success(Bench.page(["c": "3"], version: "7")))
            let watch = try await bench.watch()
            #expect(watch.request.start == .resume(after: "7"))
            #expect(bench.store.snapshot()?.values == ["a": "1", "b": "2", "c": "3"])

            let stream = try await bench.open(watch.reply)
            var events = event("ADDED", "d", "4", version: "8")
            var more = event("DELETED", "a", "1", version: "9")
            events.writeBuffer(&more)
            await stream.send(events)
            #expect(bench.store.snapshot()?.values == ["b": "2", "c": "3", "d": "4"])
            #expect(bench.store.status.condition == .watching)

            stream.finish(throwing: ChannelError.ioOnClosedChannel)
            await bench.backoff()
            #expect(try await bench.watch().request.start == .resume(after: "9"))
        }
        #expect(bench.metrics.counts == .init(replacements: 1, failures: [.cut]))
    }

    @Test("An old server's refusal of initial events is no failure; others are counted")
    func refusedInitialEvents() async throws {
        let bench = Bench(initialEvents: true)
        try await running(bench) {
            let watch = try await bench.watch()
            #expect(watch.request.start == .initialEvents)
            watch.reply.give(.failure(WatchFailure(.rejected, "sendInitialEvents is forbidden")))
            _ = try await bench.sync(["a": "1"])
            #expect(bench.store.snapshot()?.values == ["a": "1"])
        }
        #expect(bench.metrics.counts == .init(replacements: 1))
    }

    @Test("Initial events replace the copy when they are complete")
    func initialEvents() async throws {
        let bench = Bench(initialEvents: true)
        try await running(bench) {
            let watch = try await bench.watch()
            #expect(watch.request.start == .initialEvents)
            let stream = try await bench.open(watch.reply, .protobuf)
            for name in ["a", "b", "c"] {
                let item = TestWire.Item(name: name, resourceVersion: "3", value: "1")
                await stream.send(TestWire.frame(TestWire.Event("ADDED", item), .protobuf))
            }
            let gone = TestWire.Event("DELETED", TestWire.Item(name: "b", resourceVersion: "4", value: "1"))
            await stream.send(TestWire.frame(gone, .protobuf))
            #expect(!bench.store.status.isSynced)
            await stream.send(TestWire.frame(TestWire.Event(bookmark: "5", endsInitialEvents: true), .protobuf))
            #expect(bench.store.snapshot()?.values == ["a": "1", "c": "1"])
        }
    }

    @Test("What cannot be read is passed over, in a list and in a watch")
    func malformedObjects() async throws {
        let bench = Bench()
        try await running(bench) {
            let items = (0..<10).map { number in
                TestWire.Item(name: "\(number)", resourceVersion: "1", value: number == 4 ? nil : "x")
            }
            let body = TestWire.bytes(TestWire.Page(resourceVersion: "7", items: items))
            try await bench.list().reply.give(.success(ListResponse(encoding: .json, body: body)))
            let stream = try await bench.open(try await bench.watch().reply)
            #expect(bench.store.status.objects == 9)
            await stream.send(event("MODIFIED", "3", nil, version: "8"))
            await stream.send(event("MODIFIED", "2", "y", version: "9"))
            #expect(bench.store.snapshot()?.values["3"] == "x")
            #expect(bench.store.snapshot()?.values["2"] == "y")
        }
        #expect(bench.metrics.counts == .init(replacements: 1, skipped: 2))
    }

    @Test("410 in the stream: the copy is replaced at once, and what has gone is told")
    func expiry() async throws {
        let bench = Bench()
        try await running(bench) {
            let stream = try await bench.sync(["a": "1", "b": "2"])
            stream.put(TestWire.frame(TestWire.Event(error: 410), .json))
            let list = try await bench.list()
            // Old, but there, until all of the new is.
            #expect(bench.store.snapshot()?.values == ["a": "1", "b": "2"])
            list.reply.give(.success(Bench.page(["b": "3"], version: "90")))
            #expect(try await bench.watch().request.start == .resume(after: "90"))
            #expect(bench.store.snapshot()?.values == ["b": "3"])
        }
        #expect(bench.metrics.counts == .init(replacements: 2, removed: 1, failures: [.expired]))
    }

    @Test("A silent stream is left, and the copy's age tells how long")
    func silence() async throws {
        let bench = Bench()
        try await running(bench) {
            _ = try await bench.sync(["a": "1"])
            #expect(bench.store.status.age(at: bench.clock.now) == .zero)
            // The end of what the watch's head was allowed may be slept until first.
            var silence = Duration.zero
            while silence < .seconds(90) {
                let sleep = await bench.clock.sleeper(for: .seconds(1) ... .seconds(90))
                bench.clock.advance(by: sleep)
                silence += sleep
            }
            #expect(try await bench.watch().request.start == .resume(after: "7"))
            #expect(bench.store.status.age(at: bench.clock.now) == .seconds(90))
        }
        #expect(bench.metrics.counts.failures == [.silent])
    }

    @Test("A list without an answer is given up and asked for again")
    func slowList() async throws {
        let bench = Bench()
        try await running(bench) {
            _ = try await bench.list()
            await bench.clock.sleeper(for: .seconds(75) ... .seconds(75))
            bench.clock.advance(by: .seconds(75))
            await bench.backoff()
            _ = try await bench.list()
            #expect(bench.store.status.condition == .failing(.timedOut))
        }
    }

    @Test("Bytes that are no page are a failure, not an empty cluster")
    func garbage() async throws {
        let bench = Bench()
        try await running(bench) {
            let page = ListResponse(encoding: .json, body: ByteBuffer(string: "<html>"))
            try await bench.list().reply.give(.success(page))
            await bench.backoff()
            _ = try await bench.list()
            #expect(!bench.store.status.isSynced)
        }
        #expect(bench.metrics.counts.failures == [.malformed])
    }

    @Test("Only so many read everything at a time")
    func permits() async throws {
        let permits = Permits(1)
        let (first, second) = (Bench(permits: permits), Bench(permits: permits))
        try await running(first) {
            let list = try await first.list()
            try await running(second) {
                // The second waits for the first's sync, and its time does not run meanwhile.
                second.clock.advance(by: .seconds(3600))
                list.reply.give(.success(Bench.page(["a": "1"], version: "7")))
                _ = try await first.open(try await first.watch().reply)
                _ = try await second.sync(["b": "2"])
                #expect(second.store.status.objects == 1)
            }
        }
        #expect(second.metrics.counts.failures == [])
        // Every permit is back.
        #expect(await permits.acquire())
    }

    @Test("One that is cancelled while it waits for a permit leaves none taken")
    func cancelledWaiter() async {
        let permits = Permits(1)
        #expect(await permits.acquire())
        let waiter = Task { await permits.acquire() }
        waiter.cancel()
        #expect(await waiter.value == false)
        permits.release()
        #expect(await permits.acquire())
    }

    @Test("Members of a group come and go, and all end with it")
    func group() async throws {
        let group = ReflectorGroup()
        let (early, late) = (Bench(), Bench())
        #expect(group.add("early", early.reflector))
        #expect(!group.add("early", late.reflector))
        let task = Task { await group.run() }
        _ = try await early.sync(["a": "1"])
        #expect(group.add("late", late.reflector))
        let stream = try await late.sync(["b": "2"])
        #expect(group.names == ["early", "late"])
        #expect(group.remove("late"))
        #expect(!group.remove("late"))
        // Nobody listens any more.
        await stream.send(event("ADDED", "c", "3", version: "8"))
        #expect(early.store.status.objects == 1)
        #expect(group.names == ["early"])
        task.cancel()
        await task.value
    }

    @Test("A graceful shutdown ends it")
    func shutdown() async throws {
        let bench = Bench()
        let services = ServiceGroup(
            configuration: .init(
                services: [bench.reflector], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        async let end: Void = services.run()
        _ = try await bench.sync(["a": "1"])
        await services.triggerGracefulShutdown()
        try await end
    }

    @Test("Whatever the server did, in the end the copy is what it has", arguments: 0..<60)
    func convergence(_ seed: Int) async throws {
        var settings = WatchSettings()
        settings.pageSize = 4
        // All waits are passed over; only those for answers are not.
        settings.backoff.cap = .seconds(5)
        settings.backoff.refusedCap = .seconds(5)
        settings.backoff.absentCap = .seconds(5)
        let clock = ManualClock(skipping: .seconds(10))
        let kinds = SimulatedResource.InitialEvents.allCases
        let server = SimulatedResource(
            seed: UInt64(seed), chaos: 300, initialEvents: kinds[seed % kinds.count], clock: clock)
        let metrics = CountingReflectorMetrics()
        let reflector = Reflector(
            server, TestObjectDecoder(), settings: settings, metrics: metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: clock,
            random: SeededGenerator(seed: UInt64(seed)))
        let task = Task { await reflector.run() }
        await server.settled()
        task.cancel()
        await task.value
        #expect(reflector.store.snapshot()?.values == server.values)
        #expect(metrics.counts.replacements > 0)
        #expect(metrics.counts.failures.count > 3)
    }
}
