package import KubernetesClient
package import NIOCore
import Synchronization

/// Time that passes only by sleeping, and a time of day that a test sets.
package final class ScriptedTime: Sendable {
    private struct State {
        var now: NIODeadline
        var sleeps: [TimeAmount] = []
        var unixSeconds: Int64
    }

    private let state: Mutex<State>
    private let fraction: Double

    /// - Parameters:
    ///   - unixSeconds: the time of day.
    ///   - fraction: what chance gives, always.
    package init(unixSeconds: Int64 = 1_800_000_000, fraction: Double = 0.5) {
        // From the real time on: deadlines reckoned from this clock are never over for the system's.
        state = Mutex(State(now: .now(), unixSeconds: unixSeconds))
        self.fraction = fraction
    }

    package var now: NIODeadline { state.withLock { $0.now } }
    package var sleeps: [TimeAmount] { state.withLock { $0.sleeps } }
    package var unixSeconds: Int64 { state.withLock { $0.unixSeconds } }

    package func advance(seconds: Int64) {
        state.withLock { state in
            state.now = state.now + .seconds(seconds)
            state.unixSeconds += seconds
        }
    }

    /// Sleeping takes no time and moves this clock.
    package var timing: APITiming {
        APITiming(
            now: { self.now },
            sleep: { (amount) async throws(CancellationError) in
                if Task.isCancelled { throw CancellationError() }
                self.state.withLock { state in
                    state.sleeps.append(amount)
                    state.now = state.now + amount
                }
                await Task.yield()
            },
            fraction: { self.fraction })
    }
}
