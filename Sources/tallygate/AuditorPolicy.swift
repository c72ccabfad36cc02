import PolicyDocuments
import Synchronization
import WebhookServer

/// The auditor's policy in force, and those that follow.
final class AuditorPolicy: PolicyAdopting {
    private struct State {
        var hash: String
        var failure: String?
    }

    /// The policy at start, then each that comes into force. For one reader.
    let policies: AsyncStream<LoadedPolicy>
    private let next: AsyncStream<LoadedPolicy>.Continuation
    private let state: Mutex<State>
    private let metrics: AuditorMetrics

    init(_ loaded: LoadedPolicy, metrics: AuditorMetrics) {
        (policies, next) = AsyncStream.makeStream(of: LoadedPolicy.self, bufferingPolicy: .bufferingNewest(1))
        state = Mutex(State(hash: loaded.hash))
        self.metrics = metrics
        metrics.setPolicyHash(loaded.hash)
        next.yield(loaded)
    }

    /// Why the files as they are now are not in force; nil when they are.
    var failure: String? { state.withLock { $0.failure } }

    func isInForce(_ hash: String) -> Bool { state.withLock { $0.hash == hash } }

    func recovered() -> Bool {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure != nil
        }
    }

    func keep(because failure: String) -> Bool {
        state.withLock { state in
            defer { state.failure = failure }
            return state.failure != failure
        }
    }

    func countFailure() { metrics.policyReloadFailures.increment() }

    func adopt(_ loaded: LoadedPolicy) {
        state.withLock { $0 = State(hash: loaded.hash) }
        metrics.setPolicyHash(loaded.hash)
        metrics.policyReloads.increment()
        next.yield(loaded)
    }
}
