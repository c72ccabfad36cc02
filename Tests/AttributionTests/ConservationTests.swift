import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@testable import Attribution

/// Clusters of all kinds: with and without GPUs, prices, usage; Pods that fit and that do not.
struct RandomCluster {
    var builder = ClusterBuilder()
    var input = AllocationInput()
    private let teams = ["search", "payments", "ml", "data"]

    init(seed: UInt64, nodes: Int = 12, pods: Int = 120) {
        var random = SeededGenerator(seed: seed)
        for node in 0..<nodes { add(node: node, &random) }
        for pod in 0..<pods { add(pod: pod, nodes: nodes, &random) }
        for volume in 0..<8 {
            builder.volume(
                "pv-\(volume)", gib: Int64.random(in: 0...5_000, using: &random), claim: "claim-\(volume % 5)",
                namespace: random.pick(["ns-0", "ns-1"]))
        }
        for service in 0..<4 {
            builder.loadBalancer("lb-\(service)", namespace: "ns-\(service)", selector: ["app": "web"])
        }
        input.settings.split = random.pick([.openCost, .aws])
        if random.oneIn(2) {
            input.usage = builder.state.pods.map { _ in
                random.oneIn(3)
                    ? nil
                    : PodUsage(
                        millicores: .random(in: 0...8_000, using: &random),
                        memory: .random(in: 0...1 << 36, using: &random))
            }
        }
        input.externalCosts = (0..<3).map { index in
            ExternalCost(
                name: "api-\(index)", perHour: Money(nanos: .random(in: 0...1_000_000_000_000, using: &random)))
        }
    }

    private mutating func add(node: Int, _ random: inout SeededGenerator) {
        var capacity: [String: Int64] = [:]
        var labels = ["pool": "pool-\(node % 3)"]
        if !random.oneIn(10) {
            capacity = [
                "cpu": .random(in: 1...96_000, using: &random), "memory": .random(in: 1...(1 << 40), using: &random),
            ]
        }
        if random.oneIn(3) {
            capacity["nvidia.com/gpu"] = .random(in: 1...8, using: &random)
            if random.oneIn(2) { labels["nvidia.com/gpu.replicas"] = random.pick(["2", "3", "10"]) }
            if random.oneIn(3) { capacity["nvidia.com/mig-1g.5gb"] = 3 }
        }
        if random.oneIn(2) {
            labels["node.kubernetes.io/instance-type"] = random.pick(["m5.large", "g5.12xlarge", "x"])
        }
        let allocatable = capacity.mapValues { random.oneIn(12) ? $0 + 5 : $0 - $0 / 10 }
        let price = Money(nanos: .random(in: 0...random.pick([10, 1_000_000_000, 10_000_000_000_000]), using: &random))
        builder.node(
            "node-\(node)", labels: labels,
            annotations: random.oneIn(4) ? [:] : ClusterBuilder.priced(random.oneIn(12) ? "junk" : price.description),
            capacity: capacity, allocatable: allocatable)
    }

    private mutating func add(pod: Int, nodes: Int, _ random: inout SeededGenerator) {
        var requests: [String: Int64] = [:]
        if !random.oneIn(5) { requests["cpu"] = .random(in: 0...random.pick([500, 20_000]), using: &random) }
        if !random.oneIn(5) { requests["memory"] = .random(in: 0...random.pick([1 << 30, 1 << 38]), using: &random) }
        if random.oneIn(5) { requests["nvidia.com/gpu"] = .random(in: 1...3, using: &random) }
        if random.oneIn(8) { requests["nvidia.com/mig-1g.5gb"] = 1 }
        if random.oneIn(60) { requests["memory"] = .max }
        let node = random.oneIn(10) ? "" : "node-\(Int.random(in: 0...nodes, using: &random))"
        let namespace = random.pick(["ns-0", "ns-1", "ns-2", "kube-system"])
        var labels: [String: String] = ["app": random.pick(["web", "db"])]
        if !random.oneIn(3) { labels["team"] = random.pick(teams) }
        if random.oneIn(8) {
            builder.daemonPod("pod-\(pod)", node: node, requests: requests, labels: labels)
        } else {
            builder.pod(
                "pod-\(pod)", namespace: namespace, node: node, labels: labels, requests: requests,
                phase: random.pick([.running, .running, .running, .pending, .succeeded, .failed, .unknown]),
                volumeClaims: random.oneIn(6) ? ["claim-\(pod % 5)"] : [])
        }
    }

    var owners: CostOwners {
        var owners = builder.owners(["team"], nodeGroup: "pool", external: [["team": "search"], [:], ["team": "new"]])
        // A few that several share.
        for set in stride(from: 0, to: owners.sets.count, by: 7) { owners.sets[set].values = ["search:33.3,ml:66.7"] }
        return owners
    }
}

@Suite struct ConservationTests {
    @Test(arguments: UInt64(0)..<40) func everyNodesLinesSumToItsPrice(seed: UInt64) throws {
        let cluster = RandomCluster(seed: seed)
        let allocation = cluster.builder.allocated(cluster.input)
        var expected = Money.zero
        for node in allocation.nodes {
            let sum = allocation.lines[node.lines].lazy.map(\.total).sum()
            #expect(sum == node.pricing.price?.perHour ?? .zero)
            expected += sum
            guard let split = node.split else { continue }
            #expect(allocation.lines[node.lines].map(\.cpu).sum() == split.cpu)
            #expect(allocation.lines[node.lines].map(\.memory).sum() == split.memory)
            #expect(allocation.lines[node.lines].map(\.gpu).sum() == split.gpu)
        }
        expected += allocation.volumes.map(\.cost).sum()
        expected += allocation.lines(.loadBalancer).map(\.total).sum()
        expected += cluster.input.externalCosts.map(\.perHour).sum()
        #expect(allocation.total == expected)
        for line in allocation.lines {
            #expect(![line.cpu, line.memory, line.gpu, line.other].contains { $0.isNegative })
            #expect(line.overRequested <= line.total)
        }
    }

    @Test(arguments: UInt64(0)..<20) func sharingAndGroupingNeverChangeATotal(seed: UInt64) {
        let cluster = RandomCluster(seed: seed)
        let allocation = cluster.builder.allocated(cluster.input)
        let rules: [SharingRule] = [.separate, .even, .weighted, .custom(["search": 2, "board": 1]), .custom([:])]
        var random = SeededGenerator(seed: seed)
        for dimension in [Dimension.label(0), .namespace, .nodeGroup, .workload] {
            for _ in 0..<6 {
                let sharing = SharingSettings(
                    idle: random.pick(rules), overhead: random.pick(rules), namespaces: random.pick(rules),
                    sharedNamespaces: random.pick([[], ["kube-system"], ["*"]]))
                let showback = Showback(
                    allocation, state: cluster.builder.state, owners: cluster.owners, by: dimension, sharing: sharing,
                    customNames: random.pick([.rows, .foreign, .known([]), .known(["board"])]))
                #expect(showback.total == allocation.total)
                let coverage = CoverageReport(
                    allocation, state: cluster.builder.state, owners: cluster.owners, by: dimension, sharing: sharing)
                #expect(coverage.whole.complete.spend.total == allocation.total)
                #expect(coverage.whole.byLabel[0].spend.total == allocation.total)
                #expect(coverage.groups.map(\.complete.spend.total).sum() == allocation.total)
                #expect(
                    coverage.groups.map(\.complete.workloads.total).reduce(0, +)
                        == coverage.whole.complete.workloads.total)
            }
        }
    }

    /// What each Pod costs does not depend on the order in which the objects were read.
    @Test(arguments: UInt64(0)..<20) func theOrderOfObjectsDoesNotCount(seed: UInt64) throws {
        let cluster = RandomCluster(seed: seed)
        let allocation = cluster.builder.allocated(cluster.input)
        var random = SeededGenerator(seed: seed)
        let podOrder = cluster.builder.state.pods.indices.shuffled(using: &random)
        var shuffled = cluster
        shuffled.builder.state.pods = podOrder.map { cluster.builder.state.pods[$0] }
        if !cluster.input.usage.isEmpty { shuffled.input.usage = podOrder.map { cluster.input.usage[$0] } }
        shuffled.builder.state.nodes.shuffle(using: &random)
        let again = shuffled.builder.allocated(shuffled.input)
        let costs = allocation.costOfPods(cluster.builder.state)
        let costsAgain = again.costOfPods(shuffled.builder.state)
        for (place, pod) in podOrder.enumerated() { #expect(costsAgain[place] == costs[pod]) }
        #expect(Set(again.problems) == Set(allocation.problems))
        let rows = Showback(
            allocation, state: cluster.builder.state, owners: cluster.builder.owners(["team"]), by: .label(0),
            sharing: SharingSettings(idle: .weighted, overhead: .even)
        ).rows
        let rowsAgain = Showback(
            again, state: shuffled.builder.state, owners: shuffled.builder.owners(["team"]), by: .label(0),
            sharing: SharingSettings(idle: .weighted, overhead: .even)
        ).rows
        #expect(rows == rowsAgain)
    }

    /// The largest of everything: nothing traps, sums hold.
    @Test func holdsWithTheLargestOfEverything() throws {
        var builder = ClusterBuilder()
        let absurd: [String: Int64] = [
            "cpu": .max, "memory": .max, "nvidia.com/gpu": .max, "nvidia.com/mig-7g.80gb": .max,
        ]
        builder.node("absurd", annotations: ClusterBuilder.priced("10000"), capacity: absurd)
        builder.node(
            "sane", annotations: ClusterBuilder.priced("10000"),
            capacity: ["cpu": 1 << 40, "memory": 1 << 60, "nvidia.com/gpu": 1 << 20])
        for node in ["absurd", "sane"] {
            for pod in 0..<3 { builder.pod("\(node)-\(pod)", namespace: "x", node: node, requests: absurd) }
        }
        var input = AllocationInput()
        input.usage = [PodUsage?](repeating: PodUsage(millicores: .max, memory: .max), count: 6)
        input.externalCosts = [ExternalCost](
            repeating: ExternalCost(name: "most", perHour: Money(nanos: .max)), count: 1_000)
        let allocation = builder.allocated(input)
        #expect(allocation.total == money("20000") + [Money](repeating: Money(nanos: .max), count: 1_000).sum())
        let showback = Showback(
            allocation, state: builder.state, owners: builder.owners(["team"]), by: .label(0),
            sharing: SharingSettings(idle: .weighted))
        #expect(showback.total == allocation.total)
        let coverage = CoverageReport(
            allocation, state: builder.state, owners: builder.owners(["team"]), by: .label(0))
        #expect(coverage.whole.complete.spend.basisPoints == 0)
    }
}
