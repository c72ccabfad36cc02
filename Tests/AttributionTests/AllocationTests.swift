import Attribution
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite struct AllocationTests {
    /// Four cores and 16 GiB for a dollar, of which an eighth is reserved; split so that a core costs 9 GiB.
    private func cluster(_ fill: (inout ClusterBuilder) -> Void) -> ClusterBuilder {
        var builder = ClusterBuilder()
        builder.node(
            "a", annotations: ClusterBuilder.priced("1.3"), capacity: ["cpu": 4_000, "memory": 16 * gib],
            allocatable: ["cpu": 3_500, "memory": 14 * gib])
        fill(&builder)
        return builder
    }

    private var aws: AllocationInput { AllocationInput(settings: AllocationSettings(split: .aws)) }

    @Test func dividesANodeAmongPodsAndTwoKindsOfIdle() throws {
        // 36 + 16 = 52 parts of 1.3: a core costs 0.225, a GiB 0.025.
        let builder = cluster {
            $0.pod("web", namespace: "shop", node: "a", requests: ["cpu": 1_000, "memory": 4 * gib])
            $0.pod("db", namespace: "shop", node: "a", requests: ["cpu": 500, "memory": 8 * gib])
        }
        let allocation = builder.allocated(aws)
        #expect(allocation.problems.isEmpty)
        let pods = allocation.lines(.pod)
        #expect(pods.map(\.cpu.description) == ["0.225", "0.1125"])
        #expect(pods.map(\.memory.description) == ["0.1", "0.2"])
        let unallocated = try #require(allocation.lines(.unallocated).first)
        #expect(unallocated.cpu.description == "0.45")
        #expect(unallocated.memory.description == "0.05")
        let reserved = try #require(allocation.lines(.systemReserved).first)
        #expect(reserved.cpu.description == "0.1125")
        #expect(reserved.memory.description == "0.05")
        #expect(allocation.total.description == "1.3")
        #expect(allocation.nodes[0].split?.cpu.description == "0.9")
    }

    @Test func daemonSetsAndStaticPodsAreOverhead() {
        let builder = cluster {
            $0.daemonPod("agent", node: "a", requests: ["cpu": 100])
            $0.pod("kube-proxy", namespace: "kube-system", node: "a", requests: ["cpu": 100])
            $0.state.pods[1].isMirror = true
            let fake = $0.reference(group: "example.com", kind: "DaemonSet", name: "x", uid: $0.nextUID())
            $0.pod("other", namespace: "shop", node: "a", requests: ["cpu": 100], controller: fake)
        }
        let allocation = builder.allocated(aws)
        #expect(allocation.lines(.overhead).map { Int($0.pod) } == [0, 1])
        #expect(allocation.lines(.pod).map { Int($0.pod) } == [2])
    }

    @Test func podsThatEndedCostNothingAndPodsThatCannotStartDo() {
        let builder = cluster {
            $0.pod("done", namespace: "jobs", node: "a", requests: ["cpu": 1_000], phase: .succeeded)
            $0.pod("failed", namespace: "jobs", node: "a", requests: ["cpu": 1_000], phase: .failed)
            $0.pod("unscheduled", namespace: "jobs", requests: ["cpu": 1_000], phase: .pending)
            $0.pod("pulling", namespace: "jobs", node: "a", requests: ["cpu": 1_000], phase: .pending)
            $0.pod("lost", namespace: "jobs", node: "a", requests: ["cpu": 1_000], phase: .unknown)
            $0.pod("terminating", namespace: "jobs", node: "a", requests: ["cpu": 1_000])
            $0.state.pods[5].deleted = ObjectTime(seconds: 1)
        }
        let costs = builder.allocated(aws).costOfPods(builder.state)
        #expect(costs.map { $0?.description } == [nil, nil, nil, "0.225", "0.225", "0.225"])
    }

    /// The init containers' peak counts until they have run.
    @Test func initContainersCountOnlyDuringInit() {
        let builder = cluster {
            for (name, phase) in [("starting", PodPhase.pending), ("running", .running)] {
                $0.pod(name, namespace: "jobs", node: "a", requests: ["cpu": 2_000], phase: phase)
                $0.state.pods[$0.state.pods.count - 1].runningRequests = $0.state.pool.resources(["cpu": 1_000])
            }
        }
        #expect(builder.allocated(aws).lines(.pod).map(\.cpu.description) == ["0.45", "0.225"])
    }

    /// A Pod whose image cannot be pulled stays pending behind its init containers; one that is started anew runs them
    /// again.
    @Test(arguments: [
        (PodPhase.pending, PodInitialization.finished, "0.225"), (.pending, .unfinished, "0.45"),
        (.running, .finished, "0.225"), (.running, .unfinished, "0.45"), (.unknown, .unreported, "0.225"),
    ])
    func theConditionTellsWhetherInitContainersHaveRun(
        phase: PodPhase, initialization: PodInitialization, cpu: String
    ) {
        let builder = cluster {
            $0.pod("a", namespace: "jobs", node: "a", requests: ["cpu": 2_000], phase: phase)
            $0.state.pods[$0.state.pods.count - 1].runningRequests = $0.state.pool.resources(["cpu": 1_000])
            $0.state.pods[$0.state.pods.count - 1].initialization = initialization
        }
        #expect(builder.allocated(aws).lines(.pod).map(\.cpu.description) == [cpu])
    }

    @Test func usageBeyondTheRequestCostsAndWhatIsNotUsedIsShown() throws {
        let builder = cluster {
            $0.pod("greedy", namespace: "shop", node: "a", requests: ["cpu": 500, "memory": gib])
            $0.pod("lazy", namespace: "shop", node: "a", requests: ["cpu": 1_000, "memory": 4 * gib])
        }
        var input = aws
        input.usage = [
            PodUsage(millicores: 1_000, memory: UInt64(gib)), PodUsage(millicores: 250, memory: UInt64(gib)),
        ]
        let allocation = builder.allocated(input)
        let pods = allocation.lines(.pod)
        #expect(pods.map(\.cpu.description) == ["0.225", "0.225"])
        #expect(pods[0].overRequested == .zero)
        // 750m of 0.225 a core, 3 GiB of 0.025.
        #expect(pods[1].overRequested == money("0.24375"))
        #expect(allocation.total.description == "1.3")
        #expect(allocation.problems.isEmpty)
    }

    struct Excess: Sendable {
        var requests: Int64
        var usage: UInt64?
        var resource = "cpu"
        var cause: AllocationProblem.NegativeIdle
        var amount: UInt64
    }

    @Test(arguments: [
        Excess(requests: 3_600, cause: .requests, amount: 100),
        Excess(requests: 3_500, usage: 3_900, cause: .usage, amount: 400),
        Excess(requests: 9_000, cause: .requests, amount: 5_500),
    ])
    func negativeIdleIsNamedAndTheSumStillHolds(example: Excess) throws {
        let builder = cluster {
            $0.pod("big", namespace: "shop", node: "a", requests: ["cpu": example.requests])
        }
        var input = aws
        input.usage = [example.usage.map { PodUsage(millicores: $0, memory: 0) }]
        let allocation = builder.allocated(input)
        #expect(
            allocation.problems == [.negativeIdle(node: "a", .cpu, excess: example.amount, example.cause)])
        #expect(allocation.total.description == "1.3")
        #expect(allocation.lines.allSatisfy { !$0.cpu.isNegative && !$0.memory.isNegative })
    }

    @Test func aDeviceThatIsNotOfferedIsNamed() {
        let builder = cluster {
            $0.pod("train", namespace: "ml", node: "a", requests: ["cpu": 1_000, "nvidia.com/gpu": 2])
        }
        let allocation = builder.allocated(aws)
        #expect(allocation.problems == [.negativeIdle(node: "a", .gpu, excess: 56, .notOffered)])
        #expect(allocation.total.description == "1.3")
    }

    @Test func moreAllocatableThanThereIsIsNamed() {
        var builder = ClusterBuilder()
        builder.node(
            "a", annotations: ClusterBuilder.priced("1"), capacity: ["cpu": 1_000, "memory": gib],
            allocatable: ["cpu": 2_000, "memory": gib])
        let allocation = builder.allocated()
        #expect(
            allocation.problems == [.negativeIdle(node: "a", .cpu, excess: 1_000, .allocatableAboveCapacity)])
        #expect(allocation.total.description == "1")
    }

    struct Undivided: Sendable {
        var capacity: [String: Int64]
        var split: SplitMethod = .openCost
        var problem: AllocationProblem
    }

    @Test(arguments: [
        Undivided(capacity: [:], problem: .noCapacity(node: "a")),
        Undivided(capacity: ["pods": 110], problem: .noCapacity(node: "a")),
        Undivided(capacity: ["cpu": .max, "memory": gib], problem: .absurdCapacity(node: "a")),
        Undivided(capacity: ["cpu": 1_000, "memory": .max], problem: .absurdCapacity(node: "a")),
        Undivided(capacity: ["nvidia.com/gpu": .max], problem: .absurdCapacity(node: "a")),
        Undivided(
            capacity: ["cpu": 1_000],
            split: .custom(SplitBases(core: .zero, memoryGiB: .zero, gpu: Money(nanos: 1))),
            problem: .weightless(node: "a")),
    ])
    func aNodeThatCannotBeDividedKeepsItsPrice(example: Undivided) {
        var builder = ClusterBuilder()
        builder.node("a", annotations: ClusterBuilder.priced("2.5"), capacity: example.capacity)
        builder.pod("web", namespace: "shop", node: "a", requests: ["cpu": 100])
        let allocation = builder.allocated(
            AllocationInput(settings: AllocationSettings(split: example.split)))
        #expect(allocation.problems.contains(example.problem))
        #expect(allocation.lines.map(\.kind) == [.undivided])
        #expect(allocation.total.description == "2.5")
        let showback = Showback(
            allocation, state: builder.state, owners: builder.owners(["team"]), by: .label(0))
        #expect(showback[.unallocated]?.undivided.description == "2.5")
    }

    @Test func aNodeWithoutAPriceIsAProblemAndNotZero() {
        var builder = ClusterBuilder()
        builder.node("a", labels: ["node.kubernetes.io/instance-type": "acme.large"], capacity: ["cpu": 1_000])
        builder.pod("web", namespace: "shop", node: "a", requests: ["cpu": 100])
        let allocation = builder.allocated(AllocationInput(pricing: PricingPolicy(rates: nil)))
        #expect(allocation.problems == [.price(node: "a", .unpriced(instanceType: "acme.large"))])
        #expect(allocation.nodes[0].pricing.price == nil)
        #expect(allocation.lines.isEmpty)
        #expect(allocation.unpricedPods == 1)
        #expect(allocation.costOfPods(builder.state) == [nil])
    }

    /// A volume is known to cost, the Pod's part of the node is not: then the Pod's cost is not known.
    @Test func whatIsKnownInPartIsNotKnown() {
        var builder = ClusterBuilder()
        builder.node("a", capacity: ["cpu": 1_000])
        builder.volume("v", gib: 730, claim: "data", namespace: "shop")
        builder.pod("web", namespace: "shop", node: "a", volumeClaims: ["data"])
        let allocation = builder.allocated(AllocationInput(pricing: PricingPolicy(rates: nil)))
        #expect(allocation.lines.map(\.kind) == [.volume])
        #expect(allocation.costOfPods(builder.state) == [nil])
    }

    /// Messages stay in one line whatever a snapshot calls its objects.
    @Test func hostileNamesStayInOneLine() {
        let name = "a\n\u{1B}[31mb\u{202E}"
        let problems: [AllocationProblem] = [
            .price(node: name, .absurd(.annotation, origin: name, text: name)),
            .price(node: name, .unpriced(instanceType: name)), .noCapacity(node: name), .absurdCapacity(node: name),
            .weightless(node: name), .negativeIdle(node: name, .cpu, excess: 1, .requests),
            .gpusNotOffered(node: name, machine: 8, offered: 7), .unknownNode(name, pods: 1),
            .duplicateNode(name), .duplicateUID(pod: name), .unpricedVolume(name), .unpricedLoadBalancer(name),
            .absurdExternalCost(name, .zero), .claimedDevices(pods: 1),
        ]
        for problem in problems {
            let text = problem.description
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }, "\(text)")
        }
    }

    @Test func twicesAndStraysAreNamed() {
        var builder = cluster {
            $0.pod("web", namespace: "shop", node: "a", requests: ["cpu": 1_000])
            $0.pod("lost", namespace: "shop", node: "gone", requests: ["cpu": 1_000])
            $0.pod("claims", namespace: "ml", node: "a")
        }
        builder.state.pods.append(builder.state.pods[0])
        builder.state.nodes.append(builder.state.nodes[0])
        let claim = builder.intern("gpu")
        builder.state.pods[2].resourceClaims = builder.state.pool.names([claim])
        let allocation = builder.allocated(aws)
        #expect(
            Set(allocation.problems) == [
                .duplicateNode("a"), .duplicateUID(pod: "shop/web"), .unknownNode("gone", pods: 1),
                .claimedDevices(pods: 1),
            ])
        #expect(allocation.total.description == "1.3")
    }
}

@Suite struct GPUAllocationTests {
    /// A $10 p3.16xlarge and AWS's bases: $0.504 for a GPU-hour, what is left of it idle.
    @Test func wholeGPUs() throws {
        var builder = ClusterBuilder()
        builder.node(
            "gpu", annotations: ClusterBuilder.priced("10"),
            capacity: ["cpu": 64_000, "memory": 488 * gib, "nvidia.com/gpu": 8])
        builder.pod("train", namespace: "ml", node: "gpu", requests: ["nvidia.com/gpu": 1])
        let allocation = builder.allocated(AllocationInput(settings: AllocationSettings(split: .aws)))
        let pod = try #require(allocation.lines(.pod).first)
        #expect(pod.gpu.rounded(toDecimals: 3) == "0.504")
        #expect(pod.total == pod.gpu)
        #expect(allocation.total.description == "10")
    }

    struct Case: Sendable {
        var labels: [String: String] = [:]
        var offered: [String: Int64]
        var asked: [String: Int64]
        /// Of a node that costs 28 and whose only cost are its GPUs.
        var cost: String
        var idle: String
    }

    private static let mixed = ["nvidia.com/mig.strategy": "mixed"]
    private static let single = [
        "nvidia.com/mig.strategy": "single", "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb",
    ]
    private static let cases = [
        // Eight GPUs in 56 slices: a slice is a seventh of an eighth.
        Case(labels: single, offered: ["nvidia.com/gpu": 56], asked: ["nvidia.com/gpu": 2], cost: "1", idle: "27"),
        // One GPU whole, one cut into 3g + 2g + 1g + 1g: 3/7 of a half.
        Case(
            labels: mixed,
            offered: [
                "nvidia.com/gpu": 1, "nvidia.com/mig-3g.20gb": 1, "nvidia.com/mig-2g.10gb": 1,
                "nvidia.com/mig-1g.5gb": 2,
            ], asked: ["nvidia.com/mig-3g.20gb": 1], cost: "6", idle: "22"),
        // Four replicas of each of two GPUs: an eighth each.
        Case(
            labels: ["nvidia.com/gpu.replicas": "4"], offered: ["nvidia.com/gpu": 8], asked: ["nvidia.com/gpu": 3],
            cost: "10.5", idle: "17.5"),
        // The same with the resource renamed.
        Case(
            labels: ["nvidia.com/gpu.replicas": "4"], offered: ["nvidia.com/gpu.shared": 8],
            asked: ["nvidia.com/gpu.shared": 1], cost: "3.5", idle: "24.5"),
        // GKE: one GPU cut into 2g slices, of which three fit; the seventh part is of no use.
        Case(
            labels: ["cloud.google.com/gke-gpu-partition-size": "2g.10gb"], offered: ["nvidia.com/gpu": 3],
            asked: ["nvidia.com/gpu": 1], cost: "8", idle: "20"),
        Case(offered: ["amd.com/gpu": 4], asked: ["amd.com/gpu": 4], cost: "28", idle: "0"),
        // A30: quarters.
        Case(
            labels: mixed, offered: ["nvidia.com/mig-1g.6gb": 4], asked: ["nvidia.com/mig-1g.6gb": 1], cost: "7",
            idle: "21"),
    ]

    @Test(arguments: cases) func partsOfGPUs(example: Case) throws {
        var builder = ClusterBuilder()
        builder.node(
            "gpu", labels: example.labels, annotations: ClusterBuilder.priced("28"), capacity: example.offered)
        builder.pod("infer", namespace: "ml", node: "gpu", requests: example.asked)
        let allocation = builder.allocated()
        #expect(allocation.problems.isEmpty)
        #expect(allocation.lines(.pod).map(\.gpu.description) == [example.cost])
        let idle = allocation.lines.filter(\.kind.isIdle).map(\.gpu).sum()
        #expect(idle.description == example.idle)
        #expect(allocation.total.description == "28")
    }

    /// The list knows that the machine has four GPUs; the node offers three: one failed.
    @Test func gpusThatAreNotOfferedAreReservedAndNamed() throws {
        var builder = ClusterBuilder()
        builder.node(
            "gpu", labels: ["node.kubernetes.io/instance-type": "g5.12xlarge"],
            capacity: ["cpu": 48_000, "memory": 192 * gib, "nvidia.com/gpu": 3])
        builder.pod("train", namespace: "ml", node: "gpu", requests: ["nvidia.com/gpu": 3])
        let allocation = builder.allocated()
        #expect(allocation.problems == [.gpusNotOffered(node: "gpu", machine: 4, offered: 3)])
        let pod = try #require(allocation.lines(.pod).first)
        let reserved = try #require(allocation.lines(.systemReserved).first)
        #expect(try pod.gpu.scaled(by: 1, over: 3).rounded(toDecimals: 6) == reserved.gpu.rounded(toDecimals: 6))
        #expect(allocation.total.description == "5.672")
    }
}

@Suite struct StorageAndBalancerTests {
    @Test func volumesGoToThePodsThatMountThem() throws {
        var builder = ClusterBuilder()
        builder.node("a", annotations: ClusterBuilder.priced("1"), capacity: ["cpu": 1_000])
        // 0.08 a month for each GiB: 730 GiB cost 0.08 an hour.
        builder.volume("shared", gib: 730, claim: "data", namespace: "shop")
        builder.volume("left", gib: 730, claim: "old", namespace: "shop")
        builder.pod("one", namespace: "shop", node: "a", volumeClaims: ["data"])
        builder.pod("two", namespace: "shop", node: "a", volumeClaims: ["data", "data"])
        builder.pod("ended", namespace: "shop", node: "a", phase: .succeeded, volumeClaims: ["data", "old"])
        builder.pod("elsewhere", namespace: "other", node: "a", volumeClaims: ["data"])
        let allocation = builder.allocated()
        #expect(allocation.lines(.volume).map(\.other.description) == ["0.04", "0.04"])
        #expect(allocation.lines(.volume).map { Int($0.pod) } == [0, 1])
        #expect(allocation.lines(.unmounted).map(\.other.description) == ["0.08"])
        #expect(allocation.volumes.count == 2)
        #expect(allocation.total.description == "1.16")
        let showback = Showback(allocation, state: builder.state, owners: builder.owners(["team"]), by: .label(0))
        #expect(showback[.unmounted]?.total.description == "0.08")
    }

    @Test func loadBalancersGoToThePodsBehindThem() {
        var builder = ClusterBuilder()
        builder.node(
            "a", annotations: ClusterBuilder.priced("1"), capacity: ["cpu": 1_000],
            providerID: "aws:///eu-west-1a/i-0123")
        builder.pod("web-1", namespace: "shop", node: "a", labels: ["app": "web"])
        builder.pod("web-2", namespace: "shop", node: "a", labels: ["app": "web"])
        builder.pod("db", namespace: "shop", node: "a", labels: ["app": "db"])
        builder.pod("web-3", namespace: "other", node: "a", labels: ["app": "web"])
        builder.loadBalancer("front", namespace: "shop", selector: ["app": "web"])
        builder.loadBalancer("empty", namespace: "shop", selector: ["app": "none"])
        builder.loadBalancer("manual", namespace: "shop", selector: [:])
        let lines = builder.allocated().lines(.loadBalancer)
        #expect(lines.map { Int($0.pod) } == [0, 1, -1, -1])
        #expect(lines.map(\.other.description) == ["0.01125", "0.01125", "0.0225", "0.0225"])
    }

    @Test func whatHasNoPriceIsNamed() {
        var builder = ClusterBuilder()
        builder.volume("huge", gib: 1 << 30, claim: "data", namespace: "shop")
        builder.volume("files", gib: 5, claim: "files", namespace: "shop")
        builder.state.volumes[1].driver = builder.intern("efs.csi.aws.com")
        builder.loadBalancer("front", namespace: "shop", selector: [:])
        let input = AllocationInput(
            pricing: PricingPolicy(currency: Currency("EUR") ?? .usd),
            externalCosts: [ExternalCost(name: "credit", perHour: money("-1"))])
        let allocation = builder.allocated(input)
        #expect(
            allocation.problems == [
                .unpricedVolume("huge"), .unpricedVolume("files"), .unpricedLoadBalancer("shop/front"),
                .absurdExternalCost("credit", money("-1")),
            ])
        #expect(allocation.total == .zero)
    }
}
