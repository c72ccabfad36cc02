import Attribution
package import Audit
package import LabelPolicy
import LocatedDocuments

/// An Event about a finding, before it knows its object's UID.
package struct FindingEvent: Sendable, Hashable {
    /// Of the Event object. The same finding of the same day has the same, in every process: the API server lets it be
    /// made once.
    package var name: String
    /// `CostLabelMissing`, `CostLabelInvalidValue`, …: a word, as Events' reasons are.
    package var reason: String
    /// One line.
    package var note: String
    package var subject: ObjectReference
    /// Its UID as far as the audit knows it: where the object itself cannot be read, its Pods' references say it.
    package var subjectUID: String

    package init(name: String, reason: String, note: String, subject: ObjectReference, subjectUID: String = "") {
        self.name = name
        self.reason = reason
        self.note = note
        self.subject = subject
        self.subjectUID = subjectUID
    }
}

/// Which findings are to be said as Events, and which were said already: at most one for each finding and day, and a
/// bounded number at a time. No I/O, no clock.
package struct EventBook: Sendable {
    /// In one round. Each is two requests; a cluster whose thousand workloads lack a label on the first day is told of
    /// the dearest first, and of all within the day.
    package static let maximumPerRound = 20
    /// Between two rounds: the bound above makes at most 29,000 Events a day, well below what API servers take.
    package static let interval = Duration.seconds(60)
    /// Events' notes have 1,024 characters at most.
    private static let maximumNote = 1_000

    /// Names of the Events of `day`.
    private var said: Set<String> = []
    private var day: CivilDate?

    package init() {}

    /// What to say now, the worst first, and how much has to wait.
    ///
    /// - Parameter findings: in any order.
    package mutating func round(
        _ findings: some Sequence<AuditReport.Finding>, at now: Timestamp
    ) -> (events: [FindingEvent], postponed: Int) {
        if day != now.date {
            said = []
            day = now.date
        }
        let due = findings.filter { Self.isTold($0) }
            .map { ($0, Self.event($0, day: now.date)) }
            .filter { !said.contains($0.1.name) }
            .sorted { ($0.0.costPerHour ?? .zero, $1.1.name) > ($1.0.costPerHour ?? .zero, $0.1.name) }
        return (due.prefix(Self.maximumPerRound).map(\.1), max(0, due.count - Self.maximumPerRound))
    }

    /// It was said, by this process or another.
    package mutating func said(_ event: FindingEvent) { said.insert(event.name) }

    /// Required gaps of workloads. What namespaces, node groups and the policy lack is nobody's workload, and what is
    /// recommended is no event.
    private static func isTold(_ finding: AuditReport.Finding) -> Bool {
        guard finding.level == .required, !finding.isUncertain, !finding.subject.namespace.isEmpty else { return false }
        switch finding.facts {
        case .gap, .environmentMismatch: return true
        case .namespaceDefault, .expiredExemption, .expiredRegistration, .unpriced, .tagMissing, .tagDrift, .unmounted,
            .metadataPruned:
            return false
        }
    }

    private static func event(_ finding: AuditReport.Finding, day: CivilDate) -> FindingEvent {
        let subject = finding.subject
        let identity = [
            subject.group, subject.kind, subject.namespace, subject.name, finding.label ?? "", finding.reason.rawValue,
        ]
        // A name may be 253 characters; the object's is cut where it is longer than that leaves.
        let prefix = subject.name.prefix(200)
        let name = "\(prefix).tallygate.\(StableHash.text(of: identity.joined(separator: "\u{0}"))).\(day)"
        var note = finding.message
        if let cost = finding.costPerHour, cost > .zero {
            note += "; costs \(cost.perMonth.rounded(toDecimals: 2)) \(finding.currency.code) a month"
        }
        if let fix = finding.fix, let command = fix.commands.first { note += "; \(command)" }
        return FindingEvent(
            name: String(name.lowercased()), reason: "Cost" + reasonWord(finding.reason),
            note: note.count <= maximumNote ? note : note.prefix(maximumNote - 1) + "…", subject: subject,
            subjectUID: finding.subjectUID)
    }

    /// `invalid-value` as `InvalidValue`.
    private static func reasonWord(_ reason: Reason) -> String {
        reason.rawValue.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
