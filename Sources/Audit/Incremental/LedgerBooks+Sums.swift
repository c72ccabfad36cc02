import Attribution
import KubernetesModel

/// What is in the sums on whose account: everything goes in and out here.
extension LedgerBooks {
    // MARK: - Pods

    mutating func setStanding(of place: Int, to standing: Int?) {
        let old = pods[place].standing
        if old == standing { return }
        for line in pods[place].lines { sums.remove(line, pods[place].place(of: line, standings)) }
        pods[place].standing = standing
        if let standing { standings.addPod(standing, isUnpriced: pods[place].isUnpriced) }
        for line in pods[place].lines { sums.add(line, pods[place].place(of: line, standings)) }
        // The last to use a verdict forgets it, so it comes after the sums.
        if let old { standings.removePod(old, isUnpriced: pods[place].isUnpriced) }
    }

    mutating func setLines(of place: Int, to lines: [CostLine]) {
        for line in pods[place].lines { sums.remove(line, pods[place].place(of: line, standings)) }
        pods[place].lines = lines
        for line in lines { sums.add(line, pods[place].place(of: line, standings)) }
    }

    /// - Parameter line: of kind `pod` or `overhead`; nil takes it away.
    mutating func setNodeLine(of place: Int, to line: CostLine?) {
        // Most Pods of a node pay what they paid before.
        if pods[place].nodeLine == line { return }
        replaceLines(of: place, with: line.map { [$0] } ?? [], where: OwnershipSums.isOfNode)
    }

    mutating func setUnpriced(_ place: Int, _ isUnpriced: Bool) {
        guard pods[place].isUnpriced != isUnpriced else { return }
        if let standing = pods[place].standing {
            standings.addPod(standing, isUnpriced: isUnpriced)
            standings.removePod(standing, isUnpriced: !isUnpriced)
        }
        pods[place].isUnpriced = isUnpriced
        markChanged(pods[place].namespace)
    }

    private mutating func replaceLines(
        of place: Int, with lines: [CostLine], where isReplaced: (CostLine) -> Bool
    ) {
        var moved = lines.map(\.total).sum()
        var isSame = true
        var kept: [CostLine] = []
        for line in pods[place].lines {
            guard isReplaced(line) else {
                kept.append(line)
                continue
            }
            moved -= line.total
            if !lines.contains(line) { isSame = false }
            sums.remove(line, pods[place].place(of: line, standings))
        }
        isSame = isSame && kept.count + lines.count == pods[place].lines.count
        for line in lines { sums.add(line, pods[place].place(of: line, standings)) }
        if isSame { return }
        pods[place].lines = kept + lines
        if pods[place].standing != nil { markMoved(moved, in: pods[place].namespace) }
    }

    // MARK: - Nodes

    func nodePlace(_ place: Int) -> OwnershipSums.Place {
        var found = OwnershipSums.Place()
        found.nodeGroup = nodes[place].group
        return found
    }

    /// Moves a node with its Pods' parts to another group.
    mutating func setGroup(of place: Int, to group: Int?) {
        if nodes[place].group == group { return }
        for line in nodes[place].lines { sums.remove(line, nodePlace(place)) }
        nodes[place].group = group
        for line in nodes[place].lines { sums.add(line, nodePlace(place)) }
        for pod in objects.podsOnNode[objects.state.nodes[place].name] {
            let lines = pods[pod].lines
            setLines(of: pod, to: [])
            pods[pod].nodeGroup = group
            setLines(of: pod, to: lines)
        }
    }

    // MARK: - Volumes and load balancers

    mutating func takeOutVolume(_ key: VolumeKey) {
        guard let account = volumes.removeValue(forKey: key) else { return }
        looseVolumes.remove(key)
        if let line = account.unmounted { sums.remove(line, OwnershipSums.Place()) }
        for pod in account.pods {
            replaceLines(of: pod, with: []) { $0.kind == .volume && $0.object == key.object }
        }
    }

    mutating func takeOutService(_ place: Int) {
        if let line = services[place].own { sums.remove(line, servicePlace(place)) }
        services[place].own = nil
        for pod in services[place].pods {
            replaceLines(of: pod, with: []) { $0.kind == .loadBalancer && Int($0.object) == place }
        }
        services[place].pods = []
    }

    mutating func addLine(_ line: CostLine, of pod: Int) {
        let (kind, object) = (line.kind, line.object)
        replaceLines(of: pod, with: [line]) { $0.kind == kind && $0.object == object }
    }

    /// Of a load balancer without Pods.
    mutating func servicePlace(_ place: Int) -> OwnershipSums.Place {
        let namespace = objects.state.services[place].namespace
        var found = OwnershipSums.Place()
        found.namespace = namespace
        found.isShared = !namespace.isEmpty && shared.contains(namespace, in: objects.state.pool)
        return found
    }

    // MARK: - Workloads

    mutating func setResult(of root: WorkloadRoot, to result: WorkloadResult) {
        let old = units[root]?.result ?? WorkloadResult()
        units[root]?.result = result
        totals.workloads += result.workloads - old.workloads
        totals.attributed += result.attributed - old.attributed
        for rule in old.attributedRules { totals.attributedByRule[rule] -= 1 }
        for rule in result.attributedRules { totals.attributedByRule[rule] += 1 }
        for team in old.endedTeams { totals.workloadsOfEndedTeam[team, default: 0] -= 1 }
        for team in result.endedTeams { totals.workloadsOfEndedTeam[team, default: 0] += 1 }
        if root.namespace.isEmpty, result.workloads > 0 {
            clusterUnits.insert(root)
        } else {
            clusterUnits.remove(root)
        }
    }
}
