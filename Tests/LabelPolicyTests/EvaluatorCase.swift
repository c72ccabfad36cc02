import LabelPolicy
import TestSupport
import Testing

/// A subject in its surroundings, and the policy and day it is judged by: the finance example unless changed.
struct EvaluatorCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var policy = Policy.finance
    var labels: [String: String] = [:]
    var owners: [[String: String]] = []
    /// Nil: the namespace is not known.
    var namespace: [String: String]? = [:]
    var kind = SubjectKind.workloads
    var gpu = false
    var on: CivilDate = "2026-06-15"

    init(_ description: String, _ change: (inout EvaluatorCase) -> Void) {
        testDescription = description
        change(&self)
    }

    func verdict() -> Verdict {
        let evaluator = Evaluator(policy)
        let context = namespace.map { evaluator.namespace("shop", labels: $0) } ?? .unknown("shop")
        return evaluator.evaluate(
            evaluator.workload(labels, owners: owners, namespace: context, kind: kind, gpu: gpu),
            at: .on(on))
    }
}
