package import Audit
import LabelPolicy
import LocatedDocuments

/// The commands that mend what an audit found, as a script for a POSIX shell: the worst first, each step with what is
/// wrong, whose it is, what it costs and whether it restarts Pods.
///
/// What cannot be run as it stands is commented out: a step that needs a value, one that nobody allowed to restart Pods.
package struct FixScript {
    private let report: AuditReport
    private let steps: [FixStep]
    private let allowsRestarts: Bool
    private let amounts: AmountText

    /// - Parameters:
    ///   - report: what the steps were made of, for its name, time and counts.
    ///   - allowsRestarts: whether steps that restart Pods are live lines.
    package init(_ report: AuditReport, steps: [FixStep], allowsRestarts: Bool) {
        self.report = report
        self.steps = steps
        self.allowsRestarts = allowsRestarts
        amounts = AmountText(report.currency)
    }

    package func render() -> String {
        var text = "#!/bin/sh\n"
        text += comment("\(title): \(FixText.count(steps.count, "step")) for \(FixText.count(findings, "finding"))")
        text += comment(report.provenance)
        if steps.isEmpty { return text + comment("There is nothing to mend.") }
        text += comment(
            "The dearest come first. Lines that need a value"
                + (allowsRestarts ? "" : ", or that restart Pods,")
                + " and those that cannot be undone, are commented out.")
        for (index, step) in steps.enumerated() { text += "\n" + render(step, number: index + 1) }
        return text
    }

    private var title: String { report.cluster.isEmpty ? "Fixes" : "Fixes of \(report.cluster)" }

    private var findings: Int { steps.reduce(0) { $0 + $1.findings } }

    private func render(_ step: FixStep, number: Int) -> String {
        let words = FixText(step, amounts)
        var text = comment("\(number). \(words.title)")
        for line in words.details { text += comment("   \(line)") }
        var isLive = step.isComplete
        if !step.placeholders.isEmpty {
            let sets = step.placeholders.map { "--set \($0)=VALUE" }.joined(separator: " ")
            text += comment("   needs a value: choose one with \(sets)")
        } else if !step.isComplete {
            text += comment("   needs what stands in angle brackets")
        }
        if step.isDecision {
            text += comment("   cannot be undone: run it yourself if you are sure")
            isLive = false
        }
        if step.mayRestart, !allowsRestarts, !step.commands.isEmpty {
            text += comment("   restarts Pods: to have it done, give --allow-restarts")
            isLive = false
        }
        for command in step.commands { text += isLive ? command + "\n" : comment("   \(command)") }
        return text
    }

    private func comment(_ line: String) -> String { "# \(Terminal.printable(line))\n" }
}

/// What is said of a step wherever it is shown.
package struct FixText {
    private let step: FixStep
    private let amounts: AmountText

    package init(_ step: FixStep, _ amounts: AmountText) {
        self.step = step
        self.amounts = amounts
    }

    /// `shop/Deployment/web: $1,234 a month, required, 2 findings`
    package var title: String {
        let cost = step.costPerHour.map { amounts.monthWithSymbol($0) + " a month" } ?? "of unknown cost"
        let subject = Terminal.printable(step.subject.path)
        return "\(subject): \(cost), \(step.level.rawValue), \(Self.count(step.findings, "finding"))"
    }

    /// What is wrong, whom it is billed to, and what to know before.
    package var details: [String] {
        var lines = step.messages
        let payer = step.effective.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        lines.append(payer.isEmpty ? "billed to nobody" : "billed as \(payer)")
        lines += step.remarks
        return lines.map { Terminal.printable($0) }
    }

    package static func count(_ number: Int, _ noun: String) -> String {
        "\(AmountText.grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }
}
