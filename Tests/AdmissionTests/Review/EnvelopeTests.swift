import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// The members of an AdmissionReview around the object.
@Suite struct EnvelopeTests {
    private static let pod = ManifestText.pod(["team": "search"])

    @Test func readsEveryField() throws {
        var builder = ReviewBuilder.of("apps", "v1", "Deployment", ManifestText.deployment(["team": "a"]))
        builder.requestKind = ("extensions", "v1beta1", "Deployment")
        builder.name = "web"
        builder.operation = "UPDATE"
        builder.oldObject = ManifestText.deployment(["team": "b"])
        builder.username = "system:serviceaccount:ci:bot"
        builder.isDryRun = true
        let request = try Scan.review(builder.json)
        #expect(request.uid == builder.uid)
        #expect(request.kind == .deployment)
        #expect(
            request.requestKind == GroupVersionKind(group: "extensions", version: "v1beta1", kind: "Deployment"))
        #expect(request.subResource == "")
        #expect(request.name == "web")
        #expect(request.namespace == "ml")
        #expect(request.operation == .update)
        #expect(request.username == "system:serviceaccount:ci:bot")
        #expect(request.isDryRun)
        #expect(request.object?.templates.map { Scan.labels($0.labels) } == [["team": "a"]])
        #expect(request.oldObject?.templates.map { Scan.labels($0.labels) } == [["team": "b"]])
    }

    /// Members come in any order: the object before its kind, the request before the version.
    @Test(arguments: [
        #"{"request":{"object":OBJECT,"operation":"CREATE","kind":KIND,"uid":"u"},"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}"#,
        #"{"apiVersion":"admission.k8s.io/v1","request":{"kind":KIND,"object":OBJECT,"uid":"u","operation":"CREATE"},"kind":"AdmissionReview"}"#,
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"subResource":"","object":OBJECT,"uid":"u","kind":KIND,"operation":"CREATE"}}"#,
        // Another kind first, that of the object last.
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"kind":{"group":"apps","version":"v1","kind":"Deployment"},"object":OBJECT,"kind":KIND,"uid":"u","operation":"CREATE"}}"#,
        // A subresource that a duplicate takes back.
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"kind":KIND,"subResource":"status","object":OBJECT,"subResource":"","uid":"u","operation":"CREATE"}}"#,
        // A request that a duplicate replaces.
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"x","dryRun":true,"name":"n"},"request":{"kind":KIND,"object":OBJECT,"uid":"u","operation":"CREATE"}}"#,
        // Names of members written with escapes.
        #"{"k\u0069nd":"AdmissionReview","apiVersion":"admission.k8s.io\/v1","\u0072equest":{"\u006bind":KIND,"o\u0062ject":OBJECT,"u\u0069d":"\u0075","operatio\u006e":"CREAT\u0045"}}"#,
    ])
    func membersInAnyOrder(template: String) throws {
        let body = template.replacing("OBJECT", with: Self.pod)
            .replacing("KIND", with: #"{"group":"","version":"v1","kind":"Pod"}"#)
        let request = try Scan.review(body)
        #expect(request.uid == "u")
        #expect(request.kind == .pod)
        #expect(request.name == "")
        #expect(!request.isDryRun)
        #expect(request.object.map { Scan.labels($0.labels) } == ["team": "search"])
        #expect(request.object?.templates.count == 1)
    }

    /// The API server's own spelling of a kind is recognised as a whole; every other one means the same.
    @Test(arguments: [
        (#"{"group":"apps","version":"v1","kind":"Deployment"}"#, GroupVersionKind.deployment),
        (#"{"kind":"Deployment","version":"v1","group":"apps"}"#, .deployment),
        (#"{ "group" : "apps", "version":"v1","kind":"Deployment" }"#, .deployment),
        (#" {"group":"apps","version":"v1","kind":"Deploymen\u0074"}"#, .deployment),
        (#"{"group":"apps","version":"v1","kind":"StatefulSet","kind":"Deployment"}"#, .deployment),
        (#"{"group":"","version":"v1","kind":"Service"}"#, .service),
        (#"{"group":"argoproj.io","version":"v1alpha1","kind":"Workflow"}"#, .workflow),
        // Of a group of its own, and with a name that ends where the recognised text does.
        (
            #"{"group":"example.io","version":"v1","kind":"Deployment"}"#,
            GroupVersionKind(group: "example.io", version: "v1", kind: "Deployment")
        ),
        (
            #"{"group":"apps","version":"v1","kind":"a}b"}"#,
            GroupVersionKind(group: "apps", version: "v1", kind: "a}b")
        ),
    ])
    func spellingsOfAKind(written: String, meant: GroupVersionKind) throws {
        let request = try Scan.review(
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","kind":\#(written),"#
                + #""requestKind":\#(written),"operation":"CREATE","object":{"metadata":{"name":"n"}}}}"#)
        #expect(request.kind == meant)
        #expect(request.requestKind == meant)
        let scanner = ReviewScanner(catalogue: .builtin, keys: Scan.keys)
        #expect((request.target != nil) == (scanner.target(for: meant) != nil))
        #expect(request.object?.name == (request.target == nil ? nil : "n"))
    }

    /// What is cut off or goes wrong behind a recognised kind is still found.
    @Test(arguments: [
        #"{"group":"apps","version":"v1","kind":"Deployment""#,
        #"{"group":"apps","version":"v1","kind":"Deployment"}}"#,
        #"{"group":"apps","version":"v1","kind":"Deployment"}{"#,
        #"{"group":"apps","version":"v1","kind":"Deployment"},,"#,
    ])
    func brokenKinds(written: String) {
        #expect(throws: ReviewError.self) {
            try Scan.review(
                #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","kind":\#(written),"#
                    + #""operation":"CREATE"}}"#)
        }
    }

    /// The kind the user sent: mostly the object's in the same words, which are recognised without being read again.
    @Test(arguments: [
        (#""kind":POD,"requestKind":POD"#, "Pod"),
        (#""kind":POD,"requestKind": POD "#, "Pod"),
        (#""kind":POD,"requestKind":{"kind":"Pod","version":"v1"}"#, "Pod"),
        (#""kind":POD,"requestKind":{"group":"","version":"v1","kind":"Job"}"#, "Job"),
        (#""kind":POD,"requestKind":null"#, "Pod"),
        (#""requestKind":{"version":"v1","kind":"Job"},"kind":POD"#, "Job"),
        (#""kind":{"version":"v1","kind":"Job"},"requestKind":{"version":"v1","kind":"Job"},"kind":POD"#, "Job"),
        (#""kind":{"version":"v1"},"requestKind":{"version":"v1"},"kind":POD"#, "Pod"),
        (#""kind":[{}],"requestKind":[{}],"kind":POD"#, "Pod"),
        (#""kind":POD,"requestKind":{"version":"v1","kind":"Job"},"requestKind":POD"#, "Pod"),
    ])
    func kindOfTheRequest(members: String, kind: String) throws {
        let members = members.replacing("POD", with: #"{"group":"","version":"v1","kind":"Pod"}"#)
        let request = try Scan.review(
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","#
                + #""operation":"CREATE",\#(members)}}"#)
        #expect(request.kind == .pod)
        #expect(request.requestKind == GroupVersionKind(group: "", version: "v1", kind: kind))
    }

    /// Of duplicate members the last counts, whatever the earlier one was.
    @Test(arguments: [
        (#""uid":"first","uid":"second""#, "second", ""),
        (#""uid":"u","name":"a","name":"b""#, "u", "b"),
        (#""uid":"u","name":"a","name":null"#, "u", ""),
        (#""uid":"u","name":7,"name":"b""#, "u", "b"),
    ])
    func lastDuplicateCounts(members: String, uid: String, name: String) throws {
        let request = try Scan.review(
            #"{"kind":"x","kind":"AdmissionReview","apiVersion":[],"apiVersion":"admission.k8s.io/v1","request":{"#
                + #""kind":{"group":"x","group":"","version":"v1","kind":"Pod"},"operation":"DELETE","#
                + #""operation":"CREATE",\#(members)}}"#)
        #expect(request.uid == uid)
        #expect(request.name == name)
        #expect(request.kind == .pod)
        #expect(request.operation == .create)
    }

    /// What is absent, null or of another type reads as nothing.
    @Test(arguments: [
        "", #","name":null,"namespace":null,"userInfo":null,"dryRun":null,"object":null,"oldObject":null"#,
        #","name":1,"namespace":[],"userInfo":"jane","dryRun":"true","object":[1],"oldObject":"x""#,
        #","userInfo":{"username":["jane"]},"subResource":null,"requestKind":null"#,
        #","requestKind":"Pod""#, #","requestKind":{}"#, #","requestKind":{"kind":null}"#,
    ])
    func absentNullOrWrongType(members: String) throws {
        let request = try Scan.review(
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","#
                + #""kind":{"version":"v1","kind":"Pod"},"operation":"CREATE"\#(members)}}"#)
        #expect(request.name == "")
        #expect(request.namespace == "")
        #expect(request.username == "")
        #expect(request.subResource == "")
        #expect(!request.isDryRun)
        #expect(request.requestKind == .pod)
        #expect(request.object == nil)
        #expect(request.oldObject == nil)
    }

    /// Kinds nobody asked about are passed over, but not unchecked.
    @Test(arguments: [
        ("", "v1", "ConfigMap"), ("", "v2", "Pod"), ("apps", "v1beta1", "Deployment"), ("batch.acme.io", "v1", "Job"),
        ("serving.knative.dev", "v1", "Route"), ("", "v1", "pod"),
    ])
    func otherKindsAreSkippedButChecked(group: String, version: String, kind: String) throws {
        let sound = ReviewBuilder.of(group, version, kind, Self.pod)
        let request = try Scan.review(sound.json)
        #expect(request.target == nil)
        #expect(request.object == nil)
        #expect(throws: ReviewError.self) {
            try Scan.review(ReviewBuilder.of(group, version, kind, #"{"metadata":{"labels":{"team":01}}}"#).json)
        }
    }

    @Test(arguments: ["status", "scale", "ephemeralcontainers", "binding", "eviction", "resize", "log"])
    func subresourcesHaveNoTarget(subResource: String) throws {
        let request = try Scan.review(ReviewBuilder.pod(Self.pod).with { $0.subResource = subResource }.json)
        #expect(request.subResource == subResource)
        #expect(request.target == nil)
        #expect(request.object == nil)
    }

    /// The uid is echoed whole; other texts are bounded.
    @Test func longTexts() throws {
        let long = String(repeating: "é", count: 5_000)
        let request = try Scan.review(
            ReviewBuilder.pod(Self.pod).with {
                $0.uid = long
                $0.name = long
                $0.namespace = long
                $0.username = long
            }.json)
        #expect(request.uid == long)
        for text in [request.name, request.namespace, request.username] {
            #expect(text.utf8.count == 512)
            #expect(long.hasPrefix(text))
        }
    }
}

/// Bodies that are none: one line that says what is wrong, where, and what to do.
@Suite struct ReviewErrorTests {
    @Test(arguments: [
        ("", "malformed AdmissionReview: line 1, column 1: expected a JSON value, found an empty document"),
        ("[]", "malformed AdmissionReview: line 1, column 1: expected an object, found an array"),
        ("null", "malformed AdmissionReview: line 1, column 1: expected an object, found null"),
        (
            "{\n \"request\": {\n  \"uid\": 7}}",
            "malformed AdmissionReview: line 3, column 10: expected a string, found a number"
        ),
        (
            "{\"request\":{\"object\":{\"metadata\":{\"labels\":{\"team\":\"a\" \"b\":1}}}}}",
            "malformed AdmissionReview: line 1, column 56: expected ',' or '}' after the member, found '\"'"
        ),
        (
            "{\"kind\":\"AdmissionReview\"} x",
            "malformed AdmissionReview: line 1, column 28: expected the end of the document after its value, found 'x'"
        ),
        (
            "{}",
            "expected an AdmissionReview of admission.k8s.io/v1, got kind \"\" of \"\"; "
                + "list v1 in admissionReviewVersions of the webhook configuration"
        ),
        (
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{}}"#,
            "expected an AdmissionReview of admission.k8s.io/v1, got kind \"AdmissionReview\" of "
                + "\"admission.k8s.io/v1beta1\"; list v1 in admissionReviewVersions of the webhook configuration"
        ),
        (
            #"{"kind":"Evil\n\u001b[2J\u202e","apiVersion":"v1"}"#,
            "expected an AdmissionReview of admission.k8s.io/v1, got kind \"Evil��[2J�\" of \"v1\"; "
                + "list v1 in admissionReviewVersions of the webhook configuration"
        ),
        (envelope(""), "request.uid is missing or empty; send the AdmissionReview as the API server makes it"),
        (
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}"#,
            "request is missing or empty; send the AdmissionReview as the API server makes it"
        ),
        (
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u"},"request":null}"#,
            "request is missing or empty; send the AdmissionReview as the API server makes it"
        ),
        (
            envelope(#""uid":"u","operation":"CREATE""#),
            "request.kind is missing or empty; send the AdmissionReview as the API server makes it"
        ),
        (
            envelope(#""uid":"u","operation":"CREATE","kind":{"group":"","version":"v1"}"#),
            "request.kind is missing or empty; send the AdmissionReview as the API server makes it"
        ),
        (
            envelope(#""uid":"u","kind":{"version":"v1","kind":"Pod"}"#),
            "request.operation is missing or empty; send the AdmissionReview as the API server makes it"
        ),
        (
            envelope(#""uid":"u","kind":{"version":"v1","kind":"Pod"},"operation":"create""#),
            "request.operation is \"create\"; expected CREATE, UPDATE, DELETE or CONNECT"
        ),
        (
            envelope(#""uid":"u","kind":{"version":"v1","kind":"Pod"},"operation":"PATCH\r\nX: 1""#),
            "request.operation is \"PATCH��X: 1\"; expected CREATE, UPDATE, DELETE or CONNECT"
        ),
    ])
    func saysWhatIsWrong(body: String, message: String) throws {
        let error = #expect(throws: ReviewError.self) { try Scan.review(body) }
        let text = Array(body.utf8).withUnsafeBytes { error?.message(in: $0) }
        #expect(text == message)
    }

    private static func envelope(_ request: String) -> String {
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{\#(request)}}"#
    }

    /// Whatever is cut off a review, the answer is an error, never a trap.
    @Test func everyPrefixIsRefused() throws {
        let body = ReviewBuilder.deployment(ManifestText.deployment(["team": "a"], gpu: true)).json
        for length in 0..<body.utf8.count {
            #expect(throws: ReviewError.self) {
                try Scan.review(String(decoding: body.utf8.prefix(length), as: UTF8.self))
            }
        }
    }
}
