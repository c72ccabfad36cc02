import Admission
import KubernetesModel
import LabelPolicy
import PolicyDocuments
import Synchronization
import WebhookServer

/// The gate in force. One writer (the reloader) exchanges it; event loops take what is there.
final class PolicyHolder: Sendable {
    /// A gate with what it knows of the cluster, and with what is needed to count its decisions.
    final class Current: Sendable {
        let gate: AdmissionGate
        let knowledge: GateKnowledge
        let kinds: [GroupVersionKind: MetricKind]
        let other: MetricKind

        init(_ gate: AdmissionGate, _ knowledge: GateKnowledge, _ loaded: LoadedPolicy, metrics: GateMetrics) {
            self.gate = gate
            self.knowledge = knowledge
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
        var standing: PolicyStanding
    }

    private let state: Mutex<State>
    private let metrics: GateMetrics

    init(_ gate: AdmissionGate, _ knowledge: GateKnowledge, _ loaded: LoadedPolicy, metrics: GateMetrics) {
        self.metrics = metrics
        let current = Current(gate, knowledge, loaded, metrics: metrics)
        state = Mutex(State(current: current, standing: PolicyStanding(hash: loaded.hash)))
    }

    var current: Current { state.withLock { $0.current } }

    /// Why the files as they are now are not in force; nil when they are.
    var failure: String? { state.withLock { $0.standing.failure } }

    func isInForce(_ hash: String) -> Bool { state.withLock { $0.standing.isInForce(hash) } }
    func recovered() -> Bool { state.withLock { $0.standing.recovered() } }
    func keep(because failure: String) -> Bool { state.withLock { $0.standing.keep(because: failure) } }

    /// Puts a policy in force.
    func adopt(_ gate: AdmissionGate, _ knowledge: GateKnowledge, _ loaded: LoadedPolicy) {
        let next = Current(gate, knowledge, loaded, metrics: metrics)
        state.withLock { $0 = State(current: next, standing: PolicyStanding(hash: loaded.hash)) }
    }
}
