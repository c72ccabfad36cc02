import KubernetesModel
package import LabelPolicy

/// Values that somebody chose for what fixes leave open: `team=payments`. Each is one that the policy accepts, in its
/// canonical form, and together they are a pair that the registry knows.
package struct FixValues: Sendable, Hashable {
    /// By the name of the label, without a prefix: as `ProposedValue.placeholder` has it.
    private var values: [String: String] = [:]
    /// What the registry says of the chosen team: defaults, and proposals where it knows one value only.
    private var defaults: [String: String] = [:]
    private var proposals: [String: String] = [:]
    /// The label that tells the team, if a team was chosen: what follows from it does not hold of what has another one.
    private(set) var teamKey: String?

    package static let none = FixValues()

    private init() {}

    package subscript(_ placeholder: String) -> String? { values[placeholder] }

    /// What is a default once the chosen values are there.
    func supplied(_ placeholder: String) -> String? { defaults[placeholder] }

    /// What goes with the chosen values and has to be written.
    func proposed(_ placeholder: String) -> String? { proposals[placeholder] }

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
        let verdict = evaluator.evaluate(subject, at: now)
        for label in verdict.labels where labels[label.key.text] != nil {
            let assignment = "\(label.key)=\(labels[label.key.text] ?? "")"
            if let gap = label.gap {
                let hint = text.allowed(label).map { "; \($0)" } ?? ""
                throw .refused(assignment, why: text.fault(gap) + hint)
            }
            if let value = label.attribution?.value { values[String(label.key.name)] = value }
        }
        derive(verdict, policy)
    }

    private mutating func derive(_ verdict: Verdict, _ policy: Policy) {
        guard let team = policy.labels.first(where: { $0.values.registered == .team })?.key,
            values[String(team.name)] != nil
        else {
            return
        }
        teamKey = team.text
        let planner = FixPlanner(policy: policy, catalogue: .builtin, pruned: [])
        for label in verdict.labels {
            let name = String(label.key.name)
            if values[name] != nil { continue }
            if let attribution = label.attribution {
                if case .registry = attribution.source { defaults[name] = attribution.value }
            } else if let gap = label.gap, case .known(let value) = planner.proposal(label, gap, verdict) {
                proposals[name] = value
            }
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
