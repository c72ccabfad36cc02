package import Audit
package import ClusterReading
package import KubernetesModel
import LabelPolicy
package import Reports

/// What one audit came to.
package struct AuditRound: Sendable {
    package var figures: AuditFigures
    /// Scopes whose findings may be others than before.
    package var changed: [ScopeChange]
    /// Whether `changed` is everything that has findings, and what is not there has none.
    package var isFirst: Bool
    /// From taking the changes to the figures.
    package var duration: Duration

    package init(figures: AuditFigures, changed: [ScopeChange], isFirst: Bool, duration: Duration) {
        self.figures = figures
        self.changed = changed
        self.isFirst = isFirst
        self.duration = duration
    }
}

/// What is found in a namespace, or in what belongs to none, may be something else than before.
package struct ScopeChange: Sendable, Hashable {
    package var scope: ClusterScope
    package var hasFindings: Bool
    /// Of its report's contents; nil: there is nothing to report, or reports are not asked for.
    package var reportHash: String?

    package init(scope: ClusterScope, hasFindings: Bool, reportHash: String?) {
        self.scope = scope
        self.hasFindings = hasFindings
        self.reportHash = reportHash
    }
}

/// Audits a cluster as its changes come. The one owner of the records and of what is found in them.
package actor AuditLoop<Ledger: ClusterAuditing> {
    private let renderer: PolicyReportRenderer?
    private let unixSeconds: @Sendable () -> Int64
    private let clock = ContinuousClock()
    private var ledger: Ledger
    private var pace: AuditPace
    private var hasAudited = false

    /// - Parameters:
    ///   - renderer: of reports; nil where none are written.
    ///   - unixSeconds: the time of day.
    package init(
        _ ledger: sending Ledger, interval: Duration, renderer: PolicyReportRenderer?,
        unixSeconds: @escaping @Sendable () -> Int64
    ) {
        self.ledger = ledger
        self.renderer = renderer
        self.unixSeconds = unixSeconds
        pace = AuditPace(interval: interval)
    }

    /// Audits until its task is cancelled.
    ///
    /// - Parameters:
    ///   - take: gives what has changed since the last time.
    ///   - refused: gives the kinds that may not be read.
    ///   - isComplete: whether everything that can be read has been: before that there is nothing to audit.
    ///   - publish: called with every round, in order.
    package func run(
        take: @escaping @Sendable () -> [FeedChange],
        refused: @escaping @Sendable () -> Set<GroupKind> = { [] }, isComplete: @escaping @Sendable () -> Bool,
        publish: @escaping @Sendable (AuditRound) async -> Void
    ) async {
        while !Task.isCancelled {
            // Asked before the changes are taken: what is complete now has all its changes in the feed.
            let isComplete = isComplete()
            let changes = take()
            let began = clock.now
            if !changes.isEmpty {
                ledger.apply(changes)
                pace.changed(at: began)
            }
            if ledger.refuse(refused()) { pace.changed(at: began) }
            if isComplete, let due = pace.next(timeChange: timeChange(at: began)), due <= began {
                pace.audited(at: began)
                await publish(round(since: began))
            }
            guard (try? await clock.sleep(for: AuditPace.settlingTime)) != nil else { return }
        }
    }

    private func timeChange(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let seconds = unixSeconds()
        return ledger.nextChange(after: Timestamp(secondsSinceEpoch: seconds)).map { next in
            // A date beyond some years is as good as none.
            now + .seconds(min(max(0, next.secondsSinceEpoch - seconds), 100_000_000))
        }
    }

    private func round(since began: ContinuousClock.Instant) -> AuditRound {
        let figures = ledger.figures(at: Timestamp(secondsSinceEpoch: unixSeconds()))
        let duration = clock.now - began
        let changed = ledger.takeChangedScopes().sorted().map { scope in
            let findings = ledger.findings(of: scope)
            return ScopeChange(
                scope: scope, hasFindings: !findings.isEmpty,
                reportHash: renderer?.report(findings, of: scope)?.hash)
        }
        defer { hasAudited = true }
        return AuditRound(figures: figures, changed: changed, isFirst: !hasAudited, duration: duration)
    }

    /// The report of a scope as it is now; nil: there is nothing to report.
    package func report(of scope: ClusterScope) -> PolicyReport? {
        renderer?.report(ledger.findings(of: scope), of: scope)
    }

    package func findings(of scope: ClusterScope) -> [AuditReport.Finding] { ledger.findings(of: scope) }
}
