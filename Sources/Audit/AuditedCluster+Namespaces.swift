import Attribution
import KubernetesModel
import LabelPolicy

extension AuditedCluster {
    /// The same cluster, with the workloads and costs of some namespaces only.
    ///
    /// What is judged and what it costs stays as it is in the whole cluster, since nodes are shared: a namespace has its
    /// Pods' parts of nodes, its volumes and its load balancers. Idle room and what is in no namespace are left out, so
    /// that every sum of a report is one of these namespaces.
    func restricted(to namespaces: [Glob]) -> AuditedCluster {
        guard !namespaces.isEmpty else { return self }
        var selected: Set<StringID> = []
        for name in namespacesInUse where namespaces.contains(where: { $0.matches(state.text(name)) }) {
            selected.insert(name)
        }
        var cluster = self
        var allocation = allocation
        allocation.lines.removeAll { line in namespace(of: line).map { !selected.contains($0) } ?? true }
        cluster.restrict(to: selected, allocation, groupsByRoot.filter { selected.contains(namespace(of: $0)) })
        return cluster
    }

    /// Every namespace that an object of the state is in, whether the namespace itself was read or not.
    var namespacesInUse: Set<StringID> {
        var names = Set(state.namespaces.lazy.map(\.name))
        names.formUnion(state.pods.lazy.map(\.namespace))
        names.formUnion(state.claims.lazy.map(\.namespace))
        names.formUnion(state.services.lazy.map(\.namespace))
        names.formUnion(groups.groups.lazy.map(\.key.namespace))
        names.remove(.empty)
        return names
    }

    /// In which namespace a cost arises.
    private func namespace(of line: CostLine) -> StringID? {
        let (pod, object) = (Int(line.pod), Int(line.object))
        if state.pods.indices.contains(pod) { return state.pods[pod].namespace }
        switch line.kind {
        case .loadBalancer: return state.services.indices.contains(object) ? state.services[object].namespace : nil
        case .unmounted:
            guard allocation.volumes.indices.contains(object), let claim = allocation.volumes[object].claim,
                state.claims.indices.contains(claim)
            else {
                return nil
            }
            return state.claims[claim].namespace
        case .pod, .overhead, .unallocated, .systemReserved, .undivided, .volume, .external: return nil
        }
    }

    /// Nodes that something of these namespaces runs on.
    var nodesInUse: [Int] {
        state.nodes.indices.filter { node in
            selection == nil || index.pods(onNode: node).contains { covers(state.pods[$0].namespace) }
        }
    }
}
