/// An AdmissionReview as the API server writes it: members in its order, every field there.
///
/// Texts are put into JSON as they are, so that a test can write escapes or break the document on purpose.
package struct ReviewBuilder: Sendable, CustomStringConvertible {
    package var uid = "705ab4f5-6393-11e8-b7cc-42010a800002"
    package var group = ""
    package var version = "v1"
    package var kind = "Pod"
    /// Group, version and kind of what the user sent; nil: the same.
    package var requestKind: (group: String, version: String, kind: String)?
    package var subResource: String?
    package var name = ""
    package var namespace = "ml"
    package var operation = "CREATE"
    package var username = "jane@example.com"
    package var isDryRun = false
    package var object = "null"
    package var oldObject = "null"

    package init() {}

    /// A Pod that is created.
    package static func pod(_ object: String, namespace: String = "ml") -> ReviewBuilder {
        of("", "v1", "Pod", object, namespace: namespace)
    }

    /// A Deployment that is created.
    package static func deployment(_ object: String, namespace: String = "ml") -> ReviewBuilder {
        of("apps", "v1", "Deployment", object, namespace: namespace)
    }

    /// An object that is created.
    package static func of(
        _ group: String, _ version: String, _ kind: String, _ object: String, namespace: String = "ml"
    ) -> ReviewBuilder {
        var builder = ReviewBuilder()
        (builder.group, builder.version, builder.kind) = (group, version, kind)
        builder.object = object
        builder.namespace = namespace
        return builder
    }

    /// The same object, updated from `oldObject`.
    package func updating(_ oldObject: String) -> ReviewBuilder {
        var copy = self
        copy.operation = "UPDATE"
        copy.oldObject = oldObject
        return copy
    }

    /// Who makes the Pods of ReplicaSets, and the operator of another kind.
    package static let replicaSetController = "system:serviceaccount:kube-system:replicaset-controller"
    package static let operatorAccount = "system:serviceaccount:ray-system:kuberay-operator"

    /// The same, asked for by somebody else than a person.
    package func by(_ username: String) -> ReviewBuilder { with { $0.username = username } }

    /// A copy with one thing changed.
    package func with(_ change: (inout ReviewBuilder) -> Void) -> ReviewBuilder {
        var copy = self
        change(&copy)
        return copy
    }

    /// Short, for the names of test cases.
    package var description: String {
        "\(operation) \(kind)\(subResource.map { "/\($0)" } ?? "") in \(namespace.prefix(20)): \(object.prefix(200))"
    }

    package var json: String {
        let requested = requestKind ?? (group, version, kind)
        let sub = subResource.map { #","subResource":"\#($0)","requestSubResource":"\#($0)""# } ?? ""
        return #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"\#(uid)","#
            + #""kind":{"group":"\#(group)","version":"\#(version)","kind":"\#(kind)"},"#
            + #""resource":{"group":"\#(group)","version":"\#(version)","resource":"\#(kind.lowercased())s"}\#(sub),"#
            + #""requestKind":{"group":"\#(requested.group)","version":"\#(requested.version)","#
            + #""kind":"\#(requested.kind)"},"name":"\#(name)","namespace":"\#(namespace)","#
            + #""operation":"\#(operation)","userInfo":{"username":"\#(username)","groups":["system:authenticated"]},"#
            + #""object":\#(object),"oldObject":\#(oldObject),"dryRun":\#(isDryRun),"#
            + #""options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}}"#
    }
}

/// Objects as JSON text, with their labels in the order given.
package enum ManifestText {
    package static func labels(_ labels: KeyValuePairs<String, String>) -> String {
        "{" + labels.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",") + "}"
    }

    /// A Pod. `metadata` is put in front of the labels and ends with a comma if it is not empty.
    package static func pod(
        _ labels: KeyValuePairs<String, String>, name: String = "web-1", metadata: String = "", gpu: Bool = false
    ) -> String {
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)",\#(metadata)"labels":\#(Self.labels(labels))},"#
            + #""spec":\#(podSpec(gpu: gpu))}"#
    }

    /// A Deployment whose template carries `labels`.
    package static func deployment(
        _ labels: KeyValuePairs<String, String>, own: KeyValuePairs<String, String> = [:], name: String = "web",
        metadata: String = "", gpu: Bool = false
    ) -> String {
        #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"\#(name)",\#(metadata)"#
            + #""labels":\#(Self.labels(own))},"spec":{"replicas":3,"template":{"metadata":{"#
            + #""labels":\#(Self.labels(labels))},"spec":\#(podSpec(gpu: gpu))}}}"#
    }

    package static func podSpec(gpu: Bool) -> String {
        let limits = gpu ? #"{"cpu":"1","nvidia.com/gpu":"1"}"# : #"{"cpu":"1"}"#
        return #"{"containers":[{"name":"main","image":"nginx","resources":{"limits":\#(limits)}}]}"#
    }

    /// An owner reference, followed by a comma.
    package static func owner(
        _ kind: String = "ReplicaSet", apiVersion: String = "apps/v1", name: String = "web-6c9f", uid: String = "rs-1",
        controller: Bool? = true
    ) -> String {
        let flag = controller.map { #","controller":\#($0)"# } ?? ""
        return #""ownerReferences":[{"apiVersion":"\#(apiVersion)","kind":"\#(kind)","name":"\#(name)","#
            + #""uid":"\#(uid)"\#(flag)}],"#
    }
}
