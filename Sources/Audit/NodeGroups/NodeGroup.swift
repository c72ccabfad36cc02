import KubernetesModel

/// A node group of one state.
struct NodeGroup {
    /// What makes it one.
    struct Key: Hashable {
        var provider: NodeGroupProvider
        var identity: NodeGroupIdentity
        /// The group's name at its provider; of an inferred one, instance type and zone.
        var name: String
    }

    /// Nodes that nothing is known of.
    static let noGroup = "(no group)"

    let key: Key
    /// Unique among the groups.
    var name: String
    /// Indices into `ClusterState.nodes`, in the order of their names.
    var nodes: [Int] = []

    init(_ key: Key) {
        self.key = key
        name = key.name
    }
}

/// The groups of all nodes of a state.
struct NodeGroups {
    /// In the order of their names.
    private(set) var groups: [NodeGroup] = []
    /// By node of the state.
    private(set) var ofNode: [Int] = []

    /// - Parameter keys: labels that name a group, asked before the providers'.
    init(_ state: ClusterState, keys: [String]) {
        let finder = NodeGroupFinder(state, keys: keys)
        var numbers: [NodeGroup.Key: Int] = [:]
        for node in state.nodes {
            let key = finder.key(of: node)
            let number = numbers[key] ?? groups.count
            if number == groups.count {
                groups.append(NodeGroup(key))
                numbers[key] = number
            }
            ofNode.append(number)
        }
        sort(state)
        makeNamesUnique()
    }

    /// Groups that are known, for a state with some of their nodes.
    ///
    /// - Parameter ofNode: by node of that state.
    init(_ groups: [NodeGroup], ofNode: [Int]) {
        self.groups = groups
        self.ofNode = ofNode
    }

    private mutating func sort(_ state: ClusterState) {
        func order(_ key: NodeGroup.Key) -> (String, String, String) {
            switch key.identity {
            case .label(let label): (key.name, key.provider.rawValue, label)
            case .machine(let label): (key.name, key.provider.rawValue, label)
            case .inferred, .none: (key.name, key.provider.rawValue, "")
            }
        }
        let places = groups.indices.sorted { order(groups[$0].key) < order(groups[$1].key) }
        var new = [Int](repeating: 0, count: groups.count)
        for (place, old) in places.enumerated() { new[old] = place }
        groups = places.map { groups[$0] }
        ofNode = ofNode.map { new[$0] }
        let names = state.nodes.map { state.text($0.name) }
        for node in state.nodes.indices.sorted(by: { names[$0] < names[$1] }) {
            groups[ofNode[node]].nodes.append(node)
        }
    }

    private mutating func makeNamesUnique() {
        var counts: [String: Int] = [:]
        for group in groups { counts[group.name, default: 0] += 1 }
        var taken: Set<String> = []
        for place in groups.indices where counts[groups[place].name, default: 0] > 1 {
            var name = "\(groups[place].name) (\(groups[place].key.provider.rawValue))"
            if !taken.insert(name).inserted, case .label(let label) = groups[place].key.identity {
                name = "\(groups[place].name) (\(label))"
                taken.insert(name)
            }
            groups[place].name = name
        }
    }
}

/// Tells a node's group.
private struct NodeGroupFinder {
    private struct Machine: Hashable {
        let group: String
        let namespace: String
        let name: String
    }

    private let state: ClusterState
    private let labels: [(provider: NodeGroupProvider, key: String, id: StringID)]
    /// Labels of the Machines that were read.
    private var machines: [Machine: LabelSetID] = [:]
    /// The same by provider id, for nodes whose annotations were not read.
    private var machinesByID: [StringID: (group: String, labels: LabelSetID)] = [:]

    init(_ state: ClusterState, keys: [String]) {
        self.state = state
        let custom = keys.map { ProviderLabel(provider: .custom, key: $0) }
        labels = (custom + ProviderLabel.table).compactMap { label in
            state.pool.strings.id(of: label.key).map { (label.provider, label.key, $0) }
        }
        for carrier in state.tagCarriers {
            let kind = state.pool[carrier.kind]
            guard kind.kind == "Machine" else { continue }
            let key = Machine(
                group: kind.group, namespace: state.text(carrier.namespace), name: state.text(carrier.name))
            if machines[key] == nil { machines[key] = carrier.labels }
            if !carrier.providerID.isEmpty, machinesByID[carrier.providerID] == nil {
                machinesByID[carrier.providerID] = (kind.group, carrier.labels)
            }
        }
    }

    func key(of node: NodeRecord) -> NodeGroup.Key {
        for (provider, key, id) in labels {
            guard let value = state.pool.labelSets.value(of: id, in: node.labels), !value.isEmpty else { continue }
            return NodeGroup.Key(provider: provider, identity: .label(key), name: state.text(value))
        }
        if let key = fargate(node) ?? machine(node) { return key }
        let type = state.text(node.instanceType)
        if type.isEmpty { return NodeGroup.Key(provider: .unknown, identity: .none, name: NodeGroup.noGroup) }
        let zone = state.text(node.zone)
        return NodeGroup.Key(provider: .unknown, identity: .inferred, name: zone.isEmpty ? type : "\(type) in \(zone)")
    }

    private func fargate(_ node: NodeRecord) -> NodeGroup.Key? {
        let key = "eks.amazonaws.com/compute-type"
        guard state.pool.label(key, in: node.labels) == "fargate" else { return nil }
        return NodeGroup.Key(provider: .fargate, identity: .label(key), name: "fargate")
    }

    private func machine(_ node: NodeRecord) -> NodeGroup.Key? {
        for table in MachineLabel.table {
            guard let text = state.pool.label(table.machine, in: node.annotations), !text.isEmpty else {
                if let found = machinesByID[node.providerID], !node.providerID.isEmpty, found.group == table.group,
                    let key = key(table, found.labels)
                {
                    return key
                }
                continue
            }
            var namespace = table.namespace.flatMap { state.pool.label($0, in: node.annotations) } ?? ""
            var name = text
            if let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) {
                namespace = String(text[..<slash])
                name = String(text[text.utf8.index(after: slash)...])
            }
            let machine = machines[Machine(group: table.group, namespace: namespace, name: name)]
            if let machine, let key = key(table, machine) { return key }
            if let owner = table.ownerName.flatMap({ state.pool.label($0, in: node.annotations) }), !owner.isEmpty {
                return NodeGroup.Key(
                    provider: table.provider, identity: .machine(table.ownerName ?? table.machine), name: owner)
            }
        }
        return nil
    }

    private func key(_ table: MachineLabel, _ labels: LabelSetID) -> NodeGroup.Key? {
        for key in table.keys {
            if let name = state.pool.label(key, in: labels), !name.isEmpty {
                return NodeGroup.Key(provider: table.provider, identity: .machine(key), name: name)
            }
        }
        return nil
    }
}

extension NodeCapacity {
    /// As the providers label it.
    init(_ node: NodeRecord, provider: NodeGroupProvider, in pool: RecordPool) {
        for label in CapacityLabel.table where pool.label(label.key, in: node.labels) == label.value {
            self = label.capacity
            return
        }
        self = CapacityLabel.quietProviders.contains(provider) ? .onDemand : .unknown
    }
}
