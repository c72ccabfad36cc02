/// Why a label is not as the policy wants it: stable codes, the same in every output.
package enum Reason: String, Sendable, CaseIterable {
    case missing
    case empty
    case invalidValue = "invalid-value"
    case unregisteredValue = "unregistered-value"
    case inconsistentPair = "inconsistent-pair"
    case conflictingAliases = "conflicting-aliases"
    case expiredRegistration = "expired-registration"
    case expiredExemption = "expired-exemption"
    case environmentMismatch = "environment-mismatch"
    case unpriced
    case tagMissing = "tag-missing"
    case tagDrift = "tag-drift"
    case tagInactive = "tag-inactive"
    case unmounted
    case metadataPruned = "metadata-pruned"
}

/// Where an effective value comes from.
package enum Source: String, Sendable, CaseIterable {
    case own, alias, owner, namespace, registry, value, nodegroup
}

/// The value a workload is billed under, and where it came from.
package struct Attribution: Hashable, Sendable {
    /// In its canonical form.
    package let value: String
    package let source: Source
    /// The label it was read from; nil when it was read from none (registry, value).
    package let key: LabelKey?
    /// What stood there, where that differs from the canonical form.
    package let spelled: String?

    package init(value: String, source: Source, key: LabelKey?, spelled: String? = nil) {
        self.value = value
        self.source = source
        self.key = key
        self.spelled = spelled
    }
}

/// A label that is not as the policy wants it, with the facts a message needs. Words are made elsewhere.
///
/// A class, because verdicts are handed on, and most gaps are the same: a label that nobody knows anything of.
package final class Gap: Hashable, Sendable {
    /// What exactly is wrong.
    package enum Problem: Hashable, Sendable {
        case missing
        case empty
        /// The value is none that Kubernetes accepts.
        case malformed(LabelSyntaxProblem)
        /// The value is not among those the policy lists.
        case notAllowed
        /// The value does not match the policy's pattern.
        case patternMismatch
        /// The registry does not know the value.
        case unregistered(RegistryDimension)
        /// The registry knows the value, but not for this team.
        case notOfTeam(team: String, dimension: RegistryDimension)
        /// The registration of the team has not begun or has ended.
        case outsideValidity(from: CivilDate?, until: CivilDate?)
        /// Two aliases carry different values.
        case conflict(other: LabelKey, otherValue: String)

        package var reason: Reason {
            switch self {
            case .missing: .missing
            case .empty: .empty
            case .malformed, .notAllowed, .patternMismatch: .invalidValue
            case .unregistered: .unregisteredValue
            case .notOfTeam: .inconsistentPair
            case .outsideValidity: .expiredRegistration
            case .conflict: .conflictingAliases
            }
        }
    }

    /// A default that was there and could not be used.
    package struct RejectedDefault: Hashable, Sendable {
        package let value: String
        package let source: Source
        package let problem: Problem

        package init(value: String, source: Source, problem: Problem) {
            self.value = value
            self.source = source
            self.problem = problem
        }
    }

    package let problem: Problem
    /// The label at fault (the key or one of its aliases) and what it says; nil when nothing is there.
    package let key: LabelKey?
    package let found: String?
    /// The allowed or registered value most like what was found.
    package let nearest: String?
    package let rejectedDefaults: [RejectedDefault]
    /// Whether a namespace or an owner that could not be read might have supplied the value.
    package let isUncertain: Bool

    package init(
        problem: Problem, key: LabelKey? = nil, found: String? = nil, nearest: String? = nil,
        rejectedDefaults: [RejectedDefault] = [], isUncertain: Bool = false
    ) {
        self.problem = problem
        self.key = key
        self.found = found
        self.nearest = nearest
        self.rejectedDefaults = rejectedDefaults
        self.isUncertain = isUncertain
    }

    package var reason: Reason { problem.reason }

    /// Nothing is there, and nobody was asked for it in vain.
    static let missing = Gap(problem: .missing)

    package static func == (left: Gap, right: Gap) -> Bool {
        left === right
            || left.problem == right.problem && left.key == right.key && left.found == right.found
                && left.nearest == right.nearest && left.rejectedDefaults == right.rejectedDefaults
                && left.isUncertain == right.isUncertain
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(problem)
        hasher.combine(key)
        hasher.combine(found)
        hasher.combine(nearest)
        hasher.combine(rejectedDefaults)
        hasher.combine(isUncertain)
    }
}

/// What the evaluator says of one label.
package struct LabelVerdict: Hashable, Sendable {
    /// Which rule: an index into the policy's `labels`.
    package let rule: Int
    package let key: LabelKey
    /// The level that holds for this subject (a GPU may raise it).
    package let level: Level
    package let attribution: Attribution?
    package let gap: Gap?
    private let excuse: Excuse?

    /// What excuses a gap: an index into the policy's `exemptions`.
    package enum Excuse: Hashable, Sendable {
        case holding(Int)
        /// It would, had it not expired.
        case expired(Int)
    }

    package init(
        rule: Int, key: LabelKey, level: Level, attribution: Attribution?, gap: Gap?, excuse: Excuse? = nil
    ) {
        self.rule = rule
        self.key = key
        self.level = level
        self.attribution = attribution
        self.gap = gap
        self.excuse = excuse
    }

    /// The exemption that excuses the gap: an index into the policy's `exemptions`.
    package var exemption: Int? { if case .holding(let index) = excuse { index } else { nil } }
    /// An exemption that would, had it not expired.
    package var expiredExemption: Int? { if case .expired(let index) = excuse { index } else { nil } }

    /// Whether the label is demanded and not there.
    package var isViolation: Bool { gap != nil && exemption == nil && level == .required }
    /// Whether the label is worth a warning: it has a gap that nothing excuses.
    package var isOpen: Bool { gap != nil && exemption == nil }
}

/// What the evaluator says of one subject.
package struct Verdict: Hashable, Sendable {
    package enum Outcome: String, Sendable, CaseIterable {
        case compliant
        /// There are gaps, and the mode (or the level) lets them pass.
        case tolerated
        case violating
        /// The namespace or an owner could not be read, and on it hangs whether there is a gap or which mode holds.
        case unknown
    }

    /// One for each rule that speaks of the subject, in the policy's order.
    package let labels: [LabelVerdict]
    /// Nil when it depends on a namespace that could not be read.
    package let mode: Mode?

    package init(labels: [LabelVerdict], mode: Mode?) {
        self.labels = labels
        self.mode = mode
    }

    /// The verdict on an object that is laid over another: what is missing here may be there, so only values count.
    package var ofOverlay: Verdict {
        Verdict(
            labels: labels.filter { $0.gap?.problem != .missing && $0.gap?.problem != .empty }, mode: mode)
    }

    package var hasGaps: Bool { labels.contains { $0.isOpen } }

    package var outcome: Outcome {
        /// What is open for sure, and what would be once the namespace is known.
        var certain: Level?
        var possible: Level?
        for label in labels {
            guard label.isOpen, let gap = label.gap else { continue }
            if gap.isUncertain {
                possible = possible == .required ? .required : label.level
            } else {
                certain = certain == .required ? .required : label.level
            }
        }
        if certain == nil, possible == nil { return .compliant }
        switch mode {
        case .warn, .audit: return certain != nil ? .tolerated : .unknown
        case .enforce:
            if certain == .required { return .violating }
            return certain != nil && possible != .required ? .tolerated : .unknown
        case nil:
            // No mode denies for a recommended label.
            let mayDeny = certain == .required || possible == .required
            return certain != nil && !mayDeny ? .tolerated : .unknown
        }
    }
}
