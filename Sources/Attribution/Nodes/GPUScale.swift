/// What the units of a node's GPU resources are worth, as whole numbers.
///
/// A GPU is offered whole, as MIG slices (`nvidia.com/mig-3g.20gb`, three sevenths of a GPU; or under the plain name,
/// with MIG's strategy "single"), or time-sliced (each of `replicas` units a share of one GPU). All are multiples of
/// 1 / (28 × replicas) of a GPU: 28 holds sevenths (A100, H100) and quarters (A30, RTX PRO 6000).
package struct GPUScale: Sendable, Hashable {
    /// In 28ths of a GPU.
    static let parts: UInt64 = 28
    /// NVIDIA's device plugin is not known to be run with more; beyond it the label is taken for a mistake.
    static let maximumReplicas: UInt64 = 256
    static let maximumUnitsPerGPU = parts * maximumReplicas

    /// How many units share a GPU, or a slice of one; 1: none do.
    package let replicas: UInt64
    /// What one plain unit (`nvidia.com/gpu`) is a replica or whole of, in 28ths: 28 for a GPU, 4 for a slice 1g.
    package let deviceParts: UInt64
    /// Whether plain units are replicas.
    private let sharesDevices: Bool

    package var unitsPerGPU: UInt64 { Self.parts &* replicas }

    package static let whole = GPUScale(replicas: 1, deviceParts: parts)

    init(replicas: UInt64, deviceParts: UInt64) {
        self.replicas = replicas
        self.deviceParts = deviceParts
        sharesDevices = replicas > 1
    }

    /// As NVIDIA's GPU feature discovery and GKE label their nodes.
    package init(labels: (String) -> String?) {
        func count(_ key: String) -> UInt64? {
            labels(key).flatMap { UInt64($0) }.flatMap { (2...Self.maximumReplicas).contains($0) ? $0 : nil }
        }
        let replicas = count("nvidia.com/gpu.replicas") ?? count("cloud.google.com/gke-max-shared-clients-per-gpu") ?? 1
        let profile = labels("cloud.google.com/gke-gpu-partition-size") ?? Self.singleProfile(labels)
        self.init(replicas: replicas, deviceParts: profile.flatMap { MIGProfile($0)?.parts } ?? Self.parts)
    }

    /// With the strategy "single" the product's name ends with the profile: `NVIDIA-A100-SXM4-40GB-MIG-1g.5gb`.
    private static func singleProfile(_ labels: (String) -> String?) -> String? {
        guard labels("nvidia.com/mig.strategy") == "single", let product = labels("nvidia.com/gpu.product") else {
            return nil
        }
        let marker = Array("-MIG-".utf8)
        let bytes = Array(product.utf8)
        guard bytes.count > marker.count else { return nil }
        for start in 0..<(bytes.count - marker.count) where bytes[start...].starts(with: marker) {
            let rest = bytes[(start + marker.count)...].prefix { $0 != UInt8(ascii: "-") }
            return String(decoding: rest, as: UTF8.self)
        }
        return nil
    }

    /// The sum of what is asked for or offered, in units; saturating, so that an absurd amount stays one.
    func units(_ gpus: GPUAmounts) -> UInt64 {
        let device = deviceParts &* (sharesDevices ? 1 : replicas)
        return gpus.devices.saturatingProduct(device)
            .saturatingSum(gpus.sharedDevices.saturatingProduct(deviceParts))
            .saturatingSum(gpus.sliceParts.saturatingProduct(replicas))
            .saturatingSum(gpus.sharedSliceParts)
    }

    /// Whole GPUs that have room for these, where nobody says how many the machine has.
    func gpus(holding amounts: GPUAmounts) -> UInt64 {
        let perGPU = max(1, Self.parts / max(1, deviceParts))
        let devices = amounts.devices.dividedRoundingUp(by: perGPU &* (sharesDevices ? replicas : 1))
        let shared = amounts.sharedDevices.dividedRoundingUp(by: perGPU &* replicas)
        let slices = amounts.sliceParts.saturatingProduct(replicas).saturatingSum(amounts.sharedSliceParts)
        return devices.saturatingSum(shared).saturatingSum(slices.dividedRoundingUp(by: unitsPerGPU))
    }
}

/// GPU resources of one list, added up by what their units mean.
struct GPUAmounts: Sendable, Hashable {
    /// `*/gpu` and other names of whole devices.
    var devices: UInt64 = 0
    /// `*/gpu.shared`.
    var sharedDevices: UInt64 = 0
    /// MIG slices by name, in 28ths of a GPU.
    var sliceParts: UInt64 = 0
    /// Time-sliced MIG slices, in 28ths times replicas.
    var sharedSliceParts: UInt64 = 0

    var isZero: Bool { self == GPUAmounts() }

    mutating func add(_ amount: UInt64, of resource: GPUResource) {
        switch resource {
        case .device: devices = devices.saturatingSum(amount)
        case .sharedDevice: sharedDevices = sharedDevices.saturatingSum(amount)
        case .slice(let parts): sliceParts = sliceParts.saturatingSum(amount.saturatingProduct(parts))
        case .sharedSlice(let parts):
            sharedSliceParts = sharedSliceParts.saturatingSum(amount.saturatingProduct(parts))
        }
    }
}

/// What a unit of a GPU resource is, by the resource's name.
enum GPUResource: Sendable, Hashable {
    case device
    case sharedDevice
    /// In 28ths of a GPU.
    case slice(UInt64)
    case sharedSlice(UInt64)
}

/// A MIG profile: `1g.5gb`, `3g.20gb`, `1c.3g.20gb` (one of a slice's compute units), `1g.5gb.me`.
struct MIGProfile {
    /// In 28ths of a GPU.
    let parts: UInt64

    init?(_ name: some StringProtocol) {
        let words = name.split(separator: ".", omittingEmptySubsequences: false)
        func number(_ word: some StringProtocol, _ unit: String) -> UInt64? {
            word.hasSuffix(unit) ? UInt64(word.dropLast(unit.count)) : nil
        }
        guard let first = words.first else { return nil }
        let computeUnits = number(first, "c")
        let rest = computeUnits == nil ? words[...] : words.dropFirst()
        guard let sliceWord = rest.first, let slices = number(sliceWord, "g"), (1...7).contains(slices) else {
            return nil
        }
        // A30 has four slices of 6 GB, RTX PRO 6000 and GH200 four of 24 GB; all others have seven.
        let memory = rest.dropFirst().first.flatMap { word in
            number(word.prefix { $0 != "+" }, "gb")
        }
        let isQuarter = memory.map { $0 == 6 * slices || $0 == 24 * slices } ?? false
        let slicesPerGPU: UInt64 = isQuarter ? 4 : 7
        let share = min(computeUnits ?? slices, slices)
        guard share > 0, slices <= slicesPerGPU else { return nil }
        parts = share * (GPUScale.parts / slicesPerGPU)
    }
}

extension UInt64 {
    func saturatingProduct(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    func saturatingSum(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    func dividedRoundingUp(by divisor: UInt64) -> UInt64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: Swift.max(divisor, 1))
        return remainder == 0 ? quotient : quotient &+ 1
    }
}
