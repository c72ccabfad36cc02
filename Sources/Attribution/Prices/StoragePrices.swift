package import LabelPolicy

/// A rate for storage or a load balancer, with its provenance.
package struct Rate: Sendable, Hashable {
    /// Per GiB and month, or per load balancer and hour.
    package let amount: Money
    package let source: PriceSource
    /// The page, or the field of the Pricing document.
    package let origin: String
    /// The region that a public price is of.
    package let region: String?
    /// When a public price was written down here; nil for what the policy says.
    package let date: CivilDate?
    package let flags: PriceFlags

    init(
        amount: Money, source: PriceSource, origin: String, region: String? = nil, date: CivilDate? = nil,
        flags: PriceFlags = []
    ) {
        self.amount = amount
        self.source = source
        self.origin = origin
        self.region = region
        self.date = date
        self.flags = flags
    }
}

/// A public price of storage or a load balancer, and where and when it was published.
struct ListedRate: Sendable {
    /// The day on which these were written down. Unlike the tables of machines they were not taken from a provider's
    /// catalogue by a program: compare them with the page.
    static let date = CivilDate(daysSinceEpoch: 20_778)  // 2026-11-21

    /// Billionths of a US dollar.
    let nanos: Int64
    let page: String
    /// Nil: of no cloud, and a last resort.
    let region: String?

    static func aws(_ nanos: Int64, _ page: String) -> ListedRate {
        ListedRate(nanos: nanos, page: page, region: PriceTable.aws.origin.region)
    }

    static func googleCloud(_ nanos: Int64, _ page: String) -> ListedRate {
        ListedRate(nanos: nanos, page: page, region: PriceTable.googleCloud.origin.region)
    }

    static func azure(_ nanos: Int64, _ page: String) -> ListedRate {
        ListedRate(nanos: nanos, page: page, region: PriceTable.azure.origin.region)
    }
}

/// Prices of volumes and load balancers: the policy's, else the list's, else a rate of last resort.
package struct StoragePricer: Sendable {
    private let policy: PricingPolicy

    package init(policy: PricingPolicy) { self.policy = policy }

    /// Whether the volume is a piece of its node's disk, which the node's price covers.
    static func isLocal(storageClass: String, driver: String) -> Bool {
        driver.isEmpty && storageClass.contains("local")
    }

    /// Per GiB and month.
    /// - Parameter driver: the CSI driver, or empty.
    /// - Returns: nil if public prices are of no use: there is no exchange rate, or the file system is billed by what it
    ///   holds and its capacity is a mere number.
    func perGiBMonth(storageClass: String, driver: String) -> Rate? {
        let override = policy.storage.first { $0.storageClasses.contains { $0.matches(storageClass) } }
        if let override {
            return Rate(amount: override.perGiBMonth, source: .policy, origin: "storage")
        }
        if ["efs.csi.aws.com", "nfs.csi.k8s.io"].contains(driver) { return nil }
        // The class's name is a convention, and the region is not known: an estimate in any case.
        return shipped(Self.listed(storageClass: storageClass, driver: driver))
    }

    /// Per hour.
    package func loadBalancer(on cloud: Cloud?) -> Rate? {
        if let amount = policy.loadBalancerPerHour {
            return Rate(amount: amount, source: .policy, origin: "loadBalancerPerHour")
        }
        return switch cloud {
        // A Network Load Balancer; what it transfers is not known here.
        case .aws: shipped(.aws(22_500_000, "https://aws.amazon.com/elasticloadbalancing/pricing/"))
        // The first five forwarding rules together: Google bills them as one.
        case .googleCloud: shipped(.googleCloud(25_000_000, "https://cloud.google.com/load-balancing/pricing"))
        // The first five rules of a Standard Load Balancer.
        case .azure: shipped(.azure(25_000_000, "https://azure.microsoft.com/pricing/details/load-balancer/"))
        case nil:
            shipped(ListedRate(nanos: 25_000_000, page: "the usual rate of the three clouds", region: nil))
        }
    }

    private func shipped(_ listed: ListedRate) -> Rate? {
        let amount = Money(nanos: listed.nanos)
        let converted = policy.currency == .usd ? amount : policy.perUSD.flatMap { try? amount.converted(at: $0) }
        guard let converted else { return nil }
        var flags: PriceFlags = listed.region == nil ? .fromResources : .referenceRegion
        if policy.currency != .usd { flags.insert(.converted) }
        return Rate(
            amount: converted, source: listed.region == nil ? .rates : .list, origin: listed.page,
            region: listed.region, date: ListedRate.date, flags: flags)
    }

    /// US dollars per GiB and month in the reference regions: https://aws.amazon.com/ebs/pricing/,
    /// https://cloud.google.com/compute/disks-image-pricing, https://azure.microsoft.com/pricing/details/managed-disks/
    /// (Azure sells sizes: the 128 GiB disk's price is divided). Classes by the names the platforms give them.
    private static func listed(storageClass: String, driver: String) -> ListedRate {
        let ebs = "https://aws.amazon.com/ebs/pricing/"
        let persistentDisk = "https://cloud.google.com/compute/disks-image-pricing"
        let managedDisk = "https://azure.microsoft.com/pricing/details/managed-disks/"
        switch driver {
        case "ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs":
            if storageClass.contains("gp2") { return .aws(100_000_000, ebs) }
            if storageClass.contains("io1") || storageClass.contains("io2") { return .aws(125_000_000, ebs) }
            if storageClass.contains("st1") { return .aws(45_000_000, ebs) }
            if storageClass.contains("sc1") { return .aws(15_000_000, ebs) }
            // gp3, which is also what new clusters get without asking.
            return .aws(80_000_000, ebs)
        case "pd.csi.storage.gke.io", "kubernetes.io/gce-pd":
            if storageClass.hasPrefix("premium") || storageClass.contains("ssd") {
                return .googleCloud(170_000_000, persistentDisk)
            }
            if storageClass == "standard" || storageClass.contains("pd-standard") {
                return .googleCloud(40_000_000, persistentDisk)
            }
            return .googleCloud(100_000_000, persistentDisk)
        case "disk.csi.azure.com", "kubernetes.io/azure-disk":
            // P10 $19.71, E10 $9.60.
            if storageClass.contains("premium") { return .azure(153_984_375, managedDisk) }
            return .azure(75_000_000, managedDisk)
        default:
            return ListedRate(nanos: 40_000_000, page: "OpenCost's default rate for storage", region: nil)
        }
    }
}
