import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Decisions on a manifest of every kind of the catalogue.
@Suite struct WorkloadDecisionTests {
    /// A label that no manifest has.
    private static let policy = Policy(
        name: "budget", mode: .enforce, labels: [LabelRule(key: "budget", level: .required, defaultFrom: [.namespace])])

    private static func review(_ fixture: WorkloadFixture) throws -> ReviewBuilder {
        .of(fixture.gvk.group, fixture.gvk.version, fixture.gvk.kind, try fixture.json())
    }

    private static func decidesLabels(_ fixture: WorkloadFixture) -> Bool {
        WorkloadCatalogue.builtin.kind(fixture.gvk)?.decidesLabels ?? false
    }

    /// What its Pods would lack is denied where somebody sees it; a TrainJob's patches may be laid over a template that
    /// has the label, and what makes no Pods needs none.
    @Test(arguments: WorkloadFixture.all)
    func deniesWhatThePodsWouldLack(fixture: WorkloadFixture) throws {
        let reply = try TestGate(Self.policy).reply(try Self.review(fixture))
        let isDenied = !fixture.templates.isEmpty && Self.decidesLabels(fixture)
        #expect(reply.isAllowed == !isDenied)
        guard isDenied else {
            #expect(reply.warnings.isEmpty)
            return
        }
        let message = try #require(reply.message)
        #expect(message.hasPrefix(fixture.gvk.kind + " \""))
        let count = fixture.templates.count
        if count > 1 { #expect(message.contains(" and \(count - 1) more:\n  - budget: missing\n")) }
        // In the words of the manifest: `spec.tasks[0].template.metadata.labels`.
        let places = fixture.templates.map(\.labelsPointer).map { pointer in
            pointer.split(separator: "/").reduce("") { text, step in
                if step.allSatisfy(\.isNumber) { return "\(text)[\(step)]" }
                return text.isEmpty ? String(step) : "\(text).\(step)"
            }
        }
        #expect(places.contains { message.contains($0) })
    }

    @Test(arguments: WorkloadFixture.all)
    func allowsWhatTheNamespaceSupplies(fixture: WorkloadFixture) throws {
        let facts = FakeFacts(namespaces: ["ml": .labels(["budget": "b-1"])])
        let reply = try TestGate(Self.policy, facts: facts).reply(try Self.review(fixture))
        // Pods are completed, and this one was not.
        let isPod = fixture.gvk.kind == "Pod"
        #expect(reply.decision.outcome == (isPod ? .warned : .allowed))
        #expect(reply.warnings.isEmpty == !isPod)
        #expect(Set(reply.annotations.keys) == (isPod ? ["unfilled"] : []))
    }

    /// Only Pods are completed, whatever a template lacks.
    @Test(arguments: WorkloadFixture.all)
    func patchesPodsOnly(fixture: WorkloadFixture) throws {
        let facts = FakeFacts(namespaces: ["ml": .labels(["budget": "b-1"])])
        let reply = try TestGate(Self.policy, facts: facts).reply(try Self.review(fixture), .mutating)
        #expect(try (reply.patch != nil) == (fixture.gvk == .pod))
    }

    /// Of what is laid over another object's template the values count, not the absence.
    @Test(arguments: [
        (#"{}"#, true), (#"{"metadata":{"labels":{"team":"a"}}}"#, true),
        (#"{"metadata":{"labels":{"team":""}}}"#, true),
        (#"{"metadata":{"labels":{"team":"a b"}}}"#, false),
    ])
    func overlays(override: String, isAllowed: Bool) throws {
        let job = #"{"metadata":{"name":"t"},"spec":{"podTemplateOverrides":[\#(override)]}}"#
        let review = ReviewBuilder.of("trainer.kubeflow.org", "v1alpha1", "TrainJob", job)
        #expect(try TestGate(.teamOnly()).reply(review).isAllowed == isAllowed)
    }

    /// A kind that the policy adds is judged like those of the catalogue, and verified as a controller.
    @Test func addedKinds() throws {
        let kind = try WorkloadKind(
            validatingGroup: "acme.io", kind: "Training", versions: ["v1"], resource: "trainings",
            templates: [TemplateLocation(try TemplatePath(parsing: "spec.workers[*].template"))], document: "acme")
        let facts = FakeFacts(controllers: ["Training/t/u": [[:]]])
        let gate = TestGate(.teamOnly(), catalogue: try WorkloadCatalogue.builtin.adding([kind]), facts: facts)
        let training = #"{"metadata":{"name":"t"},"spec":{"workers":[{"template":{}}]}}"#
        let reply = try gate.reply(.of("acme.io", "v1", "Training", training))
        #expect(reply.message?.hasSuffix(" namespace ml team=VALUE.") == true)
        #expect(reply.message?.contains("Set them in spec.workers[0].template.metadata.labels") == true)
        let pod = ManifestText.pod(
            [:], metadata: ManifestText.owner("Training", apiVersion: "acme.io/v1", name: "t", uid: "u"))
        let made = ReviewBuilder.pod(pod).by(ReviewBuilder.operatorAccount)
        #expect(try gate.reply(made).isAllowed)
        #expect(try !TestGate(.teamOnly(), facts: facts).reply(made).isAllowed)
    }
}
