import LabelPolicy
import LocatedDocuments
import ManifestCheck

/// The report for people: what is wrong, the line it stands on, the YAML that mends it, and a summary.
///
///     Deployment "ranker" in namespace "recommendation-engine": would be denied
///     ranker.yaml:11:7: error: cost label team: missing
///     ranker.yaml:11:7: error: cost label environment: missing
///               labels:
///               ^~~~~~
///         in spec.template.metadata.labels:
///           team: VALUE         # registered: ml-platform, search
///           environment: VALUE  # allowed: production, staging, development
struct TextCheckReport {
    let isStyled: Bool

    private static let indent = "    "

    func render(_ report: CheckReport) -> String {
        var text = ""
        for object in report.judged where !object.findings.isEmpty {
            let head = "\(object.subject.description): \(CheckReport.words(object.answer))"
            text += paint(head, .bold) + "\n"
            let findings = Array(report.findings[object.findings])
            for group in groups(findings) { text += render(group) }
            if let uncertain = findings.first(where: \.isUncertain) {
                text += Self.indent + Terminal.printable(uncertainty(uncertain, findings)) + "\n"
            }
            text += "\n"
        }
        for diagnostic in report.diagnostics { text += render(diagnostic) + "\n" }
        if !report.diagnostics.isEmpty { text += "\n" }
        return text + report.summary
    }

    // MARK: Findings

    /// Findings that stand at the same place, in the order of the text.
    private func groups(_ findings: [CheckFinding]) -> [[CheckFinding]] {
        var groups: [[CheckFinding]] = []
        var known: [SourcePosition: Int] = [:]
        for finding in findings {
            if let index = known[finding.position] {
                groups[index].append(finding)
            } else {
                known[finding.position] = groups.count
                groups.append([finding])
            }
        }
        return groups.sorted { left, right in
            guard let left = left.first, let right = right.first else { return false }
            return left.position < right.position
        }
    }

    private func render(_ group: [CheckFinding]) -> String {
        guard let first = group.first else { return "" }
        let place = Terminal.printable("\(first.file):\(first.position.line):\(first.position.column):")
        var text = ""
        for finding in group {
            text += paint(place, .bold) + " " + paint(finding.severity + ":", style(finding)) + " "
            text += Terminal.printable(finding.fault) + "\n"
        }
        if let marked = first.excerpt.marked(group.map(\.length).max()) {
            text += Self.indent + marked.text + "\n" + Self.indent + paint(marked.underline, style(first)) + "\n"
        }
        let isGuess = group.contains { $0.proposal != nil }
        text += Self.indent + Terminal.printable("\(isGuess ? "did you mean, " : "")in \(first.place):") + "\n"
        let width = group.map { $0.assignment.unicodeScalars.count }.max() ?? 0
        for finding in group {
            var line = finding.assignment
            if finding.proposal == nil, let hint = finding.hint {
                line += String(repeating: " ", count: width - line.unicodeScalars.count) + "  # " + hint
            }
            text += Self.indent + "  " + Terminal.printable(line) + "\n"
        }
        return text
    }

    /// What is to be done where nothing is certain without the namespace.
    private func uncertainty(_ finding: CheckFinding, _ findings: [CheckFinding]) -> String {
        let labels = findings.count { $0.isUncertain } == 1 ? "this label" : "these labels"
        return "or, if namespace \"\(finding.subject.namespace)\" has \(labels): pass its manifest too"
    }

    private func style(_ finding: CheckFinding) -> TerminalStyle {
        if finding.isUncertain { return .magenta }
        return finding.level == .required ? .red : .yellow
    }

    // MARK: Input problems

    private func render(_ diagnostic: Diagnostic) -> String {
        guard isStyled else { return diagnostic.rendered }
        let lines = diagnostic.rendered.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let style: TerminalStyle =
            switch diagnostic.severity {
            case .error: .red
            case .warning: .yellow
            case .note: .cyan
            }
        let rest = lines.count > 1 ? "\n" + lines[1] : ""
        return paint(String(lines.first ?? ""), style) + rest
    }

    private func paint(_ text: String, _ style: TerminalStyle) -> String { style.paint(text, if: isStyled) }
}
