package import Attribution
package import KubernetesModel
package import LabelPolicy

/// Which labels and annotations of a cluster's objects an audit reads: what readers and snapshots keep.
package enum AuditFilters {
    /// - Parameter selectors: keys of the load balancers' selectors, by which their Pods are found; without them the cost
    ///   of a load balancer stays with its Service.
    package static func make(
        policy: Policy, pricing: PricingPolicy = PricingPolicy(), settings: AuditSettings = AuditSettings(),
        selectors: some Sequence<String> = EmptyCollection()
    ) -> RecordFilters {
        let evaluator = Evaluator(policy)
        let keys = evaluator.keys.map(\.text)
        let labels = KeyFilter.keys(keys + policy.labels.flatMap { spellings(of: $0.key.text) } + Array(selectors))
        let objects = RecordFilters.Metadata(labels: labels)
        return RecordFilters(
            pods: objects, owners: objects, nodes: nodes(policy, keys, pricing, settings), resources: objects)
    }

    private static func nodes(
        _ policy: Policy, _ keys: [String], _ pricing: PricingPolicy, _ settings: AuditSettings
    ) -> RecordFilters.Metadata {
        var labels = keys + settings.nodeGroupKeys + policy.labels.compactMap(\.tag)
        labels += ProviderLabel.table.map(\.key) + CapacityLabel.table.map(\.key)
        labels += NodeLabel.instanceType + NodeLabel.zone + NodeLabel.region
        for override in pricing.overrides {
            guard let selector = override.match.nodeSelector else { continue }
            labels += selector.matchLabels.keys.map(\.text) + selector.matchExpressions.map(\.key.text)
        }
        var annotations = pricing.annotation.map { [$0] } ?? []
        for machine in MachineLabel.table {
            annotations += [machine.machine, machine.namespace, machine.ownerName].compactMap { $0 }
        }
        return RecordFilters.Metadata(
            // GPUs: how many there are, how they are sliced and shared, and Google Cloud's attached accelerators.
            labels: .keys(labels, prefixes: ["nvidia.com/", "amd.com/", "cloud.google.com/gke-"]),
            annotations: .keys(annotations))
    }

    /// How else people write a key: `cost_center`, `cost.center`, `costCenter` for `cost-center`. Beside the key itself
    /// they collide in other systems.
    private static func spellings(of key: String) -> [String] {
        let separators: Set<Character> = ["-", "_", "."]
        let slash = key.lastIndex(of: "/")
        let prefix = slash.map { String(key[...$0]) } ?? ""
        let words = (slash.map { key[key.index(after: $0)...] } ?? key[...]).split { separators.contains($0) }
        guard words.count > 1, let first = words.first else { return [] }
        let joined = separators.map { words.joined(separator: String($0)) }
        let camel = words.dropFirst().reduce(String(first)) { text, word in
            text + word.prefix(1).uppercased() + word.dropFirst()
        }
        return (joined + [camel]).map { prefix + $0 }
    }
}
