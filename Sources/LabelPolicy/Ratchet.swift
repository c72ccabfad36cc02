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
    /// already, with the same words.
    ///
    /// Each element is the verdict on one pod template. Templates are matched by what is wrong with them rather than
    /// by place, so that a removed or moved worker group does not turn its neighbours into new violations.
    package static func isNotWorse(old: [Verdict], new: [Verdict]) -> Bool {
        new.allSatisfy { after in
            let violations = after.labels.filter(\.isViolation)
            if violations.isEmpty { return true }
            return old.contains { before in
                violations.allSatisfy { violation in
                    before.labels.contains { label in
                        guard label.rule == violation.rule, let was = label.gap, let now = violation.gap else {
                            return false
                        }
                        return was.isSame(as: now)
                    }
                }
            }
        }
    }
}
