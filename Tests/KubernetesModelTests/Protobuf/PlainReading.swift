import KubernetesModel

/// What a record should say, worked out from the oracle's object in the plainest way.
enum PlainReading {
    /// Billionths by resource; what is no amount counts as none.
    static func amounts(_ map: [String: Oracle_Quantity]) -> [String: Int128] {
        map.mapValues { max(0, (try? Quantity(parsing: $0.string).nanos) ?? 0) }
    }

    /// Without the amounts that 64 bits do not hold.
    static func list(_ nanos: [String: Int128]) -> [String: Int64] {
        nanos.compactMapValues { $0 }.reduce(into: [:]) { list, entry in
            let amount = ResourceUnit(resource: entry.key).amount(nanos: entry.value)
            if let amount, amount != 0 { list[entry.key] = amount }
        }
    }

    static func requests(_ container: Oracle_Container) -> [String: Int128] {
        amounts(container.resources.limits).merging(amounts(container.resources.requests)) { $1 }
    }

    /// As k8s.io/component-helpers/resource does it, list by list.
    static func requests(_ spec: Oracle_PodSpec) -> (all: [String: Int64], running: [String: Int64]) {
        var running: [String: Int128] = [:]
        for container in spec.containers { running.merge(requests(container), uniquingKeysWith: +) }
        var sidecars: [String: Int128] = [:]
        var peak: [String: Int128] = [:]
        for container in spec.initContainers {
            let own = requests(container)
            if container.restartPolicy == "Always" {
                running.merge(own, uniquingKeysWith: +)
                sidecars.merge(own, uniquingKeysWith: +)
                peak.merge(sidecars, uniquingKeysWith: max)
            } else {
                peak.merge(own.merging(sidecars, uniquingKeysWith: +), uniquingKeysWith: max)
            }
        }
        var all = running.merging(peak, uniquingKeysWith: max)
        for (resource, amount) in amounts(spec.resources.requests)
        where resource == "cpu" || resource == "memory" || resource.hasPrefix("hugepages-") {
            all[resource] = amount
            running[resource] = amount
        }
        let overhead = amounts(spec.overhead)
        return (list(all.merging(overhead, uniquingKeysWith: +)), list(running.merging(overhead, uniquingKeysWith: +)))
    }

    static func time(_ time: Oracle_Time) -> Int64? { time.hasSeconds ? time.seconds : nil }

    static func kept(_ labels: [String: String], _ filter: KeyFilter) -> [String: String] {
        labels.filter { filter.keeps($0.key) }
    }

    /// `kind.group/name/uid`; empty without a controller of a sound apiVersion.
    static func controller(_ metadata: Oracle_ObjectMeta) -> String {
        guard let owner = metadata.ownerReferences.first(where: \.controller),
            let group = try? GroupVersion(parsing: owner.apiVersion).group
        else { return "" }
        return "\(GroupKind(group: group, kind: owner.kind))/\(owner.name)/\(owner.uid)"
    }
}

extension RecordPool {
    /// As `PlainReading.controller`.
    func describe(_ controller: ControllerReference) -> String {
        controller.isNone
            ? "" : "\(self[controller.kind])/\(strings[controller.name])/\(text(of: controller.uid))"
    }

    func dictionary(_ labels: LabelSetID) -> [String: String] {
        Dictionary(self.labels(labels).map { ($0.key, $0.value) }) { $1 }
    }
}
