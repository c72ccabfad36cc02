package import Attribution
package import KubernetesModel

/// What an audit is told beside the cluster's state.
package struct AuditInput: Sendable {
    /// How costs are found and divided.
    package var allocation: AllocationInput
    /// Kinds of custom resources whose schema drops the metadata of a Pod template, as the definitions say;
    /// beside those in the state.
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
