import Attribution
import Audit
import LabelPolicy

extension AuditReport {
    /// Where every price comes from, a line for each source: `6 nodes: list, https://… as of 2026-07-20
    /// (reference-region)`. Those of nodes first.
    var priceLines: [String] {
        var counts: [PriceProvenance: Int] = [:]
        var order: [PriceProvenance] = []
        func add(_ provenance: PriceProvenance, _ count: Int) {
            if counts[provenance] == nil { order.append(provenance) }
            counts[provenance, default: 0] += count
        }
        for price in nodeGroups.flatMap(\.prices) { add(PriceProvenance(price), price.nodes) }
        for rate in rates { add(PriceProvenance(rate), rate.count) }
        return order.map { $0.line(count: counts[$0] ?? 0) }
    }
}

/// What prices of one source have in common.
private struct PriceProvenance: Hashable {
    private let noun: String
    private let source: String
    private let origin: String
    private let date: CivilDate?
    private let flags: [String]

    init(_ price: AuditReport.PriceRow) {
        (noun, source, origin, date, flags) = ("node", price.source, price.origin, price.date, price.flags)
    }

    init(_ rate: AuditReport.RateRow) {
        noun =
            switch rate.item {
            case .volumes: "volume"
            case .loadBalancers: "load balancer"
            }
        (source, origin, date, flags) = (rate.source, rate.origin, rate.date, rate.flags)
    }

    func line(count: Int) -> String {
        "\(AmountText.grouped(count)) \(noun)\(count == 1 ? "" : "s"): \(source), \(origin)"
            + (date.map { " as of \($0)" } ?? "") + (flags.isEmpty ? "" : " (\(flags.joined(separator: ", ")))")
    }
}
