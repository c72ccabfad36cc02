package import KubernetesModel
package import LabelPolicy
package import LocatedDocuments

/// What an offline check found.
package struct CheckReport: Sendable {
    package var findings: [CheckFinding] = []
    /// Every object the policy speaks of, in the order of the input.
    package var judged: [JudgedObject] = []
    /// What could not be read, and remarks on what was.
    package var diagnostics: [Diagnostic] = []
    package var counts = Counts()

    package struct Counts: Sendable, Equatable {
        package var files = 0
        package var objects = 0
        /// By the key of each rule: judged places that have an effective value, and judged places in all.
        package var byLabel: [String: (attributed: Int, judged: Int)] = [:]

        package static func == (left: Counts, right: Counts) -> Bool {
            left.files == right.files && left.objects == right.objects && left.byLabel.count == right.byLabel.count
                && left.byLabel.allSatisfy { key, value in right.byLabel[key].map { $0 == value } ?? false }
        }
    }

    /// An object that was judged.
    package struct JudgedObject: Sendable {
        package var subject: CheckFinding.Subject
        package var file: String
        package var position: SourcePosition
        /// Indices of its findings.
        package var findings: Range<Int>
    }

    package init() {}

    /// Judged objects without a required label missing.
    package var compliantCount: Int {
        judged.count { object in !findings[object.findings].contains { $0.level == .required } }
    }

    /// Whether anything could not be read: the answer is then incomplete.
    package var hasInputErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Whether there are findings at or above a level.
    package func fails(at level: FailLevel, allowingUnknown: Bool) -> Bool {
        findings.contains { finding in
            if finding.isUncertain, allowingUnknown { return false }
            switch level {
            case .never: return false
            case .required: return finding.level == .required
            case .recommended: return true
            }
        }
    }
}

/// From which level on findings make a run fail.
package enum FailLevel: String, Sendable, CaseIterable {
    case required, recommended, never
}

/// One label of one place of one object that is not as the policy wants it.
package struct CheckFinding: Sendable {
    package struct Subject: Sendable, Hashable {
        package var gvk: GroupVersionKind
        package var namespace: String
        package var name: String
    }

    package struct Effective: Sendable, Hashable {
        package var key: String
        package var value: String
        package var source: Source
    }

    package var reason: Reason
    package var label: String
    package var level: Level
    /// The namespace is not among the manifests, and might supply the label.
    package var isUncertain: Bool
    package var subject: Subject
    package var message: String
    package var fix: String
    /// The values the place is billed under as it stands.
    package var effective: [Effective]
    package var file: String
    package var position: SourcePosition
    /// Characters to underline.
    package var length: Int
    package var excerpt: SourceExcerpt?
}
