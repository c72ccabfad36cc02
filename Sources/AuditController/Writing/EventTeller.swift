package import Audit
package import KubernetesClient
import LabelPolicy
package import Logging

/// Tells findings as Events, while this process leads: at most one for each finding and day.
package actor EventTeller {
    /// Scopes looked at in one round.
    private static let maximumScopes = 200
    /// Between two looks whether there is something to tell.
    private static let glance = Duration.seconds(1)

    package enum TellResult: Sendable, Hashable {
        case created, known, failed
        case postponed(Int)
    }

    private let writer: EventWriter
    private let logger: Logger
    private let now: @Sendable () -> RFC3339.Moment
    private let findings: @Sendable (ClusterScope) async -> [AuditReport.Finding]
    private let record: @Sendable (TellResult) -> Void
    private var book = EventBook()
    private var day: CivilDate?
    /// Namespaces with findings.
    private var scopes: Set<ClusterScope> = []
    /// Of these, those that may have something to be told.
    private var pending: Set<ClusterScope> = []
    private var hasFailed = false

    /// - Parameters:
    ///   - now: the time of day.
    ///   - record: told of what became of each, for metrics.
    ///   - findings: of a scope, as they are now.
    package init(
        _ writer: EventWriter, logger: Logger, now: @escaping @Sendable () -> RFC3339.Moment,
        record: @escaping @Sendable (TellResult) -> Void,
        findings: @escaping @Sendable (ClusterScope) async -> [AuditReport.Finding]
    ) {
        self.writer = writer
        self.logger = logger
        self.now = now
        self.record = record
        self.findings = findings
    }

    /// The findings of these scopes may be others than before.
    ///
    /// - Parameter isAll: all others have none.
    package func changed(_ changed: [ScopeChange], isAll: Bool) {
        if isAll { (scopes, pending) = ([], []) }
        for change in changed {
            if change.hasFindings {
                scopes.insert(change.scope)
                pending.insert(change.scope)
            } else {
                scopes.remove(change.scope)
                pending.remove(change.scope)
            }
        }
    }

    /// Tells until its task is cancelled.
    package func run() async {
        let clock = ContinuousClock()
        var next = clock.now
        while !Task.isCancelled {
            noteDay()
            if clock.now >= next, !pending.isEmpty {
                await round()
                next = clock.now + EventBook.interval
            }
            guard (try? await clock.sleep(for: Self.glance)) != nil else { return }
        }
    }

    /// On a new day everything is told again.
    private func noteDay() {
        let today = Timestamp(secondsSinceEpoch: now().seconds).date
        guard day != today else { return }
        day = today
        pending = scopes
    }

    private func round() async {
        let time = Timestamp(secondsSinceEpoch: now().seconds)
        let looked = pending.sorted().prefix(Self.maximumScopes)
        var found: [AuditReport.Finding] = []
        for scope in looked { found += await findings(scope) }
        let (events, postponed) = book.round(found, at: time)
        if postponed == 0 { pending.subtract(looked) }
        if postponed > 0 { record(.postponed(postponed)) }
        for event in events {
            guard !Task.isCancelled else { return }
            await tell(event)
        }
    }

    private func tell(_ event: FindingEvent) async {
        do throws(APIError) {
            switch try await writer.write(event, at: now()) {
            case .created: record(.created)
            case .known: record(.known)
            case .gone: break
            }
            book.said(event)
            hasFailed = false
        } catch {
            guard !Task.isCancelled else { return }
            record(.failed)
            // What failed is tried again with the next round.
            pending.insert(.namespace(event.subject.namespace))
            logger.log(
                level: hasFailed ? .debug : .warning, "Cannot make an Event; trying again",
                metadata: ["error": "\(error)"])
            hasFailed = true
        }
    }
}
