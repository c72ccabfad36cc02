import TestSupport
import Testing

/// The gate, called by a real API server.
@Suite("The gate behind a real API server", .enabled(if: Cluster.isAvailable), .cluster(), .serialized)
struct GateTests {
    static let enforcing = """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: test}
        spec:
          mode: enforce
          labels:
          - {key: team, level: required, aliases: [owner-team]}
        """

    static func pod(_ name: String, labels: [String: String]) -> String {
        let members = labels.map { #""\#($0)": "\#($1)""# }.joined(separator: ", ")
        return """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "\(name)", "namespace": "default", "labels": {\(members)}},
             "spec": {"containers": [{"name": "main", "image": "example.test/main"}]}}
            """
    }

    @Test("Denies what lacks a label, completes what has it under an alias, and leaves the rest alone")
    func verdicts() async throws {
        let cluster = try Cluster.current
        let gate = try await WebhookProcess.startGate(policy: Self.enforcing)
        let registration = WebhookRegistration()
        try await cluster.register(registration, of: gate)

        let denied = try await cluster.kubectl(["create", "-f", "-"], input: Self.pod("bare", labels: [:]))
        #expect(!denied.succeeded)
        #expect(denied.errors.contains(#"admission webhook "tallygate.tallygate.test" denied the request"#))
        #expect(denied.errors.contains("team"))

        try await cluster.require(["create", "-f", "-"], input: Self.pod("alias", labels: ["owner-team": "search"]))
        let team = try await cluster.require(["get", "pod", "alias", "--output=jsonpath={.metadata.labels.team}"])
        #expect(team == "search")

        try await cluster.require(["create", "-f", "-"], input: Self.pod("whole", labels: ["team": "search"]))
        try await cluster.unregister(registration)
        await gate.crash()
    }
}
