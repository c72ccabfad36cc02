import Attribution
import KubernetesModel
import LabelPolicy

/// The node groups of a ledger. Made in one pass over the nodes whenever one comes, goes or changes what tells its group;
/// in the sums a group has a number that stays.
struct NodeGroupTable: Sendable {
    /// Groups in the order of their names; their nodes are places in `nodes`.
    private(set) var groups: [NodeGroup] = []
    private(set) var readings: [[NodeGroupLabels.Reading]] = []
    /// By group.
    private(set) var numbers: [Int] = []
    /// Places in the ledger's state.
    private(set) var nodes: [Int] = []
    private(set) var groupOfNode: [Int: Int] = [:]
    private var known: [NodeGroup.Key: Int] = [:]

    /// What workloads' findings say of a group, by its number.
    var outlines: [Int: [String?]] {
        var outlines: [Int: [String?]] = [:]
        for (place, number) in numbers.enumerated() {
            outlines[number] =
                [groups[place].name]
                + readings[place].map { $0.nodeValues.count == 1 ? $0.nodeValues.first?.value : nil }
        }
        return outlines
    }

    var numberOfNode: [(place: Int, number: Int)] { nodes.map { ($0, numbers[groupOfNode[$0] ?? 0]) } }

    mutating func read(_ objects: LedgerObjects, _ evaluator: Evaluator, keys: [String], at now: Timestamp) {
        nodes = objects.nodes.places.values.sorted()
        var part = ClusterState(pool: objects.state.pool)
        part.nodes = nodes.map { objects.state.nodes[$0] }
        part.tagCarriers = objects.carriers.places.values.sorted().map { objects.state.tagCarriers[$0] }
        let found = NodeGroups(part, keys: keys)
        groups = found.groups
        groupOfNode = Dictionary(uniqueKeysWithValues: zip(nodes, found.ofNode))
        var labels = NodeGroupLabels(part, evaluator, at: now)
        readings = groups.map { labels.readings(of: $0) }
        numbers = groups.map { group in
            if let number = known[group.key] { return number }
            known[group.key] = known.count
            return known.count - 1
        }
    }

    /// The groups with their nodes by the places of a part.
    func groups(in part: StatePart) -> [NodeGroup] {
        groups.map { group in
            var group = group
            group.nodes = group.nodes.compactMap { part.placeOfNode[nodes[$0]] }
            return group
        }
    }
}
