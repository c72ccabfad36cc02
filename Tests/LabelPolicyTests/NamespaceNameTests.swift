import LabelPolicy
import TestSupport
import Testing

/// Selectors by `kubernetes.io/metadata.name`, which the API server gives every namespace and manifests do not carry.
@Suite struct NamespaceNameTests {
    private static let evaluator: Evaluator = {
        var policy = Policy.builtIn
        policy.modes = [
            ModeRule(
                namespaceSelector: LabelSelector(matchLabels: ["kubernetes.io/metadata.name": "prod"]), mode: .enforce)
        ]
        return Evaluator(policy)
    }()

    @Test(arguments: [("prod", Mode.enforce), ("shop", .warn)])
    func selectsByName(name: String, mode: Mode) {
        #expect(Self.evaluator.mode(for: .workloads, in: Self.evaluator.namespace(name, labels: ["a": "b"])) == mode)
        #expect(Self.evaluator.mode(for: .workloads, in: .absent(name)) == mode)
    }

    @Test func noNamespaceHasNoName() {
        #expect(Self.evaluator.mode(for: .workloads, in: .absent()) == .warn)
    }
}
