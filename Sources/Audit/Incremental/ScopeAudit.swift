import Attribution
import KubernetesModel
import LabelPolicy

/// The findings of one scope: the rules of a full audit over the part of a ledger's objects that the scope's findings
/// hang on, with the costs that the ledger knows.
struct ScopeAudit {
    let books: LedgerBooks
    let evaluator: Evaluator
    let catalogue: WorkloadCatalogue
    let input: AuditInput
    let now: Timestamp

    private var objects: LedgerObjects { books.objects }

    func findings(of scope: ClusterScope) -> [AuditReport.Finding] {
        switch scope {
        case .namespace(let name):
            guard let namespace = objects.state.pool.strings.id(of: name) else { return [] }
            var cluster = cluster(part(namespace), keys(in: namespace))
            let candidates =
                WorkloadRules(cluster).candidates + ObjectRules(&cluster).candidates
                + EnvironmentRules(cluster).candidates
            return write(candidates, of: scope, cluster)
        case .cluster:
            var cluster = cluster(clusterPart, Array(books.looseVolumes))
            let ownership = books.nodeGroups.numbers.map { books.ownership(ofGroup: $0) }
            let candidates =
                WorkloadRules(cluster).candidates + ObjectRules(&cluster).candidates
                + EnvironmentRules(cluster).candidates
                + NodeGroupRules(cluster, ownership: ownership).candidates + policyCandidates
            return write(candidates, of: scope, cluster)
        }
    }

    private func write(
        _ candidates: [Candidate], of scope: ClusterScope, _ cluster: AuditedCluster
    ) -> [AuditReport.Finding] {
        let ours = candidates.filter { ClusterScope(of: $0.subject) == scope }
        var writer = FindingWriter(
            cluster, planner: FixPlanner(policy: evaluator.policy, catalogue: catalogue, pruned: input.prunedKinds))
        return CandidateRanking.first(ours.count, of: ours).map { writer.write($0) }
    }

    /// Of exemptions, registrations and definitions: summed up by verdict.
    private var policyCandidates: [Candidate] {
        var uses = PolicyUses()
        var pruned = PrunedKindRules()
        for (number, standing) in books.standings.all where standing.groups > 0 {
            let cost = books.sums.ofVerdict.indices.contains(number) ? books.sums.ofVerdict[number] : .zero
            uses.add(standing.faults, pods: standing.pods, cost: cost)
            guard let kind = standing.pruned else { continue }
            pruned.add(
                kind, standing.verdict, pods: standing.pods, unpricedPods: standing.unpricedPods, cost: cost)
        }
        for (team, count) in books.totals.workloadsOfEndedTeam where count > 0 {
            uses.addWorkloads(count, endedTeam: team)
        }
        return uses.candidates(evaluator.policy, at: now) + pruned.candidates
    }

    // MARK: - Parts

    private func part(_ namespace: StringID) -> StatePart {
        var part = StatePart(
            objects, pods: objects.podsInNamespace[namespace], owners: objects.ownersInNamespace[namespace])
        part.addNamespace(namespace)
        for claim in objects.claimsInNamespace[namespace].sorted() { part.addClaim(claim) }
        for service in objects.servicesInNamespace[namespace].sorted() { part.addService(service) }
        return part
    }

    private func keys(in namespace: StringID) -> [VolumeKey] {
        objects.claimsInNamespace[namespace].flatMap { claim -> [VolumeKey] in
            let name = NamespacedName(namespace: namespace, name: objects.state.claims[claim].name)
            return [.claim(claim)] + objects.volumesOfClaim[name].map { .volume($0) }
        }
    }

    /// All nodes, and Pods that the cluster's findings count: those on nodes without a price, and of workloads that are in
    /// no namespace. Of these also what stands beside them, since a namespace's labels may mend them.
    private var clusterPart: StatePart {
        var pods: Set<Int> = []
        for node in books.unpricedNodes { pods.formUnion(objects.podsOnNode[objects.state.nodes[node].name]) }
        var owners = objects.ownersInNamespace[.empty]
        for root in books.clusterUnits {
            for pod in books.units[root]?.pods ?? [] {
                let namespace = objects.state.pods[pod].namespace
                pods.formUnion(objects.podsInNamespace[namespace])
                owners.formUnion(objects.ownersInNamespace[namespace])
            }
        }
        var part = StatePart(objects, pods: pods, owners: owners)
        for node in books.nodeGroups.nodes { part.addNode(node) }
        return part
    }

    // MARK: - A cluster of a part

    private func cluster(_ part: StatePart, _ keys: [VolumeKey]) -> AuditedCluster {
        var part = part
        for pod in part.pods {
            if let node = objects.nodes[objects.state.pods[pod].node] { part.addNode(node) }
        }
        var volumes: [VolumeCost] = []
        var lines: [CostLine] = []
        for key in keys.sorted(by: { $0.object < $1.object }) {
            guard let account = books.volumes[key] else { continue }
            if let line = account.unmounted {
                lines.append(line.moved(node: -1, pod: -1, object: Int32(clamping: volumes.count)))
            }
            volumes.append(part.addVolume(account.cost))
        }
        lines += podLines(part) + serviceLines(part)
        let allocation = Allocation(
            currency: books.currency, lines: lines,
            nodes: part.nodes.map { books.nodes[$0].cost ?? Self.unknown }, volumes: volumes)
        let groups = NodeGroups(
            books.nodeGroups.groups(in: part), ofNode: part.nodes.map { books.nodeGroups.groupOfNode[$0] ?? 0 })
        part.state.tagCarriers = objects.carriers.places.values.sorted().map { objects.state.tagCarriers[$0] }
        return AuditedCluster(
            part.state, ClusterIndex(part.state), evaluator: evaluator, catalogue: catalogue,
            AuditedCluster.Surroundings(
                allocation: allocation, nodeGroups: groups, carriers: TagCarriers(part.state),
                readings: books.nodeGroups.readings),
            at: now)
    }

    /// Of a node that was not divided; settled books have none.
    private static let unknown = NodeCost(
        pricing: NodePricing(price: nil), capacityType: .onDemand, split: nil, lines: 0..<0)

    private func podLines(_ part: StatePart) -> [CostLine] {
        var services: [Int: Int] = [:]
        for (place, service) in part.services.enumerated() { services[service] = place }
        return part.pods.enumerated().flatMap { place, pod in
            books.pods[pod].lines.map { line in
                let node = part.placeOfNode[Int(line.node)].map { Int32(clamping: $0) } ?? -1
                let object = line.kind == .loadBalancer ? services[Int(line.object)] ?? -1 : -1
                return line.moved(node: node, pod: Int32(clamping: place), object: Int32(clamping: object))
            }
        }
    }

    private func serviceLines(_ part: StatePart) -> [CostLine] {
        part.services.enumerated().compactMap { place, service in
            books.services[service].own?.moved(node: -1, pod: -1, object: Int32(clamping: place))
        }
    }
}
