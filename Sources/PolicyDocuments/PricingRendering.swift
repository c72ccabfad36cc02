import Attribution
import LabelPolicy

extension LoadedPricing {
    /// The fields of `spec`, every default that has a text written out.
    var renderedSpec: [(String, RenderedValue)] {
        var spec: [(String, RenderedValue)] = [("currency", .string(pricing.currency.code))]
        if let rate = pricing.perUSD { spec.append(("exchangeRate", .amount(rate))) }
        if !pricing.overrides.isEmpty { spec.append(("overrides", .list(pricing.overrides.map(override)))) }
        spec.append(("annotation", pricing.annotation.map { .string($0) } ?? .bool(false)))
        spec.append(("publicPrices", .bool(pricing.usesShippedList)))
        if let rates = pricing.rates {
            // The default ones are not written out: as numbers they would be in the document's currency.
            if !rates.isDefault {
                spec.append(
                    ("rates", .resources(core: rates.core, memory: rates.memoryGiB, gpu: rates.gpu)))
            }
        } else {
            spec.append(("rates", .bool(false)))
        }
        if let percent = pricing.spotDiscountPercent { spec.append(("spotDiscountPercent", .number(String(percent)))) }
        if !pricing.storage.isEmpty {
            let storage = pricing.storage.map { rate in
                RenderedValue.object([
                    ("storageClasses", .strings(rate.storageClasses.map(\.text))),
                    ("perGiBMonth", .amount(rate.perGiBMonth)),
                ])
            }
            spec.append(("storage", .list(storage)))
        }
        if let amount = pricing.loadBalancerPerHour { spec.append(("loadBalancerPerHour", .amount(amount))) }
        spec.append(("split", split))
        spec.append(("sharing", .object(sharing)))
        return spec
    }

    private func override(_ override: PriceOverride) -> RenderedValue {
        let match = override.match
        let lists = [("nodes", match.nodes), ("instanceTypes", match.instanceTypes), ("regions", match.regions)]
        var fields = lists.filter { !$0.1.isEmpty }.map { ($0.0, RenderedValue.strings($0.1.map(\.text))) }
        if let capacity = match.capacity { fields.append(("capacity", .string(capacity.rawValue))) }
        if let selector = match.nodeSelector { fields.append(("nodeSelector", .selector(selector))) }
        var rendered: [(String, RenderedValue)] = [
            ("match", .object(fields)), ("perHour", .amount(override.perHour)), ("source", .string(override.origin)),
        ]
        if let date = override.date { rendered.append(("date", .string(date.description))) }
        return .object(rendered)
    }

    private var split: RenderedValue {
        switch allocation.split {
        case .openCost: .string(NamedSplit.openCost.rawValue)
        case .aws: .string(NamedSplit.aws.rawValue)
        case .custom(let bases): .resources(core: bases.core, memory: bases.memoryGiB, gpu: bases.gpu)
        }
    }

    private var sharing: [(String, RenderedValue)] {
        let sharing = allocation.sharing
        return [
            ("idle", rule(sharing.idle)), ("overhead", rule(sharing.overhead)),
            ("namespaces", rule(sharing.namespaces)),
            ("sharedNamespaces", .strings(sharing.sharedNamespaces.map(\.text))),
        ]
    }

    private func rule(_ rule: SharingRule) -> RenderedValue {
        switch rule {
        case .separate: .string(NamedSharing.separate.rawValue)
        case .even: .string(NamedSharing.even.rawValue)
        case .weighted: .string(NamedSharing.weighted.rawValue)
        case .custom(let weights):
            .object([
                ("custom", .object(weights.sorted { $0.key < $1.key }.map { ($0.key, .number(String($0.value))) }))
            ])
        }
    }
}

extension RenderedValue {
    static func amount(_ amount: Money) -> RenderedValue { .number(amount.description) }

    static func resources(core: Money, memory: Money, gpu: Money) -> RenderedValue {
        .object([("core", .amount(core)), ("memoryGiB", .amount(memory)), ("gpu", .amount(gpu))])
    }

    static func selector(_ selector: LabelSelector) -> RenderedValue {
        var fields: [(String, RenderedValue)] = []
        if !selector.matchLabels.isEmpty {
            let pairs = selector.matchLabels.sorted { $0.key < $1.key }
            fields.append(("matchLabels", .object(pairs.map { ($0.key.text, .string($0.value)) })))
        }
        if !selector.matchExpressions.isEmpty {
            let expressions = selector.matchExpressions.map { expression -> RenderedValue in
                var fields: [(String, RenderedValue)] = [
                    ("key", .string(expression.key.text)), ("operator", .string(expression.operator.rawValue)),
                ]
                if !expression.values.isEmpty { fields.append(("values", .strings(expression.values))) }
                return .object(fields)
            }
            fields.append(("matchExpressions", .list(expressions)))
        }
        return .object(fields)
    }
}
