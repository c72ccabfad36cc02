import LabelPolicy

/// The public on-demand prices that come with the program, and what is usual for spot capacity, storage and load
/// balancers. Each is of one region and day (`PriceOrigin`); none needs a network.
package struct ShippedPrices: Sendable {
    private let machines: [String: MachinePrice]
    /// Thousandths of the reference price, by Google Cloud region.
    private let googleCloudRegions: [String: Int64]
    private let attachedGPUs: [String: Money]

    package static let builtIn = ShippedPrices(tables: [.aws, .googleCloud, .azure])

    /// The tables, for documentation and reports.
    package static let origins = [PriceTable.aws.origin, PriceTable.googleCloud.origin, PriceTable.azure.origin]

    init(tables: [PriceTable]) {
        var machines: [String: MachinePrice] = [:]
        for table in tables { for machine in table.machines().machines { machines[machine.name] = machine } }
        self.machines = machines
        googleCloudRegions = Dictionary(
            Self.pairs(PriceTable.googleCloudRegions).compactMap { name, text in Int64(text).map { (name, $0) } },
            uniquingKeysWith: { first, _ in first })
        attachedGPUs = Dictionary(
            Self.pairs(PriceTable.googleCloudAttachedGPUs).compactMap { name, text in
                (try? Money(parsing: text)).map { (name, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func pairs(_ text: String) -> [(String, String)] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count == 2 ? (String(words[0]), String(words[1])) : nil
        }
    }

    /// Machine types that have a price.
    package var count: Int { machines.count }

    package func machine(_ instanceType: String) -> MachinePrice? { machines[instanceType] }

    /// The price in US dollars of a machine of this type, with what makes it an estimate.
    ///
    /// Nil for a type that is not listed, and for one with attached GPUs that are not.
    func price(_ node: PricedNode, spotDiscountPercent: Int64?) -> ListedPrice? {
        guard let machine = machines[node.instanceType], let gpus = attachedGPUPrice(node, machine: machine) else {
            return nil
        }
        var flags: PriceFlags = []
        var price = machine.perHour + gpus
        // A node that does not say its region may be anywhere.
        if node.region != machine.origin.region {
            if let factor = regionFactor(node.region, machine: machine) {
                // Both are small: a table's price and a factor below ten.
                price = (try? price.scaled(by: factor, over: 1_000)) ?? price
                flags.insert(.regionFactor)
            } else {
                flags.insert(.referenceRegion)
            }
        }
        switch node.capacity {
        case .onDemand: break
        case .reserved: flags.insert(.undiscounted)
        case .spot:
            let discount = spotDiscountPercent ?? SpotDiscount.percent(machine)
            price = (try? price.scaled(by: 100 - min(max(discount, 0), 100), over: 100)) ?? price
            flags.insert(.spotEstimate)
        }
        return ListedPrice(perHour: price, machine: machine, hasAttachedGPUs: !gpus.isZero, flags: flags)
    }

    /// Zero for a machine without attached GPUs; nil if there are some whose price is not known.
    private func attachedGPUPrice(_ node: PricedNode, machine: MachinePrice) -> Money? {
        guard machine.origin.cloud == .googleCloud, machine.gpus == 0,
            let accelerator = node.label("cloud.google.com/gke-accelerator")
        else { return .zero }
        guard let price = attachedGPUs[accelerator] else { return nil }
        return try? price.scaled(by: max(1, node.gpus))
    }

    private func regionFactor(_ region: String, machine: MachinePrice) -> Int64? {
        switch machine.origin.cloud {
        case .googleCloud:
            let series = machine.name.prefix { $0 != "-" }
            let isUniform = ["e2", "n1", "n2", "n2d", "t2d", "c2", "c2d"].contains(String(series))
            return isUniform ? googleCloudRegions[region] : nil
        case .azure: return PriceTable.azureEqualRegions.contains(region) ? 1_000 : nil
        case .aws: return nil
        }
    }
}

/// What the list says of a node.
struct ListedPrice {
    let perHour: Money
    let machine: MachinePrice
    /// Whether GPUs are in it that are listed for themselves.
    let hasAttachedGPUs: Bool
    let flags: PriceFlags

    /// The pages it is from.
    var origin: String {
        hasAttachedGPUs
            ? "\(machine.origin.page), GPUs \(PriceTable.attachedGPUOrigin.page)" : machine.origin.page
    }

    /// The older of their days.
    var date: CivilDate {
        hasAttachedGPUs ? min(machine.origin.date, PriceTable.attachedGPUOrigin.date) : machine.origin.date
    }
}

/// What spot capacity usually costs less than the same on demand.
enum SpotDiscount {
    /// Per cent off. Google Cloud changes its spot prices at most once a month: these are of us-central1 on the day of the
    /// machine table. AWS and Azure price spot by the hour and zone; the figures are the round values people budget
    /// with (AWS's Spot Instance Advisor and Azure's portal show 40 to 80 per cent for most types, less for GPUs).
    static func percent(_ machine: MachinePrice) -> Int64 {
        switch machine.origin.cloud {
        case .googleCloud:
            return switch machine.name.prefix(while: { $0 != "-" }) {
            case "e2", "c4": 40
            case "n1": 65
            case "n2": 53
            case "n2d": 71
            case "t2d": 63
            case "t2a", "c4a": 57
            case "c2": 52
            case "c2d": 66
            case "c3": 75
            case "c3d": 78
            case "n4": 51
            case "n4a": 58
            case "n4d": 52
            case "a2": 46
            case "a3": 43
            case "g2": 44
            case "m1": 82
            case "m3": 42
            default: 60
            }
        case .aws, .azure: return machine.gpus > 0 ? 50 : 60
        }
    }
}
