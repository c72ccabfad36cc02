import Admission
import Foundation
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// A cluster of which a test says what is known.
struct FakeFacts: ClusterFacts {
    var suppliesOwners = true
    /// What is not listed here is a namespace without labels.
    var namespaces: [String: NamespaceFact] = [:]
    /// The labels of the owner chain of controllers that exist, by kind, name and UID.
    var controllers: [String: [[String: String]]] = [:]
    /// Whether controllers cannot be asked for at all.
    var isAlone = false

    func namespace(_ name: String) -> NamespaceFact { namespaces[name] ?? .labels([:]) }

    func controller(_ reference: OwnerReference, namespace: String) -> ControllerFact {
        if isAlone { return .nobodyToAsk }
        return controllers["\(reference.kind)/\(reference.name)/\(reference.uid)"].map(ControllerFact.verified)
            ?? .unverified
    }

    /// The ReplicaSet of `ManifestText.owner()` exists.
    static func withReplicaSet(_ chain: [[String: String]] = [[:]]) -> FakeFacts {
        FakeFacts(controllers: ["ReplicaSet/web-6c9f/rs-1": chain])
    }
}

/// An answer, read by Foundation.
struct Reply {
    let text: String
    let decision: Decision
    let response: JSONValue

    init(_ answer: AdmissionGate.Answer) throws {
        text = String(decoding: answer.body, as: UTF8.self)
        decision = answer.decision
        let review = try JSONValue(parsing: Data(answer.body))
        #expect(review["apiVersion"] == .string("admission.k8s.io/v1"))
        #expect(review["kind"] == .string("AdmissionReview"))
        response = try #require(review["response"])
    }

    var isAllowed: Bool { response["allowed"] == .bool(true) }
    var message: String? { response["status"]?["message"]?.text }
    var warnings: [String] { response["warnings"]?.elements?.compactMap(\.text) ?? [] }
    var annotations: [String: JSONValue] { response["auditAnnotations"]?.members ?? [:] }

    /// The patch, decoded; nil when there is none.
    var patch: JSONValue? {
        get throws {
            guard let encoded = response["patch"]?.text else { return nil }
            return try JSONValue(parsing: try #require(Data(base64Encoded: encoded)))
        }
    }
}

/// One gate and what surrounds it.
struct TestGate {
    let gate: AdmissionGate
    var facts = FakeFacts()
    var now = Timestamp.on("2026-06-15")

    init(_ policy: Policy, catalogue: WorkloadCatalogue = .builtin, facts: FakeFacts = FakeFacts()) {
        gate = AdmissionGate(policy: policy, catalogue: catalogue)
        self.facts = facts
    }

    func answer(
        _ body: String, _ half: AdmissionGate.Half = .validating
    ) throws(ReviewError) -> AdmissionGate.Answer {
        let bytes = Array(body.utf8)
        let result: Result<AdmissionGate.Answer, ReviewError> = bytes.withUnsafeBytes { buffer in
            do throws(ReviewError) {
                return .success(try gate.answer(buffer, half, facts: facts, at: now))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func reply(_ review: ReviewBuilder, _ half: AdmissionGate.Half = .validating) throws -> Reply {
        try Reply(answer(review.json, half))
    }
}

extension Policy {
    /// The manual's policy without a registry, enforcing: `team`, `cost-center`, `environment` required, `project`
    /// recommended, `model` required on GPUs, defaults from owner and namespace.
    static func plain(_ mode: Mode = .enforce, _ change: (inout Policy) -> Void = { _ in }) -> Policy {
        var policy = Policy.builtIn
        policy.name = "cost-attribution"
        policy.mode = mode
        change(&policy)
        return policy
    }

    /// Only `team` is required: the least a decision can hang on.
    static func teamOnly(_ mode: Mode = .enforce, _ change: (inout Policy) -> Void = { _ in }) -> Policy {
        var policy = Policy(
            name: "team-only", mode: mode,
            labels: [LabelRule(key: "team", level: .required, defaultFrom: [.owner, .namespace])],
            excludedNamespaces: ["kube-system"])
        change(&policy)
        return policy
    }
}
