/// The grace that existing violators have: what was there before may stay as it is until a day.
package struct Ratchet: Hashable, Sendable {
    /// What becomes of the Pods of a violating controller once the deadline is past.
    package enum PodsAfterDeadline: String, Sendable, CaseIterable {
        /// They are admitted for ever: a node drain must not become an outage.
        case keep
        case deny
    }

    /// The last day of grace.
    package var until: CivilDate
    package var pods: PodsAfterDeadline

    package init(until: CivilDate, pods: PodsAfterDeadline = .keep) {
        self.until = until
        self.pods = pods
    }

    package func isOpen(at now: Timestamp) -> Bool { now.date <= until }

    /// Whether an update leaves the labels as they were or makes them better: every violation of `new` stood in `old`
    /// already, as a gap with the same words and at least as often.
    ///
    /// Each element is the verdict on one pod template. Violations are counted rather than matched by place, so that a
    /// removed or moved worker group does not turn its neighbours into new violations, while an added one is a new
    /// violation even if it repeats an old fault. What the labels say counts, not what was asked of them: a workload
    /// that comes to request GPUs has the gaps it had. Takes time linear in the labels of both sides.
    package static func isNotWorse(old: [Verdict], new: [Verdict]) -> Bool {
        guard new.contains(where: { $0.labels.contains(where: \.isViolation) }) else { return true }
        var known: [Fault: Int] = [:]
        for fault in old.lazy.flatMap(\.labels).compactMap(Fault.init) { known[fault, default: 0] += 1 }
        for fault in new.lazy.flatMap(\.labels).filter(\.isViolation).compactMap(Fault.init) {
            guard let left = known[fault], left > 0 else { return false }
            known[fault] = left - 1
        }
        return true
    }

    /// A gap by what is wrong and what stands there, wherever that is.
    private struct Fault: Hashable {
        let rule: Int
        let problem: Gap.Problem
        let key: LabelKey?
        let found: String?

        /// Nil for a label that has no gap.
        init?(_ label: LabelVerdict) {
            guard let gap = label.gap else { return nil }
            rule = label.rule
            problem = gap.problem
            key = gap.key
            found = gap.found
        }
    }
}
