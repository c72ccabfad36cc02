package import LabelPolicy

/// Values that somebody chose for what fixes leave open: `team=payments`. Each is one that the policy accepts, in its
/// canonical form, and together they are a pair that the registry knows.
package struct FixValues: Sendable, Hashable {
    /// By the name of the label, without a prefix: as `ProposedValue.placeholder` has it.
    private var values: [String: String] = [:]

    package static let none = FixValues()

    private init() {}

    package subscript(_ placeholder: String) -> String? { values[placeholder] }

    /// - Parameter assignments: `KEY=VALUE` each, where the key is a label of the policy, with or without its prefix.
    package init(_ assignments: [String], policy: Policy, at now: Timestamp) throws(FixValueError) {
        let evaluator = Evaluator(policy)
        var labels: [String: String] = [:]
        for assignment in assignments {
            guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
                throw .malformed(assignment)
            }
            let key = String(assignment[..<equals])
            let value = String(assignment[assignment.index(after: equals)...])
            guard let rule = policy.labels.first(where: { $0.key.text == key || $0.key.name == key }) else {
                throw .unknownLabel(key, known: policy.labels.map(\.key.text))
            }
            if let problem = LabelSyntax.problem(ofValue: value) {
                throw .refused(assignment, why: problem.explanation)
            }
            guard !value.isEmpty else { throw .malformed(assignment) }
            if labels.updateValue(value, forKey: rule.key.text) != nil { throw .repeated(rule.key.text) }
        }
        let subject = Subject(
            kind: .workloads, objectKind: "", name: "", namespace: .absent(), labels: evaluator.observe(labels))
        let text = GapText(policy: policy)
        for label in evaluator.evaluate(subject, at: now).labels where labels[label.key.text] != nil {
            let assignment = "\(label.key)=\(labels[label.key.text] ?? "")"
            if let gap = label.gap {
                let hint = text.allowed(label).map { "; \($0)" } ?? ""
                throw .refused(assignment, why: text.fault(gap) + hint)
            }
            if let value = label.attribution?.value { values[String(label.key.name)] = value }
        }
    }
}

package enum FixValueError: Error, Sendable, Hashable, CustomStringConvertible {
    case malformed(String)
    case unknownLabel(String, known: [String])
    case repeated(String)
    case refused(String, why: String)

    package var description: String {
        switch self {
        case .malformed(let text):
            "--set \(GapText.quote(text)): expected KEY=VALUE, such as team=payments"
        case .unknownLabel(let key, let known):
            "--set \(GapText.quote(key)): the policy has no such label; choose among: \(known.joined(separator: ", "))"
        case .repeated(let key): "--set \(GapText.quote(key)) is given twice: one value for a run"
        case .refused(let assignment, let why): "--set \(GapText.quote(assignment)): the policy refuses it: \(why)"
        }
    }
}
