/// A small cluster as `kubectl get … -o json` prints it: one node, two namespaces, a Deployment with its ReplicaSet and
/// Pod, and a Pod of a kind that no catalogue knows.
package enum SampleObjects {
    package static func uid(_ number: Int) -> String {
        let digits = String(number)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private static func metadata(
        _ name: String, _ number: Int, namespace: String? = "shop", labels: String = "{}", owner: String = ""
    ) -> String {
        let place = namespace.map { #""namespace": "\#($0)","# } ?? ""
        let owners = owner.isEmpty ? "" : #", "ownerReferences": [\#(owner)]"#
        return #""metadata": {"name": "\#(name)", \#(place) "uid": "\#(uid(number))", "labels": \#(labels)\#(owners)}"#
    }

    private static func owner(_ apiVersion: String, _ kind: String, _ name: String, _ number: Int) -> String {
        #"{"apiVersion": "\#(apiVersion)", "kind": "\#(kind)", "name": "\#(name)", "uid": "\#(uid(number))", "#
            + #""controller": true}"#
    }

    package static let node = """
        {"apiVersion": "v1", "kind": "Node", \(metadata("n1", 1, namespace: nil, labels: #"{"node.kubernetes.io/instance-type": "m5.xlarge", "topology.kubernetes.io/region": "us-east-1", "topology.kubernetes.io/zone": "us-east-1a"}"#)),
        "spec": {"providerID": "aws:///us-east-1a/i-0123"},
        "status": {"capacity": {"cpu": "4", "memory": "16Gi", "pods": "58"},
        "allocatable": {"cpu": "3920m", "memory": "15Gi", "pods": "58"},
        "conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "True"}]}}
        """

    package static let namespaces = [
        #"{"apiVersion": "v1", "kind": "Namespace", \#(metadata("shop", 2, namespace: nil))}"#,
        #"{"apiVersion": "v1", "kind": "Namespace", \#(metadata("lab", 3, namespace: nil, labels: #"{"team": "research"}"#))}"#,
    ]

    package static let deployment = """
        {"apiVersion": "apps/v1", "kind": "Deployment", \(metadata("web", 4, labels: #"{"app": "web"}"#)),
        "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}}}
        """

    package static let replicaSet = """
        {"apiVersion": "apps/v1", "kind": "ReplicaSet",
        \(metadata("web-1", 5, labels: #"{"app": "web"}"#, owner: owner("apps/v1", "Deployment", "web", 4)))}
        """

    package static let pod = """
        {"apiVersion": "v1", "kind": "Pod",
        \(metadata("web-1-a", 6, labels: #"{"app": "web", "pod-template-hash": "1"}"#, owner: owner("apps/v1", "ReplicaSet", "web-1", 5))),
        "spec": {"nodeName": "n1",
        "initContainers": [{"name": "i", "resources": {"requests": {"cpu": "2"}}},
        {"name": "s", "restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}}],
        "containers": [{"name": "a", "resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": 1, "memory": "1Gi"}}}],
        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "s", "ephemeral": {}}]},
        "status": {"phase": "Running", "startTime": "2026-11-01T10:00:00Z"}}
        """

    package static let experimentPod = """
        {"apiVersion": "v1", "kind": "Pod",
        \(metadata("exp-0", 7, namespace: "lab", labels: #"{"app": "exp"}"#, owner: owner("acme.io/v1", "Experiment", "exp", 8))),
        "spec": {"nodeName": "n1", "containers": [{"name": "a", "resources": {"requests": {"cpu": "1"}}}]},
        "status": {"phase": "Running"}}
        """

    package static let experiment = """
        {"apiVersion": "acme.io/v1", "kind": "Experiment",
        \(metadata("exp", 8, namespace: "lab", labels: #"{"team": "research"}"#))}
        """

    package static let configMap = """
        {"apiVersion": "v1", "kind": "ConfigMap", \(metadata("settings", 9))}
        """

    /// All of them.
    package static let all =
        [node] + namespaces + [deployment, replicaSet, pod, experimentPod, experiment, configMap]

    /// As `kubectl get` prints several.
    package static func list(_ objects: [String] = all) -> String {
        #"{"apiVersion": "v1", "kind": "List", "items": [\#(objects.joined(separator: ",\n"))], "#
            + #""metadata": {"resourceVersion": ""}}"#
    }
}
