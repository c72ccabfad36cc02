import Attribution
import KubernetesModel
import LabelPolicy

// Divides the cost of a generated cluster and sums it up by owner:
//
//     swift run -c release --package-path hack/microbench attributionbench [PODS [NODES]]

let pods = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000
let nodes = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5_000

/// SplitMix64, so that every run measures the same cluster.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

func uid(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
}

func cluster() -> ClusterState {
    var random = Random(state: 1)
    var state = ClusterState()
    let gib: Int64 = 1 << 30
    let kinds: [(type: String, capacity: [String: Int64])] = [
        ("m5.4xlarge", ["cpu": 16_000, "memory": 64 * gib]), ("r6i.2xlarge", ["cpu": 8_000, "memory": 64 * gib]),
        ("g5.12xlarge", ["cpu": 48_000, "memory": 192 * gib, "nvidia.com/gpu": 4]),
    ]
    for number in 0..<nodes {
        let kind = kinds[number % kinds.count]
        var node = NodeRecord(
            name: state.pool.strings.intern("ip-10-0-\(number)"), uid: state.pool.uid(uid(number)))
        node.instanceType = state.pool.strings.intern(kind.type)
        node.region = state.pool.strings.intern("eu-west-1")
        node.labels = state.pool.labels([
            ("eks.amazonaws.com/nodegroup", "group-\(number % 40)"), ("kubernetes.io/hostname", "ip-10-0-\(number)"),
        ])
        node.capacity = state.pool.resources(kind.capacity)
        node.allocatable = state.pool.resources(kind.capacity.mapValues { $0 - $0 / 20 })
        state.nodes.append(node)
    }
    for number in 0..<pods {
        let workload = Int.random(in: 0..<4_000, using: &random)
        var pod = PodRecord(
            namespace: state.pool.strings.intern("namespace-\(workload % 300)"),
            name: state.pool.strings.intern("workload-\(workload)-\(number)"),
            uid: state.pool.uid(uid(1 << 30 + number)))
        if nodes > 0 { pod.node = state.nodes[number % nodes].name }
        pod.labels = state.pool.labels([("team", "team-\(workload % 50)"), ("app", "app-\(workload)")])
        pod.requests = state.pool.resources(["cpu": Int64(50 + workload % 300), "memory": gib + Int64(workload)])
        pod.runningRequests = pod.requests
        pod.phase = .running
        state.pods.append(pod)
    }
    return state
}

let clock = ContinuousClock()
func timed<Result>(_ what: String, rounds: Int = 5, _ body: () -> Result) -> Result {
    var best: Duration?
    var result = body()
    for _ in 0..<rounds {
        let time = clock.measure { result = body() }
        best = min(best ?? time, time)
    }
    if let best { print("\(what): \(best / .milliseconds(1)) ms") }
    return result
}

let state = cluster()
print("\(pods) Pods, \(nodes) nodes; best of five")
let index = timed("index") { ClusterIndex(state) }
let allocation = timed("allocation") { Allocator.allocate(state, index: index) }
let owners = CostOwners(
    keys: ["team"],
    sets: (0..<51).map { .init(values: [$0 < 50 ? "team-\($0)" : nil], isComplete: $0 < 50) },
    setOfPod: state.pods.indices.map { $0 % 51 }, workloads: index.workloadRoots.map { state.text($0.name) },
    workloadOfPod: index.rootOfPod, nodeGroups: (0..<40).map { "group-\($0)" },
    groupOfNode: state.nodes.indices.map { $0 % 40 })
for (name, dimension) in [
    ("team", Dimension.label(0)), ("namespace", .namespace), ("node group", .nodeGroup), ("workload", .workload),
] {
    let showback = timed("showback by \(name)") {
        Showback(
            allocation, state: state, owners: owners, by: dimension, sharing: SharingSettings(idle: .weighted))
    }
    precondition(showback.total == allocation.total)
}
let coverage = timed("coverage by team") {
    CoverageReport(allocation, state: state, owners: owners, by: .label(0))
}
precondition(coverage.whole.complete.spend.total == allocation.total)
print("total: \(allocation.total) \(allocation.currency) an hour, \(allocation.lines.count) lines")
