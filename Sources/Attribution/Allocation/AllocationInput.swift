/// What a Pod was measured to use, from a metrics source.
package struct PodUsage: Sendable, Hashable {
    package var millicores: UInt64
    package var memory: UInt64

    package init(millicores: UInt64, memory: UInt64) {
        self.millicores = millicores
        self.memory = memory
    }
}

/// A cost of somebody in the cluster that does not arise in it: an API that is billed by tokens, a managed database.
package struct ExternalCost: Sendable, Hashable {
    package var name: String
    package var perHour: Money

    package init(name: String, perHour: Money) {
        self.name = name
        self.perHour = perHour
    }

    /// Appends a line for each; what cannot be a cost becomes a problem.
    package static func allocate(
        _ costs: [ExternalCost], into lines: inout [CostLine], _ problems: inout [AllocationProblem]
    ) {
        for (place, cost) in costs.enumerated() {
            guard let nanos = UInt64(exactly: cost.perHour.nanos), nanos <= UInt64(Int64.max) else {
                problems.append(.absurdExternalCost(cost.name, cost.perHour))
                continue
            }
            lines.append(CostLine(kind: .external, object: Int32(clamping: place), other: nanos))
        }
    }
}

/// Everything an allocation is a function of, beside the state itself.
package struct AllocationInput: Sendable {
    package var pricing: PricingPolicy
    package var settings: AllocationSettings
    package var prices: ShippedPrices
    package var external: ExternalPrices?
    /// By Pod, in the state's order; empty: no usage is known, and Pods cost what they ask for.
    package var usage: [PodUsage?]
    package var externalCosts: [ExternalCost]

    package init(
        pricing: PricingPolicy = PricingPolicy(), settings: AllocationSettings = AllocationSettings(),
        prices: ShippedPrices = .builtIn, external: ExternalPrices? = nil, usage: [PodUsage?] = [],
        externalCosts: [ExternalCost] = []
    ) {
        self.pricing = pricing
        self.settings = settings
        self.prices = prices
        self.external = external
        self.usage = usage
        self.externalCosts = externalCosts
    }
}
