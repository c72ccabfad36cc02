package import Attribution

/// What an auditor knows of OpenCost's prices over many looks: the last good ones stay, and each change of state is told
/// once. Does no I/O and has no clock.
package struct PriceStanding: Sendable {
    /// Nodes come and go by the minute, and prices of spot machines by the hour; until a new node's price was read it has
    /// the next source's.
    package static let interval = Duration.seconds(300)
    /// After the first look that failed, doubled with each that follows: a restart of OpenCost takes half a minute.
    package static let retry = Duration.seconds(15)

    /// What is to be told.
    package enum Notice: Sendable, Hashable {
        /// How many nodes have a price.
        case began(nodes: Int)
        case recovered(nodes: Int)
        /// Something is wrong with single prices.
        case problem(String)
        case failed(String)
    }

    /// The last good ones; nil: none were read yet.
    package private(set) var prices: ExternalPrices?
    /// Why the last look failed; nil: it did not.
    package private(set) var failure: String?
    private var problems: [String] = []
    private var failures = 0

    package init() {}

    /// - Returns: what is to be told. Prices that are as they were, keep their date.
    package mutating func read(_ answer: OpenCostPrices) -> [Notice] {
        var notices: [Notice] = []
        let nodes = answer.prices.perHour.count
        if failure != nil {
            notices.append(.recovered(nodes: nodes))
        } else if prices == nil {
            notices.append(.began(nodes: nodes))
        }
        if answer.problems != problems { notices += answer.problems.map(Notice.problem) }
        (failure, failures, problems) = (nil, 0, answer.problems)
        if prices?.perHour != answer.prices.perHour { prices = answer.prices }
        return notices
    }

    package mutating func failed(_ text: String) -> [Notice] {
        defer { failure = text }
        failures = min(failures + 1, 32)
        return failure == nil ? [.failed(text)] : []
    }

    /// Until the next look.
    package var pause: Duration {
        if failures == 0 { return Self.interval }
        return min(Self.interval, Self.retry * (1 << min(failures - 1, 8)))
    }
}
