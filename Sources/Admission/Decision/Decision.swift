package import KubernetesModel
package import LabelPolicy

/// What is answered to one request.
package struct Decision: Sendable {
    /// The outcome as metrics count it.
    package enum Outcome: String, Sendable, CaseIterable {
        /// Nothing to object.
        case allowed
        /// Admitted although there are gaps; the user is told unless the mode is audit.
        case warned
        case denied
        /// The mutating half had something to add.
        case patched
        /// The namespace or a controller could not be read, so nothing was judged.
        case unknown
        /// The policy does not speak of it: another kind, an excluded namespace, a subresource, a deletion.
        case skipped
    }

    package var outcome: Outcome
    /// The denial's text; nil when the request is allowed.
    package var denial: String?
    package var warnings: [String] = []
    package var patch: PodCompletion
    /// Beside the record of the patch. Keys are prefixed with the webhook's name by the API server.
    package var auditAnnotations: [(key: String, value: String)] = []
    package var record: DecisionRecord

    init(_ outcome: Outcome, _ record: DecisionRecord, patch: PodCompletion = PodCompletion()) {
        self.outcome = outcome
        self.record = record
        self.patch = patch
    }
}

/// What metrics and logs say of a decision. Never the object's contents.
package struct DecisionRecord: Sendable {
    package struct GapCount: Hashable, Sendable {
        package let rule: Int
        package let reason: Reason
    }

    package let operation: Operation
    /// Nil for kinds outside the catalogue, which count as `other`.
    package let kind: GroupVersionKind?
    package let isDryRun: Bool
    package let namespace: String
    package let name: String
    /// The mode that held; nil where none was asked for or none could be told.
    package var mode: Mode?
    package var gaps: [GapCount] = []
}
