import KubernetesModel

/// What is known of one node: price, capacity, what is left for Pods.
struct NodeFacts {
    let name: String
    let pricing: NodePricing
    let capacityType: CapacityType
    let scale: GPUScale
    /// GPUs as the machine has them, whatever the node offers.
    let capacity: ResourceVector
    let allocatable: ResourceVector
    /// Set when the machine has more GPUs than the node offers: how many of either, in whole GPUs.
    let missingGPUs: (machine: Int64, offered: UInt64)?

    init(_ node: NodeRecord, state: ClusterState, requests: RequestTable, input: AllocationInput, pricer: NodePricer) {
        let pool = state.pool
        let label: (String) -> String? = { pool.label($0, in: node.labels) }
        name = pool.strings[node.name]
        let scale = GPUScale(labels: label)
        self.scale = scale
        let capacity = requests[node.capacity]
        let allocatable = node.allocatable.isEmpty ? capacity : requests[node.allocatable]
        let type = pool.strings[node.instanceType]
        let machine = input.prices.machine(type)
        let holding = capacity.gpus.isZero ? 0 : scale.gpus(holding: capacity.gpus)
        let gpus = max(holding, UInt64(max(0, machine?.gpus ?? 0)))
        var whole = capacity.vector(scale)
        let offered = whole.gpuUnits
        whole.gpuUnits = max(offered, gpus.saturatingProduct(scale.unitsPerGPU))
        self.capacity = whole
        self.allocatable = allocatable.vector(scale)
        // How many GPUs hold given slices depends on their memory too, so partitioned ones are not counted.
        let isWhole = scale.deviceParts == GPUScale.parts && capacity.gpus.sliceParts == 0
        missingGPUs = machine.flatMap {
            isWhole && $0.gpus > 0 && UInt64($0.gpus) > holding ? ($0.gpus, holding) : nil
        }
        capacityType = CapacityType(labels: label)
        pricing = pricer.price(
            PricedNode(
                name: name, instanceType: type, region: pool.strings[node.region],
                capacity: capacityType, label: label,
                annotation: input.pricing.annotation.flatMap { pool.label($0, in: node.annotations) },
                millicores: Int64(clamping: capacity.millicores), memoryBytes: Int64(clamping: capacity.memory),
                gpus: Int64(clamping: gpus)))
    }

    /// Those of the node's problems that its Pods have no part in.
    var problems: [AllocationProblem] {
        var problems = pricing.problems.map { AllocationProblem.price(node: name, $0) }
        if let missingGPUs {
            problems.append(.gpusNotOffered(node: name, machine: missingGPUs.machine, offered: missingGPUs.offered))
        }
        return problems
    }
}
