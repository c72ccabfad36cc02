import TestSupport
import Testing

/// The gate that most tests ask, with one namespace for each way it may treat them.
enum Gate {
    /// The running suite's.
    @TaskLocal private static var running: WebhookProcess?

    static var current: WebhookProcess {
        get throws {
            guard let running else { throw FixtureError("no gate: the suite lacks the trait .gate()") }
            return running
        }
    }

    fileprivate static func with(
        _ registration: WebhookRegistration, _ body: @Sendable () async throws -> Void
    ) async throws {
        let cluster = try Cluster.current
        try await cluster.require(["apply", "-f", "-"], input: namespaces)
        let gate = try await WebhookProcess.startGate(policy: policy(), namespaces: namespaces)
        try await cluster.registered(registration, of: gate) {
            try await $running.withValue(gate) { try await body() }
        }
        await gate.crash()
    }

    /// Enforced.
    static let strict = "strict"
    /// Warned about, as the policy's mode is.
    static let lenient = "lenient"
    /// Only watched.
    static let watched = "watched"
    /// Enforced, and the namespace supplies all labels that are required.
    static let supplied = "supplied"

    static let namespaces = """
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: v1, kind: Namespace, metadata: {name: strict, labels: {gate: enforce}}}
        - {apiVersion: v1, kind: Namespace, metadata: {name: ml, labels: {gate: enforce}}}
        - {apiVersion: v1, kind: Namespace, metadata: {name: lenient}}
        - {apiVersion: v1, kind: Namespace, metadata: {name: watched, labels: {gate: audit}}}
        - apiVersion: v1
          kind: Namespace
          metadata: {name: supplied, labels: {gate: enforce, team: ml-platform, environment: production}}
        """

    /// - Parameter until: the last day on which existing violators take unrelated updates.
    static func policy(until: String = "2999-12-31") -> String {
        """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: cost}
        spec:
          mode: warn
          ratchet: {until: "\(until)"}
          subjects: [workloads]
          labels:
          - key: team
            level: required
            aliases: [owner-team]
            values: {registered: true, normalize: lowercase}
            defaultFrom: [namespace]
          - key: cost-center
            level: required
            values: {registered: true}
            defaultFrom: [namespace, registry]
          - key: environment
            level: required
            values: {oneOf: [production, staging, development], synonyms: {prod: production}}
            defaultFrom: [namespace]
          - {key: project, level: recommended}
          modes:
          - {namespaceSelector: {matchLabels: {gate: enforce}}, mode: enforce}
          - {namespaceSelector: {matchLabels: {gate: audit}}, mode: audit}
          exclude: {namespaces: [kube-system]}
        ---
        apiVersion: tallygate.io/v1alpha1
        kind: Registry
        metadata: {name: finance}
        spec:
          teams:
          - {name: search, costCenters: [discovery], environments: [production, staging]}
          - {name: ml-platform, costCenters: [product, research], environments: [production, development]}
        """
    }

    /// What no gap is found in.
    static let complete = [
        "team": "search", "cost-center": "discovery", "environment": "staging", "project": "index",
    ]
}

/// Runs a suite with a gate that the API server calls.
struct GateTrait: SuiteTrait, TestScoping {
    var registration: WebhookRegistration

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Gate.with(registration, function)
    }
}

extension Trait where Self == GateTrait {
    static func gate(_ registration: WebhookRegistration = WebhookRegistration()) -> Self {
        GateTrait(registration: registration)
    }
}
