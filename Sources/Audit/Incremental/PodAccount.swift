import Attribution
import KubernetesModel

/// What a ledger keeps of each Pod: where it stands, and the lines of cost that are in the sums on its account.
struct PodAccount: Sendable {
    /// Its workload, once its controllers were followed.
    var root: WorkloadRoot?
    /// A number of `StandingTable`; nil while it is not judged.
    var standing: Int?
    /// On a node without a price.
    var isUnpriced = false
    var namespace = StringID.empty
    var isShared = false
    /// The number of its node's group.
    var nodeGroup: Int?
    var lines: [CostLine] = []

    var nodeLine: CostLine? { lines.first(where: OwnershipSums.isOfNode) }

    /// Where a line of it stands in the sums.
    func place(of line: CostLine, _ standings: StandingTable) -> OwnershipSums.Place {
        OwnershipSums.Place(
            verdict: standing.flatMap { number in standings[number].map { (number, $0.sums) } }, namespace: namespace,
            isShared: isShared, nodeGroup: OwnershipSums.isOfNode(line) ? nodeGroup : nil)
    }
}

/// What a ledger keeps of each node beside its Pods' parts.
struct NodeAccount: Sendable {
    /// Nil before it was divided.
    var cost: NodeCost?
    /// Idle room, or the whole price of a node that stays undivided.
    var lines: [CostLine] = []
    /// The number of its group.
    var group: Int?
}

/// A volume, or a claim whose volume was not read, by its place in the state.
enum VolumeKey: Sendable, Hashable {
    case volume(Int)
    case claim(Int)

    /// A number that no other has. Places are far below 2^30: so many volumes no cluster has.
    var object: Int32 {
        switch self {
        case .volume(let place): Int32(truncatingIfNeeded: place &* 2)
        case .claim(let place): Int32(truncatingIfNeeded: place &* 2 &+ 1)
        }
    }
}

struct VolumeAccount: Sendable {
    /// In the places of the ledger's state.
    var cost: VolumeCost
    var pods: [Int]
    /// The volume itself, if no Pod mounts it.
    var unmounted: CostLine?
}

struct ServiceAccount: Sendable {
    /// Pods on nodes that its selector finds.
    var members: Set<Int> = []
    /// Those that have a part of its cost.
    var pods: [Int] = []
    /// All of it, if there is none.
    var own: CostLine?
}

/// A workload: the Pods of one root.
struct WorkloadUnit: Sendable {
    var pods: Set<Int> = []
    var result = WorkloadResult()
}

/// What a workload adds to the sums.
struct WorkloadResult: Sendable, Hashable {
    /// One if it is judged.
    var workloads = 0
    var attributed = 0
    /// Rules for which all its Pods have a value.
    var attributedRules: Set<Int> = []
    /// Numbers of its groups' standings.
    var groups: [Int] = []
    /// Teams it is billed to whose registration does not hold.
    var endedTeams: Set<Int> = []
}
