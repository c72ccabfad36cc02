import Admission
import LabelPolicy
import TestSupport
import Testing

/// Who asks, where nobody can be asked about a controller: Kubernetes' own components are vouched for, users are not.
@Suite struct ControlPlaneTests {
    private static let owned = ManifestText.pod([:], metadata: ManifestText.owner())

    private static let facts = FakeFacts(suppliesOwners: false, isAlone: true)

    private static func reply(
        _ review: ReviewBuilder, by username: String, _ policy: Policy = .plain()
    ) throws -> Reply {
        try TestGate(policy, facts: facts).reply(review.with { $0.username = username })
    }

    @Test(arguments: [
        ("system:serviceaccount:kube-system:replicaset-controller", true),
        ("system:serviceaccount:kube-system:job-controller", true),
        ("system:kube-controller-manager", true),
        ("system:serviceaccount:kube-system:default", false),
        ("system:serviceaccount:shop:replicaset-controller", false),
        ("system:serviceaccount:kube-system:replicaset-controller2", false),
        ("jane@example.com", false),
    ])
    func podsOfControllers(username: String, isAllowed: Bool) throws {
        let reply = try Self.reply(.pod(Self.owned), by: username)
        #expect(reply.isAllowed == isAllowed)
        if isAllowed { #expect(reply.decision.outcome == .warned) }
    }

    /// A controller makes what it controls: without a reference, or with one to a kind nobody judges, it is judged.
    @Test(arguments: [
        ManifestText.pod([:]),
        ManifestText.pod([:], metadata: ManifestText.owner("Widget", apiVersion: "acme.io/v1")),
    ])
    func whatControllersDoNotControl(pod: String) throws {
        #expect(try !Self.reply(.pod(pod), by: "system:kube-controller-manager").isAllowed)
    }

    @Test(arguments: [
        ("system:serviceaccount:kube-system:deployment-controller", true),
        ("system:serviceaccount:kube-system:generic-garbage-collector", true),
        ("system:node:worker-1", true),
        ("jane@example.com", false),
        ("system:serviceaccount:shop:deployment-controller", false),
    ])
    func updatesThatLeaveTheLabelsAlone(username: String, isAllowed: Bool) throws {
        let deployment = ManifestText.deployment([:])
        let reply = try Self.reply(.deployment(deployment).updating(deployment), by: username)
        #expect(reply.isAllowed == isAllowed)
    }

    @Test func controlPlaneCannotMakeItWorse() throws {
        let update = ReviewBuilder.deployment(ManifestText.deployment([:])).updating(
            ManifestText.deployment(["team": "a", "cost-center": "c", "environment": "dev"]))
        #expect(try !Self.reply(update, by: "system:serviceaccount:kube-system:deployment-controller").isAllowed)
    }
}
