import LabelPolicy
package import LocatedDocuments

/// What an offline check found.
package struct CheckReport: Sendable {
    /// In the order of the input; those of one object stand together.
    package var findings: [CheckFinding] = []
    /// Every object the policy speaks of, in the order of the input.
    package var judged: [JudgedObject] = []
    /// What could not be read, and remarks on what was.
    package var diagnostics: [Diagnostic] = []
    package var counts = Counts()

    package struct Counts: Sendable, Equatable {
        package var files = 0
        package var objects = 0
        /// By the key of each rule.
        package var byLabel: [String: LabelCount] = [:]
    }

    /// How many places of judged objects (Namespaces aside, which cost nothing) have an effective value for a label, of how many that should.
    package struct LabelCount: Sendable, Equatable {
        package var attributed = 0
        package var judged = 0
    }

    /// What the gate would say to the object's creation.
    package enum GateAnswer: Int, Sendable, CaseIterable, Comparable {
        /// Nothing to object.
        case admitted
        /// Admitted in silence: the mode is `audit`.
        case counted
        /// Admitted with a warning.
        case warned
        /// It hangs on a namespace that is not among the manifests.
        case unknown
        case denied

        package static func < (left: GateAnswer, right: GateAnswer) -> Bool { left.rawValue < right.rawValue }
    }

    /// An object that was judged.
    package struct JudgedObject: Sendable {
        package var subject: CheckFinding.Subject
        package var file: String
        package var position: SourcePosition
        package var answer: GateAnswer
        /// Indices of its findings.
        package var findings: Range<Int>
    }

    package init() {}

    /// Judged objects without a required label missing.
    package var compliantCount: Int {
        judged.count { object in !findings[object.findings].contains { $0.level == .required } }
    }

    /// Compliant ones among the judged objects that cost money, and how many of those there are: Namespaces do not.
    package var workloads: (compliant: Int, judged: Int) {
        let workloads = judged.filter { !$0.subject.namespace.isEmpty }
        let compliant = workloads.count { object in !findings[object.findings].contains { $0.level == .required } }
        return (compliant, workloads.count)
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
