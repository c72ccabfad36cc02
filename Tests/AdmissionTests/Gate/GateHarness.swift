import Admission
import Foundation
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// A cluster of which a test says what is known.
struct FakeFacts: ClusterFacts {
    enum Namespace: Sendable {
        case labels([String: String])
        case missing, unreadable, nobodyToAsk
    }

    var suppliesOwners = true
    /// What is not listed here is a namespace without labels.
    var namespaces: [String: Namespace] = [:]
    /// The labels of the owner chain of controllers that exist, by kind, name and UID.
    var controllers: [String: [[String: String]]] = [:]
    /// What is known of others, by kind and name; what is not listed does not exist.
    var others: [String: OwnerFact] = [:]
    /// Whether controllers cannot be asked for at all.
    var isAlone = false

    func namespace(_ name: String, for evaluator: Evaluator) -> NamespaceFact {
        switch namespaces[name] {
        case .labels(let labels): .labels(evaluator.observe(labels))
        case .missing: .missing
        case .unreadable: .unreadable
        case .nobodyToAsk: .nobodyToAsk
        case nil: .labels(evaluator.observe([:]))
        }
    }

    func owner(_ key: OwnerKey, for evaluator: Evaluator) -> OwnerFact {
        if isAlone { return .nobodyToAsk }
        if let other = others["\(key.kind.kind)/\(key.name)"] { return other }
        // What stands above the first is known by the first's UID and its height.
        let parts = key.uid.description.split(separator: "^", omittingEmptySubsequences: false)
        let height = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let name = height == 0 ? "\(key.kind.kind)/\(key.name)/\(key.uid)" : key.name
        guard let chain = controllers[name], chain.indices.contains(height) else { return .absent }
        let above = OwnerKey(
            kind: GroupKind(group: "apps", kind: "Deployment"), namespace: key.namespace, name: name,
            uid: OwnerUID("^\(height + 1)"))
        return .known(
            KnownOwner(
                labels: evaluator.observe(chain[height]),
                controller: height + 1 < chain.count ? above : nil))
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
