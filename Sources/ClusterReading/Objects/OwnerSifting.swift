import KubernetesModel

/// Leaves out objects that own no Pod, volume or load balancer and have no Pod template: ConfigMaps in a list of
/// everything, say.
enum OwnerSifting {
    /// - Returns: how many objects of each kind were left out; workload kinds are not counted.
    static func sift(_ state: inout ClusterState, catalogue: WorkloadCatalogue) -> [GroupKind: Int] {
        var places: [ObjectUID: Int] = [:]
        for (place, owner) in state.owners.enumerated() where !owner.uid.isNone { places[owner.uid] = place }
        var isKept = state.owners.map(\.hasTemplate)
        var open = state.owners.indices.filter { isKept[$0] }.map { state.owners[$0].controller.uid }
        open += state.pods.map(\.controller.uid) + state.claims.map(\.controller.uid)
        open += state.services.map(\.controller.uid)
        // Each owner is opened once, whatever circles they make.
        while let uid = open.popLast() {
            guard let place = places[uid], !isKept[place] else { continue }
            isKept[place] = true
            open.append(state.owners[place].controller.uid)
        }
        var ignored: [GroupKind: Int] = [:]
        var kept: [OwnerRecord] = []
        for (place, owner) in state.owners.enumerated() {
            let kind = state.pool[owner.kind]
            if isKept[place] || catalogue.kind(kind) != nil {
                kept.append(owner)
            } else {
                ignored[kind, default: 0] += 1
            }
        }
        state.owners = kept
        return ignored
    }
}
