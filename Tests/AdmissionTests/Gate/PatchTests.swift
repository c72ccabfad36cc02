import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// What the mutating half does to a Pod, operation by operation.
@Suite struct PatchTests {
    private static let policy = Policy(
        name: "patches", mode: .enforce,
        labels: [
            LabelRule(
                key: "acme.io/team", level: .required, aliases: ["team", "owner-team"],
                values: ValueRule(lowercased: true), defaultFrom: [.namespace]),
            LabelRule(
                key: "environment", level: .required,
                values: ValueRule(oneOf: ["production", "development"], synonyms: ["prod": "production"]),
                defaultFrom: [.namespace, .value("development")]),
        ])
    private static let facts = FakeFacts(
        namespaces: ["ml": .labels(["team": "Search"]), "bare": .labels([:])],
        controllers: ["ReplicaSet/web-6c9f/rs-1": [[:]]])

    private static func pod(_ metadata: String) -> ReviewBuilder {
        .pod(#"{"metadata":\#(metadata),"spec":{}}"#).by(ReviewBuilder.replicaSetController)
    }

    private static let team = #"{"op":"add","path":"/metadata/labels/acme.io~1team","value":"search"}"#
    private static let environment = #"{"op":"add","path":"/metadata/labels/environment","value":"development"}"#
    private static let map =
        #"{"op":"add","path":"/metadata/labels","value":{"acme.io/team":"search","environment":"development"}}"#

    @Test(arguments: [
        // No map of labels: the whole map at once. There already: key by key.
        (#"{"name":"a"}"#, "[\(map)]", "acme.io/team=search (namespace, was Search); environment=development (value)"),
        (
            #"{"name":"a","labels":null}"#, "[\(map)]",
            "acme.io/team=search (namespace, was Search); environment=development (value)"
        ),
        (
            #"{"labels":{}}"#, "[\(team),\(environment)]",
            "acme.io/team=search (namespace, was Search); environment=development (value)"
        ),
        (
            #"{"labels":{"app":"web"}}"#, "[\(team),\(environment)]",
            "acme.io/team=search (namespace, was Search); environment=development (value)"
        ),
        // What is there and right is left alone.
        (#"{"labels":{"acme.io/team":"search","environment":"production"}}"#, nil, nil),
        (
            #"{"labels":{"acme.io/team":"search"}}"#, "[\(environment)]", "environment=development (value)"
        ),
        // An alias stays; its key is added.
        (
            #"{"labels":{"team":"ML","environment":"production"}}"#,
            #"[{"op":"add","path":"/metadata/labels/acme.io~1team","value":"ml"}]"#, "acme.io/team=ml (alias, was ML)"
        ),
        (
            #"{"labels":{"owner-team":"ml","environment":"production"}}"#,
            #"[{"op":"add","path":"/metadata/labels/acme.io~1team","value":"ml"}]"#, "acme.io/team=ml (alias)"
        ),
        // Spellings are brought to their canonical form.
        (
            #"{"labels":{"acme.io/team":"Search","environment":"prod"}}"#,
            #"[{"op":"replace","path":"/metadata/labels/acme.io~1team","value":"search"},"#
                + #"{"op":"replace","path":"/metadata/labels/environment","value":"production"}]"#,
            "acme.io/team=search (own, was Search); environment=production (own, was prod)"
        ),
        // An empty value is filled, one that is wrong is the user's to mend.
        (
            #"{"labels":{"acme.io/team":"","environment":"production"}}"#,
            #"[{"op":"replace","path":"/metadata/labels/acme.io~1team","value":"search"}]"#,
            "acme.io/team=search (namespace, was Search)"
        ),
        (#"{"labels":{"acme.io/team":"a b","environment":"test"}}"#, nil, nil),
        (#"{"labels":{"acme.io/team":7,"environment":"production"}}"#, nil, nil),
        (#"{"labels":{"team":"a","owner-team":"b","environment":"production"}}"#, nil, nil),
        // Additions come before replacements.
        (
            #"{"labels":{"environment":"prod"}}"#,
            "[\(team)," + #"{"op":"replace","path":"/metadata/labels/environment","value":"production"}]"#,
            "acme.io/team=search (namespace, was Search); environment=production (own, was prod)"
        ),
        // There is nothing to add to.
        ("null", nil, nil), ("[]", nil, nil), (#"{"labels":[]}"#, nil, nil), (#"{"labels":"team=a"}"#, nil, nil),
    ])
    func patches(metadata: String, patch: String?, record: String?) throws {
        let reply = try TestGate(Self.policy, facts: Self.facts).reply(Self.pod(metadata), .mutating)
        // As written: Foundation would sort the members.
        let written = reply.decision.patch.isEmpty ? nil : try reply.patch?.json
        #expect(written == patch)
        #expect(reply.annotations["defaults"]?.text == record)
        #expect(reply.decision.outcome == (patch == nil ? .allowed : .patched))
    }

    /// A ReplicaSet selects its Pods by their labels: on a controlled Pod, verified or not, nothing that is there is
    /// changed, and what is missing is added.
    @Test(arguments: ["rs-1", "forged"])
    func controlledPods(uid: String) throws {
        let review = Self.pod(
            #"{\#(ManifestText.owner(uid: uid))"labels":{"team":"ML","environment":"prod"}}"#)
        #expect(
            try TestGate(Self.policy, facts: Self.facts).reply(review, .mutating).patch?.json
                == #"[{"op":"add","path":"/metadata/labels/acme.io~1team","value":"ml"}]"#)
        let spelled = Self.pod(
            #"{\#(ManifestText.owner(uid: uid))"labels":{"acme.io/team":"","environment":"prod"}}"#)
        #expect(try TestGate(Self.policy, facts: Self.facts).reply(spelled, .mutating).patch == nil)
    }

    /// Base64 goes by threes, and a long answer outgrows the room it begins with.
    @Test(arguments: 1...24)
    func patchesOfEveryLength(count: Int) throws {
        let labels = (1...count).map { (key: "label-\($0)", value: String(repeating: "v", count: $0)) }
        let policy = Policy(
            name: "long", mode: .enforce,
            labels: try labels.map { label in
                LabelRule(
                    key: try LabelKey(label.key), level: .required,
                    defaultFrom: [.value(try LabelValue(label.value))])
            })
        let reply = try TestGate(policy).reply(Self.pod(#"{"labels":{}}"#), .mutating)
        let operations = labels.map { #"{"op":"add","path":"/metadata/labels/\#($0.key)","value":"\#($0.value)"}"# }
        #expect(try reply.patch?.json == "[\(operations.joined(separator: ","))]")
        #expect(
            reply.annotations["defaults"]?.text
                == labels.map { "\($0.key)=\($0.value) (value)" }.joined(separator: "; "))
    }

    @Test(arguments: [
        ("team", "team"), ("acme.io/team", "acme.io~1team"), ("a~b", "a~0b"), ("~/", "~0~1"), ("~1", "~01"), ("", ""),
        ("é/~", "é~1~0"),
    ])
    func pointerTokens(name: String, token: String) {
        #expect(JSONPointerToken.escape(name) == token)
    }

    /// Only Pods, only when they are made.
    @Test(arguments: [
        ReviewBuilder.deployment(ManifestText.deployment([:])),
        .of("apps", "v1", "ReplicaSet", ManifestText.deployment([:])),
        .of("batch", "v1", "Job", ManifestText.deployment([:])),
        .of("", "v1", "Namespace", #"{"metadata":{"name":"ml"}}"#),
        .pod(ManifestText.pod([:])).updating(ManifestText.pod([:])),
        .pod(ManifestText.pod([:])).with { $0.subResource = "ephemeralcontainers" },
    ])
    func nothingElseIsTouched(review: ReviewBuilder) throws {
        let reply = try TestGate(Self.policy, facts: Self.facts).reply(review, .mutating)
        #expect(try reply.patch == nil)
        #expect(reply.decision.outcome == .skipped)
    }
}
