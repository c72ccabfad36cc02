import Attribution
import KubernetesModel
import LabelPolicy

/// The objects of a ledger with their accounts and the sums over them, and what of it has to be worked out anew.
struct LedgerBooks: Sendable {
    /// What changes have touched since the books were settled.
    struct Touched: Sendable {
        /// Pods and owners whose controllers have to be followed anew.
        var chains: Set<RecordPlace> = []
        var units: Set<WorkloadRoot> = []
        /// By name: a Pod may be bound to a node that comes later.
        var nodes: Set<StringID> = []
        var volumes: Set<VolumeKey> = []
        /// Places of services; with all, whose rate has changed.
        var services: Set<Int> = []
        /// Node groups have to be told anew.
        var nodeGroups = true
        /// Anything that the cluster's own findings may hang on.
        var cluster = true
    }

    var objects: LedgerObjects
    var pods: [PodAccount] = []
    var nodes: [NodeAccount] = []
    var volumes: [VolumeKey: VolumeAccount] = [:]
    var services: [ServiceAccount] = []
    /// By place of the owner: its root, once it was looked for.
    var rootOfOwner: [WorkloadRoot?] = []
    /// Places of nodes without a price.
    var unpricedNodes: Set<Int> = []
    /// Volumes without a claim that nobody mounts.
    var looseVolumes: Set<VolumeKey> = []
    var units: [WorkloadRoot: WorkloadUnit] = [:]
    /// Judged workloads that are in no namespace.
    var clusterUnits: Set<WorkloadRoot> = []
    var standings = StandingTable()
    var sums = OwnershipSums()
    var totals = WorkloadTotals()
    var nodeGroups = NodeGroupTable()
    var touched = Touched()
    var shared: SharedNamespaces
    var divider: NodeDivider
    let storage: StoragePricer
    let billing: BillingRules
    let teams: TeamIndex
    let pruned: PrunedKinds
    let currency: Currency
    let settings: AuditSettings
    /// Namespaces whose findings may have changed.
    private var changedNamespaces: Set<StringID> = []
    private var isClusterChanged = true
    /// By namespace: by how much its costs have moved since it was last taken.
    private var drift: [StringID: Money] = [:]

    struct WorkloadTotals: Sendable {
        var workloads = 0
        var attributed = 0
        /// By rule of the policy.
        var attributedByRule: [Int] = []
        /// Workloads that are billed to a team whose registration does not hold, by its index.
        var workloadsOfEndedTeam: [Int: Int] = [:]
    }

    init(_ evaluator: Evaluator, settings: AuditSettings, input: AuditInput, cluster: String) {
        objects = LedgerObjects(cluster: cluster, kindGaps: input.kindGaps)
        var allocation = input.allocation
        // Counted by the places of one state.
        allocation.usage = []
        divider = NodeDivider(allocation)
        shared = SharedNamespaces(allocation.settings.sharing)
        storage = StoragePricer(policy: allocation.pricing)
        billing = BillingRules(evaluator.policy)
        teams = TeamIndex(evaluator.policy)
        pruned = PrunedKinds(input.prunedKinds)
        currency = allocation.pricing.currency
        self.settings = settings
        totals.attributedByRule = [Int](repeating: 0, count: evaluator.policy.labels.count)
        var external: [CostLine] = []
        var problems: [AllocationProblem] = []
        ExternalCost.allocate(allocation.externalCosts, into: &external, &problems)
        for line in external { sums.add(line, OwnershipSums.Place()) }
    }

    // MARK: - Scopes

    mutating func markChanged(_ namespace: StringID) {
        touched.cluster = true
        changedNamespaces.insert(namespace)
    }

    /// Notes that a Pod's cost has moved.
    mutating func markMoved(_ amount: Money, in namespace: StringID) {
        touched.cluster = true
        if changedNamespaces.contains(namespace) { return }
        let sum = drift[namespace, default: .zero] + (amount.isNegative ? -amount : amount)
        if sum < AuditLedger.costTolerance {
            drift[namespace] = sum
        } else {
            changedNamespaces.insert(namespace)
        }
    }

    mutating func noteClusterChange() {
        if touched.cluster { isClusterChanged = true }
    }

    mutating func takeChangedScopes() -> Set<ClusterScope> {
        var scopes = Set(changedNamespaces.filter { !$0.isEmpty }.map { ClusterScope.namespace(objects.text($0)) })
        if isClusterChanged { scopes.insert(.cluster) }
        for namespace in changedNamespaces { drift[namespace] = nil }
        changedNamespaces = []
        isClusterChanged = false
        return scopes
    }

    /// Every namespace that anything is in, and the cluster.
    var allScopes: Set<ClusterScope> {
        let names = Set(objects.namespaces.places.keys).union(objects.podsInNamespace.keys)
            .union(objects.ownersInNamespace.keys).union(objects.claimsInNamespace.keys)
            .union(objects.servicesInNamespace.keys)
        return Set(names.filter { !$0.isEmpty }.map { .namespace(objects.text($0)) }).union([.cluster])
    }

    // MARK: - Everything

    /// Time has made other verdicts.
    mutating func judgeEverything() {
        touched.units.formUnion(units.keys)
        touched.nodeGroups = true
        touched.cluster = true
        for namespace in objects.namespaces.places.keys { changedNamespaces.insert(namespace) }
        for namespace in objects.podsInNamespace.keys { changedNamespaces.insert(namespace) }
        for namespace in objects.ownersInNamespace.keys { changedNamespaces.insert(namespace) }
        for namespace in objects.claimsInNamespace.keys { changedNamespaces.insert(namespace) }
        for namespace in objects.servicesInNamespace.keys { changedNamespaces.insert(namespace) }
    }
}
