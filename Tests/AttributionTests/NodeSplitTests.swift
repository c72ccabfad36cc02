import Attribution
import Testing

private let oneGiB: UInt64 = 1 << 30

private func bases(_ core: String, _ memory: String, _ gpu: String) -> SplitBases {
    SplitBases(core: money(core), memoryGiB: money(memory), gpu: money(gpu))
}

@Suite struct NodeSplitTests {
    /// A $35 node with a core, a GiB and a GPU, and bases 30/10/30, splits 15/5/15.
    @Test func dividesThePriceByWeightedAmounts() throws {
        let split = try #require(
            NodeSplit(
                price: money("35"), amounts: ResourceVector(millicores: 1_000, memory: oneGiB, gpuUnits: 28),
                unitsPerGPU: 28, bases: bases("30", "10", "30")))
        #expect(split.cpu.description == "15")
        #expect(split.memory.description == "5")
        #expect(split.gpu.description == "15")
    }

    /// A $10 p3.16xlarge (64 vCPUs, 488 GiB, 8 GPUs) gives $0.504 for a GPU-hour.
    @Test func matchesAWSForAcceleratedMachines() throws {
        let split = try #require(
            NodeSplit(
                price: money("10"),
                amounts: ResourceVector(millicores: 64_000, memory: 488 * oneGiB, gpuUnits: 8 * 28), unitsPerGPU: 28,
                bases: SplitMethod.aws.bases(hasGPUs: true)))
        #expect(try split.gpu.scaled(by: 1, over: 8).rounded(toDecimals: 3) == "0.504")
        #expect(split.total.description == "10")
    }

    /// Without GPUs a core weighs nine GiB.
    @Test func matchesAWSForOtherMachines() throws {
        let split = try #require(
            NodeSplit(
                price: money("1.3"), amounts: ResourceVector(millicores: 1_000, memory: 4 * oneGiB),
                unitsPerGPU: 28, bases: SplitMethod.aws.bases(hasGPUs: false)))
        #expect(split.cpu.description == "0.9")
        #expect(split.memory.description == "0.4")
        #expect(split.gpu == .zero)
    }

    /// OpenCost's bases are N1 prices, so an N1 machine splits into exactly those.
    @Test func givesOpenCostsRatesBack() throws {
        let split = try #require(
            NodeSplit(
                price: money("0.18999900"),
                amounts: ResourceVector(millicores: 4_000, memory: 15 * oneGiB), unitsPerGPU: 28,
                bases: SplitMethod.openCost.bases(hasGPUs: false)))
        #expect(split.cpu.description == "0.126444")
        #expect(split.memory.description == "0.063555")
    }

    @Test(arguments: [
        (ResourceVector(), UInt64(28), "1"), (ResourceVector(millicores: 1_000), 0, "1"),
        (ResourceVector(millicores: .max), 28, "1"), (ResourceVector(memory: .max), 28, "1"),
        (ResourceVector(gpuUnits: .max), 28, "1"), (ResourceVector(millicores: 1_000), 28, "1001"),
        (ResourceVector(millicores: 1_000), 28, "-1"), (ResourceVector(millicores: 1_000), .max, "1"),
    ])
    func refusesWhatHasNoWeight(amounts: ResourceVector, unitsPerGPU: UInt64, base: String) throws {
        #expect(
            NodeSplit(
                price: money("1"), amounts: amounts, unitsPerGPU: unitsPerGPU, bases: bases(base, "1", "1"))
                == nil)
    }

    /// The largest of everything at once: still exact.
    @Test func holdsAtItsLimits() throws {
        let split = try #require(
            NodeSplit(
                price: Money(nanos: .max), amounts: ResourceVector.maximum, unitsPerGPU: 28 * 256,
                bases: bases("1000", "1000", "1000")))
        #expect(split.total == Money(nanos: .max))
    }
}

@Suite struct GPUScaleTests {
    struct Case: Sendable {
        var labels: [String: String]
        var replicas: UInt64 = 1
        var parts: UInt64 = 28
    }

    private static let single = "nvidia.com/mig.strategy"
    private static let product = "nvidia.com/gpu.product"
    private static let cases = [
        Case(labels: [:]),
        Case(labels: ["nvidia.com/gpu.replicas": "4"], replicas: 4),
        Case(labels: ["nvidia.com/gpu.replicas": "1"]),
        Case(labels: ["nvidia.com/gpu.replicas": "99999"]),
        Case(labels: ["nvidia.com/gpu.replicas": "-4"]),
        Case(labels: ["cloud.google.com/gke-max-shared-clients-per-gpu": "2"], replicas: 2),
        Case(labels: ["cloud.google.com/gke-gpu-partition-size": "3g.20gb"], parts: 12),
        Case(labels: [single: "single", product: "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb"], parts: 4),
        Case(labels: [single: "single", product: "A100-MIG-2g.10gb-SHARED"], parts: 8),
        Case(labels: [single: "single", product: "NVIDIA-A30-MIG-2g.12gb"], parts: 14),
        Case(labels: [single: "mixed", product: "A100-MIG-1g.5gb"]),
        Case(labels: [single: "single", product: "-MIG-"]),
    ]

    @Test(arguments: cases) func readsLabels(example: Case) {
        let scale = GPUScale { example.labels[$0] }
        #expect(scale.replicas == example.replicas)
        #expect(scale.deviceParts == example.parts)
        #expect(scale.unitsPerGPU == 28 * example.replicas)
    }
}
