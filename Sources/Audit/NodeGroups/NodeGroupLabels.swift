import Attribution
import KubernetesModel
import LabelPolicy

/// What a node group says of the policy's labels: on its nodes, and in what the API shows of its tags.
struct NodeGroupLabels {
    /// One label on one group.
    struct Reading {
        /// Of the policy's labels.
        let rule: Int
        let label: String
        /// The key of the cloud tag; nil where the policy names none.
        let tag: String?
        /// Canonical values of its nodes, each with how many have it; sorted by value.
        var nodeValues: [(value: String, nodes: Int)]
        var missingNodes: Int
        /// Values that objects of the API show: the node labels and tags of a NodePool, an EC2NodeClass, a Machine set.
        var carried: [AuditReport.TagValue]
        /// Canonical forms of `carried`.
        var carriedValues: Set<String>
        /// Objects that could carry the tag and do not.
        var carriersWithout: [ObjectReference]

        /// The one value of nodes and carriers alike; nil if there is none, or if there are several.
        var value: String? {
            let values = Set(nodeValues.map(\.value)).union(carriedValues)
            return values.count == 1 ? values.first : nil
        }

        var isDrifting: Bool { Set(nodeValues.map(\.value)).union(carriedValues).count > 1 }

        /// As reports show it; nil for a label without a tag.
        var row: AuditReport.TagRow? {
            tag.map { tag in
                AuditReport.TagRow(
                    label: label, tag: tag, value: value, missingNodes: carriedValues.isEmpty ? missingNodes : 0,
                    isDrifting: isDrifting)
            }
        }
    }

    private let state: ClusterState
    private let evaluator: Evaluator
    private let now: Timestamp
    private let carriers: TagCarriers
    private var projection: LabelProjection
    /// Values by number of the projection.
    private var values: [Int: [String?]] = [:]

    init(_ state: ClusterState, _ evaluator: Evaluator, at now: Timestamp) {
        self.state = state
        self.evaluator = evaluator
        self.now = now
        carriers = TagCarriers(state)
        projection = LabelProjection(evaluator: evaluator, pool: state.pool)
    }

    /// The canonical value that the labels of each rule have on a node, by rule. What the policy would refuse counts as
    /// it stands: whether it is allowed is a matter of workloads.
    mutating func values(of labels: LabelSetID) -> [String?] {
        let number = projection.number(of: labels)
        if let known = values[number] { return known }
        let found = evaluator.policy.labels.indices.map { value(of: $0, in: projection.observed[number]) }
        values[number] = found
        return found
    }

    /// Some label their nodes under the key of the cloud tag.
    private func tagged(_ rule: Int, _ labels: LabelSetID) -> String? {
        guard let tag = evaluator.policy.labels[rule].tag, let value = state.pool.label(tag, in: labels), !value.isEmpty
        else { return nil }
        return canonical(value, rule)
    }

    private func canonical(_ value: String, _ rule: Int) -> String {
        self.value(of: rule, in: evaluator.observe([evaluator.policy.labels[rule].key.text: value])) ?? value
    }

    private func value(of rule: Int, in labels: ObservedLabels) -> String? {
        let verdict = verdict(labels)
        guard let label = verdict.labels.first(where: { $0.rule == rule }) else { return nil }
        if let attribution = label.attribution {
            // Of a node only its own labels count, no default.
            switch attribution.source {
            case .own, .alias: return attribution.value
            case .owner, .namespace, .registry, .value, .nodegroup: return nil
            }
        }
        guard let found = label.gap?.found, !found.isEmpty else { return nil }
        return found
    }

    private func verdict(_ labels: ObservedLabels) -> Verdict {
        evaluator.evaluate(
            Subject(kind: .workloads, objectKind: "Node", name: "", namespace: .absent(), labels: labels), at: now,
            suggesting: false)
    }

    mutating func readings(of group: NodeGroup) -> [Reading] {
        var nodeValues = [[String: Int]](repeating: [:], count: evaluator.policy.labels.count)
        var missing = [Int](repeating: 0, count: evaluator.policy.labels.count)
        for node in group.nodes {
            let labels = state.nodes[node].labels
            for (rule, own) in values(of: labels).enumerated() {
                if let value = own ?? tagged(rule, labels) {
                    nodeValues[rule][value, default: 0] += 1
                } else {
                    missing[rule] += 1
                }
            }
        }
        let carriers = carriers.of(group)
        return evaluator.policy.labels.indices.map { rule in
            let label = evaluator.policy.labels[rule]
            var reading = Reading(
                rule: rule, label: label.key.text, tag: label.tag,
                nodeValues: nodeValues[rule].sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
                missingNodes: missing[rule], carried: [], carriedValues: [], carriersWithout: [])
            for carrier in carriers { read(carrier, label, into: &reading) }
            return reading
        }
    }

    private func read(_ carrier: TagCarriers.Carrier, _ label: LabelRule, into reading: inout Reading) {
        let reference = carrier.reference
        if let tag = label.tag, carrier.carriesTags {
            if let value = state.pool.label(tag, in: carrier.record.tags), !value.isEmpty {
                add("tag \(tag) of \(reference.kind) \(reference.name)", value, reading.rule, &reading)
            } else {
                reading.carriersWithout.append(reference)
            }
        }
        for key in [label.key] + label.aliases {
            guard let value = state.pool.label(key.text, in: carrier.record.nodeLabels), !value.isEmpty else {
                continue
            }
            add("label \(key) of \(reference.kind) \(reference.name)", value, reading.rule, &reading)
            break
        }
    }

    /// Tags are compared in the canonical form of the label they stand for.
    private func add(_ place: String, _ value: String, _ rule: Int, _ reading: inout Reading) {
        reading.carried.append(AuditReport.TagValue(place: place, value: value, nodes: 0))
        reading.carriedValues.insert(canonical(value, rule))
    }
}

/// The objects of the API that show a group's tags.
struct TagCarriers {
    struct Carrier {
        let record: TagCarrierRecord
        let reference: ObjectReference
        /// Whether it is the place where tags of instances and volumes are set.
        let carriesTags: Bool
    }

    /// Kinds whose `spec.tags` reach instances and volumes.
    private static let tagKinds: Set<String> = [
        "EC2NodeClass", "AWSNodeTemplate", "NodeClass", "Nodegroup", "NodePool",
    ]

    private let state: ClusterState
    /// By their own names, as other objects refer to them.
    private var byName: [String: [Int]] = [:]
    /// By the names of the groups that they stand for.
    private var byCloudName: [String: [Int]] = [:]

    init(_ state: ClusterState) {
        self.state = state
        for (place, carrier) in state.tagCarriers.enumerated() {
            byName[state.text(carrier.name), default: []].append(place)
            let name = carrier.cloudName.isEmpty ? carrier.name : carrier.cloudName
            byCloudName[state.text(name), default: []].append(place)
        }
    }

    func of(_ group: NodeGroup) -> [Carrier] {
        var found: [Carrier] = []
        for place in byCloudName[group.key.name] ?? [] {
            let record = state.tagCarriers[place]
            let kind = state.pool[record.kind]
            guard Self.belongs(kind.group, kind.kind, to: group.key.provider) else { continue }
            found.append(carrier(record))
            // A NodePool takes its tags from a node class.
            if !record.reference.isNone, let other = referenced(record.reference) { found.append(carrier(other)) }
        }
        return found.sorted { $0.reference < $1.reference }
    }

    private func carrier(_ record: TagCarrierRecord) -> Carrier {
        let kind = state.pool[record.kind]
        let version = state.text(record.version)
        let reference = ObjectReference(
            apiVersion: kind.group.isEmpty ? version : "\(kind.group)/\(version)", kind: kind.kind,
            namespace: state.text(record.namespace), name: state.text(record.name))
        // Karpenter's NodePool has labels; its class has the tags.
        let carriesTags = Self.tagKinds.contains(kind.kind) && kind.group != "karpenter.sh"
        return Carrier(record: record, reference: reference, carriesTags: carriesTags)
    }

    private func referenced(_ reference: ControllerReference) -> TagCarrierRecord? {
        (byName[state.text(reference.name)] ?? []).lazy.map { state.tagCarriers[$0] }.first {
            state.pool[$0.kind].kind == state.pool[reference.kind].kind
        }
    }

    private static func belongs(_ group: String, _ kind: String, to provider: NodeGroupProvider) -> Bool {
        switch provider {
        case .karpenter: group == "karpenter.sh" && (kind == "NodePool" || kind == "Provisioner")
        case .clusterAPI: group == "cluster.x-k8s.io" && (kind == "MachineDeployment" || kind == "MachineSet")
        case .openShift: group == "machine.openshift.io" && kind == "MachineSet"
        case .hyperShift: group == "hypershift.openshift.io" && kind == "NodePool"
        // AWS Controllers for Kubernetes.
        case .eks, .eksctl: group == "eks.services.k8s.aws" && kind == "Nodegroup"
        case .fargate, .gke, .aks, .kops, .digitalOcean, .oracle, .linode, .scaleway, .ibm, .alibaba, .gardener,
            .custom, .unknown:
            false
        }
    }
}
