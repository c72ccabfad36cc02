/// One piece of the cluster's cost per hour. The lines of a node sum to its price exactly.
package struct CostLine: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        /// What a Pod asks for (or uses, if that is more and known) on its node.
        case pod
        /// The same of a DaemonSet's or static Pod: overhead of the node.
        case overhead
        /// Idle: allocatable and not asked for.
        case unallocated
        /// Idle: capacity that is not allocatable.
        case systemReserved
        /// The price of a node whose capacity is not known, so that it cannot be divided.
        case undivided
        /// A volume's share for one Pod that mounts it.
        case volume
        /// A volume that no Pod mounts.
        case unmounted
        /// A load balancer's share for one Pod behind it, or all of it if no Pod is known.
        case loadBalancer
        /// A cost from outside of the cluster.
        case external

        package var isIdle: Bool { self == .unallocated || self == .systemReserved }
    }

    package let kind: Kind
    /// Index into `ClusterState.nodes`; of volumes and load balancers, the node of the Pod; -1: none.
    package let node: Int32
    /// Index into `ClusterState.pods`; -1: none.
    package let pod: Int32
    /// Of volumes and unmounted ones, the index into `Allocation.volumes`; of load balancers, into `ClusterState.services`;
    /// of external costs, into the input's list; else -1.
    package let object: Int32
    let cpuNanos: Int64
    let memoryNanos: Int64
    let gpuNanos: Int64
    let otherNanos: Int64
    let overRequestedNanos: Int64

    package var cpu: Money { Money(nanos: cpuNanos) }
    package var memory: Money { Money(nanos: memoryNanos) }
    package var gpu: Money { Money(nanos: gpuNanos) }
    /// What is not cores, memory or GPUs: storage, a load balancer, an undivided node, an external cost.
    package var other: Money { Money(nanos: otherNanos) }
    /// Idle: the part of a Pod's cost that it asks for and does not use. Only known with usage; contained in the others.
    package var overRequested: Money { Money(nanos: overRequestedNanos) }
    package var total: Money { cpu + memory + gpu + other }

    /// - Parameters: amounts that are not negative and each at most 63 bits wide, as every price is.
    init(
        kind: Kind, node: Int32 = -1, pod: Int32 = -1, object: Int32 = -1, cpu: UInt64 = 0, memory: UInt64 = 0,
        gpu: UInt64 = 0, other: UInt64 = 0, overRequested: UInt64 = 0
    ) {
        self.kind = kind
        self.node = node
        self.pod = pod
        self.object = object
        cpuNanos = Int64(clamping: cpu)
        memoryNanos = Int64(clamping: memory)
        gpuNanos = Int64(clamping: gpu)
        otherNanos = Int64(clamping: other)
        overRequestedNanos = Int64(clamping: overRequested)
    }
}

/// What a node's price is divided into.
package enum SplitResource: String, Sendable, Hashable, CaseIterable {
    case cpu, memory, gpu

    /// The unit of amounts in messages.
    var unit: String {
        switch self {
        case .cpu: "m"
        case .memory: " bytes"
        case .gpu: " GPU fractions"
        }
    }
}
