import Attribution
import KubernetesModel
import LabelPolicy

/// A cluster's state joined with policy and costs: what every rule reads.
struct AuditedCluster {
    let state: ClusterState
    let index: ClusterIndex
    let policy: Policy
    let evaluator: Evaluator
    let now: Timestamp
    private(set) var allocation: Allocation
    private(set) var costs: CostBook
    private(set) var groups: WorkloadGroups
    var verdicts: VerdictTable
    var namespaces: NamespaceTable
    let nodeGroups: NodeGroups
    let carriers: TagCarriers
    /// What each node group says of the policy's labels, by rule.
    let readings: [[NodeGroupLabels.Reading]]
    /// Environments of the node groups whose nodes agree on one.
    let environments: [String?]
    /// The rule that tells the environment.
    let environmentRule: Int?
    /// By root: how reports name it.
    let roots: [ObjectReference]
    /// By namespace and rule.
    private(set) var offers: [OfferKey: NamespaceOffers.Offer] = [:]
    /// Groups of one root after the other; of the namespaces that a report is about.
    private(set) var groupsByRoot: [Range<Int>]
    /// The namespaces that a report is about; nil for all.
    private(set) var selection: Set<StringID>?

    struct OfferKey: Hashable {
        let namespace: StringID
        let rule: Int
    }

    /// What an audit of a whole state works out by itself, and one of a part of it is given.
    struct Surroundings {
        let allocation: Allocation
        let nodeGroups: NodeGroups
        let carriers: TagCarriers
        let readings: [[NodeGroupLabels.Reading]]

        init(
            allocation: Allocation, nodeGroups: NodeGroups, carriers: TagCarriers,
            readings: [[NodeGroupLabels.Reading]]
        ) {
            self.allocation = allocation
            self.nodeGroups = nodeGroups
            self.carriers = carriers
            self.readings = readings
        }

        init(
            _ state: ClusterState, _ index: ClusterIndex, evaluator: Evaluator, settings: AuditSettings,
            input: AuditInput, at now: Timestamp
        ) {
            allocation = Allocator.allocate(state, index: index, input: input.allocation)
            nodeGroups = NodeGroups(state, keys: settings.nodeGroupKeys)
            carriers = TagCarriers(state)
            var labels = NodeGroupLabels(state, evaluator, at: now)
            readings = nodeGroups.groups.map { labels.readings(of: $0) }
        }
    }

    init(
        _ state: ClusterState, evaluator: Evaluator, catalogue: WorkloadCatalogue, settings: AuditSettings,
        input: AuditInput, at now: Timestamp
    ) {
        let index = ClusterIndex(state)
        let surroundings = Surroundings(
            state, index, evaluator: evaluator, settings: settings, input: input, at: now)
        self.init(state, index, evaluator: evaluator, catalogue: catalogue, surroundings, at: now)
    }

    /// - Parameter surroundings: in the places of this state.
    init(
        _ state: ClusterState, _ index: ClusterIndex, evaluator: Evaluator, catalogue: WorkloadCatalogue,
        _ surroundings: Surroundings, at now: Timestamp
    ) {
        self.state = state
        self.index = index
        self.evaluator = evaluator
        self.now = now
        policy = evaluator.policy
        allocation = surroundings.allocation
        costs = CostBook(allocation, state)
        let judged = JudgedWorkloads(state, index, evaluator, at: now)
        groups = judged.groups
        groupsByRoot = judged.groups.byRoot
        verdicts = judged.verdicts
        namespaces = judged.namespaces
        nodeGroups = surroundings.nodeGroups
        carriers = surroundings.carriers
        readings = surroundings.readings
        let environment = BillingRules(policy).environment
        environmentRule = environment
        environments = readings.map { readings in
            environment.flatMap { readings[$0].nodeValues.count == 1 ? readings[$0].nodeValues.first?.value : nil }
        }
        roots = index.workloadRoots.map { ObjectReference($0, state: state, catalogue: catalogue) }
        addCosts()
        offers = NamespaceOffers(self).offers
    }

    private mutating func addCosts() {
        for (pod, group) in groups.ofPod.enumerated() where group >= 0 {
            groups.add(costs.ofPod[pod], to: group)
        }
        for (node, cost) in allocation.nodes.enumerated() where cost.pricing.price == nil {
            for pod in index.pods(onNode: node) where groups.ofPod[pod] >= 0 {
                groups.addUnpricedPod(to: groups.ofPod[pod])
            }
        }
    }

    func verdict(of group: Int) -> VerdictTable.Entry { verdicts.entries[groups.groups[group].verdict] }

    /// What setting the label on the namespace would mend; nil where that would be wrong or mends nothing.
    func offer(rule: Int, namespace: StringID) -> FixPlanner.NamespaceOffer? {
        guard let offer = offers[OfferKey(namespace: namespace, rule: rule)], offer.isSound else { return nil }
        return FixPlanner.NamespaceOffer(name: state.text(namespace), mends: offer.mends)
    }

    func covers(_ namespace: StringID) -> Bool { selection?.contains(namespace) ?? true }

    mutating func restrict(to namespaces: Set<StringID>, _ allocation: Allocation, _ groups: [Range<Int>]) {
        selection = namespaces
        self.allocation = allocation
        costs = CostBook(allocation, state)
        groupsByRoot = groups
    }

    /// The namespace that a root's groups are counted in.
    func namespace(of groups: Range<Int>) -> StringID {
        let names = groups.map { self.groups.groups[$0].key.namespace }
        guard let first = names.first, names.contains(where: { $0 != first }) else { return names.first ?? .empty }
        return names.min { state.text($0) < state.text($1) } ?? first
    }

    /// An order of groups that does not hang on the order of the input: the dearest first, then by what they are.
    func isDearer(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (groups.groups[left], groups.groups[right])
        if first.cost != second.cost { return first.cost > second.cost }
        if first.pods != second.pods { return first.pods > second.pods }
        return texts(first.key).lexicographicallyPrecedes(texts(second.key))
    }

    private func texts(_ key: WorkloadGroup.Key) -> [String] {
        func values(_ number: Int) -> [String] {
            evaluator.keys.indices.map { index in
                // A label without a value is not the same as none.
                groups.projection.observed[number].value(at: index).map { "=" + $0 } ?? ""
            }
        }
        return values(key.labels) + groups.chains.labels[key.owners].flatMap(values)

            + [state.text(key.namespace), key.requestsGPU ? "gpu" : "", groups.chains.isCut[key.owners] ? "cut" : ""]
    }
}

extension ObjectReference {
    /// - Parameter catalogue: tells the version of an owner that is not there itself, where no reference does.
    init(_ root: WorkloadRoot, state: ClusterState, catalogue: WorkloadCatalogue) {
        let kind = state.pool[root.kind]
        let version: String
        switch root.place {
        case .owner(let place): version = state.text(state.owners[place].version)
        case .pod, .node: version = "v1"
        case nil: version = state.pool.version(of: root.kind) ?? catalogue.kind(kind)?.versions.first ?? "v1"
        }
        self.init(
            apiVersion: GroupVersion(group: kind.group, version: version).description, kind: kind.kind,
            namespace: state.text(root.namespace), name: state.text(root.name))
    }
}
