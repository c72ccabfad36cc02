package import LabelPolicy

/// How nodes, volumes and load balancers are priced: a `Pricing` document. The default value holds without one.
package struct PricingPolicy: Sendable, Hashable {
    package var currency: Currency
    /// Units of the currency for one US dollar; not needed for USD, and without it public prices are of no use.
    package var perUSD: Money?
    /// First match wins over everything else.
    package var overrides: [PriceOverride]
    /// Annotation of a node that carries its price per hour.
    package var annotation: String?
    package var usesShippedList: Bool
    /// The last resort; nil: a node that nothing else prices is unpriced.
    package var rates: ResourceRates?
    /// Per cent off the on-demand price for spot capacity, instead of the list's typical ones.
    package var spotDiscountPercent: Int64?
    /// First match wins over the shipped rates.
    package var storage: [StorageRate]
    /// Per load balancer and hour, instead of the shipped rate.
    package var loadBalancerPerHour: Money?

    package init(
        currency: Currency = .usd, perUSD: Money? = nil, overrides: [PriceOverride] = [],
        annotation: String? = PricingPolicy.defaultAnnotation, usesShippedList: Bool = true,
        rates: ResourceRates? = .openCost, spotDiscountPercent: Int64? = nil, storage: [StorageRate] = [],
        loadBalancerPerHour: Money? = nil
    ) {
        self.currency = currency
        self.perUSD = perUSD
        self.overrides = overrides
        self.annotation = annotation
        self.usesShippedList = usesShippedList
        self.rates = rates
        self.spotDiscountPercent = spotDiscountPercent
        self.storage = storage
        self.loadBalancerPerHour = loadBalancerPerHour
    }

    package static let defaultAnnotation = "tallygate.io/price-per-hour"
}

/// A price that somebody knows better than any list: a contract, a machine of one's own.
package struct PriceOverride: Sendable, Hashable {
    /// All that is given must hold; at least one thing is.
    package struct Match: Sendable, Hashable {
        package var nodes: [Glob]
        package var instanceTypes: [Glob]
        package var regions: [Glob]
        package var capacity: CapacityType?
        /// Over the node's labels.
        package var nodeSelector: LabelSelector?

        package init(
            nodes: [Glob] = [], instanceTypes: [Glob] = [], regions: [Glob] = [], capacity: CapacityType? = nil,
            nodeSelector: LabelSelector? = nil
        ) {
            self.nodes = nodes
            self.instanceTypes = instanceTypes
            self.regions = regions
            self.capacity = capacity
            self.nodeSelector = nodeSelector
        }

        package var isEmpty: Bool {
            nodes.isEmpty && instanceTypes.isEmpty && regions.isEmpty && capacity == nil && nodeSelector == nil
        }

        func matches(_ node: PricedNode) -> Bool {
            func holds(_ globs: [Glob], _ text: String) -> Bool { globs.isEmpty || globs.contains { $0.matches(text) } }
            return holds(nodes, node.name) && holds(instanceTypes, node.instanceType) && holds(regions, node.region)
                && (capacity.map { $0 == node.capacity } ?? true)
                && (nodeSelector?.matches(node.label) ?? true)
        }
    }

    package var match: Match
    package var perHour: Money
    /// The contract or page it is from, for the report.
    package var origin: String
    package var date: CivilDate?

    package init(match: Match, perHour: Money, origin: String, date: CivilDate? = nil) {
        self.match = match
        self.perHour = perHour
        self.origin = origin
        self.date = date
    }
}

/// Rates per hour for what a node has.
package struct ResourceRates: Sendable, Hashable {
    package var core: Money
    package var memoryGiB: Money
    package var gpu: Money
    /// Whether these are OpenCost's, which are in US dollars; those that somebody writes are in the policy's currency.
    package let isDefault: Bool

    package init(core: Money, memoryGiB: Money, gpu: Money) {
        self.init(core: core, memoryGiB: memoryGiB, gpu: gpu, isDefault: false)
    }

    private init(core: Money, memoryGiB: Money, gpu: Money, isDefault: Bool) {
        self.core = core
        self.memoryGiB = memoryGiB
        self.gpu = gpu
        self.isDefault = isDefault
    }

    /// The defaults of OpenCost's specification, in US dollars: Google Cloud's N1 in us-central1, and a GPU.
    package static let openCost = ResourceRates(
        core: Money(nanos: 31_611_000), memoryGiB: Money(nanos: 4_237_000), gpu: Money(nanos: 950_000_000),
        isDefault: true)
}

/// A price of storage.
package struct StorageRate: Sendable, Hashable {
    package var storageClasses: [Glob]
    package var perGiBMonth: Money

    package init(storageClasses: [Glob], perGiBMonth: Money) {
        self.storageClasses = storageClasses
        self.perGiBMonth = perGiBMonth
    }
}
