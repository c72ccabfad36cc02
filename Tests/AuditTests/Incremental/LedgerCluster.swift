import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport

/// A cluster that changes, object by object, beside a ledger that is told of it.
struct LedgerCluster {
    /// Everything that may be there, under the numbers of one pool.
    var catalogue: ClusterState
    /// Places in the catalogue of what is there now.
    private(set) var present: Set<Item> = []

    enum Item: Hashable {
        case namespace(Int), node(Int), pod(Int), owner(Int), claim(Int), volume(Int), service(Int), carrier(Int)
    }

    init(_ random: inout SeededGenerator) {
        var cluster = ClusterBuilder()
        cluster.state = RandomCluster.make(&random)
        // Beyond those that the generator gave.
        for _ in 0..<1_000 { _ = cluster.nextUID() }
        Self.addLoadBalancers(&cluster, &random)
        Self.addCarriers(&cluster, &random)
        Self.addClusterWorkload(&cluster, &random)
        for place in cluster.state.nodes.indices where !random.oneIn(3) {
            cluster.state.nodes[place].providerID = cluster.intern("aws:///eu-west-1a/i-\(place)")
        }
        catalogue = cluster.state
    }

    private static func addLoadBalancers(_ cluster: inout ClusterBuilder, _ random: inout SeededGenerator) {
        for number in 0..<Int.random(in: 0...3, using: &random) {
            var service = ServiceRecord(
                namespace: cluster.intern("ns-\(random.pick([0, 1]))"), name: cluster.intern("lb-\(number)"),
                uid: cluster.state.pool.uid(cluster.nextUID()))
            let selector: [String: String] = random.pick([[:], ["team": "payments"], ["environment": "prod"]])
            service.selector = cluster.state.pool.labels(selector.map { ($0.key, $0.value) })
            cluster.state.services.append(service)
        }
    }

    private static func addCarriers(_ cluster: inout ClusterBuilder, _ random: inout SeededGenerator) {
        let nodeClass = cluster.reference(
            group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default", uid: cluster.nextUID())
        cluster.carrier(
            group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default",
            tags: random.oneIn(2) ? ["Team": "payments"] : [:])
        cluster.carrier(
            group: "karpenter.sh", kind: "NodePool", name: "a",
            nodeLabels: random.oneIn(2) ? ["environment": "prod"] : [:], reference: nodeClass)
    }

    /// A controller in no namespace with Pods in several, and a Pod that a node runs of itself.
    private static func addClusterWorkload(_ cluster: inout ClusterBuilder, _ random: inout SeededGenerator) {
        let fleet = cluster.owner(
            group: "acme.io", kind: "Fleet", namespace: "", name: "fleet", labels: ["team": "nobody"],
            templateLabels: random.oneIn(2) ? ["team": "payments"] : nil)
        for number in 0..<3 {
            cluster.pod(
                "fleet-\(number)", namespace: "ns-\(number % 2)", node: "node-\(number % 2)",
                requests: ["cpu": 300], controller: fleet)
        }
        guard let node = cluster.state.nodes.first else { return }
        let mirror = ControllerReference(
            kind: RecordPool.WellKnown.nodeKind, name: node.name, uid: node.uid)
        cluster.pod("static", namespace: "ns-0", node: "node-0", requests: ["cpu": 100], controller: mirror)
        cluster.state.pods[cluster.state.pods.count - 1].isMirror = random.oneIn(2)
    }

    var items: [Item] {
        catalogue.namespaces.indices.map(Item.namespace) + catalogue.nodes.indices.map(Item.node)
            + catalogue.pods.indices.map(Item.pod) + catalogue.owners.indices.map(Item.owner)
            + catalogue.claims.indices.map(Item.claim) + catalogue.volumes.indices.map(Item.volume)
            + catalogue.services.indices.map(Item.service) + catalogue.tagCarriers.indices.map(Item.carrier)
    }

    // MARK: - What a watch would say

    mutating func put(_ items: [Item]) -> ClusterChange {
        present.formUnion(items)
        return .upsert(state(items))
    }

    mutating func remove(_ item: Item) -> ClusterChange {
        present.remove(item)
        return .remove(identity(item))
    }

    /// The objects, in the order given.
    func state(_ items: [Item]) -> ClusterState {
        var state = ClusterState(cluster: catalogue.cluster, pool: catalogue.pool)
        for item in items {
            switch item {
            case .namespace(let place): state.namespaces.append(catalogue.namespaces[place])
            case .node(let place): state.nodes.append(catalogue.nodes[place])
            case .pod(let place): state.pods.append(catalogue.pods[place])
            case .owner(let place): state.owners.append(catalogue.owners[place])
            case .claim(let place): state.claims.append(catalogue.claims[place])
            case .volume(let place): state.volumes.append(catalogue.volumes[place])
            case .service(let place): state.services.append(catalogue.services[place])
            case .carrier(let place): state.tagCarriers.append(catalogue.tagCarriers[place])
            }
        }
        return state
    }

    private func identity(_ item: Item) -> ObjectIdentity {
        func identity(
            _ resource: ObjectIdentity.Resource, _ namespace: StringID, _ name: StringID
        ) -> ObjectIdentity {
            ObjectIdentity(resource, namespace: catalogue.text(namespace), name: catalogue.text(name))
        }
        switch item {
        case .namespace(let place): return identity(.namespaces, .empty, catalogue.namespaces[place].name)
        case .node(let place): return identity(.nodes, .empty, catalogue.nodes[place].name)
        case .pod(let place): return identity(.pods, catalogue.pods[place].namespace, catalogue.pods[place].name)
        case .owner(let place):
            let record = catalogue.owners[place]
            return identity(.owners(catalogue.pool[record.kind]), record.namespace, record.name)
        case .claim(let place):
            return identity(.claims, catalogue.claims[place].namespace, catalogue.claims[place].name)
        case .volume(let place): return identity(.volumes, .empty, catalogue.volumes[place].name)
        case .service(let place):
            return identity(.loadBalancers, catalogue.services[place].namespace, catalogue.services[place].name)
        case .carrier(let place):
            let record = catalogue.tagCarriers[place]
            return identity(.tagCarriers(catalogue.pool[record.kind]), record.namespace, record.name)
        }
    }

    // MARK: - Changes

    /// Gives an object the labels, the node, the price or the phase of another.
    mutating func alter(_ item: Item, _ random: inout SeededGenerator) {
        switch item {
        case .namespace(let place):
            catalogue.namespaces[place].labels = random.pick(catalogue.namespaces).labels
        case .node(let place):
            let other = random.pick(catalogue.nodes)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: catalogue.nodes[place].labels = other.labels
            case 1: catalogue.nodes[place].annotations = other.annotations
            case 2: catalogue.nodes[place].capacity = other.capacity
            default: catalogue.nodes[place].readiness = random.pick([.ready, .notReady])
            }
        case .pod(let place):
            let other = random.pick(catalogue.pods)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: catalogue.pods[place].labels = other.labels
            case 1: catalogue.pods[place].node = other.node
            case 2: catalogue.pods[place].phase = random.pick([.pending, .running, .succeeded])
            case 3: catalogue.pods[place].controller = other.controller
            default: catalogue.pods[place].volumeClaims = other.volumeClaims
            }
        case .owner(let place):
            let other = random.pick(catalogue.owners)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: catalogue.owners[place].labels = other.labels
            case 1:
                catalogue.owners[place].templateLabels = other.templateLabels
                catalogue.owners[place].hasTemplate = other.hasTemplate
            // Now and then a circle of owners.
            default: catalogue.owners[place].controller = other.controller
            }
        case .claim(let place): catalogue.claims[place].labels = random.pick(catalogue.pods).labels
        case .volume(let place): catalogue.volumes[place].capacity = random.pick([0, 1 << 30, 77 << 30])
        case .service(let place): catalogue.services[place].selector = random.pick(catalogue.pods).labels
        case .carrier(let place): catalogue.tagCarriers[place].tags = random.pick(catalogue.pods).labels
        }
    }
}
