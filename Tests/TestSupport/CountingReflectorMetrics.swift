package import KubernetesClient
import Synchronization

/// Counts what a reflector tells.
package final class CountingReflectorMetrics: ReflectorMetrics {
    package struct Counts: Equatable, Sendable {
        package var replacements = 0
        package var removed = 0
        package var skipped = 0
        package var failures: [WatchFailure.Reason] = []

        package init(
            replacements: Int = 0, removed: Int = 0, skipped: Int = 0, failures: [WatchFailure.Reason] = []
        ) {
            self.replacements = replacements
            self.removed = removed
            self.skipped = skipped
            self.failures = failures
        }
    }

    private let state = Mutex(Counts())
    package var counts: Counts { state.withLock { $0 } }

    package init() {}

    package func replaced(_ resource: String, objects: Int, removed: Int) {
        state.withLock {
            $0.replacements += 1
            $0.removed += removed
        }
    }

    package func failed(_ resource: String, _ reason: WatchFailure.Reason) {
        state.withLock { $0.failures.append(reason) }
    }

    package func skipped(_ resource: String, objects: Int) { state.withLock { $0.skipped += objects } }
}
