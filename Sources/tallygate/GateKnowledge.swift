import Admission
import GateCache
import KubernetesModel

/// What a gate knows beside a request: the facts at hand, and whom to ask for others.
struct GateKnowledge: Sendable {
    let facts: any ClusterFacts
    /// Nil where there is nobody to ask.
    let lookups: LiveLookups?
}

/// Where knowledge for a gate comes from. What is kept of a cluster depends on the keys and kinds of the policy.
protocol KnowledgeProviding: Sendable {
    /// What a gate of this policy is to know. Returns once it knows as much as it will, or has waited long enough.
    func knowledge(for gate: AdmissionGate, _ catalogue: WorkloadCatalogue) async -> GateKnowledge

    /// The knowledge of gates that were there before is not asked for any more.
    func settled(on knowledge: GateKnowledge) async
}

/// Without a cluster: what was given at start is all there is.
struct SuppliedKnowledge: KnowledgeProviding {
    let facts: SuppliedFacts

    var knowledge: GateKnowledge { GateKnowledge(facts: facts, lookups: nil) }

    func knowledge(for gate: AdmissionGate, _ catalogue: WorkloadCatalogue) async -> GateKnowledge { knowledge }

    func settled(on knowledge: GateKnowledge) async {}
}
