import Attribution
import Audit
import ClusterReading
import KubernetesModel
import LabelPolicy
import PolicyDocuments

/// What policy files say to an audit.
extension LoadedPolicy {
    /// What nodes and volumes cost, by its Pricing document.
    var prices: PricingPolicy { pricing?.pricing ?? PricingPolicy() }

    /// How that is divided.
    var allocation: AllocationSettings { pricing?.allocation ?? AllocationSettings() }

    var auditInput: AuditInput {
        AuditInput(allocation: AllocationInput(pricing: prices, settings: allocation))
    }

    /// What is kept of objects.
    var auditFilters: RecordFilters {
        RecordFilters.audit(
            priceAnnotation: prices.annotation,
            keys: policy.labels.flatMap { [$0.key.text] + $0.aliases.map(\.text) })
    }
}
