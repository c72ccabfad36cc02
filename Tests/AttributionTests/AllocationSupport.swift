import Attribution
import KubernetesModel
import LabelPolicy
import TestSupport

let gib: Int64 = 1 << 30

/// An amount as text; a text that is none is a mistake in the test.
func money(_ text: String) -> Money {
    do { return try Money(parsing: text) } catch { fatalError("\(error)") }
}

extension ClusterBuilder {
    /// The price annotation that these tests use.
    static func priced(_ text: String) -> [String: String] { [PricingPolicy.defaultAnnotation: text] }

    func allocated(_ input: AllocationInput = AllocationInput()) -> Allocation {
        Allocator.allocate(state, index: ClusterIndex(state), input: input)
    }

    func pod(named name: String) -> Int? { state.pods.firstIndex { state.text($0.name) == name } }

    mutating func daemonPod(_ name: String, node: String, requests: [String: Int64], labels: [String: String] = [:]) {
        let daemonSet = reference(group: "apps", kind: "DaemonSet", name: "agent", uid: nextUID())
        pod(name, namespace: "monitoring", node: node, labels: labels, requests: requests, controller: daemonSet)
    }

    mutating func volume(
        _ name: String, gib size: Int64, claim: String, namespace: String, storageClass: String = "gp3"
    ) {
        var record = VolumeRecord(name: intern(name), uid: state.pool.uid(nextUID()))
        record.capacity = size * gib
        record.storageClass = intern(storageClass)
        record.driver = intern("ebs.csi.aws.com")
        record.claimNamespace = intern(namespace)
        record.claimName = intern(claim)
        state.volumes.append(record)
        var bound = ClaimRecord(namespace: intern(namespace), name: intern(claim), uid: state.pool.uid(nextUID()))
        bound.volume = record.name
        bound.capacity = record.capacity
        bound.storageClass = record.storageClass
        state.claims.append(bound)
    }

    mutating func loadBalancer(_ name: String, namespace: String, selector: [String: String]) {
        var record = ServiceRecord(namespace: intern(namespace), name: intern(name), uid: state.pool.uid(nextUID()))
        record.selector = state.pool.labels(selector.map { ($0.key, $0.value) })
        state.services.append(record)
    }

    /// Owners by the Pods' own labels, workloads by their names.
    func owners(_ keys: [String], nodeGroup: String? = nil, external: [[String: String]] = []) -> CostOwners {
        var owners = CostOwners(keys: keys)
        func add(_ labels: (String) -> String?) -> Int {
            let values = keys.map(labels)
            owners.sets.append(.init(values: values, isComplete: !values.contains(nil)))
            return owners.sets.count - 1
        }
        for pod in state.pods {
            owners.setOfPod.append(add { state.pool.label($0, in: pod.labels) })
            owners.workloads.append(state.text(pod.name))
            owners.workloadOfPod.append(owners.workloads.count - 1)
        }
        for service in state.services { owners.setOfService.append(add { state.pool.label($0, in: service.labels) }) }
        for labels in external { owners.setOfExternal.append(add { labels[$0] }) }
        if let nodeGroup {
            for node in state.nodes {
                guard let name = state.pool.label(nodeGroup, in: node.labels) else {
                    owners.groupOfNode.append(-1)
                    continue
                }
                if let known = owners.nodeGroups.firstIndex(of: name) {
                    owners.groupOfNode.append(known)
                } else {
                    owners.nodeGroups.append(name)
                    owners.groupOfNode.append(owners.nodeGroups.count - 1)
                }
            }
        }
        return owners
    }
}

extension Allocation {
    /// The lines of a kind.
    func lines(_ kind: CostLine.Kind) -> [CostLine] { lines.filter { $0.kind == kind } }
}

extension Showback {
    subscript(_ name: String) -> ShowbackRow? { rows.first { $0.name == name } }
    subscript(_ row: ReservedRow) -> ShowbackRow? { rows.first { $0.reserved == row } }
}
