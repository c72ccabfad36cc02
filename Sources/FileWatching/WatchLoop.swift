import Glibc

/// The thread behind a watcher: asleep in poll(2) until an event, the end of the interval or the stop signal.
///
/// `@unchecked Sendable`: made by one thread, handed to its own before that runs, and used there alone.
final class WatchLoop: @unchecked Sendable {
    private var watches: DirectoryWatches
    private let stopSignal: StopSignal
    private let interval: Duration
    private let yield: (DirectoryWatcher.Tick) -> Void
    private var onEnd: () -> Void = {}

    /// The loop calls little and nothing recursive; the default of 8 MiB would only look bad.
    private static let stackSize = 256 * 1024

    init(
        watches: DirectoryWatches, stopSignal: StopSignal, interval: Duration,
        yield: @escaping @Sendable (DirectoryWatcher.Tick) -> Void
    ) {
        self.watches = watches
        self.stopSignal = stopSignal
        self.interval = interval
        self.yield = yield
    }

    /// Runs on a thread of its own until the stop signal. Returns why there is no thread, if so.
    func start(onEnd: @escaping @Sendable () -> Void) -> SystemError? {
        self.onEnd = onEnd
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        let argument = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<WatchLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            return SystemError(call: "pthread_create", code: code)
        }
        return nil
    }

    private func run() {
        let clock = ContinuousClock()
        var nextPoll = clock.now + interval
        while let wake = sleep(until: nextPoll, clock) {
            switch wake {
            case .events:
                guard watches.takeEvents() else { continue }
                watches.repair()
                yield(DirectoryWatcher.Tick(cause: .change, degradation: watches.degradation))
            case .timeout:
                nextPoll = clock.now + interval
                watches.repair()
                yield(DirectoryWatcher.Tick(cause: .poll, degradation: watches.degradation))
            }
        }
        onEnd()
    }

    private enum Wake {
        case events
        case timeout
    }

    /// nil: the stop signal came.
    private func sleep(until deadline: ContinuousClock.Instant, _ clock: ContinuousClock) -> Wake? {
        // A negative number is passed over by poll(2).
        var descriptors = [
            pollfd(fd: stopSignal.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watches.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let rest = clock.now.duration(to: deadline)
            // Rounded up, so that it does not wake a little early and spin.
            let milliseconds = rest.components.seconds * 1000 + rest.components.attoseconds / 1_000_000_000_000_000 + 1
            guard rest > .zero else { return .timeout }
            let count = poll(&descriptors, 2, Int32(clamping: milliseconds))
            if count < 0 && errno == EINTR { continue }
            if descriptors[0].revents != 0 { return nil }
            if count > 0 && descriptors[1].revents != 0 { return .events }
            return .timeout
        }
    }
}
