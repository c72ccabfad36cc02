import Attribution
import KubernetesModel
import LabelPolicy

/// Works out anew what changes have touched.
extension LedgerBooks {
    mutating func settle(_ evaluator: Evaluator, at now: Timestamp, _ work: inout AuditLedger.Work) {
        noteClusterChange()
        settleNodeGroups(evaluator, at: now, &work)
        settleChains()
        settleNodes(&work)
        settleVolumes(&work)
        settleServices(&work)
        settleUnits(evaluator, at: now, &work)
        noteClusterChange()
        touched.cluster = false
    }

    // MARK: - Node groups

    private mutating func settleNodeGroups(
        _ evaluator: Evaluator, at now: Timestamp, _ work: inout AuditLedger.Work
    ) {
        guard touched.nodeGroups else { return }
        touched.nodeGroups = false
        work.nodePasses += 1
        let old = nodeGroups.outlines
        nodeGroups.read(objects, evaluator, keys: settings.nodeGroupKeys, at: now)
        for (place, number) in nodeGroups.numberOfNode { setGroup(of: place, to: number) }
        // Findings name groups and their environments.
        let new = nodeGroups.outlines
        let renamed = old.filter { new[$0.key] != nil && new[$0.key] != $0.value }
        if renamed.isEmpty { return }
        for (place, number) in nodeGroups.numberOfNode where renamed[number] != nil {
            for pod in objects.podsOnNode[objects.state.nodes[place].name] { markChanged(pods[pod].namespace) }
        }
    }

    // MARK: - Controllers

    private mutating func settleChains() {
        if touched.chains.isEmpty { return }
        let chain = ControllerChain(state: objects.state, places: objects.places)
        for place in touched.chains {
            switch place {
            case .pod(let pod): setRoot(of: pod, to: chain.top(from: place))
            case .owner(let owner):
                let root = chain.top(from: place)
                if let old = rootOfOwner[owner] { touched.units.insert(old) }
                rootOfOwner[owner] = root
                touched.units.insert(root)
                if root.place == place, units[root] == nil { units[root] = WorkloadUnit() }
            case .node: break
            }
        }
        touched.chains = []
    }

    private mutating func setRoot(of pod: Int, to root: WorkloadRoot) {
        if pods[pod].root != root {
            leaveUnit(pod)
            pods[pod].root = root
            units[root, default: WorkloadUnit()].pods.insert(pod)
        }
        touched.units.insert(root)
    }

    mutating func leaveUnit(_ pod: Int) {
        guard let root = pods[pod].root else { return }
        units[root]?.pods.remove(pod)
        touched.units.insert(root)
        pods[pod].root = nil
    }

    // MARK: - Nodes

    private mutating func settleNodes(_ work: inout AuditLedger.Work) {
        var lines: [CostLine] = []
        var problems: [AllocationProblem] = []
        for name in touched.nodes {
            guard let place = objects.nodes[name] else { continue }
            let all = objects.podsOnNode[name]
            let running = all.filter { objects.state.pods[$0].occupiesNode }
            lines.removeAll(keepingCapacity: true)
            problems.removeAll(keepingCapacity: true)
            let cost = divider.divide(place, of: objects.state, among: running, into: &lines, &problems)
            work.nodes += 1
            work.podsOnNodes += running.count
            setNode(place, cost, lines)
            var paid: Set<Int> = []
            for line in lines where line.pod >= 0 {
                paid.insert(Int(line.pod))
                pods[Int(line.pod)].nodeGroup = nodes[place].group
                setNodeLine(of: Int(line.pod), to: line)
            }
            for pod in all {
                if !paid.contains(pod) { setNodeLine(of: pod, to: nil) }
                setUnpriced(pod, cost.pricing.price == nil)
            }
        }
        touched.nodes = []
    }

    private mutating func setNode(_ place: Int, _ cost: NodeCost, _ lines: [CostLine]) {
        for line in nodes[place].lines { sums.remove(line, nodePlace(place)) }
        nodes[place].cost = cost
        if cost.pricing.price == nil { unpricedNodes.insert(place) } else { unpricedNodes.remove(place) }
        nodes[place].lines = lines.filter { $0.pod < 0 }
        for line in nodes[place].lines { sums.add(line, nodePlace(place)) }
    }

    // MARK: - Volumes

    private mutating func settleVolumes(_ work: inout AuditLedger.Work) {
        for key in touched.volumes {
            takeOutVolume(key)
            guard let facts = volume(key) else { continue }
            work.volumes += 1
            let price = storage.volume(
                bytes: facts.bytes, storageClass: objects.text(facts.storageClass),
                driver: objects.text(facts.driver))
            guard case .priced(let cost, let rate) = price else { continue }
            let mounting = facts.claim.map { objects.podsOfClaim[$0] } ?? []
            let running = sorted(mounting.filter { objects.state.pods[$0].occupiesNode })
            var account = VolumeAccount(
                cost: VolumeCost(
                    volume: facts.volume, claim: facts.claim.flatMap { objects.claims[$0] }, cost: cost, rate: rate),
                pods: running)
            for line in CostLine.ofVolume(key.object, cost: cost, pods: running.map(onNode)) {
                if line.pod >= 0 {
                    addLine(line, of: Int(line.pod))
                } else {
                    sums.add(line, OwnershipSums.Place())
                    account.unmounted = line
                }
            }
            if account.unmounted != nil, account.cost.claim == nil { looseVolumes.insert(key) }
            volumes[key] = account
        }
        touched.volumes = []
    }

    private struct VolumeFacts {
        var volume: Int?
        var claim: NamespacedName?
        var bytes: Int64
        var storageClass: StringID
        var driver = StringID.empty
    }

    /// Nil for a claim that is not bound, or whose volume is there and counts itself.
    private func volume(_ key: VolumeKey) -> VolumeFacts? {
        switch key {
        case .volume(let place):
            let record = objects.state.volumes[place]
            var facts = VolumeFacts(
                volume: place, bytes: record.capacity, storageClass: record.storageClass, driver: record.driver)
            let claim = NamespacedName(namespace: record.claimNamespace, name: record.claimName)
            // A claim of the same name that came after the volume's own is bound to another volume.
            if let bound = objects.claims[claim], objects.state.claims[bound].volume == record.name {
                facts.claim = claim
            }
            return facts
        case .claim(let place):
            let record = objects.state.claims[place]
            guard !record.volume.isEmpty, objects.volumes[record.volume] == nil else { return nil }
            return VolumeFacts(
                claim: NamespacedName(namespace: record.namespace, name: record.name),
                bytes: record.capacity > 0 ? record.capacity : record.requested, storageClass: record.storageClass)
        }
    }

    /// In an order of their own, so that equal Pods always get the same unit.
    private func sorted(_ pods: Set<Int>) -> [Int] {
        pods.sorted { objects.state.pods[$0].uid < objects.state.pods[$1].uid }
    }

    private func onNode(_ pod: Int) -> CostLine.PodOnNode {
        (pod, objects.nodes[objects.state.pods[pod].node].map { Int32(clamping: $0) } ?? -1)
    }

    // MARK: - Load balancers

    private mutating func settleServices(_ work: inout AuditLedger.Work) {
        if touched.services.isEmpty { return }
        let rate = storage.loadBalancer(on: objects.clouds.cloud)
        for place in touched.services {
            takeOutService(place)
            work.loadBalancers += 1
            guard let rate, rate.isAmount else { continue }
            let behind = sorted(services[place].members)
            services[place].pods = behind
            for line in CostLine.ofLoadBalancer(
                Int32(clamping: place), cost: rate.amount, pods: behind.map(onNode))
            {
                if line.pod >= 0 {
                    addLine(line, of: Int(line.pod))
                } else {
                    sums.add(line, servicePlace(place))
                    services[place].own = line
                }
            }
        }
        touched.services = []
    }

    // MARK: - Workloads

    private mutating func settleUnits(_ evaluator: Evaluator, at now: Timestamp, _ work: inout AuditLedger.Work) {
        for root in touched.units {
            guard let unit = units[root] else { continue }
            var template: Int?
            if case .owner(let place)? = root.place, rootOfOwner[place] == root { template = place }
            if unit.pods.isEmpty, template == nil {
                let old = unit.result
                setResult(of: root, to: WorkloadResult())
                for number in old.groups { standings.releaseGroup(number) }
                units[root] = nil
                continue
            }
            work.workloads += 1
            work.podsOfWorkloads += unit.pods.count
            judge(root, unit, template, evaluator, at: now)
        }
        touched.units = []
    }

    private mutating func judge(
        _ root: WorkloadRoot, _ unit: WorkloadUnit, _ template: Int?, _ evaluator: Evaluator, at now: Timestamp
    ) {
        let part = StatePart(objects, pods: unit.pods, owners: template.map { [$0] } ?? [])
        let index = ClusterIndex(part.state)
        let judged = JudgedWorkloads(part.state, index, evaluator, at: now)
        var result = WorkloadResult()
        var numbers: [Int: Int] = [:]
        let definition = pruned.isEmpty ? nil : pruned[objects.state.pool[root.kind]]
        for range in judged.groups.byRoot {
            // Of a chain that is too deep, the owners above its end are another workload.
            let found = index.workloadRoots[judged.groups.groups[range.lowerBound].key.root]
            guard found.isSame(as: root) else { continue }
            var standing = JudgedWorkloads.Standing()
            for group in range {
                let entry = judged.verdicts.entries[judged.groups.groups[group].verdict]
                standing.add(entry)
                let number = standings.takeGroup(entry, pruned: definition, billing, teams)
                numbers[group] = number
                result.groups.append(number)
                if let faults = standings[number]?.faults { result.endedTeams.formUnion(faults.ended) }
            }
            result.workloads += 1
            if standing.isAttributed { result.attributed += 1 }
            result.attributedRules = Set(totals.attributedByRule.indices).subtracting(standing.lacking)
        }
        for (place, pod) in part.pods.enumerated() {
            let group = judged.groups.ofPod[place]
            setStanding(of: pod, to: group < 0 ? nil : numbers[group])
        }
        let old = unit.result.groups
        if unit.result != result {
            for pod in unit.pods { markChanged(pods[pod].namespace) }
            markChanged(root.namespace)
        }
        setResult(of: root, to: result)
        for number in old { standings.releaseGroup(number) }
    }
}

extension WorkloadRoot {
    /// Whether it is the same root, wherever it stands.
    fileprivate func isSame(as other: WorkloadRoot) -> Bool {
        kind == other.kind && namespace == other.namespace && name == other.name && uid == other.uid
            && end == other.end
    }
}
