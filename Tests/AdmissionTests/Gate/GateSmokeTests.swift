import Admission
import Foundation
import KubernetesModel
import LabelPolicy
import Testing

@Suite struct GateSmokeTests {
    static func answer(_ body: String, _ half: AdmissionGate.Half, mode: Mode = .enforce) throws -> String {
        var policy = Policy.builtIn
        policy.mode = mode
        let gate = AdmissionGate(policy: policy, catalogue: .builtin)
        let facts = SuppliedFacts(namespaces: ["ml": ["team": "search", "environment": "prod"]], suppliesOwners: false)
        let now = Timestamp(secondsSinceEpoch: 1_780_000_000)
        return try Array(body.utf8).withUnsafeBytes {
            String(decoding: try gate.answer($0, half, facts: facts, at: now).body, as: UTF8.self)
        }
    }

    static func review(kind: String, group: String = "", version: String = "v1", namespace: String, object: String)
        -> String
    {
        """
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",\
        "kind":{"group":"\(group)","version":"\(version)","kind":"\(kind)"},"name":"","namespace":"\(namespace)",\
        "operation":"CREATE","userInfo":{"username":"jane"},"object":\(object),"oldObject":null,"dryRun":false}}
        """
    }

    @Test func pods() throws {
        let pod =
            #"{"metadata":{"generateName":"x-","labels":{"environment":"dev"}},"spec":{"containers":[{"resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}"#
        print(try Self.answer(Self.review(kind: "Pod", namespace: "shop", object: pod), .validating))
        print(try Self.answer(Self.review(kind: "Pod", namespace: "ml", object: pod), .validating))
        print(try Self.answer(Self.review(kind: "Pod", namespace: "ml", object: pod), .mutating))
        print(try Self.answer(Self.review(kind: "Pod", namespace: "shop", object: pod), .validating, mode: .warn))
        let deployment =
            #"{"metadata":{"name":"d","labels":{"team":"dev"}},"spec":{"template":{"metadata":{"labels":{"cost-center":"a"}}}}}"#
        print(
            try Self.answer(
                Self.review(kind: "Deployment", group: "apps", namespace: "shop", object: deployment), .validating))
    }
}
