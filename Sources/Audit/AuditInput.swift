package import Attribution
package import KubernetesModel

/// What an audit is told beside the cluster's state.
package struct AuditInput: Sendable {
    /// How costs are found and divided.
    package var allocation: AllocationInput
    /// Kinds of custom resources whose schema drops the metadata of a Pod template, as the definitions say.
    package var prunedKinds: [PrunedKind]
    /// Problems met while reading, in words, beside those in the state.
    package var notes: [AuditReport.Note]

    package init(
        allocation: AllocationInput = AllocationInput(), prunedKinds: [PrunedKind] = [],
        notes: [AuditReport.Note] = []
    ) {
        self.allocation = allocation
        self.prunedKinds = prunedKinds
        self.notes = notes
    }
}

/// A kind of which the API server removes labels in Pod templates: its definition declares the template's `metadata` as
/// an object without properties (kubernetes/kubernetes#103739).
package struct PrunedKind: Sendable, Hashable {
    package var kind: GroupKind
    /// The plural by which the definition is called: `trainings` of `trainings.acme.io`.
    package var resource: String
    /// Where the template stands: `spec.template.metadata`.
    package var path: String

    package init(kind: GroupKind, resource: String, path: String) {
        self.kind = kind
        self.resource = resource
        self.path = path
    }
}
