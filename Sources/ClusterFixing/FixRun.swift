package import Audit

/// What becomes of the steps of one run: a state machine without I/O. It says for each step what to do next, and keeps
/// count.
package struct FixRun: Sendable {
    package enum Goal: Sendable, Hashable {
        /// Ask the server whether it would take the changes, and keep nothing.
        case validate
        case apply
    }

    /// What to do about a step before the server is asked.
    package enum Beginning: Sendable, Hashable {
        case attempt(MergePatch)
        case skip(Skip)
        /// Nothing more is to be done: the user has said so.
        case stop
    }

    package enum Skip: Sendable, Hashable {
        /// Labels that need a value.
        case needsValue([String])
        case restarts
        /// Nothing of the cluster, or nothing that one patch does.
        case byHand
    }

    /// What to do once the server would take it.
    package enum Continuation: Sendable, Hashable {
        case ask
        case change
        case leave
    }

    package enum Answer: Sendable, Hashable {
        case yes, no, all, quit
    }

    /// What came of a step.
    package enum Outcome: Sendable, Hashable {
        case changed
        /// The server would take it.
        case valid
        /// It was so already.
        case unchanged
        case skipped(Skip)
        case declined
        case failed
    }

    package struct Tally: Sendable, Hashable {
        package var changed = 0
        package var valid = 0
        package var unchanged = 0
        package var skipped = 0
        package var declined = 0
        package var failed = 0
        /// Not looked at, because the user stopped or the cluster was gone.
        package var left = 0

        /// Whether something that was found is as it was.
        package var leavesFindings: Bool { skipped + declined + failed + left > 0 }
    }

    package let goal: Goal
    private let allowsRestarts: Bool
    private var asksEach: Bool
    private var hasStopped = false
    package private(set) var tally = Tally()

    /// - Parameter asksEach: whether the user is asked before each change.
    package init(goal: Goal, allowsRestarts: Bool, asksEach: Bool) {
        self.goal = goal
        self.allowsRestarts = allowsRestarts
        self.asksEach = asksEach
    }

    package func begin(_ step: FixStep) -> Beginning {
        if hasStopped { return .stop }
        if !step.placeholders.isEmpty { return .skip(.needsValue(step.placeholders)) }
        // A step without a command has a name that nobody should put into one.
        guard let patch = step.patch, !step.commands.isEmpty else { return .skip(.byHand) }
        // A dry run restarts nothing.
        if step.mayRestart, !allowsRestarts, goal == .apply { return .skip(.restarts) }
        return .attempt(patch)
    }

    package func validated() -> Continuation {
        switch goal {
        case .validate: .leave
        case .apply: asksEach ? .ask : .change
        }
    }

    /// Whether the step is to be done.
    package mutating func answered(_ answer: Answer) -> Bool {
        switch answer {
        case .yes: return true
        case .all:
            asksEach = false
            return true
        case .no: return false
        case .quit:
            hasStopped = true
            return false
        }
    }

    /// Ends the run: what follows is left.
    package mutating func stop() { hasStopped = true }

    package mutating func leave() { tally.left += 1 }

    package mutating func record(_ outcome: Outcome) {
        switch outcome {
        case .changed: tally.changed += 1
        case .valid: tally.valid += 1
        case .unchanged: tally.unchanged += 1
        case .skipped: tally.skipped += 1
        case .declined: tally.declined += 1
        case .failed: tally.failed += 1
        }
    }
}
