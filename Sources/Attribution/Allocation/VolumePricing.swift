/// What a volume comes to.
package enum VolumePrice: Sendable, Hashable {
    /// Per hour.
    case priced(Money, Rate)
    /// A disk of its node, which is paid with the node.
    case local
    /// No rate is known, or the capacity is absurd.
    case unpriced
}

extension StoragePricer {
    /// Beyond it a capacity is no disk's: the largest that clouds sell is 64 TiB, a file system's 100 PiB are not billed
    /// by capacity.
    static let maximumBytes: Int64 = 1 << 54

    package func volume(bytes: Int64, storageClass: String, driver: String) -> VolumePrice {
        if Self.isLocal(storageClass: storageClass, driver: driver) { return .local }
        guard (0...Self.maximumBytes).contains(bytes),
            let rate = perGiBMonth(storageClass: storageClass, driver: driver),
            let cost = try? rate.amount.scaled(by: bytes, over: Money.hoursPerMonth << 30),
            let nanos = UInt64(exactly: cost.nanos), nanos <= UInt64(Int64.max)
        else { return .unpriced }
        return .priced(cost, rate)
    }
}

extension CostLine {
    /// A Pod with its node's place; -1 for a node that is not there.
    package typealias PodOnNode = (pod: Int, node: Int32)

    /// A volume in equal parts to the Pods that mount it; what nobody mounts is a line of its own.
    ///
    /// - Parameter pods: in an order of their own, by UID.
    package static func ofVolume(_ object: Int32, cost: Money, pods: [PodOnNode]) -> [CostLine] {
        evenly(.volume, object, cost, pods)
            ?? [CostLine(kind: .unmounted, object: object, other: UInt64(clamping: cost.nanos))]
    }

    /// A load balancer in equal parts to the Pods behind it; without any it stays with the Service.
    ///
    /// - Parameter pods: in an order of their own, by UID.
    package static func ofLoadBalancer(_ object: Int32, cost: Money, pods: [PodOnNode]) -> [CostLine] {
        evenly(.loadBalancer, object, cost, pods)
            ?? [CostLine(kind: .loadBalancer, object: object, other: UInt64(clamping: cost.nanos))]
    }

    private static func evenly(_ kind: Kind, _ object: Int32, _ cost: Money, _ pods: [PodOnNode]) -> [CostLine]? {
        guard !pods.isEmpty, let parts = cost.distributed(over: [UInt64](repeating: 1, count: pods.count)) else {
            return nil
        }
        return zip(pods, parts).map { pod, part in
            CostLine(
                kind: kind, node: pod.node, pod: Int32(clamping: pod.pod), object: object,
                other: UInt64(clamping: part.nanos))
        }
    }

    /// The same piece of cost in a state where its objects stand elsewhere.
    package func moved(node: Int32, pod: Int32, object: Int32) -> CostLine {
        CostLine(
            kind: kind, node: node, pod: pod, object: object, cpu: UInt64(clamping: cpuNanos),
            memory: UInt64(clamping: memoryNanos), gpu: UInt64(clamping: gpuNanos),
            other: UInt64(clamping: otherNanos), overRequested: UInt64(clamping: overRequestedNanos))
    }
}
