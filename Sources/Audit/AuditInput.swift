package import Attribution
package import KubernetesModel
package import LabelPolicy

/// What an audit is told beside the cluster's state.
package struct AuditInput: Sendable {
    /// How costs are found and divided.
    package var allocation: AllocationInput
    /// Kinds of custom resources whose schema drops the metadata of a Pod template, as the definitions say;
    /// beside those in the state.
    package var prunedKinds: [PrunedKind]
    /// Problems met while reading, in words, beside those in the state.
    package var notes: [AuditReport.Note]
    /// Kinds that could not be read, beside those in the state.
    package var kindGaps: [GroupKind: KindGap]
    /// The namespaces that a report is about; none for the whole cluster. Verdicts and costs are those of the whole.
    package var namespaces: [Glob]

    package init(
        allocation: AllocationInput = AllocationInput(), prunedKinds: [PrunedKind] = [],
        notes: [AuditReport.Note] = [], kindGaps: [GroupKind: KindGap] = [:], namespaces: [Glob] = []
    ) {
        self.allocation = allocation
        self.prunedKinds = prunedKinds
        self.notes = notes
        self.kindGaps = kindGaps
        self.namespaces = namespaces
    }
}
