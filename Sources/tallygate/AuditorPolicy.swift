import PolicyDocuments
import Synchronization
import WebhookServer

/// The auditor's policy in force, and those that follow.
final class AuditorPolicy: PolicyAdopting {
    /// The policy at start, then each that comes into force. For one reader.
    let policies: AsyncStream<LoadedPolicy>
    private let next: AsyncStream<LoadedPolicy>.Continuation
    private let standing: Mutex<PolicyStanding>
    private let metrics: AuditorMetrics

    init(_ loaded: LoadedPolicy, metrics: AuditorMetrics) {
        (policies, next) = AsyncStream.makeStream(of: LoadedPolicy.self, bufferingPolicy: .bufferingNewest(1))
        standing = Mutex(PolicyStanding(hash: loaded.hash))
        self.metrics = metrics
        metrics.setPolicyHash(loaded.hash)
        next.yield(loaded)
    }

    /// Why the files as they are now are not in force; nil when they are.
    var failure: String? { standing.withLock { $0.failure } }

    func isInForce(_ hash: String) -> Bool { standing.withLock { $0.isInForce(hash) } }
    func recovered() -> Bool { standing.withLock { $0.recovered() } }
    func keep(because failure: String) -> Bool { standing.withLock { $0.keep(because: failure) } }

    func countFailure() { metrics.policyReloadFailures.increment() }

    func adopt(_ loaded: LoadedPolicy) {
        standing.withLock { $0 = PolicyStanding(hash: loaded.hash) }
        metrics.setPolicyHash(loaded.hash)
        metrics.policyReloads.increment()
        next.yield(loaded)
    }
}
