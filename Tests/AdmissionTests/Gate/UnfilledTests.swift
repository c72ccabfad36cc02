import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// What the validating half says of a Pod that the mutating half should have completed, and of labels without a value.
@Suite struct UnfilledTests {
    private static let facts = FakeFacts(namespaces: ["ml": .labels(["team": "a", "environment": "prod"])])
    private static let warning = "not added, as the mutating webhook gave no answer: "

    private static func policy(_ mode: Mode) -> Policy {
        .plain(mode) { $0.labels = $0.labels.filter { ["team", "environment"].contains($0.key.text) } }
    }

    @Test(arguments: [
        (ManifestText.pod([:]), Mode.enforce, "team=a (namespace), environment=production (namespace, was prod)"),
        (ManifestText.pod(["team": "b"]), .warn, "environment=production (namespace, was prod)"),
        (ManifestText.pod(["team": "b", "environment": "development"]), .enforce, ""),
        // Audit touches nothing, so nothing is wanting.
        (ManifestText.pod([:]), .audit, ""),
    ])
    func pods(pod: String, mode: Mode, list: String) throws {
        let gate = TestGate(Self.policy(mode), facts: Self.facts)
        let reply = try gate.reply(.pod(pod))
        #expect(reply.isAllowed)
        #expect(reply.warnings == (list.isEmpty ? [] : [Self.warning + list]))
        #expect(reply.decision.outcome == (list.isEmpty ? .allowed : .warned))
        #expect(reply.decision.record.gaps.isEmpty)
        #expect(reply.annotations["unfilled"]?.text ?? "" == list.replacing("), ", with: "); "))
        // It is what the mutating half does.
        #expect(try (gate.reply(.pod(pod), .mutating).patch != nil) == !list.isEmpty)
    }

    /// Only Pods, only when they are made: nothing else is ever completed.
    @Test func nothingElse() throws {
        let gate = TestGate(Self.policy(.enforce), facts: Self.facts)
        #expect(try gate.reply(.deployment(ManifestText.deployment([:]))).warnings == [])
        let pod = ManifestText.pod([:])
        #expect(try gate.reply(.pod(pod).updating(pod)).warnings == [])
    }

    /// Beside a gap that is open it is said as well, and a denial stays one.
    @Test func besideGaps() throws {
        let pod = ReviewBuilder.pod(ManifestText.pod(["environment": "nowhere"]))
        let warned = try TestGate(Self.policy(.warn), facts: Self.facts).reply(pod)
        #expect(warned.warnings.count == 2)
        #expect(warned.warnings.last == Self.warning + "team=a (namespace)")
        #expect(try !TestGate(Self.policy(.enforce), facts: Self.facts).reply(pod).isAllowed)
    }

    @Test func longLists() throws {
        let labels = (0..<9).map { index in
            var rule = LabelRule(key: "team", level: .recommended, defaultFrom: [.value("a")])
            if let key = try? LabelKey("example.com/label-\(index)") { rule.key = key }
            return rule
        }
        let reply = try TestGate(Policy(name: "long", mode: .warn, labels: labels)).reply(.pod(ManifestText.pod([:])))
        let text = try #require(reply.warnings.first)
        #expect(text.unicodeScalars.count == DecisionLimits.warning)
        #expect(text.hasPrefix(Self.warning + "example.com/label-0=a (value), "))
        #expect(text.hasSuffix("…"))
    }

    // MARK: Labels without a value

    /// Nothing may write over a label that a controller may select by, so a label without a value stays on a template
    /// and on a controlled Pod, and it is a gap whatever the defaults say. An alias says what is meant all the same.
    @Test(arguments: [
        (ReviewBuilder.pod(ManifestText.pod(["team": ""])), true, true),
        (.pod(ManifestText.pod(["team": ""], metadata: ManifestText.owner())), false, false),
        (.pod(ManifestText.pod(["team": "", "owner-team": "b"], metadata: ManifestText.owner())), true, false),
        (.deployment(ManifestText.deployment(["team": ""])), false, false),
        (.deployment(ManifestText.deployment(["team": "", "owner-team": "b"])), true, false),
        (.deployment(ManifestText.deployment([:])), true, false),
    ])
    func emptyLabels(review: ReviewBuilder, isAllowed: Bool, isPatched: Bool) throws {
        let policy = Policy.teamOnly { $0.labels[0].aliases = ["owner-team"] }
        let gate = TestGate(policy, facts: Self.facts)
        let reply = try gate.reply(review)
        #expect(reply.isAllowed == isAllowed)
        #expect(try (gate.reply(review, .mutating).patch != nil) == isPatched)
        if !isAllowed {
            #expect(reply.message?.contains("\n  - team: empty") == true)
            // A label of the namespace would not help.
            #expect(reply.message?.contains("kubectl label") == false)
        }
    }
}
