import Admission
import Foundation
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// The answer's bytes.
@Suite struct ReviewResponseTests {
    private static let start = #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u""#

    private static func text(
        _ object: String, _ half: AdmissionGate.Half, _ policy: Policy = .teamOnly(), uid: String = "u"
    ) throws -> String {
        let answer = try TestGate(policy).answer(ReviewBuilder.pod(object).with { $0.uid = uid }.json, half)
        return String(decoding: answer.body, as: UTF8.self)
    }

    @Test func allowed() throws {
        let pod = ManifestText.pod(["team": "a"])
        #expect(try Self.text(pod, .validating) == Self.start + #","allowed":true}}"#)
        #expect(try Self.text(pod, .mutating) == Self.start + #","allowed":true}}"#)
    }

    @Test func denied() throws {
        #expect(
            try Self.text(ManifestText.pod([:]), .validating) == Self.start
                + #","allowed":false,"status":{"status":"Failure","message":"Pod \"web-1\" in namespace \"ml\" lacks "#
                + #"cost labels that policy \"team-only\" requires:\n  - team: missing\nSet them in metadata.labels, or "#
                + #"for the whole namespace: kubectl label namespace ml team=VALUE.","reason":"Forbidden","code":403},"#
                + #""auditAnnotations":{"gaps":"team=missing"}}}"#)
    }

    @Test func warned() throws {
        #expect(
            try Self.text(ManifestText.pod([:]), .validating, .teamOnly(.warn)) == Self.start
                + #","allowed":true,"warnings":["cost label team: missing; set metadata.labels"],"#
                + #""auditAnnotations":{"gaps":"team=missing"}}}"#)
    }

    @Test func audited() throws {
        #expect(
            try Self.text(ManifestText.pod([:]), .validating, .teamOnly(.audit)) == Self.start
                + #","allowed":true,"auditAnnotations":{"gaps":"team=missing"}}}"#)
    }

    @Test func patched() throws {
        let patch = #"[{"op":"add","path":"/metadata/labels/team","value":"platform"}]"#
        #expect(
            try Self.text(
                ManifestText.pod([:]), .mutating, .teamOnly { $0.labels[0].defaultFrom = [.value("platform")] })
                == Self.start + #","allowed":true,"patchType":"JSONPatch","patch":""#
                + Data(patch.utf8).base64EncodedString()
                + #"","auditAnnotations":{"defaults":"team=platform (value)"}}}"#)
    }

    /// The uid comes back as the same text, whatever it is made of.
    @Test(arguments: [
        ("u", "u"), (#"\u0041\n\t\\\/\"\u00e9"#, "A\n\t\\/\"é"), ("計😀", "計😀"), (#"\ud83d\ude00"#, "😀"),
        (#"\u0000\u001f\u007f"#, "\0\u{1F}\u{7F}"), (#"\u2028"#, "\u{2028}"),
    ])
    func uidIsEchoed(written: String, meant: String) throws {
        for half in [AdmissionGate.Half.validating, .mutating] {
            let body = Data(try Self.text(ManifestText.pod([:]), half, uid: written).utf8)
            #expect(try JSONValue(parsing: body)["response"]?["uid"] == .string(meant))
        }
    }

    /// What holds of every answer, over everything the decision tests ask.
    @Test(arguments: OperationTests.cases.map(\.review))
    func invariants(review: ReviewBuilder) throws {
        for mode in Mode.allCases {
            let policy = Policy.plain(mode) { $0.labels[0].defaultFrom.append(.value("platform")) }
            for half in [AdmissionGate.Half.validating, .mutating] {
                let reply = try TestGate(policy).reply(review, half)
                let members = try #require(reply.response.members)
                #expect(members["uid"] == .string(review.uid))
                #expect((members["patch"] == nil) == (members["patchType"] == nil))
                #expect(members["patchType"] ?? .string("JSONPatch") == .string("JSONPatch"))
                #expect((members["status"] == nil) == reply.isAllowed)
                switch half {
                case .validating: #expect(members["patch"] == nil)
                case .mutating:
                    #expect(reply.isAllowed)
                    #expect(members["warnings"] == nil)
                }
                if let status = members["status"] {
                    #expect(mode == .enforce)
                    #expect(status["code"] == .integer(403))
                    #expect(status["reason"] == .string("Forbidden"))
                }
                if mode == .audit { #expect(members["warnings"] == nil && members["patch"] == nil) }
                for key in reply.annotations.keys {
                    // The API server puts the webhook's name before it: `gate.tallygate.io/gaps`.
                    #expect(throws: Never.self) { try LabelKey("gate.tallygate.io/\(key)") }
                }
            }
        }
    }
}
