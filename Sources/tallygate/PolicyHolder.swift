import Admission
import KubernetesModel
import LabelPolicy
import PolicyDocuments
import Synchronization
import WebhookServer

/// The gate in force. One writer (the reloader) exchanges it; event loops take what is there.
final class PolicyHolder: Sendable {
    /// A gate with what is needed to count its decisions.
    final class Current: Sendable {
        let gate: AdmissionGate
        let kinds: [GroupVersionKind: MetricKind]
        let other: MetricKind

        init(_ loaded: LoadedPolicy, metrics: GateMetrics) {
            gate = AdmissionGate(policy: loaded.policy, catalogue: loaded.catalogue)
            var kinds: [GroupVersionKind: MetricKind] = [:]
            for kind in loaded.catalogue.kinds {
                let metric = metrics.kind(KindNames.name(kind.groupKind, in: loaded.catalogue))
                for gvk in kind.groupVersionKinds { kinds[gvk] = metric }
            }
            for kind in KindNames.core {
                kinds[GroupVersionKind(group: "", version: "v1", kind: kind)] = metrics.kind(kind)
            }
            self.kinds = kinds
            other = metrics.kind("other")
        }
    }

    private struct State {
        var current: Current
        var hash: String
        var failure: String?
    }

    private let state: Mutex<State>
    private let metrics: GateMetrics

    init(_ loaded: LoadedPolicy, metrics: GateMetrics) {
        self.metrics = metrics
        state = Mutex(State(current: Current(loaded, metrics: metrics), hash: loaded.hash))
    }

    var current: Current { state.withLock { $0.current } }

    /// Why the files as they are now are not in force; nil when they are.
    var failure: String? { state.withLock { $0.failure } }

    func isInForce(_ hash: String) -> Bool { state.withLock { $0.hash == hash } }

    /// Notes that the files are again those in force. Returns whether they were not.
    func recovered() -> Bool {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure != nil
        }
    }

    /// Puts a policy in force. Returns false when it is the one that was.
    func adopt(_ loaded: LoadedPolicy) -> Bool {
        if state.withLock({ state in
            state.failure = nil
            return state.hash == loaded.hash
        }) {
            return false
        }
        let next = Current(loaded, metrics: metrics)
        state.withLock { state in
            state.current = next
            state.hash = loaded.hash
        }
        return true
    }

    /// Keeps the last good policy. Returns false when this failure was said already.
    func keep(because failure: String) -> Bool {
        state.withLock { state in
            defer { state.failure = failure }
            return state.failure != failure
        }
    }
}
