import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport

let gib: Int64 = 1 << 30

/// A machine for the price of a dollar for each of four cores: with one base alone, a core costs a dollar.
let machine: [String: Int64] = ["cpu": 4_000, "memory": 16 * gib]

extension AuditInput {
    /// Only cores cost: a Pod that asks for half of a $4 node of four cores costs $2.
    static let byCores: AuditInput = {
        var input = AuditInput()
        input.allocation.settings.split = .custom(SplitBases(core: "1", memoryGiB: "0", gpu: "0"))
        return input
    }()
}

extension ClusterBuilder {
    /// A node of four cores for four dollars an hour, which says so itself.
    mutating func pricedNode(
        _ name: String, labels: [String: String] = [:], annotations: [String: String] = [:], price: String = "4"
    ) {
        var annotations = annotations
        annotations[PricingPolicy.defaultAnnotation] = price
        node(name, labels: labels, annotations: annotations, capacity: machine)
    }

    /// A Deployment with its ReplicaSet and running Pods, each asking for one core.
    mutating func deployment(
        _ name: String, namespace: String, labels: [String: String] = [:], template: [String: String] = [:],
        pods: Int = 1, node: String = "node-1", millicores: Int64 = 1_000
    ) {
        let owner = owner(
            kind: "Deployment", namespace: namespace, name: name, labels: labels, templateLabels: template)
        let set = self.owner(
            kind: "ReplicaSet", namespace: namespace, name: "\(name)-5d8f", labels: template, templateLabels: template,
            controller: owner)
        for number in 0..<pods {
            pod(
                "\(name)-5d8f-\(number)", namespace: namespace, node: node, labels: template,
                requests: ["cpu": millicores], controller: set)
        }
    }

    mutating func volume(
        _ name: String, gib size: Int64, claim: String, namespace: String, labels: [String: String] = [:],
        hasClaim: Bool = true
    ) {
        var record = VolumeRecord(name: intern(name), uid: state.pool.uid(nextUID()))
        record.capacity = size * gib
        record.storageClass = intern("gp3")
        record.driver = intern("ebs.csi.aws.com")
        record.claimNamespace = intern(namespace)
        record.claimName = intern(claim)
        state.volumes.append(record)
        guard hasClaim else { return }
        var bound = ClaimRecord(namespace: intern(namespace), name: intern(claim), uid: state.pool.uid(nextUID()))
        bound.volume = record.name
        bound.capacity = record.capacity
        bound.storageClass = record.storageClass
        bound.labels = state.pool.labels(labels.map { ($0.key, $0.value) })
        state.claims.append(bound)
    }

    mutating func carrier(
        group: String, version: String = "v1", kind: String, name: String, namespace: String = "",
        labels: [String: String] = [:], tags: [String: String] = [:], nodeLabels: [String: String] = [:],
        reference: ControllerReference = .none
    ) {
        var record = TagCarrierRecord(
            kind: state.pool.kind(GroupKind(group: group, kind: kind)), version: intern(version),
            namespace: intern(namespace), name: intern(name), uid: state.pool.uid(nextUID()))
        record.labels = state.pool.labels(labels.map { ($0.key, $0.value) })
        record.tags = state.pool.labels(tags.map { ($0.key, $0.value) })
        record.nodeLabels = state.pool.labels(nodeLabels.map { ($0.key, $0.value) })
        record.reference = reference
        state.tagCarriers.append(record)
    }

    func audited(
        _ policy: Policy = .finance, settings: AuditSettings = AuditSettings(), input: AuditInput = .byCores,
        at now: Timestamp = .on("2026-11-21")
    ) -> AuditReport {
        Auditor(policy: policy, settings: settings).audit(state, input: input, at: now)
    }
}

extension Policy {
    /// One required label that owners and namespaces may supply.
    static let team = Policy(
        name: "team", mode: .warn, subjects: [.workloads],
        labels: [
            LabelRule(key: "team", level: .required, defaultFrom: [.owner, .namespace])
        ])

    /// The same, with a tag for node groups.
    static let taggedTeam: Policy = {
        var policy = Policy.team
        policy.labels[0].tag = "Team"
        return policy
    }()
}

extension AuditReport {
    func findings(_ reason: Reason, _ label: String? = nil) -> [Finding] {
        findings.filter { $0.reason == reason && (label == nil || $0.label == label) }
    }

    func namespace(_ name: String) -> NamespaceRow? { namespaces.first { $0.name == name } }
    func nodeGroup(_ name: String) -> NodeGroupRow? { nodeGroups.first { $0.name == name } }

    /// `Deployment/web team missing` of each, in the report's order.
    var summary: [String] {
        findings.map { "\($0.subject.kind)/\($0.subject.name) \($0.label ?? "-") \($0.reason.rawValue)" }
    }
}
