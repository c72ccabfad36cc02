import Attribution
import Audit
import ClusterReading
import KubernetesModel
import LabelPolicy
import PolicyDocuments

/// What policy files say to an audit.
extension LoadedPolicy {
    var auditInput: AuditInput {
        AuditInput(
            allocation: AllocationInput(
                pricing: pricing?.pricing ?? PricingPolicy(), settings: pricing?.allocation ?? AllocationSettings()))
    }

    /// What is kept of objects.
    var auditFilters: RecordFilters {
        RecordFilters.audit(
            priceAnnotation: (pricing?.pricing ?? PricingPolicy()).annotation,
            keys: policy.labels.flatMap { [$0.key.text] + $0.aliases.map(\.text) })
    }
}
