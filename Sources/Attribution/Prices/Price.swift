import KubernetesModel
package import LabelPolicy

/// Where a price comes from, in the order in which they are asked: the first that knows the node counts.
package enum PriceSource: String, Sendable, CaseIterable {
    /// An override of the Pricing document.
    case policy
    /// An annotation of the node.
    case annotation
    /// OpenCost or Kubecost, by way of the caller.
    case opencost
    /// The list of public prices that is shipped.
    case list
    /// Rates for each core, GiB and GPU: the last resort.
    case rates
}

/// How far a price is an estimate.
package struct PriceFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The price of the list's reference region, for a node elsewhere.
    package static let referenceRegion = PriceFlags(rawValue: 1 << 0)
    /// The price of the list's reference region times the region's usual factor.
    package static let regionFactor = PriceFlags(rawValue: 1 << 1)
    /// On demand less a typical spot discount: the spot market's own price is not known.
    package static let spotEstimate = PriceFlags(rawValue: 1 << 2)
    /// Summed up from rates for each core, GiB and GPU, because nobody knows the machine type.
    package static let fromResources = PriceFlags(rawValue: 1 << 3)
    /// Converted from US dollars.
    package static let converted = PriceFlags(rawValue: 1 << 4)
    /// More than ten times, or less than a tenth of, what the list says.
    package static let farFromList = PriceFlags(rawValue: 1 << 5)
    /// The list's price of capacity that is reserved or committed, which costs less by contract.
    package static let undiscounted = PriceFlags(rawValue: 1 << 6)

    /// Stable codes for reports, in the order of the bits.
    package var codes: [String] {
        let all: [(PriceFlags, String)] = [
            (.referenceRegion, "reference-region"), (.regionFactor, "region-factor"),
            (.spotEstimate, "spot-estimate"), (.fromResources, "from-resources"), (.converted, "converted"),
            (.farFromList, "price-jump"), (.undiscounted, "undiscounted"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}

/// A price per hour and its provenance.
package struct Price: Sendable, Hashable {
    package let perHour: Money
    package let source: PriceSource
    /// The page, document, annotation or server it was read from.
    package let origin: String
    /// When it was published or measured, if that is known.
    package let date: CivilDate?
    package var flags: PriceFlags

    package init(
        perHour: Money, source: PriceSource, origin: String, date: CivilDate?, flags: PriceFlags = []
    ) {
        self.perHour = perHour
        self.source = source
        self.origin = origin
        self.date = date
        self.flags = flags
    }
}

/// What is wrong with a price, or with its absence.
package enum PriceProblem: Sendable, Hashable, CustomStringConvertible {
    /// No source knows the node. Its cost is unknown, not zero.
    case unpriced(instanceType: String)
    /// A source gave something that cannot be a price; the next source was asked.
    case absurd(PriceSource, origin: String, text: String)
    /// The price in use is more than ten times, or less than a tenth of, the list's.
    case farFromList(PriceSource, price: Money, list: Money)
    /// A price of zero for a machine that the list does not know, so that nothing tells whether it is meant.
    case free(PriceSource, instanceType: String)
    /// The list does not know the machine: its price is a sum of rates for what it has.
    case estimated(instanceType: String)
    /// Public prices are in US dollars, the report is not, and no exchange rate is given.
    case noExchangeRate(Currency)

    package var description: String {
        switch self {
        case .unpriced(let type):
            "no price is known for "
                + Self.name(type) + ": add it to `overrides` of a Pricing document"
        case .absurd(let source, let origin, let text):
            "the price \"\(text.quotation)\" from \(origin.quotation) (\(source.rawValue)) is no price and was passed over: mend it there"
        case .farFromList(let source, let price, let list):
            "the price \(price) (\(source.rawValue)) is more than ten times off the list's \(list): check its unit"
        case .free(let source, let type):
            "\(Self.name(type)) costs 0 (\(source.rawValue)) and has no listed price: say what it costs, or leave it if it is paid off"
        case .estimated(let type):
            "\(Self.name(type)) has no listed price and is estimated by its cores, memory and GPUs: add it to `overrides` "
                + "of a Pricing document (match: {instanceTypes: [\(type.isEmpty ? "…" : type.quotation)]})"
        case .noExchangeRate(let currency):
            "public prices are in USD and the report is in \(currency): add `exchangeRate` to the Pricing document"
        }
    }

    private static func name(_ type: String) -> String {
        type.isEmpty ? "a node without an instance type" : "instance type \(type.quotation)"
    }

    /// What is said of the machine's type and not of the node.
    package var isOfInstanceType: Bool {
        switch self {
        case .free, .estimated: true
        case .unpriced, .absurd, .farFromList, .noExchangeRate: false
        }
    }
}
