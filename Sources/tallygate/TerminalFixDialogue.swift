import Attribution
import Audit
import ClusterFixing
import LocatedDocuments
import Reports

/// Shows and asks on the terminal what a fixer does.
struct TerminalFixDialogue: FixDialogue {
    private let amounts: AmountText

    init(currency: Currency) { amounts = AmountText(currency) }

    func show(_ step: FixStep, number: Int, of count: Int, changes: [FixChange]) async {
        let words = FixText(step, amounts)
        say("[\(number)/\(count)] \(words.title)")
        for line in words.details { say("    \(line)") }
        if let patch = step.patch, !changes.isEmpty {
            say("    \(patch.target.kind) \(place(patch.target)):")
            for change in changes { say("      \(change.path): \(change.old ?? "(none)") -> \(change.new)") }
        }
    }

    private func place(_ target: ObjectReference) -> String {
        target.namespace.isEmpty ? target.name : "\(target.namespace)/\(target.name)"
    }

    func ask(_ step: FixStep) async -> FixRun.Answer {
        while true {
            StandardError.write("    Apply? [y]es, [n]o, [a]ll, [q]uit: ")
            // Whoever closes the input has not said yes.
            switch StandardInput.line()?.lowercased() {
            case nil, "q", "quit": return .quit
            case "y", "yes": return .yes
            case "n", "no", "": return .no
            case "a", "all": return .all
            case .some: continue
            }
        }
    }

    func tell(_ outcome: FixRun.Outcome, of step: FixStep, why: String?) async {
        say("    => \(Self.words(outcome))\(why.map { ": \($0)" } ?? "")")
    }

    private static func words(_ outcome: FixRun.Outcome) -> String {
        switch outcome {
        case .changed: "applied"
        case .valid: "the server would take it"
        case .unchanged: "nothing to do: it is so already"
        case .declined: "left as it is"
        case .failed: "FAILED"
        case .skipped(.needsValue(let keys)):
            "skipped: it needs a value; give " + keys.map { "--set \($0)=VALUE" }.joined(separator: " ")
        case .skipped(.restarts): "skipped: it restarts Pods; give --allow-restarts"
        case .skipped(.byHand): "skipped: no change of one object does it; see above"
        }
    }

    /// `3 applied, 1 failed`
    static func summary(_ run: FixRun) -> String {
        let tally = run.tally
        let parts = [
            (tally.changed, "applied"), (tally.valid, "would be taken"), (tally.unchanged, "so already"),
            (tally.skipped, "skipped"), (tally.declined, "left"), (tally.failed, "failed"),
            (tally.left, "not looked at"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? "nothing to mend" : parts.joined(separator: ", ")
    }

    /// A closed output is no reason to leave a change half done.
    private func say(_ line: String) { try? StandardOutput.print(Terminal.printable(line)) }
}
