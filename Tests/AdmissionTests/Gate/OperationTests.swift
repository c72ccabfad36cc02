import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// What is judged at all, by operation, subresource and state of the object.
@Suite struct OperationTests {
    private static let bare = ManifestText.pod([:])

    /// One request, and what becomes of it in both halves. The policy would deny the Pod and could complete it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let review: ReviewBuilder
        let validating: Decision.Outcome
        let mutating: Decision.Outcome

        init(
            _ name: String, _ review: ReviewBuilder, _ validating: Decision.Outcome, _ mutating: Decision.Outcome
        ) {
            self.name = name
            self.review = review
            self.validating = validating
            self.mutating = mutating
        }

        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let pod = ReviewBuilder.pod(bare)
        let mirror = #""annotations":{"kubernetes.io/config.mirror":"x"},"#
        let terminating = #""deletionTimestamp":"2026-06-01T00:00:00Z","finalizers":["a.io/x"],"#
        var cases = [
            Case("CREATE", pod, .denied, .patched),
            Case("CREATE as a dry run", pod.with { $0.isDryRun = true }, .denied, .patched),
            Case(
                "CREATE by generateName", .pod(ManifestText.pod([:], metadata: #""generateName":"web-","#)), .denied,
                .patched),
            Case(
                "DELETE", pod.with { ($0.operation, $0.object, $0.oldObject) = ("DELETE", "null", bare) }, .skipped,
                .skipped),
            Case("DELETE with an object", pod.with { $0.operation = "DELETE" }, .skipped, .skipped),
            Case(
                "CONNECT",
                pod.with {
                    ($0.operation, $0.subResource) = ("CONNECT", "exec")
                    $0.object = #"{"kind":"PodExecOptions","apiVersion":"v1","command":["sh"]}"#
                }, .skipped, .skipped),
            Case("CREATE without an object", pod.with { $0.object = "null" }, .skipped, .skipped),
            Case(
                "UPDATE without an object", pod.with { $0.operation = "UPDATE" }.with { $0.object = "null" }, .skipped,
                .skipped),
            Case("UPDATE that takes the label away", pod.updating(ManifestText.pod(["team": "a"])), .denied, .skipped),
            Case("UPDATE without an old object", pod.updating("null"), .denied, .skipped),
            Case("UPDATE that leaves a violator as it was", pod.updating(bare), .warned, .skipped),
            Case(
                "UPDATE of a terminating Pod",
                .pod(ManifestText.pod([:], metadata: terminating)).updating(
                    ManifestText.pod(["team": "a"], metadata: terminating)), .skipped, .skipped),
            Case(
                "UPDATE that takes the last finalizer off",
                .pod(ManifestText.pod([:])).updating(
                    ManifestText.pod(["team": "a"], metadata: terminating)), .skipped, .skipped),
            // Nothing terminates before it exists: the field is the user's to write until the API server clears it.
            Case(
                "CREATE with a deletionTimestamp", .pod(ManifestText.pod([:], metadata: terminating)), .denied,
                .patched),
            Case("a mirror Pod", .pod(ManifestText.pod([:], metadata: mirror)), .skipped, .skipped),
            // Only Pods have mirrors: elsewhere the annotation means nothing.
            Case(
                "a Deployment that claims to be a mirror", .deployment(ManifestText.deployment([:], metadata: mirror)),
                .denied, .skipped),
            Case(
                "a Namespace that claims to be a mirror",
                .of("", "v1", "Namespace", #"{"metadata":{\#(mirror)"name":"ml"}}"#), .warned,
                .skipped),
            Case("a Deployment", .deployment(ManifestText.deployment([:])), .denied, .skipped),
            Case("a kind outside the catalogue", .of("", "v1", "ConfigMap", bare), .skipped, .skipped),
            Case("a kind of the same name", .of("batch.crossplane.io", "v1", "Job", bare), .skipped, .skipped),
            Case("an excluded namespace", .pod(bare, namespace: "kube-system"), .skipped, .skipped),
            Case(
                "an excluded namespace by the object alone",
                .pod(ManifestText.pod([:], metadata: #""namespace":"kube-system","#), namespace: ""), .skipped, .skipped
            ),
        ]
        for subResource in ["status", "scale", "ephemeralcontainers", "binding", "eviction", "resize"] {
            let update = pod.updating(ManifestText.pod(["team": "a"])).with { $0.subResource = subResource }
            cases.append(Case("\(subResource) subresource", update, .skipped, .skipped))
            cases.append(Case("CREATE \(subResource)", pod.with { $0.subResource = subResource }, .skipped, .skipped))
        }
        return cases
    }()

    @Test(arguments: cases)
    func outcomes(of row: Case) throws {
        let policy = Policy.teamOnly { $0.labels[0].defaultFrom = [.value("platform")] }
        // A policy whose default always holds never denies; the validating half has one without.
        let validating = try TestGate(.teamOnly()).reply(row.review)
        #expect(validating.decision.outcome == row.validating)
        #expect(validating.isAllowed == (row.validating != .denied))
        let mutating = try TestGate(policy).reply(row.review, .mutating)
        #expect(mutating.decision.outcome == row.mutating)
        #expect(mutating.isAllowed)
        #expect(try (mutating.patch != nil) == (row.mutating == .patched))
    }

    /// A dry run gives the same answer, and says so to whoever counts.
    @Test(arguments: [AdmissionGate.Half.validating, .mutating])
    func dryRunAnswersTheSame(half: AdmissionGate.Half) throws {
        let review = ReviewBuilder.pod(ManifestText.pod(["owner-team": "A"]))
        let gate = TestGate(.plain())
        let real = try gate.reply(review, half)
        let dry = try gate.reply(review.with { $0.isDryRun = true }, half)
        #expect(real.text == dry.text)
        #expect(!real.decision.record.isDryRun)
        #expect(dry.decision.record.isDryRun)
    }

    /// What metrics and logs are told: kinds of the catalogue only, names without what a terminal would act on.
    @Test func records() throws {
        let gate = TestGate(.plain())
        let denied = try gate.reply(.pod(ManifestText.pod(["environment": "prd"], name: "web\\n\\u202e1"))).decision
            .record
        #expect(denied.kind == .pod)
        #expect(denied.operation == .create)
        #expect(denied.namespace == "ml")
        #expect(denied.name == "web\u{FFFD}\u{FFFD}1")
        #expect(denied.mode == .enforce)
        #expect(
            denied.gaps.map { "\($0.rule) \($0.reason.rawValue)" } == [
                "0 missing", "1 missing", "2 invalid-value", "3 missing", "4 missing", "5 missing",
            ])
        let other = try gate.reply(
            ReviewBuilder.of("", "v1", "Secret", "{}").with {
                $0.name = "a\\u0000b"
                $0.namespace = "n\\nm"
            }
        ).decision.record
        #expect(other.kind == nil)
        #expect(other.name == "a\u{FFFD}b")
        #expect(other.namespace == "n\u{FFFD}m")
        #expect(other.gaps.isEmpty)
    }
}
