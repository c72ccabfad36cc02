// Time of one audit on one core: `swift run -c release auditbench [PODS [NODES]]`; with `changes` only what is said last.
//
// The cluster is made up, the same in every run: Deployments, Jobs of CronJobs, custom resources, DaemonSets and bare
// Pods in 500 namespaces, a third of them without a team. Each figure is the best of several rounds. At the end, what one
// changed Pod costs an audit that is kept up to date, in clusters of three sizes.

import Attribution
import Audit
import Glibc
import KubernetesModel
import LabelPolicy

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let pods = arguments.first ?? 100_000
let nodes = arguments.count > 1 ? arguments[1] : 5_000

func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func best<Result>(_ name: String, rounds: Int = 3, _ body: () -> Result) -> Result {
    var least = Double.infinity
    var result = body()
    for _ in 0..<rounds {
        let start = seconds()
        result = body()
        least = min(least, seconds() - start)
    }
    print("\(name): \(Int(least * 1_000)) ms")
    return result
}

func makeCluster(pods: Int, nodes: Int, namePerPod: Bool) -> ClusterState {
    var random = SeededGenerator(seed: 7)
    var cluster = ClusterBuilder()
    let types = ["m7i.2xlarge", "c7i.4xlarge", "r7i.xlarge", "p4d.24xlarge"]
    for node in 0..<nodes {
        let group = node % 40
        cluster.node(
            "node-\(node)",
            labels: [
                "node.kubernetes.io/instance-type": types[group % types.count],
                "topology.kubernetes.io/zone": "eu-west-1\(["a", "b", "c"][node % 3])",
                "topology.kubernetes.io/region": "eu-west-1", "eks.amazonaws.com/nodegroup": "group-\(group)",
                "kubernetes.io/hostname": "node-\(node)", "environment": group % 5 == 0 ? "development" : "production",
            ],
            capacity: ["cpu": 32_000, "memory": 128 << 30, "pods": 110],
            allocatable: ["cpu": 31_500, "memory": 120 << 30, "pods": 110], providerID: "aws:///eu-west-1a/i-\(node)")
    }
    for namespace in 0..<500 {
        cluster.namespace(
            "team-\(namespace)",
            labels: namespace % 3 == 0
                ? ["environment": "production"] : ["environment": "production", "team": "team-\(namespace % 50)"])
    }
    var made = 0
    var number = 0
    while made < pods {
        let namespace = "team-\(number % 500)"
        let labels: [String: String] =
            random.oneIn(3)
            ? ["app": "app-\(number)"]
            : ["app": "app-\(number)", "team": "team-\(number % 50)", "cost-center": "cc-\(number % 20)"]
        let deployment = cluster.owner(
            kind: "Deployment", namespace: namespace, name: "app-\(number)", labels: labels, templateLabels: labels)
        let set = cluster.owner(
            kind: "ReplicaSet", namespace: namespace, name: "app-\(number)-5d8f", labels: labels,
            templateLabels: labels,
            controller: deployment)
        for replica in 0..<min(Int.random(in: 1...8, using: &random), pods - made) {
            var own = labels
            if namePerPod { own["statefulset.kubernetes.io/pod-name"] = "app-\(number)-\(replica)" }
            cluster.pod(
                "app-\(number)-5d8f-\(replica)", namespace: namespace,
                node: "node-\(Int.random(in: 0..<nodes, using: &random))",
                labels: own, requests: ["cpu": Int64(random.pick([100, 250, 500])), "memory": 1 << 29], controller: set)
            made += 1
        }
        number += 1
    }
    return cluster.state
}

let wantsAudits = !CommandLine.arguments.contains("changes")
for namePerPod in wantsAudits ? [false, true] : [] {
    let state = makeCluster(pods: pods, nodes: nodes, namePerPod: namePerPod)
    print(
        "\(state.pods.count) pods, \(state.nodes.count) nodes, \(state.owners.count) owners, labels of each pod \(namePerPod ? "differ" : "repeat")"
    )
    let index = best("  index") { ClusterIndex(state) }
    _ = best("  allocation") { Allocator.allocate(state, index: index) }
    let auditor = Auditor(policy: .builtIn)
    let report = best("  audit, index and allocation included") {
        auditor.audit(state, at: Timestamp(secondsSinceEpoch: 1_800_000_000))
    }
    print(
        "  \(report.totals.findings.all) findings, \(report.findings.count) shown, \(report.totals.workloads) workloads"
    )
}

print("one Pod relabelled, moved to another node or recreated, in an audit that is kept up to date")
for size in [2_000, 20_000, 100_000] { measureChanges(pods: size, nodes: size / 20) }
