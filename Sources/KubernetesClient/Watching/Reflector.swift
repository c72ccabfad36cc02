package import Logging
import NIOCore
import ServiceLifecycle

/// Keeps a store true to a resource of the cluster: does what a `WatchMachine` says.
///
/// Whatever the server does, `run` goes on until its task is cancelled or the service is shut down, and readers of the
/// store are never kept waiting. One object that cannot be read is passed over, counted and logged with its place.
package actor Reflector<Source: ListWatching, Decoder: ObjectDecoder>: Service {
    package typealias Object = Decoder.Object

    package nonisolated let store: Store<Object>

    private let source: Source
    private let decoder: Decoder
    private let settings: WatchSettings
    private let clock: any MonotonicClock
    private let permits: Permits?
    private let metrics: any ReflectorMetrics
    private let replacing: @Sendable (ReplacementStep) -> Void

    private var random: any RandomNumberGenerator & Sendable
    private var machine: WatchMachine
    private var writer: StoreWriter<Object>
    private var log: ReflectorLog
    /// What is to replace the copy, while it is read.
    private var replacement: StoreContents<Object>?
    private var skippedInReplacement = 0
    private var holdsPermit = false

    /// - Parameters:
    ///   - permits: shared by all whose first reads shall not all happen at once.
    ///   - logger: messages are constant; what they are about is in the metadata.
    ///   - replacing: told of each step by which a list takes the place of the copy, in order with the decoder's calls.
    ///     For a decoder that keeps more of the objects than the store does.
    package init(
        _ source: Source, _ decoder: Decoder, settings: WatchSettings = WatchSettings(), permits: Permits? = nil,
        metrics: any ReflectorMetrics = NoReflectorMetrics(), logger: Logger,
        replacing: @escaping @Sendable (ReplacementStep) -> Void = { _ in },
        clock: any MonotonicClock = ContinuousClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.source = source
        self.decoder = decoder
        self.settings = settings
        self.permits = permits
        self.metrics = metrics
        self.replacing = replacing
        self.clock = clock
        self.random = random
        machine = WatchMachine(settings)
        writer = StoreWriter()
        store = writer.store
        log = ReflectorLog(logger, resource: source.resource)
    }

    /// Follows the resource. Returns when the task is cancelled or the service shut down. To be called once.
    package func run() async {
        await cancelWhenGracefulShutdown { await self.follow() }
        returnPermit()
    }

    private func follow() async {
        var step = perform(machine.proceed(at: clock.now, using: &random))
        while !Task.isCancelled {
            switch step {
            case .list(let request): step = await list(request)
            case .watch(let request): step = await watch(request)
            case .wait(let until):
                returnPermit()
                try? await clock.sleep(until: until, tolerance: nil)
                step = perform(machine.proceed(at: clock.now, using: &random))
            }
        }
    }

    private func list(_ request: ListRequest) async -> WatchMachine.Step {
        guard await takePermit() else { return .list(request) }
        machine.requestBegins(at: clock.now)
        let outcome = await untilDeadline { [source] () async -> Result<ListResponse, WatchFailure> in
            do throws(WatchFailure) {
                return .success(try await source.list(request))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .cancelled: return .list(request)
        case .deadline: return performDeadline()
        case .ended(.failure(let failure)): return fail(failure)
        case .ended(.success(let response)):
            writer.noteContact(at: clock.now)
            do throws(WatchFailure) {
                let page = try collect(response)
                return perform(machine.pageArrived(page, at: clock.now, using: &random))
            } catch {
                return fail(error)
            }
        }
    }

    private func collect(_ response: ListResponse) throws(WatchFailure) -> ListPage {
        var contents = replacement ?? StoreContents()
        // Not held twice, or adding to it would copy it.
        replacement = nil
        defer { replacement = contents }
        var page: DecodedPage<Object>?
        try contents.put { (shared) throws(WatchFailure) in
            let decoded = try decoder.readPage(response.body, as: response.encoding, into: &shared)
            page = decoded
            return decoded.objects
        }
        guard let page else { return ListPage(resourceVersion: nil) }
        if page.skipped > 0 {
            skip(page.skipped, page.problems)
            skippedInReplacement += page.skipped
        }
        return page.page
    }

    private func watch(_ request: WatchRequest) async -> WatchMachine.Step {
        if request.start == .initialEvents {
            guard await takePermit() else { return .watch(request) }
        }
        machine.requestBegins(at: clock.now)
        switch await untilDeadline({ await self.stream(request) }) {
        case .cancelled: return .watch(request)
        case .deadline: return performDeadline()
        case .ended(nil): return perform(machine.streamEnded(at: clock.now, using: &random))
        case .ended(.some(let failure)): return fail(failure)
        }
    }

    /// Opens a stream and takes what comes. Returns why it ended; nil if the server ended it as it should.
    private func stream(_ request: WatchRequest) async -> WatchFailure? {
        let response: WatchResponse<Source.Chunks>
        do throws(WatchFailure) {
            response = try await source.watch(request)
        } catch {
            return error
        }
        guard !Task.isCancelled else { return nil }
        machine.watchOpened(at: clock.now)
        noteContact()
        var frames = WatchFrameDecoder(response.encoding, maximumFrameSize: settings.maximumFrameSize)
        do {
            for try await chunk in response.chunks {
                guard !Task.isCancelled else { return nil }
                machine.bytesArrived(at: clock.now)
                writer.noteContact(at: clock.now)
                frames.append(chunk)
                while let frame = try frames.next() {
                    if let failure = take(frame, response.encoding) { return failure }
                }
            }
        } catch let failure as WatchFailure {
            return failure
        } catch let failure as WatchFrameDecoder.Failure {
            return WatchFailure(.malformed, failure.description)
        } catch {
            return WatchFailure(.cut, "the watch was cut: \(error)")
        }
        return frames.pendingBytes == 0 ? nil : WatchFailure(.cut, "the watch ended within an event")
    }

    /// Does what an event says. Returns a failure if it says that the watch is over.
    private func take(_ frame: ByteBuffer, _ encoding: WireEncoding) -> WatchFailure? {
        // Read by itself, so that nobody waits for that in the store's lock.
        var shared = Object.makeShared()
        let event: WatchEvent<Object>
        do throws(WatchFailure) {
            event = try decoder.readEvent(frame, as: encoding, into: &shared)
        } catch {
            return error
        }
        switch event {
        case .stored(let object, let resourceVersion):
            switch machine.objectArrived(resourceVersion: resourceVersion) {
            case .nowhere: break
            case .copy: writer.put(object, from: shared)
            case .replacement: replacement?.put(object, from: shared)
            }
        case .deleted(let object, let resourceVersion):
            switch machine.objectArrived(resourceVersion: resourceVersion) {
            case .nowhere: break
            case .copy: writer.remove(object.key)
            case .replacement: replacement?.remove(object.key)
            }
        case .bookmark(let resourceVersion, let endsInitialEvents):
            let isOver = machine.bookmarkArrived(
                resourceVersion: resourceVersion, endsInitialEvents: endsInitialEvents, at: clock.now)
            if isOver { commit() }
        case .unreadable(let problem, let resourceVersion):
            if machine.objectArrived(resourceVersion: resourceVersion) == .replacement { skippedInReplacement += 1 }
            skip(1, [problem])
        case .failed(let failure):
            return failure
        }
        return nil
    }
}

// MARK: - Doing what the machine says

extension Reflector {
    private func fail(_ failure: WatchFailure) -> WatchMachine.Step {
        perform(machine.failed(failure, at: clock.now, using: &random))
    }

    private func performDeadline() -> WatchMachine.Step {
        if let transition = machine.deadlinePassed(at: clock.now, using: &random) { return perform(transition) }
        // Bytes came at the last moment, but the request is over already.
        return fail(WatchFailure(.cut, "ended here for its silence"))
    }

    private func perform(_ transition: WatchMachine.Transition) -> WatchMachine.Step {
        switch transition.store {
        case .none: break
        case .beginReplacement:
            replacement = StoreContents()
            skippedInReplacement = 0
            replacing(.began)
        case .abandonReplacement:
            replacement = nil
            replacing(.abandoned)
        case .commitReplacement: commit()
        }
        if let notice = transition.notice {
            if notice.isFailure { metrics.failed(source.resource, notice.failure.reason) }
            log.tell(notice, at: clock.now)
        }
        writer.note(machine.condition)
        return transition.next
    }

    private func commit() {
        guard let contents = replacement else { return }
        replacement = nil
        let count = contents.count
        let removed = writer.replace(with: contents).count
        replacing(.committed)
        metrics.replaced(source.resource, objects: count, removed: removed)
        log.replaced(objects: count, removed: removed, skipped: skippedInReplacement)
        noteContact()
        returnPermit()
    }

    private func noteContact() {
        writer.noteContact(at: clock.now)
        writer.note(machine.condition)
        log.recovered()
    }

    private func skip(_ count: Int, _ problems: [DecodingProblem]) {
        metrics.skipped(source.resource, objects: count)
        log.skipped(count, problems, at: clock.now)
    }

    /// False if the task is cancelled.
    private func takePermit() async -> Bool {
        if holdsPermit { return true }
        guard let permits else { return true }
        guard await permits.acquire() else { return false }
        holdsPermit = true
        return true
    }

    private func returnPermit() {
        if holdsPermit { permits?.release() }
        holdsPermit = false
    }

    private enum Outcome<Value: Sendable>: Sendable {
        case ended(Value)
        /// The machine's deadline came first. The operation is over.
        case deadline
        case cancelled
    }

    /// Runs the operation until the machine's deadline, which it may move.
    private func untilDeadline<Value: Sendable>(
        _ operation: @escaping @Sendable () async -> Value
    ) async -> Outcome<Value> {
        let outcome = await withTaskGroup(of: Outcome<Value>.self) { group in
            group.addTask { .ended(await operation()) }
            group.addTask { await self.deadlineComes() ? .deadline : .cancelled }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
        return Task.isCancelled ? .cancelled : outcome
    }

    /// False if the task is cancelled.
    private func deadlineComes() async -> Bool {
        while let deadline = machine.deadline {
            if clock.now >= deadline { return true }
            guard (try? await clock.sleep(until: deadline, tolerance: nil)) != nil else { return false }
        }
        return false
    }
}
