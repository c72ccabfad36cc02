import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport

/// Clusters with a bit of everything, some of it broken.
enum RandomCluster {
    private static let labels: [[String: String]] = [
        [:], [:], ["team": "payments"], ["team": "MLP"], ["team": "nobody"], ["team": ""],
        ["owner-team": "payments", "app.kubernetes.io/team": "ml-platform"],
        ["team": "payments", "cost-center": "checkout"],
        ["cost_center": "research", "team": "ml-platform"], ["team": "payments", "cost-center": "research"],
        ["environment": "prod"], ["environment": "prd"],
        ["environment": "development", "project": "x"], ["team": "payments", "environment": "staging", "model": "m"],
    ]
    private static let kinds = [
        ("apps", "Deployment"), ("apps", "DaemonSet"), ("batch", "Job"), ("batch", "CronJob"), ("acme.io", "Training"),
        ("jobset.x-k8s.io", "JobSet"),
    ]

    /// - Parameter interned: strings that get the first numbers, so that the same cluster has other numbers.
    static func make(_ random: inout SeededGenerator, interned: [String] = []) -> ClusterState {
        var cluster = ClusterBuilder()
        for text in interned { _ = cluster.intern(text) }
        let namespaces = (0..<Int.random(in: 1...4, using: &random)).map { "ns-\($0)" } + ["kube-system"]
        // One is not readable.
        for name in namespaces.dropFirst(random.oneIn(3) ? 1 : 0) {
            cluster.namespace(name, labels: random.pick(labels))
        }
        let nodes = (0..<Int.random(in: 0...5, using: &random)).map { "node-\($0)" }
        for node in nodes { addNode(node, &cluster, &random) }
        for number in 0..<Int.random(in: 0...12, using: &random) {
            addWorkload("app-\(number)", random.pick(namespaces), nodes, &cluster, &random)
        }
        for number in 0..<Int.random(in: 0...3, using: &random) {
            cluster.volume(
                "pv-\(number)", gib: Int64.random(in: 0...500, using: &random), claim: "claim-\(number)",
                namespace: random.pick(namespaces), labels: random.pick(labels), hasClaim: !random.oneIn(3))
        }
        return cluster.state
    }

    private static func addNode(_ name: String, _ cluster: inout ClusterBuilder, _ random: inout SeededGenerator) {
        var labels = random.pick(labels)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: labels["eks.amazonaws.com/nodegroup"] = random.pick(["a", "b"])
        case 1: labels["karpenter.sh/nodepool"] = random.pick(["a", "b"])
        case 2: labels["node.kubernetes.io/instance-type"] = random.pick(["m7i.large", "odd"])
        default: break
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: cluster.node(name, labels: labels, annotations: [PricingPolicy.defaultAnnotation: "nonsense"])
        case 1: cluster.node(name, labels: labels, annotations: [PricingPolicy.defaultAnnotation: "3.000000007"])
        case 2: cluster.node(name, labels: labels, capacity: machine)
        default: cluster.pricedNode(name, labels: labels, price: random.pick(["1.999999999", "4", "0.1"]))
        }
    }

    private static func addWorkload(
        _ name: String, _ namespace: String, _ nodes: [String], _ cluster: inout ClusterBuilder,
        _ random: inout SeededGenerator
    ) {
        var controller = ControllerReference.none
        let template = random.pick(labels)
        if !random.oneIn(4) {
            let (group, kind) = random.pick(kinds)
            controller = cluster.owner(
                group: group, kind: kind, namespace: namespace, name: name, labels: random.pick(labels),
                templateLabels: random.oneIn(3) ? nil : template)
            if random.oneIn(2) {
                controller = cluster.owner(
                    kind: "ReplicaSet", namespace: namespace, name: "\(name)-rs", labels: random.pick(labels),
                    templateLabels: template, controller: controller)
            }
            // An owner that is gone, or a reference that was made up.
            if random.oneIn(8) {
                controller = cluster.reference(
                    group: "apps", kind: "ReplicaSet", name: "\(name)-rs", uid: cluster.nextUID())
            }
        }
        for pod in 0..<Int.random(in: 0...4, using: &random) {
            cluster.pod(
                "\(name)-\(pod)", namespace: namespace,
                node: random.oneIn(5) ? "" : nodes.isEmpty ? "lost" : random.pick(nodes),
                labels: random.oneIn(6) ? random.pick(labels) : template,
                requests: [
                    "cpu": Int64.random(in: 0...900, using: &random),
                    "memory": Int64.random(in: 0...2, using: &random) << 30,
                    "nvidia.com/gpu": random.oneIn(6) ? 1 : 0,
                ], controller: controller,
                phase: random.pick([.running, .running, .running, .pending, .succeeded, .failed]),
                volumeClaims: random.oneIn(5) ? ["claim-0"] : [])
            cluster.state.pods[cluster.state.pods.count - 1].isMirror = random.oneIn(12)
        }
    }

    static func policy(_ random: inout SeededGenerator) -> Policy {
        var policy = random.oneIn(3) ? Policy.builtIn : Policy.finance
        policy.excludedNamespaces = ["kube-*"]
        if random.oneIn(2) { policy.subjects = [.workloads, .namespaces, .claims] }
        if random.oneIn(2) {
            policy.exemptions = [
                Exemption(
                    name: "jobs", match: .init(kinds: ["Job", "Pod"]), labels: random.oneIn(2) ? ["team"] : nil,
                    owner: "jane", reason: "legacy", expires: random.pick(["2026-11-20", "2026-11-21"]))
            ]
        }
        return policy
    }
}
