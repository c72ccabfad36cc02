package import Attribution
package import LabelPolicy

extension AuditReport {
    package struct NamespaceRow: Sendable, Hashable {
        package var name: String
        /// Whether it was among the objects that were read; its labels are unknown otherwise.
        package var isKnown: Bool
        /// Left alone by the policy: its workloads are not judged.
        package var isExcluded: Bool
        /// What the gate does to workloads here; nil where that is not known.
        package var mode: Mode?
        /// Labels that it supplies to its workloads, in the policy's order.
        package var supplies: [EffectiveLabel]
        package var pods: Int
        /// Of the workloads here; their Pods, volumes and load balancers, without idle room and overhead.
        package var coverage: Share
        /// Of workloads, claims and load balancers here and of the namespace itself.
        package var findings: FindingCounts

        package init(
            name: String, isKnown: Bool = true, isExcluded: Bool = false, mode: Mode? = nil,
            supplies: [EffectiveLabel] = [], pods: Int = 0, coverage: Share = Share(),
            findings: FindingCounts = FindingCounts()
        ) {
            self.name = name
            self.isKnown = isKnown
            self.isExcluded = isExcluded
            self.mode = mode
            self.supplies = supplies
            self.pods = pods
            self.coverage = coverage
            self.findings = findings
        }

        package var costPerHour: Money { coverage.spend }
    }

    package struct NodeGroupRow: Sendable, Hashable {
        /// Unique among groups: the name, with its provider where two have one name; `(no group)` for nodes of none.
        package var name: String
        package var provider: NodeGroupProvider
        /// How it was told: by a provider's label, or inferred.
        package var identity: NodeGroupIdentity
        package var nodes: Int
        package var pods: Int
        /// Sorted; several make a mixed group.
        package var instanceTypes: [String]
        package var zones: [String]
        package var capacity: [CapacityShare]
        /// Per hour, of the nodes that have a price.
        package var price: Money
        package var unpricedNodes: Int
        /// What its nodes cost and who says so, the dearest first.
        package var prices: [PriceRow]
        package var ownership: Ownership
        /// One for each label of the policy that has a `tag`, in its order.
        package var tags: [TagRow]
        /// The workloads on it; spend is the price.
        package var coverage: Share
        package var findings: Int

        package init(
            name: String, provider: NodeGroupProvider, identity: NodeGroupIdentity, nodes: Int = 0, pods: Int = 0,
            instanceTypes: [String] = [], zones: [String] = [], capacity: [CapacityShare] = [], price: Money = .zero,
            unpricedNodes: Int = 0, prices: [PriceRow] = [], ownership: Ownership = Ownership(), tags: [TagRow] = [],
            coverage: Share = Share(), findings: Int = 0
        ) {
            self.name = name
            self.provider = provider
            self.identity = identity
            self.nodes = nodes
            self.pods = pods
            self.instanceTypes = instanceTypes
            self.zones = zones
            self.capacity = capacity
            self.price = price
            self.unpricedNodes = unpricedNodes
            self.prices = prices
            self.ownership = ownership
            self.tags = tags
            self.coverage = coverage
            self.findings = findings
        }

        /// Several instance types or kinds of capacity in one group.
        package var isMixed: Bool { instanceTypes.count > 1 || capacity.count > 1 }
    }

    package struct CapacityShare: Sendable, Hashable {
        package var type: NodeCapacity
        package var nodes: Int

        package init(type: NodeCapacity, nodes: Int) {
            self.type = type
            self.nodes = nodes
        }
    }

    /// One price in a node group, with its provenance.
    package struct PriceRow: Sendable, Hashable {
        package var instanceType: String
        package var capacity: NodeCapacity
        /// Of one node.
        package var perHour: Money
        /// `policy`, `annotation`, `opencost`, `list` or `rates`.
        package var source: String
        /// The page, document or annotation it was read from.
        package var origin: String
        /// When it was published, if that is known.
        package var date: CivilDate?
        /// How far it is an estimate: stable codes such as `spot-estimate`.
        package var flags: [String]
        package var nodes: Int

        package init(
            instanceType: String, capacity: NodeCapacity, perHour: Money, source: String, origin: String,
            date: CivilDate? = nil, flags: [String] = [], nodes: Int
        ) {
            self.instanceType = instanceType
            self.capacity = capacity
            self.perHour = perHour
            self.source = source
            self.origin = origin
            self.date = date
            self.flags = flags
            self.nodes = nodes
        }
    }

    /// What a node group says of one label.
    package struct TagRow: Sendable, Hashable {
        /// The policy's key for it: `team`.
        package var label: String
        /// The key of the cloud tag: `Team`.
        package var tag: String
        /// The value of the group; nil if there is none, or if there are several.
        package var value: String?
        /// Nodes of the group that have none.
        package var missingNodes: Int
        package var isDrifting: Bool

        package init(label: String, tag: String, value: String?, missingNodes: Int, isDrifting: Bool) {
            self.label = label
            self.tag = tag
            self.value = value
            self.missingNodes = missingNodes
            self.isDrifting = isDrifting
        }

        /// What the metric of tag gaps counts.
        package var hasGap: Bool { missingNodes > 0 || isDrifting }
    }

    /// Who pays for what, by one dimension. The rows' totals sum to `total` exactly.
    package struct Showback: Sendable, Hashable {
        package var dimension: Dimension
        /// The dearest first, reserved rows last in the order of `Account`. At most
        /// `AuditSettings.maximumShowbackRows`; the rest is one row `others`.
        package var rows: [ShowbackRow]
        /// The whole cluster per hour.
        package var total: Money
        /// Each once, though one with Pods of several rows counts in each of them.
        package var workloads: Int

        /// - Parameter workloads: nil where each is in one row.
        package init(dimension: Dimension, rows: [ShowbackRow], total: Money, workloads: Int? = nil) {
            self.dimension = dimension
            self.rows = rows
            self.total = total
            self.workloads = workloads ?? rows.reduce(0) { $0 + $1.workloads }
        }
    }

    package struct ShowbackRow: Sendable, Hashable {
        package var account: Account
        package var workloads: Int
        package var pods: Int
        /// Caused by its own workloads, per hour.
        package var direct: Money
        /// Its share of what the settings share out: idle room, overhead, shared namespaces.
        package var shared: Money
        /// The same money by what it is spent on.
        package var parts: CostParts
        /// The team's, from the registry.
        package var monthlyBudget: Money?
        /// Of what it causes itself; nil for a workload, and for rows beyond the bound. Unlike in the whole report's
        /// coverage, DaemonSets and shared namespaces are no workloads here.
        package var coverage: Coverage?

        package init(
            account: Account, workloads: Int = 0, pods: Int = 0, direct: Money = .zero, shared: Money = .zero,
            parts: CostParts = CostParts(), monthlyBudget: Money? = nil, coverage: Coverage? = nil
        ) {
            self.account = account
            self.workloads = workloads
            self.pods = pods
            self.direct = direct
            self.shared = shared
            self.parts = parts
            self.monthlyBudget = monthlyBudget
            self.coverage = coverage
        }

        package var costPerHour: Money { direct + shared }
    }

    /// Money by what it is spent on, per hour.
    package struct CostParts: Sendable, Hashable {
        package var cpu: Money
        package var memory: Money
        package var gpu: Money
        package var storage: Money
        package var loadBalancers: Money
        package var idle: Money
        /// DaemonSets and static Pods, where they are passed on.
        package var overhead: Money
        /// Namespaces that serve all others, where they are passed on.
        package var sharedNamespaces: Money
        /// Nodes that could not be divided, and costs from outside of the cluster.
        package var other: Money

        package init(
            cpu: Money = .zero, memory: Money = .zero, gpu: Money = .zero, storage: Money = .zero,
            loadBalancers: Money = .zero, idle: Money = .zero, overhead: Money = .zero,
            sharedNamespaces: Money = .zero, other: Money = .zero
        ) {
            self.cpu = cpu
            self.memory = memory
            self.gpu = gpu
            self.storage = storage
            self.loadBalancers = loadBalancers
            self.idle = idle
            self.overhead = overhead
            self.sharedNamespaces = sharedNamespaces
            self.other = other
        }

        package var sum: Money {
            cpu + memory + gpu + storage + loadBalancers + idle + overhead + sharedNamespaces + other
        }

        package static func + (left: CostParts, right: CostParts) -> CostParts {
            CostParts(
                cpu: left.cpu + right.cpu, memory: left.memory + right.memory, gpu: left.gpu + right.gpu,
                storage: left.storage + right.storage, loadBalancers: left.loadBalancers + right.loadBalancers,
                idle: left.idle + right.idle, overhead: left.overhead + right.overhead,
                sharedNamespaces: left.sharedNamespaces + right.sharedNamespaces, other: left.other + right.other)
        }
    }

    /// To whom a row of a showback belongs.
    package enum Account: Sendable, Hashable {
        /// A team, an environment, a namespace, …
        case named(String)
        case workload(ObjectReference)
        /// Rows beyond the bound, together.
        case others(Int)
        case unallocated, shared, idle, unmounted, external

        /// As tables show it: reserved rows are called as in OpenCost (`__idle__`).
        package var name: String {
            switch self {
            case .named(let name): name
            case .workload(let object):
                object.namespace.isEmpty
                    ? "\(object.kind)/\(object.name)" : "\(object.namespace)/\(object.kind)/\(object.name)"
            case .others(let count): "\(count) others"
            case .unallocated: "__unallocated__"
            case .shared: "__shared__"
            case .idle: "__idle__"
            case .unmounted: "__unmounted__"
            case .external: "__external__"
            }
        }

        package var isReserved: Bool {
            switch self {
            case .named, .workload, .others: false
            case .unallocated, .shared, .idle, .unmounted, .external: true
            }
        }
    }
}
