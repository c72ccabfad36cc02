package import Audit
package import ClusterReading
package import KubernetesModel
package import LabelPolicy

/// Keeps a cluster's records and what an audit finds in them, for an auditor that follows it.
package protocol ClusterAuditing: Sendable {
    mutating func apply(_ changes: [FeedChange])

    /// These kinds, and no others, may not be read.
    ///
    /// - Returns: whether that is news.
    mutating func refuse(_ kinds: Set<GroupKind>) -> Bool

    /// The figures at a time that never goes back.
    mutating func figures(at now: Timestamp) -> AuditFigures

    /// Scopes whose findings may be others than when this was asked last, those without findings now among them.
    mutating func takeChangedScopes() -> Set<ClusterScope>

    /// As of the last figures, the worst first.
    mutating func findings(of scope: ClusterScope) -> [AuditReport.Finding]

    /// When time itself changes something next; nil where that is not known.
    func nextChange(after now: Timestamp) -> Timestamp?
}
