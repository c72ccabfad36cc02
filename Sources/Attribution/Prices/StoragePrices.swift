import LabelPolicy

/// A rate for storage or a load balancer, with its provenance.
package struct Rate: Sendable, Hashable {
    /// Per GiB and month, or per load balancer and hour.
    package let amount: Money
    package let source: PriceSource
    package let origin: String
    package let flags: PriceFlags
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
            return Rate(amount: override.perGiBMonth, source: .policy, origin: "storage", flags: [])
        }
        if ["efs.csi.aws.com", "nfs.csi.k8s.io"].contains(driver) { return nil }
        let (nanos, origin, isKnown) = Self.listed(storageClass: storageClass, driver: driver)
        // The class's name is a convention, and the region is not known: an estimate in any case.
        return shipped(Money(nanos: nanos), origin: origin, source: isKnown ? .list : .rates)
    }

    /// Per hour.
    package func loadBalancer(on cloud: Cloud?) -> Rate? {
        if let amount = policy.loadBalancerPerHour {
            return Rate(amount: amount, source: .policy, origin: "loadBalancerPerHour", flags: [])
        }
        return switch cloud {
        // A Network Load Balancer; what it transfers is not known here.
        case .aws:
            shipped(
                Money(nanos: 22_500_000), origin: "https://aws.amazon.com/elasticloadbalancing/pricing/", source: .list)
        // The first five forwarding rules together: Google bills them as one.
        case .googleCloud:
            shipped(Money(nanos: 25_000_000), origin: "https://cloud.google.com/vpc/network-pricing", source: .list)
        // The first five rules of a Standard Load Balancer.
        case .azure:
            shipped(
                Money(nanos: 25_000_000), origin: "https://azure.microsoft.com/pricing/details/load-balancer/",
                source: .list)
        case nil: shipped(Money(nanos: 25_000_000), origin: "the usual rate of the three clouds", source: .rates)
        }
    }

    private func shipped(_ amount: Money, origin: String, source: PriceSource) -> Rate? {
        let estimate: PriceFlags = source == .rates ? .fromResources : .referenceRegion
        if policy.currency == .usd { return Rate(amount: amount, source: source, origin: origin, flags: estimate) }
        return policy.perUSD.flatMap { try? amount.converted(at: $0) }.map {
            Rate(amount: $0, source: source, origin: origin, flags: estimate.union(.converted))
        }
    }

    /// US dollars per GiB and month in the reference regions: https://aws.amazon.com/ebs/pricing/,
    /// https://cloud.google.com/compute/disks-image-pricing, https://azure.microsoft.com/pricing/details/managed-disks/
    /// (Azure sells sizes: the 128 GiB disk's price is divided). Classes by the names the platforms give them.
    private static func listed(
        storageClass: String, driver: String
    ) -> (nanos: Int64, origin: String, isKnown: Bool) {
        let ebs = "https://aws.amazon.com/ebs/pricing/"
        let persistentDisk = "https://cloud.google.com/compute/disks-image-pricing"
        let managedDisk = "https://azure.microsoft.com/pricing/details/managed-disks/"
        switch driver {
        case "ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs":
            if storageClass.contains("gp2") { return (100_000_000, ebs, true) }
            if storageClass.contains("io1") || storageClass.contains("io2") { return (125_000_000, ebs, true) }
            if storageClass.contains("st1") { return (45_000_000, ebs, true) }
            if storageClass.contains("sc1") { return (15_000_000, ebs, true) }
            // gp3, which is also what new clusters get without asking.
            return (80_000_000, ebs, true)
        case "pd.csi.storage.gke.io", "kubernetes.io/gce-pd":
            if storageClass.hasPrefix("premium") || storageClass.contains("ssd") {
                return (170_000_000, persistentDisk, true)
            }
            if storageClass == "standard" || storageClass.contains("pd-standard") {
                return (40_000_000, persistentDisk, true)
            }
            return (100_000_000, persistentDisk, true)
        case "disk.csi.azure.com", "kubernetes.io/azure-disk":
            // P10 $19.71, E10 $9.60.
            if storageClass.contains("premium") { return (153_984_375, managedDisk, true) }
            return (75_000_000, managedDisk, true)
        default:
            return (40_000_000, "OpenCost's default rate for storage", false)
        }
    }
}
