/// Objects as JSON text.
enum Manifest {
    static func object(_ apiVersion: String, _ kind: String, metadata: String, _ members: String = "") -> String {
        let rest = members.isEmpty ? "" : ", \(members)"
        return #"{"apiVersion": "\#(apiVersion)", "kind": "\#(kind)", "metadata": \#(metadata)\#(rest)}"#
    }

    /// - Parameter name: one that ends in `-` is for the API server to complete.
    static func metadata(
        _ name: String, in namespace: String? = nil, labels: [String: String] = [:], finalizers: [String] = []
    ) -> String {
        var members = [#""\#(name.hasSuffix("-") ? "generateName" : "name")": "\#(name)""#]
        if let namespace { members.append(#""namespace": "\#(namespace)""#) }
        if !labels.isEmpty { members.append(#""labels": \#(map(labels))"#) }
        if !finalizers.isEmpty { members.append(#""finalizers": ["\#(finalizers.joined(separator: #"", ""#))"]"#) }
        return "{\(members.joined(separator: ", "))}"
    }

    static func map(_ labels: [String: String]) -> String {
        let members = labels.sorted { $0.key < $1.key }.map { #""\#($0.key)": "\#($0.value)""# }
        return "{\(members.joined(separator: ", "))}"
    }

    static let containers = #""containers": [{"name": "main", "image": "example.test/main"}]"#

    static func pod(
        _ name: String, in namespace: String, labels: [String: String] = [:], finalizers: [String] = []
    ) -> String {
        object(
            "v1", "Pod", metadata: metadata(name, in: namespace, labels: labels, finalizers: finalizers),
            #""spec": {\#(containers)}"#)
    }

    /// A pod template with the labels and, where a selector needs one, `app`.
    static func template(_ labels: [String: String], spec: String = containers) -> String {
        #"{"metadata": {"labels": \#(map(labels))}, "spec": {\#(spec)}}"#
    }

    static func deployment(
        _ name: String, in namespace: String, labels: [String: String] = [:], replicas: Int = 1
    ) -> String {
        let labels = labels.merging(["app": name]) { own, _ in own }
        return object(
            "apps/v1", "Deployment", metadata: metadata(name, in: namespace),
            """
            "spec": {"replicas": \(replicas), "selector": {"matchLabels": {"app": "\(name)"}},
                     "template": \(template(labels))}
            """)
    }

    private static func jobSpec(_ labels: [String: String]) -> String {
        #"{"template": \#(template(labels, spec: #""restartPolicy": "Never", \#(containers)"#))}"#
    }

    static func job(_ name: String, in namespace: String, labels: [String: String] = [:]) -> String {
        object("batch/v1", "Job", metadata: metadata(name, in: namespace), #""spec": \#(jobSpec(labels))"#)
    }

    static func cronJob(
        _ name: String, in namespace: String, labels: [String: String] = [:], version: String = "batch/v1beta1",
        schedule: String = "0 4 1 1 *"
    ) -> String {
        object(
            version, "CronJob", metadata: metadata(name, in: namespace),
            #""spec": {"schedule": "\#(schedule)", "jobTemplate": {"spec": \#(jobSpec(labels))}}"#)
    }
}
