import KubernetesModel

/// Prices as OpenCost or Kubecost gave them, and what was wrong with what it gave.
package struct OpenCostPrices: Sendable, Hashable {
    /// A node of which there are several prices: one that was replaced under its name, or two clusters behind one server.
    package struct Several: Sendable, Hashable {
        package var node: String
        package var lowest: Money
        /// The one that counts.
        package var highest: Money

        package init(node: String, lowest: Money, highest: Money) {
            self.node = node
            self.lowest = lowest
            self.highest = highest
        }
    }

    /// Series that cannot be read.
    package struct Malformed: Sendable, Hashable {
        package private(set) var count = 0
        /// The number of its line, from 1.
        package private(set) var first = 0

        package init() {}

        mutating func add(_ line: Int) {
            if count == 0 { first = line }
            count += 1
        }
    }

    /// Texts that are no amounts are among them: whoever prices a node names those.
    package var prices: ExternalPrices
    package var several: [Several]
    package var malformed: Malformed
    /// Whether there were more nodes than are taken.
    package var isCut: Bool

    package init(
        prices: ExternalPrices, several: [Several] = [], malformed: Malformed = Malformed(), isCut: Bool = false
    ) {
        self.prices = prices
        self.several = several
        self.malformed = malformed
        self.isCut = isCut
    }

    /// Nodes named one by one in `problems`.
    private static let maximumExamples = 10

    /// What people should know, one line each.
    package var problems: [String] {
        let origin = prices.origin.quotation
        var lines = several.prefix(Self.maximumExamples).map { several in
            "\(origin): node \(several.node.quotation) has several prices, from \(several.lowest) to \(several.highest); "
                + "the highest counts"
        }
        if several.count > Self.maximumExamples {
            lines.append("\(origin): \(several.count - Self.maximumExamples) more nodes have several prices")
        }
        if malformed.count > 0 { lines.append("\(origin): \(malformed.text)") }
        if isCut {
            lines.append(
                "\(origin): it has prices of more than \(OpenCostReader.maximumNodes) nodes; the rest is passed over")
        }
        return lines
    }

    /// What they lack for a cluster of these nodes; nil: nothing worth a word.
    package func mismatch(withNodes names: some Collection<String>) -> String? {
        guard !names.isEmpty, !names.contains(where: { prices.perHour[$0] != nil }) else { return nil }
        let count = prices.perHour.count
        return
            "\(prices.origin.quotation): \(count == 1 ? "the one node it prices is" : "the \(count) nodes it prices are") "
            + "none of this cluster's; is it another cluster's server?"
    }
}

extension OpenCostPrices.Malformed {
    var text: String {
        count == 1
            ? "a series of node_total_hourly_cost, in line \(first), cannot be read and was passed over"
            : "\(count) series of node_total_hourly_cost, the first in line \(first), cannot be read and were passed over"
    }
}

/// Why a text gives no prices.
package enum OpenCostError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It has no series of nodes' prices that can be read.
    case noPrices(OpenCostPrices.Malformed)

    package var description: String {
        switch self {
        case .noPrices(let malformed) where malformed.count > 0: malformed.text + "; there is no other price in it"
        case .noPrices:
            "there is no series node_total_hourly_cost in it; give what OpenCost or Kubecost shows to Prometheus, "
                + "mostly http://HOST:9003/metrics"
        }
    }
}
