/// Adds up what a Pod asks for, as Kubernetes' scheduler does (k8s.io/component-helpers/resource `PodRequests`):
///
///     max(Σ containers + Σ sidecars, peak while init containers run) + overhead
///
/// Init containers run one after another, each beside the sidecars (init containers with `restartPolicy: Always`)
/// started before it. A limit without a request counts as the request. Requests of the whole Pod
/// (`spec.resources.requests`) take the place of the containers' for CPU, memory and huge pages.
///
/// Amounts are billionths, added exactly and rounded up at the end. A `Quantity` is below 2^94 billionths, so that 2^32
/// of them, more than an object of any size the API server takes, do not overflow 128 bits.
package struct PodRequestSum: Sendable {
    /// What a list of requests belongs to.
    package enum Part: Sendable, Hashable {
        case container
        case initContainer
        /// An init container that goes on beside the containers. Order counts: sidecars before later init containers.
        case sidecar
        /// Said once for a resource; the last counts, as of the next.
        case overhead
        case wholePod
    }

    private struct Line: Sendable {
        var name: StringID
        /// Containers and sidecars.
        var running: Int128 = 0
        var sidecars: Int128 = 0
        var initPeak: Int128 = 0
        var overhead: Int128 = 0
        var wholePod: Int128?
    }

    private var lines: [Line] = []

    package init() {}

    /// Ready for the next Pod, keeping the room.
    package mutating func reset() { lines.removeAll(keepingCapacity: true) }

    package mutating func add(_ nanos: Int128, of resource: StringID, for part: Part) {
        let index = index(of: resource)
        switch part {
        case .container: lines[index].running &+= nanos
        case .sidecar:
            lines[index].running &+= nanos
            lines[index].sidecars &+= nanos
        case .initContainer: lines[index].initPeak = max(lines[index].initPeak, nanos &+ lines[index].sidecars)
        case .overhead: lines[index].overhead = nanos
        case .wholePod: lines[index].wholePod = nanos
        }
    }

    /// Whether requests of the whole Pod may name this resource.
    package static func isPodLevel(_ resource: String) -> Bool {
        resource == "cpu" || resource == "memory" || resource.hasPrefix("hugepages-")
    }

    /// What `add` has added up: the whole, and what stays when the init containers have ended. A resource whose amount
    /// 64 bits do not hold is left out of both and named to `overflow`.
    package func finish(
        in pool: inout RecordPool, scratch: inout [ResourceAmount], overflow: (StringID) -> Void
    ) -> (requests: ResourceListID, running: ResourceListID) {
        let requests = intern(in: &pool, &scratch, overflow) { line in
            (line.wholePod ?? max(line.running, line.initPeak)) &+ line.overhead
        }
        // Most Pods have no init container that asks for more than the containers.
        let hasPeak = lines.contains { $0.wholePod == nil && $0.initPeak > $0.running }
        guard hasPeak else { return (requests, requests) }
        let running = intern(in: &pool, &scratch, { _ in }) { line in (line.wholePod ?? line.running) &+ line.overhead }
        return (requests, running)
    }

    private func intern(
        in pool: inout RecordPool, _ scratch: inout [ResourceAmount], _ overflow: (StringID) -> Void,
        _ amount: (Line) -> Int128
    ) -> ResourceListID {
        scratch.removeAll(keepingCapacity: true)
        for line in lines {
            let nanos = amount(line)
            // Asking for none of a resource is not asking for it.
            guard nanos != 0 else { continue }
            let unit: ResourceUnit = line.name == RecordPool.WellKnown.cpu ? .millicores : .whole
            if let amount = unit.amount(nanos: nanos) {
                scratch.append(ResourceAmount(name: line.name, amount: amount))
            } else {
                overflow(line.name)
            }
        }
        return pool.resourceLists.intern(&scratch)
    }

    /// A Pod names few resources.
    private mutating func index(of resource: StringID) -> Int {
        for index in lines.indices where lines[index].name == resource { return index }
        lines.append(Line(name: resource))
        return lines.count - 1
    }
}
