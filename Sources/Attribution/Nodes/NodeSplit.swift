/// What a unit of each resource weighs when a node's price is divided among its resources. Only proportions count, so
/// the unit of the weights is of no matter; they are amounts of money because OpenCost quotes them as such.
package struct SplitBases: Sendable, Hashable {
    /// For one core.
    package var core: Money
    package var memoryGiB: Money
    /// For one whole GPU.
    package var gpu: Money

    package init(core: Money, memoryGiB: Money, gpu: Money) {
        self.core = core
        self.memoryGiB = memoryGiB
        self.gpu = gpu
    }

    /// So large a base, in whole units, is a mistake, and smaller ones keep the arithmetic exact within 128 bits.
    package static let maximumUnits: Int64 = 1_000

    package var isUsable: Bool {
        [core, memoryGiB, gpu].allSatisfy { base in
            !base.isNegative && base <= Money(nanos: Self.maximumUnits * Money.nanosPerUnit)
        } && !(core.isZero && memoryGiB.isZero && gpu.isZero)
    }
}

/// Which bases hold for a node.
package enum SplitMethod: Sendable, Hashable {
    /// OpenCost's default prices: 0.031611 a core, 0.004237 a GiB, 0.95 a GPU.
    case openCost
    /// As AWS's split cost allocation data: a core weighs nine GiB; on accelerated machines a GPU weighs ten cores, and a
    /// core nine GiB.
    case aws
    case custom(SplitBases)

    package func bases(hasGPUs: Bool) -> SplitBases {
        func units(_ tenths: Int64) -> Money { Money(nanos: tenths * (Money.nanosPerUnit / 10)) }
        return switch self {
        case .openCost:
            SplitBases(
                core: ResourceRates.openCost.core, memoryGiB: ResourceRates.openCost.memoryGiB,
                gpu: ResourceRates.openCost.gpu)
        case .aws:
            hasGPUs
                ? SplitBases(core: units(9), memoryGiB: units(1), gpu: units(90))
                : SplitBases(core: units(90), memoryGiB: units(10), gpu: .zero)
        case .custom(let bases): bases
        }
    }
}

/// What a node has of each resource.
package struct ResourceVector: Sendable, Hashable {
    /// Thousandths of a core.
    package var millicores: UInt64
    /// Bytes.
    package var memory: UInt64
    /// GPUs in the node's own fraction (`GPUScale.unitsPerGPU`).
    package var gpuUnits: UInt64

    package init(millicores: UInt64 = 0, memory: UInt64 = 0, gpuUnits: UInt64 = 0) {
        self.millicores = millicores
        self.memory = memory
        self.gpuUnits = gpuUnits
    }

    package var isZero: Bool { millicores == 0 && memory == 0 && gpuUnits == 0 }

    /// Beyond these a node's capacity is a mistake: a thousand million cores, an exbibyte, two hundred thousand GPUs in
    /// the finest fraction. They keep the arithmetic of a split within 128 bits.
    package static let maximum = ResourceVector(millicores: 1 << 40, memory: 1 << 60, gpuUnits: 1 << 30)

    package var isPlausible: Bool {
        millicores <= Self.maximum.millicores && memory <= Self.maximum.memory && gpuUnits <= Self.maximum.gpuUnits
    }
}

/// A node's price, divided among its resources: `base × amount × price / Σ(base × amount)`, exact to the last unit.
package struct NodeSplit: Sendable, Hashable {
    package var cpu: Money
    package var memory: Money
    package var gpu: Money

    package var total: Money { cpu + memory + gpu }

    /// - Returns: nil if nothing on the node has a weight, or more than can be.
    package init?(price: Money, amounts: ResourceVector, unitsPerGPU: UInt64, bases: SplitBases) {
        guard bases.isUsable, amounts.isPlausible, unitsPerGPU > 0, unitsPerGPU <= GPUScale.maximumUnitsPerGPU else {
            return nil
        }
        // Over the common denominator 1000 × 2^30 × unitsPerGPU, less the common factor 8: 2^27 × 125 × 2^3. With bases below 2^40,
        // amounts below 2^60 and units below 2^13 no product reaches 2^123.
        let perGPU = UInt128(unitsPerGPU)
        let weights: [UInt128] = [
            bases.core.nanos.magnitude * UInt128(amounts.millicores) * (1 << 27) * perGPU,
            bases.memoryGiB.nanos.magnitude * UInt128(amounts.memory) * 125 * perGPU,
            bases.gpu.nanos.magnitude * UInt128(amounts.gpuUnits) * (125 << 30),
        ]
        guard let parts = price.distributed(overWide: weights) else { return nil }
        (cpu, memory, gpu) = (parts[0], parts[1], parts[2])
    }
}
