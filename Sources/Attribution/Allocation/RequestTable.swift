import KubernetesModel

/// The resource lists of a state as numbers one can add up: each distinct list is read once, so that the loop over Pods
/// only looks into an array.
struct RequestTable {
    struct Amounts {
        var millicores: UInt64 = 0
        var memory: UInt64 = 0
        var gpus = GPUAmounts()

        /// In the units of a node.
        func vector(_ scale: GPUScale) -> ResourceVector {
            ResourceVector(millicores: millicores, memory: memory, gpuUnits: gpus.isZero ? 0 : scale.units(gpus))
        }
    }

    /// By the number of the list.
    private var lists: [Amounts] = []
    private var kinds: [StringID: GPUResource?] = [:]

    /// Reads the lists that the pool has got since; the pool is always the same one, or a copy of it.
    mutating func extend(to pool: RecordPool) {
        guard lists.count < pool.resourceLists.count else { return }
        for number in lists.count..<pool.resourceLists.count {
            var amounts = Amounts()
            for item in pool.resourceLists[ResourceListID(rawValue: UInt32(truncatingIfNeeded: number))] {
                // Lists that are read hold nothing below zero; the type cannot say so.
                let amount = UInt64(max(0, item.amount))
                switch item.name {
                case RecordPool.WellKnown.cpu: amounts.millicores = amount
                case RecordPool.WellKnown.memory: amounts.memory = amount
                default:
                    let kind: GPUResource?
                    if let known = kinds[item.name] {
                        kind = known
                    } else {
                        kind = GPUResource(name: pool.strings[item.name])
                        kinds[item.name] = .some(kind)
                    }
                    if let kind { amounts.gpus.add(amount, of: kind) }
                }
            }
            lists.append(amounts)
        }
    }

    /// Nothing for a number of another pool.
    subscript(_ id: ResourceListID) -> Amounts {
        let index = Int(id.rawValue)
        return index < lists.count ? lists[index] : Amounts()
    }
}

extension GPUResource {
    /// - Returns: nil if the resource is no GPU. A slice whose profile cannot be read counts as a whole one.
    init?(name: String) {
        guard ExtendedResource.isGPU(name) else { return nil }
        let shared = ".shared"
        let slice = "nvidia.com/mig-"
        if name.hasPrefix(slice) {
            let profile = name.dropFirst(slice.count)
            if profile.hasSuffix(shared) {
                self = .sharedSlice(MIGProfile(profile.dropLast(shared.count))?.parts ?? GPUScale.parts)
            } else {
                self = .slice(MIGProfile(profile)?.parts ?? GPUScale.parts)
            }
        } else {
            self = name.hasSuffix(shared) ? .sharedDevice : .device
        }
    }
}
