import Foundation
import TestSupport

/// A gate that asks the running cluster.
enum KnowingGate {
    /// - Parameters:
    ///   - until: the last day of the ratchet.
    ///   - pods: what becomes of controlled Pods past it.
    static func policy(until: String = "2999-12-31", pods: String = "keep", more: String = "") -> String {
        """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: known}
        spec:
          mode: enforce
          ratchet: {until: "\(until)", pods: \(pods)}
          subjects: [workloads]
          labels:
          - {key: team, level: required, defaultFrom: [owner, namespace]}
        \(more)
        """
    }

    /// - Parameter kubeconfig: nil for the administrator's.
    static func start(
        policy: String = policy(), kubeconfig: String? = nil, arguments: [String] = [],
        authority: TestCertificateAuthority? = nil
    ) async throws -> WebhookProcess {
        try await WebhookProcess.startGate(
            policy: policy,
            arguments: ["--kubeconfig", try kubeconfig ?? Cluster.current.kubeconfig] + arguments,
            authority: authority)
    }

    /// A namespace whose workloads these gates are asked about.
    static func namespace(_ name: String, _ labels: [String: String] = [:]) -> String {
        Manifest.object(
            "v1", "Namespace", metadata: Manifest.metadata(name, labels: labels.merging(["gate": "knows"]) { $1 }))
    }

    static let registration: WebhookRegistration = {
        var registration = WebhookRegistration(name: "knowing")
        registration.namespaceSelector = ["gate": "knows"]
        return registration
    }()
}

extension WebhookProcess {
    /// One review, asked as the API server would, past it: for when that is away.
    func ask(_ review: ReviewBuilder, path: String = "/validate?timeout=2s") async throws -> JSONValue {
        let identity = try authority.issueServer()
        let access = APIConnection.Access(
            port: Int(place.port), authorityPEM: authority.identity.certificatePEM, certificate: identity)
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        let answer = try APIConnection(access).send(
                            "POST", path, review.json, type: "application/json")
                        guard answer.status == 200,
                            let response = try JSONValue(parsing: Data(answer.body.utf8))["response"]
                        else { throw FixtureError("the gate answers \(answer)") }
                        return response
                    })
            }
        }
    }

    /// The patch that completes a Pod which lacks its label, in that namespace; nil if there is none.
    func completion(in namespace: String) async throws -> String? {
        let review = ReviewBuilder.pod(ManifestText.pod([:]), namespace: namespace)
        guard let patch = try await ask(review, path: "/mutate?timeout=2s")["patch"]?.text,
            let bytes = Data(base64Encoded: patch)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What `/readyz?verbose` says.
    func readinessReport() -> String {
        LoopbackPort.httpGet(place.healthPort, path: "/readyz?verbose")?.body ?? "no answer"
    }
}

extension Cluster {
    /// A copy of the administrator's kubeconfig with something changed.
    func kubeconfig(_ change: (inout String) -> Void) throws -> (path: String, files: TemporaryDirectory) {
        var text = try String(contentsOfFile: kubeconfig, encoding: .utf8)
        change(&text)
        let files = try TemporaryDirectory()
        return (try files.write("kubeconfig", text), files)
    }

    /// What gates of this program asked the API server since the first `count` events, watches and discovery left out.
    func questions(after count: Int) throws -> [String] {
        try auditEvents().dropFirst(count).filter {
            $0.userAgent?.hasPrefix("tallygate/") == true && ["get", "list"].contains($0.verb)
        }.map { "\($0.verb) \($0.objectRef?.resource ?? "") \($0.objectRef?.name ?? "")" }
    }
}
