package import Attribution
import LabelPolicy
import LocatedDocuments

/// What a Pricing document says: how things are priced, and how their costs are divided.
package struct LoadedPricing: Sendable, Hashable {
    package var name: String
    package var pricing: PricingPolicy
    package var allocation: AllocationSettings

    package init(name: String, pricing: PricingPolicy, allocation: AllocationSettings) {
        self.name = name
        self.pricing = pricing
        self.allocation = allocation
    }
}

extension FileLog {
    private static let pricingFields = [
        "currency", "exchangeRate", "overrides", "annotation", "publicPrices", "rates", "spotDiscountPercent",
        "storage", "loadBalancerPerHour", "split", "sharing",
    ]

    func pricing(_ document: DocumentHead) -> LoadedPricing? {
        guard let spec = document.spec(fields: Self.pricingFields) else { return nil }
        var pricing = PricingPolicy()
        readCurrency(spec, into: &pricing)
        if let node = spec.optional("overrides") {
            pricing.overrides = priceOverrides(
                node, spec.path("overrides"), document: document.name ?? "", pricing)
        }
        readAnnotation(spec, into: &pricing)
        if let node = spec.optional("publicPrices") {
            pricing.usesShippedList = bool(node, spec.path("publicPrices")) ?? true
        }
        readRates(spec, into: &pricing)
        if let node = spec.optional("spotDiscountPercent") {
            pricing.spotDiscountPercent = integer(node, spec.path("spotDiscountPercent"), in: 0...100)
        }
        if let node = spec.optional("storage") {
            pricing.storage = list(node, spec.path("storage"), storageRate) ?? []
        }
        pricing.loadBalancerPerHour = spec.optional("loadBalancerPerHour")
            .flatMap { money($0, spec.path("loadBalancerPerHour")) }
        let allocation = AllocationSettings(
            split: spec.optional("split").flatMap { split($0, spec) } ?? .openCost, sharing: sharing(spec))
        return document.name.map { LoadedPricing(name: $0, pricing: pricing, allocation: allocation) }
    }

    // MARK: Currency

    private func readCurrency(_ spec: ObjectReader, into pricing: inout PricingPolicy) {
        let currencyNode = spec.optional("currency")
        if let node = currencyNode, let text = string(node, spec.path("currency")) {
            if let currency = Currency(text) {
                pricing.currency = currency
            } else {
                error(
                    "spec.currency \"\(text)\" is no currency", remedy: "write its ISO 4217 code, such as USD or EUR",
                    at: node)
            }
        }
        if let node = spec.optional("exchangeRate") {
            guard let rate = money(node, spec.path("exchangeRate")) else { return }
            if pricing.currency == .usd {
                error(
                    "spec.exchangeRate is given, but the currency is USD, as public prices are",
                    remedy: "remove it, or name the `currency`", at: node)
            } else if rate.isZero {
                error("spec.exchangeRate is zero", remedy: "write what one US dollar costs", at: node)
            } else {
                pricing.perUSD = rate
            }
        } else if pricing.currency != .usd, let currencyNode, spec.node["exchangeRate"] == nil {
            warning(
                "without an exchange rate public prices, which are in USD, are of no use",
                remedy: "add `exchangeRate`: what one US dollar costs in \(pricing.currency)", at: currencyNode)
        }
    }

    // MARK: Overrides

    private func priceOverrides(
        _ node: LocatedNode, _ path: String, document: String, _ pricing: PricingPolicy
    ) -> [PriceOverride] {
        let read = list(node, path) { item, path in
            (priceOverride(item, path, origin: document, pricing), item)
        }
        var overrides: [PriceOverride] = []
        for (override, node) in read ?? [] {
            guard let override else { continue }
            if overrides.contains(where: { $0.match == override.match }) {
                error(
                    "an override with the same match stands above, so this one never counts", remedy: "remove one",
                    at: node["match"] ?? node)
            }
            overrides.append(override)
        }
        return overrides
    }

    private func priceOverride(
        _ node: LocatedNode, _ path: String, origin: String, _ pricing: PricingPolicy
    ) -> PriceOverride? {
        guard let reader = ObjectReader(node, path: path, fields: ["match", "perHour", "source", "date"], log: self)
        else { return nil }
        var match: PriceOverride.Match?
        if let matchNode = reader.required("match", remedy: "say which nodes it is for") {
            match = priceMatch(matchNode, key: node.entry("match")?.key, reader.path("match"))
        }
        let price = reader.required("perHour", remedy: "write the price of one node for an hour")
            .flatMap { nodePrice($0, reader.path("perHour"), pricing) }
        let source = reader.optional("source").flatMap { text($0, reader.path("source")) }
        let date = reader.optional("date").flatMap { self.date($0, reader.path("date")) }
        guard let match, let price else { return nil }
        return PriceOverride(match: match, perHour: price, origin: source ?? origin, date: date)
    }

    /// An amount that an audit will take for the price of a machine.
    private func nodePrice(_ node: LocatedNode, _ path: String, _ pricing: PricingPolicy) -> Money? {
        guard let price = money(node, path) else { return nil }
        let maximum = NodePricer.maximum(of: pricing)
        if price <= maximum { return price }
        error(
            "\(path) is \(price), and no machine costs more than \(maximum) \(pricing.currency) an hour",
            remedy: "write the price of one node for one hour, not for a month or for all of them", at: node)
        return nil
    }

    private func priceMatch(_ node: LocatedNode, key: LocatedNode?, _ path: String) -> PriceOverride.Match? {
        guard
            let reader = ObjectReader(
                node, key: key, path: path,
                fields: ["nodes", "instanceTypes", "regions", "capacity", "nodeSelector"], log: self)
        else { return nil }
        var isComplete = true
        // What could not be read must not become "everything": then there is no match at all.
        func globs(_ field: String) -> [Glob] {
            guard let node = reader.optional(field) else { return [] }
            let read = list(node, reader.path(field)) { node, path in
                text(node, path, maximumLength: TextLimits.glob).map { Glob($0) }
            }
            if read == nil { isComplete = false }
            return read ?? []
        }
        var match = PriceOverride.Match(
            nodes: globs("nodes"), instanceTypes: globs("instanceTypes"), regions: globs("regions"))
        if let node = reader.optional("capacity") {
            match.capacity = choice(CapacityType.self, node, reader.path("capacity"))
            if match.capacity == nil { isComplete = false }
        }
        if reader.node.entry("nodeSelector") != nil {
            match.nodeSelector = labelSelector(reader, "nodeSelector")
            if match.nodeSelector == nil { isComplete = false }
        }
        guard isComplete else { return nil }
        if match.isEmpty {
            error(
                "\(path) names nothing", remedy: "name nodes, instanceTypes, regions, a capacity or a nodeSelector",
                at: key ?? node)
            return nil
        }
        return match
    }

    private func readAnnotation(_ spec: ObjectReader, into pricing: inout PricingPolicy) {
        guard let node = spec.optional("annotation") else { return }
        if node.bool == false {
            pricing.annotation = nil
        } else if let key = labelKey(node, spec.path("annotation")) {
            pricing.annotation = key.text
        }
    }

    // MARK: Rates

    private func readRates(_ spec: ObjectReader, into pricing: inout PricingPolicy) {
        guard let node = spec.optional("rates") else { return }
        if node.bool == false {
            pricing.rates = nil
        } else if let (core, memory, gpu) = resourceAmounts(
            node, key: spec.node.entry("rates")?.key, spec.path("rates"))
        {
            pricing.rates = ResourceRates(core: core, memoryGiB: memory, gpu: gpu)
        }
    }

    /// `{core: …, memoryGiB: …, gpu: …}`
    private func resourceAmounts(
        _ node: LocatedNode, key: LocatedNode?, _ path: String
    ) -> (core: Money, memory: Money, gpu: Money)? {
        guard let reader = ObjectReader(node, key: key, path: path, fields: ["core", "memoryGiB", "gpu"], log: self)
        else { return nil }
        func amount(_ field: String) -> Money? {
            reader.required(field, remedy: "add `\(field): …`").flatMap { money($0, reader.path(field)) }
        }
        let (core, memory, gpu) = (amount("core"), amount("memoryGiB"), amount("gpu"))
        guard let core, let memory, let gpu else { return nil }
        return (core, memory, gpu)
    }

    private func storageRate(_ node: LocatedNode, _ path: String) -> StorageRate? {
        guard let reader = ObjectReader(node, path: path, fields: ["storageClasses", "perGiBMonth"], log: self) else {
            return nil
        }
        let classes = reader.required("storageClasses", remedy: "name the classes, such as [\"gp3*\"]").flatMap {
            node in
            filledList(node, reader.path("storageClasses"), remedy: "name the classes") {
                glob($0, $1, allows: Unicode.Scalar.isNameCharacter)
            }
        }
        let amount = reader.required("perGiBMonth", remedy: "write the price of a GiB for a month")
            .flatMap { money($0, reader.path("perGiBMonth")) }
        guard let classes, let amount else { return nil }
        return StorageRate(storageClasses: classes, perGiBMonth: amount)
    }

    // MARK: Division

    private func split(_ node: LocatedNode, _ spec: ObjectReader) -> SplitMethod? {
        let path = spec.path("split")
        guard node.mapping != nil else {
            return choice(NamedSplit.self, node, path).map { $0 == .aws ? .aws : .openCost }
        }
        guard let (core, memory, gpu) = resourceAmounts(node, key: spec.node.entry("split")?.key, path) else {
            return nil
        }
        let bases = SplitBases(core: core, memoryGiB: memory, gpu: gpu)
        guard bases.isUsable else {
            error(
                "\(path) weighs nothing, or something more than \(SplitBases.maximumUnits)",
                remedy: "only proportions count: write small numbers, and one above zero", at: node)
            return nil
        }
        return .custom(bases)
    }

    private func sharing(_ spec: ObjectReader) -> SharingSettings {
        var sharing = SharingSettings()
        guard let reader = spec.object("sharing", fields: ["idle", "overhead", "namespaces", "sharedNamespaces"]) else {
            return sharing
        }
        func rule(_ field: String) -> SharingRule? {
            reader.optional(field).flatMap { sharingRule($0, key: reader.node.entry(field)?.key, reader.path(field)) }
        }
        sharing.idle = rule("idle") ?? sharing.idle
        sharing.overhead = rule("overhead") ?? sharing.overhead
        sharing.namespaces = rule("namespaces") ?? sharing.namespaces
        if let node = reader.optional("sharedNamespaces") {
            let globs = list(node, reader.path("sharedNamespaces")) {
                glob($0, $1, allows: Unicode.Scalar.isNameCharacter)
            }
            sharing.sharedNamespaces = globs ?? sharing.sharedNamespaces
        }
        return sharing
    }

    private func sharingRule(_ node: LocatedNode, key: LocatedNode?, _ path: String) -> SharingRule? {
        guard node.mapping != nil else {
            return choice(NamedSharing.self, node, path).map { name in
                switch name {
                case .separate: .separate
                case .even: .even
                case .weighted: .weighted
                }
            }
        }
        guard let reader = ObjectReader(node, key: key, path: path, fields: ["custom"], log: self),
            let parts = reader.required("custom", remedy: "name who takes how much, such as {search: 60, payments: 40}")
        else { return nil }
        guard let entries = parts.mapping, !entries.isEmpty else {
            error(
                "\(reader.path("custom")) must name somebody, found \(parts.foundDescription)",
                remedy: "write {search: 60, payments: 40}", at: parts)
            return nil
        }
        var weights: [String: UInt64] = [:]
        for entry in entries {
            let weight = integer(entry.value, "\(reader.path("custom")).\(entry.name)", in: 0...1_000_000)
            guard let weight else { return nil }
            weights[entry.name] = UInt64(weight)
        }
        return .custom(weights)
    }
}

/// Splits that have a name.
enum NamedSplit: String, CaseIterable {
    case openCost, aws
}

/// Sharing that needs no numbers.
enum NamedSharing: String, CaseIterable {
    case separate, even, weighted
}
