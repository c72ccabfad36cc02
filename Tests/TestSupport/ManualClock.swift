import KubernetesClient
import Synchronization

/// A clock that a test moves.
package final class ManualClock: MonotonicClock {
    package typealias Duration = Swift.Duration
    package typealias Instant = ContinuousClock.Instant

    private struct Sleeper {
        var id: UInt64
        var until: Instant
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now: Instant
        var nextID: UInt64 = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<UInt64> = []
        /// Tests that wait for a sleep of such a length.
        var awaiters: [(lengths: ClosedRange<Duration>, continuation: CheckedContinuation<Duration, Never>)] = []
        var slept: [Duration] = []
    }

    private let state: Mutex<State>
    /// Sleeps up to this long move the clock by themselves and are over at once.
    private let skipping: Duration

    /// - Parameter skipping: for tests in which only long sleeps matter.
    package init(skipping: Duration = .zero) {
        state = Mutex(State(now: ContinuousClock.now))
        self.skipping = skipping
    }

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .nanoseconds(1) }

    /// Of the sleeps that were passed over, in order.
    package var skipped: [Duration] { state.withLock { $0.slept } }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    let rest = deadline - state.now
                    if state.cancelled.remove(id) != nil { return continuation.resume(returning: false) }
                    if rest <= skipping {
                        if rest > .zero { state.slept.append(rest) }
                        state.now = max(state.now, deadline)
                        return continuation.resume(returning: true)
                    }
                    state.sleepers.append(Sleeper(id: id, until: deadline, continuation: continuation))
                    if let index = state.awaiters.firstIndex(where: { $0.lengths.contains(rest) }) {
                        state.awaiters.remove(at: index).continuation.resume(returning: rest)
                    }
                }
            }
        } onCancel: {
            state.withLock { state in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return
                }
                state.sleepers.remove(at: index).continuation.resume(returning: false)
            }
        }
        if !isOver { throw CancellationError() }
    }

    /// Waits until somebody sleeps for that long from now on, and says how long.
    @discardableResult
    package func sleeper(for lengths: ClosedRange<Duration>) async -> Duration {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let rest = state.sleepers.map({ $0.until - state.now }).first(where: lengths.contains) {
                    continuation.resume(returning: rest)
                } else {
                    state.awaiters.append((lengths, continuation))
                }
            }
        }
    }

    package func advance(by duration: Duration) {
        state.withLock { state in
            state.now += duration
            for sleeper in state.sleepers where sleeper.until <= state.now {
                sleeper.continuation.resume(returning: true)
            }
            state.sleepers.removeAll { $0.until <= state.now }
        }
    }
}
