package import Attribution
package import KubernetesModel
package import LabelPolicy

/// An audit that is kept up to date: its figures and findings are those of a full audit of the same objects, and a
/// change costs what it touches (the Pods of its node and of its workload), not what the cluster has.
///
/// Changes are only noted by `apply`; whatever reads (`figures`, `takeChangedScopes`, `findings`) settles them first, so
/// that many changes of one node or workload cost one pass over it. Every sum is of whole nano-units: what a Pod, node
/// or workload added is taken away again exactly before its new part is added.
///
/// What is worked out when it is read, of the scope alone: texts and fixes of findings, labels that a namespace could
/// supply, environments that do not match; for the cluster's own findings also the values on node groups, in time linear
/// in nodes. A node that comes, goes or changes its labels costs a pass over the nodes, since names of groups hang on
/// each other. Advice, showback and simulation are left to a full audit.
package struct AuditLedger: Sendable {
    /// How much work was done since the ledger was made: for tests, and for those who wonder.
    package struct Work: Sendable, Hashable {
        /// Nodes whose price was divided, and Pods on them.
        package var nodes = 0
        package var podsOnNodes = 0
        /// Workloads that were judged, and their Pods.
        package var workloads = 0
        package var podsOfWorkloads = 0
        package var volumes = 0
        package var loadBalancers = 0
        /// Passes over all nodes, to tell their groups.
        package var nodePasses = 0
        /// Times that everything was made anew.
        package var rebuilds = 0

        package init() {}
    }

    /// A namespace whose findings changed by no more than this together, per hour, counts as unchanged: where a node's
    /// price does not divide evenly, its Pods pass a nano-unit around with every change of one of them. A millionth is
    /// less than a cent a year.
    package static let costTolerance = Money(nanos: 1_000)

    /// Texts, sets of labels and lists of requests are only added to the pool. Once there are so many more than the objects
    /// need, and twice as many, the ledger is made anew of the objects that are there. At some hundred bytes for the name
    /// of a Pod that is the churn of 130,000 Pods, in some fifteen megabytes.
    package static let defaultAdditionalEntries = 1 << 17

    package private(set) var work = Work()
    var evaluator: Evaluator
    var catalogue: WorkloadCatalogue
    let settings: AuditSettings
    var input: AuditInput
    var now: Timestamp
    var books: LedgerBooks
    /// Those of scopes that are no more, or were noted in another pool.
    private var changedScopes: Set<ClusterScope> = []
    private var entriesAtRebuild = 0
    private let additionalEntries: Int

    package init(
        policy: Policy, catalogue: WorkloadCatalogue = .builtin, settings: AuditSettings = AuditSettings(),
        input: AuditInput = AuditInput(), cluster: String = "", at now: Timestamp,
        additionalEntries: Int = defaultAdditionalEntries
    ) {
        self.additionalEntries = additionalEntries
        evaluator = Evaluator(policy)
        self.catalogue = catalogue
        self.settings = settings
        self.input = input
        self.now = now
        books = LedgerBooks(evaluator, settings: settings, input: input, cluster: cluster)
        entriesAtRebuild = books.objects.state.pool.entryCount
    }

    // MARK: - Changes

    package mutating func apply(_ change: ClusterChange) {
        switch change {
        case .upsert(let state): upsert(state)
        case .remove(let identity): remove(identity)
        case .replace(let resource, let state): replace(resource, with: state)
        case .policy(let policy):
            evaluator = Evaluator(policy)
            rebuild()
        case .catalogue(let catalogue):
            self.catalogue = catalogue
            rebuild()
        case .input(let input):
            self.input = input
            rebuild()
        case .prices(let prices):
            let old = input.allocation.external
            input.allocation.external = prices
            books.reprice(input, from: old)
        case .prunedKinds(let kinds):
            guard Set(kinds) != Set(input.prunedKinds) else { return }
            input.prunedKinds = kinds
            rebuild()
        case .kindGaps(let gaps):
            guard gaps != input.kindGaps else { return }
            input.kindGaps = gaps
            rebuild()
        }
    }

    /// Passes time on. Only the days on which an exemption or a registration begins or ends change anything; a time that
    /// is not after the last is ignored.
    package mutating func advance(to now: Timestamp) {
        guard now > self.now else { return }
        let today = self.now.date
        self.now = now
        if knownDates.contains(where: { today < $0 && $0 <= now.date }) { books.judgeEverything() }
    }

    /// The first moment after the given one at which figures or findings change by time alone.
    package func nextChange(after time: Timestamp) -> Timestamp? {
        knownDates.filter { time.date < $0 }.min().flatMap { date in
            let seconds = date.daysSinceEpoch.multipliedReportingOverflow(by: 86_400)
            return seconds.overflow ? nil : Timestamp(secondsSinceEpoch: seconds.partialValue)
        }
    }

    /// The first days on which verdicts are other ones. The ratchet is none of them: it decides about requests, and an
    /// audit's verdicts are the same before and after it.
    private var knownDates: [CivilDate] {
        func dayAfter(_ date: CivilDate) -> CivilDate { CivilDate(daysSinceEpoch: date.daysSinceEpoch &+ 1) }
        let policy = evaluator.policy
        let teams = policy.registry?.teams ?? []
        return policy.exemptions.map { dayAfter($0.expires) } + teams.compactMap(\.validFrom)
            + teams.compactMap { $0.validUntil.map(dayAfter) }
    }

    // MARK: - Reading

    package mutating func figures(at now: Timestamp) -> AuditFigures {
        advance(to: now)
        settle()
        return books.figures(evaluator, at: self.now)
    }

    /// Scopes whose findings may have changed since they were last taken; a scope that has none any more is among them.
    package mutating func takeChangedScopes() -> Set<ClusterScope> {
        settle()
        defer { changedScopes = [] }
        return changedScopes.union(books.takeChangedScopes())
    }

    /// All findings of a scope, in the order of a report.
    package mutating func findings(of scope: ClusterScope) -> [AuditReport.Finding] {
        settle()
        let audit = ScopeAudit(
            books: books, evaluator: evaluator, catalogue: catalogue, input: input, now: now)
        return audit.findings(of: scope)
    }

    private mutating func settle() {
        let entries = books.objects.state.pool.entryCount
        // Growth of the cluster is none of the pool's: about two entries are an object's own.
        let usual = max(entriesAtRebuild, 2 * books.objects.count)
        if entries > 2 * usual, entries - usual > additionalEntries { rebuild() }
        books.settle(evaluator, at: now, &work)
    }

    /// Makes everything anew of the objects as they are.
    private mutating func rebuild() {
        let old = books
        changedScopes.formUnion(books.allScopes)
        changedScopes.formUnion(books.takeChangedScopes())
        books = LedgerBooks(evaluator, settings: settings, input: input, cluster: old.objects.state.cluster)
        upsert(old.objects.compacted)
        entriesAtRebuild = books.objects.state.pool.entryCount
        work.rebuilds += 1
    }
}

// MARK: - Objects

extension AuditLedger {
    private mutating func upsert(_ state: ClusterState) {
        var transfer = RecordTransfer(from: state.pool)
        for record in state.namespaces { books.put(books.objects.carry { transfer.namespace(record, into: &$0) }) }
        for record in state.nodes { books.put(books.objects.carry { transfer.node(record, into: &$0) }) }
        for record in state.owners { books.put(books.objects.carry { transfer.owner(record, into: &$0) }) }
        for record in state.claims { books.put(books.objects.carry { transfer.claim(record, into: &$0) }) }
        for record in state.volumes { books.put(books.objects.carry { transfer.volume(record, into: &$0) }) }
        for record in state.services { books.put(books.objects.carry { transfer.service(record, into: &$0) }) }
        for record in state.tagCarriers { books.put(books.objects.carry { transfer.tagCarrier(record, into: &$0) }) }
        for record in state.pods { books.put(books.objects.carry { transfer.pod(record, into: &$0) }) }
    }

    private mutating func remove(_ identity: ObjectIdentity) {
        // A name that is in no object is nobody's.
        let pool = books.objects.state.pool
        guard let name = pool.strings.id(of: identity.name), let namespace = pool.strings.id(of: identity.namespace)
        else { return }
        let key = NamespacedName(namespace: namespace, name: name)
        switch identity.resource {
        case .pods: books.removePod(key)
        case .nodes: books.removeNode(name)
        case .namespaces: books.removeNamespace(name)
        case .claims: books.removeClaim(key)
        case .volumes: books.removeVolume(name)
        case .loadBalancers: books.removeService(key)
        case .owners(let kind): if let kind = pool.kind(known: kind) { books.removeOwner(key.of(kind)) }
        case .tagCarriers(let kind): if let kind = pool.kind(known: kind) { books.removeCarrier(key.of(kind)) }
        }
    }

    private mutating func replace(_ resource: ObjectIdentity.Resource, with state: ClusterState) {
        var wanted = ClusterState(pool: state.pool)
        switch resource {
        case .pods: wanted.pods = state.pods
        case .nodes: wanted.nodes = state.nodes
        case .namespaces: wanted.namespaces = state.namespaces
        case .claims: wanted.claims = state.claims
        case .volumes: wanted.volumes = state.volumes
        case .loadBalancers: wanted.services = state.services
        case .owners(let kind): wanted.owners = state.owners.filter { state.pool[$0.kind] == kind }
        case .tagCarriers(let kind): wanted.tagCarriers = state.tagCarriers.filter { state.pool[$0.kind] == kind }
        }
        upsert(wanted)
        let kept = Set(wanted.identities(of: resource))
        for identity in books.objects.compacted.identities(of: resource) where !kept.contains(identity) {
            remove(identity)
        }
    }
}

extension NamespacedName {
    fileprivate func of(_ kind: KindID) -> KindedName { KindedName(kind: kind, namespace: namespace, name: name) }
}

extension ClusterState {
    /// The objects of one list.
    fileprivate func identities(of resource: ObjectIdentity.Resource) -> [ObjectIdentity] {
        func identity(_ namespace: StringID, _ name: StringID) -> ObjectIdentity {
            ObjectIdentity(resource, namespace: text(namespace), name: text(name))
        }
        switch resource {
        case .pods: return pods.map { identity($0.namespace, $0.name) }
        case .nodes: return nodes.map { identity(.empty, $0.name) }
        case .namespaces: return namespaces.map { identity(.empty, $0.name) }
        case .claims: return claims.map { identity($0.namespace, $0.name) }
        case .volumes: return volumes.map { identity(.empty, $0.name) }
        case .loadBalancers: return services.map { identity($0.namespace, $0.name) }
        case .owners(let kind):
            return owners.filter { pool[$0.kind] == kind }.map { identity($0.namespace, $0.name) }
        case .tagCarriers(let kind):
            return tagCarriers.filter { pool[$0.kind] == kind }.map { identity($0.namespace, $0.name) }
        }
    }
}

extension LedgerObjects {
    /// The objects that are there, without the places of those that are gone.
    var compacted: ClusterState {
        var compact = ClusterState(cluster: state.cluster, observedAt: state.observedAt, pool: state.pool)
        compact.namespaces = namespaces.places.values.sorted().map { state.namespaces[$0] }
        compact.nodes = nodes.places.values.sorted().map { state.nodes[$0] }
        compact.owners = owners.places.values.sorted().map { state.owners[$0] }
        compact.claims = claims.places.values.sorted().map { state.claims[$0] }
        compact.volumes = volumes.places.values.sorted().map { state.volumes[$0] }
        compact.services = services.places.values.sorted().map { state.services[$0] }
        compact.tagCarriers = carriers.places.values.sorted().map { state.tagCarriers[$0] }
        compact.pods = pods.places.values.sorted().map { state.pods[$0] }
        return compact
    }
}
