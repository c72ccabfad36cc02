package import Attribution
import KubernetesModel
package import LabelPolicy

extension AuditReport {
    /// A rate by which volumes or load balancers are priced, with its provenance.
    package struct RateRow: Sendable, Hashable {
        package enum Item: String, Sendable, CaseIterable {
            /// By the GiB and month.
            case volumes
            /// Each by the hour.
            case loadBalancers
        }

        package var item: Item
        /// Per GiB and month, or per load balancer and hour.
        package var rate: Money
        /// `policy`, `list` or `rates`.
        package var source: String
        /// The page, or the field of the Pricing document.
        package var origin: String
        /// The region that a public price is of.
        package var region: String?
        /// When a public price was written down, if that is known.
        package var date: CivilDate?
        /// How far it is an estimate.
        package var flags: [String]
        /// Volumes or load balancers that it prices.
        package var count: Int
        /// All of them.
        package var costPerHour: Money

        package init(
            item: Item, rate: Money, source: String, origin: String, region: String? = nil, date: CivilDate? = nil,
            flags: [String] = [], count: Int, costPerHour: Money
        ) {
            self.item = item
            self.rate = rate
            self.source = source
            self.origin = origin
            self.region = region
            self.date = date
            self.flags = flags
            self.count = count
            self.costPerHour = costPerHour
        }

        fileprivate init(_ item: Item, _ rate: Rate, count: Int, costPerHour: Money) {
            self.init(
                item: item, rate: rate.amount, source: rate.source.rawValue, origin: rate.origin, region: rate.region,
                date: rate.date, flags: rate.flags.codes, count: count, costPerHour: costPerHour)
        }
    }
}

/// Gathers the rates by which a cluster's volumes and load balancers were priced.
enum RateRows {
    /// Volumes first, each by what it comes to, the dearest first.
    static func rows(_ allocation: Allocation, loadBalancers: Int, costing cost: Money) -> [AuditReport.RateRow] {
        var sums: [Rate: (count: Int, cost: Money)] = [:]
        for volume in allocation.volumes {
            sums[volume.rate, default: (0, .zero)].count += 1
            sums[volume.rate, default: (0, .zero)].cost += volume.cost
        }
        var rows = sums.map { rate, sum in
            AuditReport.RateRow(.volumes, rate, count: sum.count, costPerHour: sum.cost)
        }.sorted { left, right in
            if left.costPerHour != right.costPerHour { return left.costPerHour > right.costPerHour }
            return (left.origin, left.rate, left.count) < (right.origin, right.rate, right.count)
        }
        if let rate = allocation.loadBalancerRate {
            rows.append(AuditReport.RateRow(.loadBalancers, rate, count: loadBalancers, costPerHour: cost))
        }
        return rows
    }
}
