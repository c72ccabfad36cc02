/// An amount of one resource in the unit that `ResourceUnit` gives it.
package struct ResourceAmount: Sendable, Hashable, BitwiseCopyable {
    package let name: StringID
    // In halves, so that the value has no padding: pools compare bytes.
    private let low: UInt32
    private let high: Int32

    /// Millicores, bytes, or units; never negative in a pool that was filled by this module.
    package var amount: Int64 { Int64(high) << 32 | Int64(low) }

    package init(name: StringID, amount: Int64) {
        self.name = name
        low = UInt32(truncatingIfNeeded: amount)
        high = Int32(truncatingIfNeeded: amount >> 32)
    }
}

/// The whole number a resource is counted in. Kubernetes' scheduler counts the same way and rounds up as well
/// (k8s.io/apimachinery Quantity: `MilliValue` for CPU, `Value` for everything else).
package enum ResourceUnit: Sendable, Hashable {
    /// Thousandths of a core: `cpu`.
    case millicores
    /// Bytes of memory and storage; devices, GPUs, Pods and other things one counts.
    case whole

    package init(resource name: String) { self = name == "cpu" ? .millicores : .whole }

    /// Billionths of the resource's base unit in one of these.
    var nanos: Int128 {
        switch self {
        case .millicores: 1_000_000
        case .whole: 1_000_000_000
        }
    }

    /// The amount, rounded up; nothing if 64 bits do not hold it.
    package func amount(nanos: Int128) -> Int64? {
        let (quotient, remainder) = nanos.quotientAndRemainder(dividingBy: self.nanos)
        return Int64(exactly: remainder > 0 ? quotient + 1 : quotient)
    }
}

/// A list of resources as `ResourceLists` numbers it: equal numbers, equal amounts.
package struct ResourceListID: Sendable, Hashable, BitwiseCopyable {
    package let rawValue: UInt32

    package static let empty = ResourceListID(rawValue: 0)

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package var isEmpty: Bool { rawValue == 0 }
}

/// Lists of resources, each kept once: the Pods of a workload ask for the same.
package struct ResourceLists: Sendable {
    private var runs = InternedRuns<ResourceAmount>()

    package init() {}

    /// Distinct lists, the empty one included.
    package var count: Int { runs.count }

    /// Numbers the list. The array is left sorted by the number of the name; a name must not occur twice.
    package mutating func intern(_ amounts: inout [ResourceAmount]) -> ResourceListID {
        amounts.sort { $0.name.rawValue < $1.name.rawValue }
        return amounts.withUnsafeBufferPointer { ResourceListID(rawValue: runs.intern($0)) }
    }

    /// The amounts, sorted by the number of the name.
    package subscript(_ id: ResourceListID) -> [ResourceAmount] { runs.withRun(id.rawValue) { Array($0) } }

    /// Millicores, bytes or units; 0 if the resource is not in the list.
    package func amount(of name: StringID, in id: ResourceListID) -> Int64 {
        runs.withRun(id.rawValue) { amounts in amounts.first { $0.name == name }?.amount ?? 0 }
    }

    package mutating func compact() { runs.compact() }
}
