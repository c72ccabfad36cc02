import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// What is read of an object's metadata and of the objects that are no workloads.
@Suite struct ObjectScanTests {
    // MARK: Metadata

    @Test func readsMetadata() throws {
        let pod = try Scan.object(
            #"{"metadata":{"uid":"x","name":"web-1","generateName":"web-","namespace":"ml","labels":{"app":"web","#
                + #""team":"search","acme.io/tier":"gold"},"annotations":{"a":"b"}},"spec":{}}"#)
        #expect(pod.name == "web-1")
        #expect(pod.generateName == "web-")
        #expect(pod.namespace == "ml")
        #expect(Scan.labels(pod.labels) == ["team": "search", "acme.io/tier": "gold"])
        #expect(pod.hasMetadata)
        #expect(pod.labelsPresence == .map)
        #expect(pod.controller == nil)
        #expect(!pod.isMirror)
        #expect(!pod.isTerminating)
        #expect(pod.templates.count == 1)
    }

    @Test(arguments: [
        (#"{}"#, false, MapPresence.absent),
        (#"{"metadata":null}"#, false, .absent),
        (#"{"metadata":[]}"#, false, .absent),
        (#"{"metadata":"x"}"#, false, .absent),
        (#"{"metadata":{}}"#, true, .absent),
        (#"{"metadata":{"labels":null}}"#, true, .null),
        (#"{"metadata":{"labels":{}}}"#, true, .map),
        (#"{"metadata":{"labels":[]}}"#, true, .malformed),
        (#"{"metadata":{"labels":"team=a"}}"#, true, .malformed),
        (#"{"metadata":{"labels":7}}"#, true, .malformed),
        (#"{"metadata":{"labels":true}}"#, true, .malformed),
        (#"{"metadata":{"labels":{"team":"a"},"labels":null}}"#, true, .null),
        (#"{"metadata":{"labels":{"team":"a"}},"metadata":{}}"#, true, .absent),
        (#"{"metadata":{"labels":{"team":"a"}},"metadata":null}"#, false, .absent),
    ])
    func labelsThatAreNotThere(text: String, hasMetadata: Bool, presence: MapPresence) throws {
        let pod = try Scan.object(text)
        #expect(pod.hasMetadata == hasMetadata)
        #expect(pod.labelsPresence == presence)
        #expect(Scan.labels(pod.labels) == [:])
        #expect(pod.templates.map { Scan.labels($0.labels) } == [[:]])
    }

    @Test(arguments: ["[]", "null", "7", "\"x\"", "true"])
    func whatIsNoObjectHasNothing(text: String) throws {
        let pod = try Scan.object(text)
        #expect(!pod.hasMetadata)
        #expect(pod.templates.isEmpty)
    }

    /// What is no string cannot be a label; it is kept as a text no label can be.
    @Test(arguments: [
        ("1", "(a number)"), ("true", "(a boolean)"), ("{\"a\":1}", "(an object)"), ("[1]", "(an array)"), ("null", ""),
        (#""\u0041""#, "A"), (#""""#, ""), (#""\ud83d""#, "\u{FFFD}"),
    ])
    func labelValuesOfEveryType(value: String, kept: String) throws {
        let pod = try Scan.object(#"{"metadata":{"labels":{"team":\#(value)}}}"#)
        #expect(Scan.labels(pod.labels) == ["team": kept])
    }

    @Test func hugeLabelValuesAreBounded() throws {
        let pod = try Scan.object(
            #"{"metadata":{"labels":{"team":"\#(String(repeating: "x", count: 1_000_000))","#
                + #""model":"\#(String(repeating: "計", count: 100_000))"}}}"#)
        let labels = Scan.labels(pod.labels)
        #expect(labels["team"]?.utf8.count == 128)
        #expect(labels["model"] == String(repeating: "計", count: 42))
    }

    @Test(arguments: [
        (#""labels":{"team":"a","team":"b"}"#, ["team": "b"]),
        (#""labels":{"te\u0061m":"a","team":"b"}"#, ["team": "b"]),
        (#""labels":{"team":"a","\u0074eam":"b"}"#, ["team": "b"]),
        (#""labels":{"team":"a","team":null}"#, ["team": ""]),
        (#""labels":{"team":"a"},"labels":{"model":"m"}"#, ["model": "m"]),
        (#""labels":{"team":"a"},"labels":[]"#, [:]),
        (#""labels":{"acme.io\/tier":"gold"}"#, ["acme.io/tier": "gold"]),
        (#""labels":{"acme.io~1tier":"gold","Team":"x","team ":"y"}"#, [:]),
    ])
    func duplicateAndEscapedKeys(members: String, labels: [String: String]) throws {
        let pod = try Scan.object(#"{"metadata":{\#(members)}}"#)
        #expect(Scan.labels(pod.labels) == labels)
    }

    // MARK: Owners, mirrors, terminating objects

    private static let replicaSet = OwnerReference(
        apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "u", controller: true)

    @Test(arguments: [
        (#"[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"u","controller":true}]"#, replicaSet),
        (#"[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"u","controller":false}]"#, nil),
        (#"[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"u"}]"#, nil),
        (#"[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"u","controller":"true"}]"#, nil),
        (#"[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"u","controller":null}]"#, nil),
        (
            #"[{"kind":"Node","name":"n","uid":"x"},7,null,{"controller":true,"uid":"u","name":"web","#
                + #""kind":"ReplicaSet","apiVersion":"apps/v1","blockOwnerDeletion":true}]"#, replicaSet
        ),
        ("[]", nil), ("null", nil), ("{}", nil), ("\"x\"", nil),
    ])
    func controllers(references: String, controller: OwnerReference?) throws {
        let pod = try Scan.object(#"{"metadata":{"ownerReferences":\#(references)}}"#)
        #expect(pod.controller == controller)
        let replaced = try Scan.object(
            #"{"metadata":{"ownerReferences":[{"kind":"X","controller":true}],"ownerReferences":\#(references)}}"#)
        #expect(replaced.controller == controller)
    }

    @Test(arguments: [
        (#""annotations":{"kubernetes.io/config.mirror":"abc"}"#, true),
        (#""annotations":{"kubernetes.io\/config\u002emirror":""}"#, true),
        (#""annotations":{"kubernetes.io/config.mirror":null}"#, false),
        (#""annotations":{"kubernetes.io/config.source":"file"}"#, false),
        (#""annotations":{"kubernetes.io/config.mirror":"abc"},"annotations":{}"#, false),
        (#""annotations":"kubernetes.io/config.mirror""#, false),
        (#""annotations":null"#, false),
    ])
    func mirrors(members: String, isMirror: Bool) throws {
        #expect(try Scan.object(#"{"metadata":{\#(members)}}"#).isMirror == isMirror)
    }

    @Test(arguments: [
        (#""deletionTimestamp":"2026-01-01T00:00:00Z""#, true), (#""deletionTimestamp":null"#, false),
        (#""a":1"#, false),
        (#""deletionTimestamp":"2026-01-01T00:00:00Z","deletionTimestamp":null"#, false),
    ])
    func terminating(members: String, isTerminating: Bool) throws {
        #expect(try Scan.object(#"{"metadata":{\#(members)}}"#).isTerminating == isTerminating)
    }

    // MARK: Services, claims, namespaces

    @Test(arguments: [
        (#""spec":{"type":"LoadBalancer"}"#, "LoadBalancer"), (#""spec":{"type":"ClusterIP"}"#, "ClusterIP"),
        (#""spec":{}"#, ""), (#""spec":null"#, ""), (#""spec":{"type":7}"#, ""),
        (#""spec":{"type":"LoadBalancer"},"spec":{}"#, ""),
        (#""spec":{"type":"ClusterIP","t\u0079pe":"LoadBalancer"}"#, "LoadBalancer"),
    ])
    func serviceTypes(member: String, type: String) throws {
        let service = try Scan.object(#"{\#(member),"metadata":{"labels":{"team":"a"}}}"#, .service)
        #expect(service.serviceType == type)
        #expect(Scan.labels(service.labels) == ["team": "a"])
        #expect(service.templates.isEmpty)
    }

    @Test(arguments: ["Namespace", "PersistentVolumeClaim"])
    func objectsWithoutTemplates(kind: String) throws {
        let object = try Scan.object(
            #"{"spec":{"type":"LoadBalancer","template":{"metadata":{"labels":{"team":"b"}}}},"#
                + #""metadata":{"name":"x","labels":{"team":"a"}}}"#,
            GroupVersionKind(group: "", version: "v1", kind: kind))
        #expect(object.name == "x")
        #expect(Scan.labels(object.labels) == ["team": "a"])
        #expect(object.templates.isEmpty)
        #expect(object.serviceType == "")
    }

    @Test func trailingContentIsRefused() throws {
        #expect(throws: JSONError.self) { try Scan.object(#"{"metadata":{}} {}"#) }
    }
}
