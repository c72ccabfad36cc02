import Attribution
import KubernetesModel
import LabelPolicy

/// Pods of one workload that the policy cannot tell apart: the same labels, owners and namespace. They are judged once.
struct WorkloadGroup {
    /// What it hangs on.
    struct Key: Hashable {
        /// Index into `ClusterIndex.workloadRoots`.
        var root: Int
        var namespace: StringID
        /// A number of `LabelProjection`.
        var labels: Int
        /// A number of `OwnerChains`.
        var owners: Int
        var requestsGPU: Bool
    }

    let key: Key
    var pods = 0
    var unpricedPods = 0
    /// Of its Pods with their volumes and load balancers, per hour.
    var cost = Money.zero
    /// Index into the verdicts.
    var verdict = 0

    init(_ key: Key) { self.key = key }
}

/// All Pods of a state in groups, and workloads that have none by their templates.
struct WorkloadGroups {
    /// Those of one root stand together, in the order of `ClusterIndex.workloadRoots`.
    private(set) var groups: [WorkloadGroup] = []
    /// By Pod of the state: index into `groups`; -1 for Pods that are not judged.
    private(set) var ofPod: [Int]
    private(set) var projection: LabelProjection
    private(set) var chains: OwnerChains

    private var known: [WorkloadGroup.Key: Int] = [:]
    private let state: ClusterState
    private let index: ClusterIndex
    private let evaluator: Evaluator

    init(_ state: ClusterState, _ index: ClusterIndex, _ evaluator: Evaluator) {
        self.state = state
        self.index = index
        self.evaluator = evaluator
        ofPod = [Int](repeating: -1, count: state.pods.count)
        projection = LabelProjection(evaluator: evaluator, pool: state.pool)
        chains = OwnerChains(state, index)
        var standing = addPods()
        addTemplates(&standing)
        sort()
        known = [:]
    }

    /// What became of each root's Pods.
    private struct RootStanding {
        var hasLivePods: [Bool]
        var hasEndedPods: [Bool]
    }

    private mutating func addPods() -> RootStanding {
        let rootOfPod = index.rootOfPod
        var standing = RootStanding(
            hasLivePods: [Bool](repeating: false, count: index.workloadRoots.count),
            hasEndedPods: [Bool](repeating: false, count: index.workloadRoots.count))
        var excluded = ExcludedNamespaces(state, evaluator)
        var gpus = GPURequests(state.pool)
        for (place, pod) in state.pods.enumerated() {
            let root = rootOfPod[place]
            if pod.hasEnded {
                standing.hasEndedPods[root] = true
                continue
            }
            standing.hasLivePods[root] = true
            // What a kubelet runs from a file is nobody's to label here.
            if pod.isMirror || excluded.contains(pod.namespace) { continue }
            let key = WorkloadGroup.Key(
                root: root, namespace: pod.namespace, labels: projection.number(of: pod.labels),
                owners: chains.number(above: pod.controller, in: pod.namespace, &projection),
                requestsGPU: !pod.resourceClaims.isEmpty || gpus.contains(pod.requests))
            let group = add(key)
            groups[group].pods += 1
            ofPod[place] = group
        }
        return standing
    }

    /// Workloads without Pods (scaled to zero, suspended, between two runs) by the labels their Pods will have. Nothing
    /// runs, so nothing is known of GPUs. A Job whose Pods have ended has run, and nobody can mend it.
    private mutating func addTemplates(_ standing: inout RootStanding) {
        let roots = index.workloadRoots
        let rootOfOwner = index.rootOfOwner
        var excluded = ExcludedNamespaces(state, evaluator)
        for (place, owner) in state.owners.enumerated() where owner.hasTemplate && owner.deleted.isNone {
            let root = rootOfOwner[place]
            guard roots[root].place == .owner(place), !standing.hasLivePods[root], !excluded.contains(owner.namespace)
            else { continue }
            if standing.hasEndedPods[root], state.pool[owner.kind].kind == "Job" { continue }
            _ = add(
                WorkloadGroup.Key(
                    root: root, namespace: owner.namespace, labels: projection.number(of: owner.templateLabels),
                    owners: chains.number(of: owner.labels, &projection), requestsGPU: false))
        }
    }

    private mutating func add(_ key: WorkloadGroup.Key) -> Int {
        if let place = known[key] { return place }
        groups.append(WorkloadGroup(key))
        known[key] = groups.count - 1
        return groups.count - 1
    }

    /// By root; within one by what they are, so that the order of the Pods does not count.
    private mutating func sort() {
        let order = groups.indices.sorted { groups[$0].key.root < groups[$1].key.root }
        var place = [Int](repeating: 0, count: groups.count)
        for (new, old) in order.enumerated() { place[old] = new }
        groups = order.map { groups[$0] }
        for pod in ofPod.indices where ofPod[pod] >= 0 { ofPod[pod] = place[ofPod[pod]] }
    }

    mutating func add(_ cost: Money, to group: Int) { groups[group].cost += cost }
    mutating func addUnpricedPod(to group: Int) { groups[group].unpricedPods += 1 }
    mutating func setVerdict(_ verdict: Int, of group: Int) { groups[group].verdict = verdict }
}

/// Which namespaces the policy leaves alone.
struct ExcludedNamespaces {
    private let state: ClusterState
    private let evaluator: Evaluator
    private var known: [StringID: Bool] = [:]

    init(_ state: ClusterState, _ evaluator: Evaluator) {
        self.state = state
        self.evaluator = evaluator
    }

    mutating func contains(_ namespace: StringID) -> Bool {
        if let answer = known[namespace] { return answer }
        let answer = evaluator.isExcluded(namespace: state.text(namespace))
        known[namespace] = answer
        return answer
    }
}

/// Which lists of resources ask for a GPU.
private struct GPURequests {
    private let pool: RecordPool
    private var known: [ResourceListID: Bool] = [:]

    init(_ pool: RecordPool) { self.pool = pool }

    mutating func contains(_ list: ResourceListID) -> Bool {
        if let answer = known[list] { return answer }
        let answer = pool.resourceLists[list].contains {
            $0.amount > 0 && ExtendedResource.isGPU(pool.strings[$0.name])
        }
        known[list] = answer
        return answer
    }
}
