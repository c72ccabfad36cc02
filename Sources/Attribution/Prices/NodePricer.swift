package import LabelPolicy

/// A node as far as its price is concerned.
package struct PricedNode {
    package var name: String
    package var instanceType: String
    package var region: String
    package var capacity: CapacityType
    /// The value of a label, for overrides' selectors and for attached GPUs.
    package var label: (String) -> String?
    /// The text of the price annotation, if the node has it.
    package var annotation: String?
    package var millicores: Int64
    package var memoryBytes: Int64
    /// Whole GPUs.
    package var gpus: Int64

    package init(
        name: String, instanceType: String = "", region: String = "", capacity: CapacityType = .onDemand,
        label: @escaping (String) -> String? = { _ in nil }, annotation: String? = nil, millicores: Int64 = 0,
        memoryBytes: Int64 = 0,
        gpus: Int64 = 0
    ) {
        self.name = name
        self.instanceType = instanceType
        self.region = region
        self.capacity = capacity
        self.label = label
        self.annotation = annotation
        self.millicores = millicores
        self.memoryBytes = memoryBytes
        self.gpus = gpus
    }
}

/// Prices per hour that OpenCost or Kubecost gave, already read: the texts as they stand in its answer.
package struct ExternalPrices: Sendable, Hashable {
    /// `OpenCost at http://opencost.opencost:9003`, for reports.
    package var origin: String
    package var date: CivilDate?
    /// By node name, in the policy's currency.
    package var perHour: [String: String]

    package init(origin: String, date: CivilDate? = nil, perHour: [String: String]) {
        self.origin = origin
        self.date = date
        self.perHour = perHour
    }
}

/// A node's price, or why there is none.
package struct NodePricing: Sendable, Hashable {
    package var price: Price?
    package var problems: [PriceProblem]

    package init(price: Price?, problems: [PriceProblem] = []) {
        self.price = price
        self.problems = problems
    }
}

/// Asks the price sources in their order.
package struct NodePricer: Sendable {
    /// Beyond this, in US dollars per hour, a figure is no price of a machine: the dearest public one is $361
    /// (u7in-32tb.224xlarge), so it leaves room for one 27 times as dear.
    package static let maximumUSD: Int64 = 10_000
    /// A price that is so many times the list's, or so small a part of it, is reported (a wrong unit: cents for dollars,
    /// months for hours).
    package static let farFactor: Int64 = 10

    private let policy: PricingPolicy
    private let list: ShippedPrices
    private let external: ExternalPrices?
    private let maximum: Money

    package init(policy: PricingPolicy, list: ShippedPrices = .builtIn, external: ExternalPrices? = nil) {
        self.policy = policy
        self.list = list
        self.external = external
        maximum = Self.maximum(of: policy)
    }

    /// The most that a machine can cost an hour, in the policy's currency.
    package static func maximum(of policy: PricingPolicy) -> Money {
        let limit = Money(nanos: maximumUSD * Money.nanosPerUnit)
        if policy.currency == .usd { return limit }
        // Without a rate nobody knows what is dear; 63 bits of nano-units bound it still.
        return policy.perUSD.flatMap { rate in try? limit.converted(at: rate) } ?? Money(nanos: .max)
    }

    package func price(_ node: PricedNode) -> NodePricing {
        var problems: [PriceProblem] = []
        let listed = listed(node, &problems)
        var price = override(node, &problems) ?? annotated(node, &problems) ?? measured(node, &problems)
        if let given = price, let listed, Self.isFar(given.perHour, from: listed.perHour) {
            price?.flags.insert(.farFromList)
            problems.append(.farFromList(given.source, price: given.perHour, list: listed.perHour))
        }
        if let given = price, listed == nil, given.perHour.isZero {
            problems.append(.free(given.source, instanceType: node.instanceType))
        }
        price = price ?? listed ?? summed(node, &problems)
        if price?.source == .rates { problems.append(.estimated(instanceType: node.instanceType)) }
        if price == nil { problems.append(.unpriced(instanceType: node.instanceType)) }
        return NodePricing(price: price, problems: problems)
    }

    // MARK: - Sources

    private func override(_ node: PricedNode, _ problems: inout [PriceProblem]) -> Price? {
        guard let override = policy.overrides.first(where: { $0.match.matches(node) }) else { return nil }
        guard isPlausible(override.perHour) else {
            problems.append(.absurd(.policy, origin: override.origin, text: override.perHour.description))
            return nil
        }
        return Price(perHour: override.perHour, source: .policy, origin: override.origin, date: override.date)
    }

    private func annotated(_ node: PricedNode, _ problems: inout [PriceProblem]) -> Price? {
        guard let text = node.annotation, let key = policy.annotation else { return nil }
        guard let amount = try? Money(parsing: text), isPlausible(amount) else {
            problems.append(.absurd(.annotation, origin: key, text: text))
            return nil
        }
        return Price(perHour: amount, source: .annotation, origin: key, date: nil)
    }

    /// A zero is OpenCost's way to say that it does not know.
    private func measured(_ node: PricedNode, _ problems: inout [PriceProblem]) -> Price? {
        guard let external, let text = external.perHour[node.name] else { return nil }
        guard let amount = try? Money(rounding: text), isPlausible(amount) else {
            problems.append(.absurd(.opencost, origin: external.origin, text: text))
            return nil
        }
        guard !amount.isZero else { return nil }
        return Price(perHour: amount, source: .opencost, origin: external.origin, date: external.date)
    }

    private func listed(_ node: PricedNode, _ problems: inout [PriceProblem]) -> Price? {
        guard policy.usesShippedList,
            let entry = list.price(node, spotDiscountPercent: policy.spotDiscountPercent)
        else { return nil }
        guard let (amount, converted) = inCurrency(entry.perHour) else {
            problems.append(.noExchangeRate(policy.currency))
            return nil
        }
        return Price(
            perHour: amount, source: .list, origin: entry.origin, date: entry.date,
            flags: entry.flags.union(converted))
    }

    private func summed(_ node: PricedNode, _ problems: inout [PriceProblem]) -> Price? {
        guard let rates = policy.rates, node.millicores > 0 || node.memoryBytes > 0 || node.gpus > 0 else { return nil }
        // The default rates are in US dollars; rates that somebody wrote are in the policy's currency.
        let isDefault = rates.isDefault
        var flags: PriceFlags = .fromResources
        do throws(MoneyError) {
            var sum = try rates.core.scaled(by: node.millicores, over: 1_000)
            sum += try rates.memoryGiB.scaled(by: node.memoryBytes, over: 1 << 30)
            sum += try rates.gpu.scaled(by: node.gpus)
            if isDefault {
                guard let (amount, converted) = inCurrency(sum) else {
                    if !problems.contains(.noExchangeRate(policy.currency)) {
                        problems.append(.noExchangeRate(policy.currency))
                    }
                    return nil
                }
                sum = amount
                flags.formUnion(converted)
            }
            guard isPlausible(sum) else {
                problems.append(.absurd(.rates, origin: "the node's capacity", text: sum.description))
                return nil
            }
            return Price(
                perHour: sum, source: .rates, origin: isDefault ? "OpenCost's default rates" : "rates", date: nil,
                flags: flags)
        } catch {
            problems.append(.absurd(.rates, origin: "the node's capacity", text: error.description))
            return nil
        }
    }

    // MARK: - Judging

    /// A price of zero is one: a machine of one's own that is paid off. Nothing that is not said is taken for zero.
    private func isPlausible(_ amount: Money) -> Bool { !amount.isNegative && amount <= maximum }

    private func inCurrency(_ amount: Money) -> (Money, PriceFlags)? {
        if policy.currency == .usd { return (amount, []) }
        return policy.perUSD.flatMap { try? amount.converted(at: $0) }.map { ($0, .converted) }
    }

    private static func isFar(_ price: Money, from list: Money) -> Bool {
        // Both are plausible, so ten times each fits.
        guard let tenfold = try? price.scaled(by: farFactor), let listTenfold = try? list.scaled(by: farFactor) else {
            return true
        }
        return price > listTenfold || tenfold < list
    }
}

extension Money {
    /// The amount at so many units of another currency for one of this.
    package func converted(at rate: Money) throws(MoneyError) -> Money {
        guard let nanos = Int64(exactly: rate.nanos) else { throw .overflow }
        return try scaled(by: nanos, over: Self.nanosPerUnit)
    }
}
