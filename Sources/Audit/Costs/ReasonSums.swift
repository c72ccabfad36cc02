import Attribution
import LabelPolicy

/// Findings and money by reason.
struct ReasonSums {
    private var sums: [Reason: AuditReport.ReasonCount] = [:]

    mutating func add(_ spend: Money, _ reason: Reason) {
        sums[reason, default: AuditReport.ReasonCount(reason: reason)].unattributed += spend
    }

    mutating func count(_ reason: Reason, _ level: Level) {
        switch level {
        case .required: sums[reason, default: AuditReport.ReasonCount(reason: reason)].required += 1
        case .recommended: sums[reason, default: AuditReport.ReasonCount(reason: reason)].recommended += 1
        }
    }

    /// Counts and money together.
    mutating func merge(_ other: ReasonSums) {
        for (reason, count) in other.sums {
            var sum = sums[reason] ?? AuditReport.ReasonCount(reason: reason)
            sum.required += count.required
            sum.recommended += count.recommended
            sum.unattributed += count.unattributed
            sums[reason] = sum
        }
    }

    var counts: AuditReport.FindingCounts {
        var counts = AuditReport.FindingCounts()
        counts.byReason = Reason.allCases.compactMap { sums[$0] }
        for reason in counts.byReason {
            counts.required += reason.required
            counts.recommended += reason.recommended
        }
        return counts
    }
}
