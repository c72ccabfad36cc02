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
    package let record: DecisionRecord

    init(_ outcome: Outcome, _ record: DecisionRecord, patch: PodCompletion = PodCompletion()) {
        self.outcome = outcome
        self.record = record
        self.patch = patch
    }
}

/// What metrics and logs say of a decision. Never the object's contents. A class, because it is handed on; its texts are
/// made fit for a log when they are asked for.
package final class DecisionRecord: Sendable {
    package struct GapCount: Hashable, Sendable {
        package let rule: Int
        package let reason: Reason
    }

    package let operation: Operation
    package let isDryRun: Bool
    /// The mode that held; nil where none was asked for or none could be told.
    package let mode: Mode?
    package let gaps: [GapCount]
    private let isKnownKind: Bool
    private let rawKind: GroupVersionKind
    private let rawNamespace: String
    private let rawName: ObjectName

    fileprivate init(
        _ operation: Operation, isDryRun: Bool, mode: Mode?, gaps: [GapCount], isKnownKind: Bool,
        kind: GroupVersionKind, namespace: String, name: ObjectName
    ) {
        self.operation = operation
        self.isDryRun = isDryRun
        self.mode = mode
        self.gaps = gaps
        self.isKnownKind = isKnownKind
        rawKind = kind
        rawNamespace = namespace
        rawName = name
    }

    /// Nil for kinds outside the catalogue, which count as `other`.
    package var kind: GroupVersionKind? { isKnownKind ? rawKind : nil }
    package var namespace: String { GapText.clean(rawNamespace, DecisionText.maximumNameLength) }
    package var name: String { rawName.text }
}

extension AdmissionRequest {
    /// What is recorded of a decision on it.
    /// - Parameter mode: the mode that held; nil where none was asked for or none could be told.
    func record(
        _ name: ObjectName, mode: Mode? = nil, gaps: [DecisionRecord.GapCount] = []
    ) -> DecisionRecord {
        let isKnownKind = if case .some = target { true } else { false }
        return DecisionRecord(
            operation, isDryRun: isDryRun, mode: mode, gaps: gaps, isKnownKind: isKnownKind, kind: kind,
            namespace: namespace, name: name)
    }
}
