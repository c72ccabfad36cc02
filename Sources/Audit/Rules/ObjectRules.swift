import Attribution
import KubernetesModel
import LabelPolicy

/// Namespaces, claims and load balancers by their own labels, where the policy speaks of them; and volumes that nobody
/// mounts.
struct ObjectRules {
    private(set) var candidates: [Candidate] = []
    /// Verdicts on namespaces: what they supply.
    private(set) var ofNamespace: [StringID: Int] = [:]

    init(_ cluster: inout AuditedCluster) {
        addNamespaces(&cluster)
        if cluster.policy.subjects.contains(.claims) { addClaims(&cluster) }
        if cluster.policy.subjects.contains(.loadbalancers) { addLoadBalancers(&cluster) }
        addUnmounted(&cluster)
    }

    // MARK: - Namespaces

    private mutating func addNamespaces(_ cluster: inout AuditedCluster) {
        let isJudged = cluster.policy.subjects.contains(.namespaces)
        let inhabited = Set(cluster.groups.groups.lazy.map(\.key.namespace))
        for (place, record) in cluster.state.namespaces.enumerated()
        where record.deleted.isNone && cluster.index.namespace(named: record.name) == place {
            let name = cluster.state.text(record.name)
            if cluster.evaluator.isExcluded(namespace: name) { continue }
            let verdict = cluster.verdicts.add(
                Subject(
                    kind: .namespaces, objectKind: "Namespace", name: name,
                    namespace: cluster.namespaces.context(record.name), labels: cluster.observe(record.labels)))
            ofNamespace[record.name] = verdict
            // A namespace where nothing runs costs nothing, and nobody has to label it.
            guard isJudged, inhabited.contains(record.name) else { continue }
            let subject = ObjectReference(apiVersion: "v1", kind: "Namespace", name: name)
            for label in cluster.verdicts.entries[verdict].verdict.labels where label.isOpen {
                guard let gap = label.gap else { continue }
                let offer = cluster.offers[AuditedCluster.OfferKey(namespace: record.name, rule: label.rule)]
                let mends = offer.flatMap { $0.isSound ? $0 : nil }
                candidates.append(
                    Candidate(
                        origin: .namespace(record.name, verdict: verdict, mends: mends?.mends ?? AuditReport.Mending()),
                        // Where all workloads say themselves whose they are, its label would change no bill.
                        reason: gap.reason, rule: label.rule, level: mends == nil ? .recommended : label.level,
                        subject: subject, pods: mends?.pods ?? 0, cost: mends?.mends.costPerHour ?? .zero))
            }
        }
    }

    // MARK: - Claims and load balancers

    private mutating func addClaims(_ cluster: inout AuditedCluster) {
        var costs: [Int: Money] = [:]
        for volume in cluster.allocation.volumes {
            if let claim = volume.claim { costs[claim, default: .zero] += volume.cost }
        }
        for (place, claim) in cluster.state.claims.enumerated()
        where claim.deleted.isNone && cluster.index.claim(named: claim.name, namespace: claim.namespace) == place {
            add(
                .claims, "PersistentVolumeClaim", claim.namespace, claim.name, claim.labels,
                cost: costs[place] ?? .zero, &cluster)
        }
    }

    private mutating func addLoadBalancers(_ cluster: inout AuditedCluster) {
        for (place, service) in cluster.state.services.enumerated() where service.deleted.isNone {
            add(
                .loadbalancers, "Service", service.namespace, service.name, service.labels,
                cost: cluster.costs.ofService[place], &cluster)
        }
    }

    private mutating func add(
        _ kind: SubjectKind, _ objectKind: String, _ namespace: StringID, _ name: StringID, _ labels: LabelSetID,
        cost: Money, _ cluster: inout AuditedCluster
    ) {
        let subject = ObjectReference(
            apiVersion: "v1", kind: objectKind, namespace: cluster.state.text(namespace),
            name: cluster.state.text(name))
        if cluster.evaluator.isExcluded(namespace: subject.namespace) { return }
        let verdict = cluster.verdicts.add(
            Subject(
                kind: kind, objectKind: objectKind, name: subject.name,
                namespace: cluster.namespaces.context(namespace),
                labels: cluster.observe(labels)))
        for label in cluster.verdicts.entries[verdict].verdict.labels where label.isOpen {
            guard let gap = label.gap else { continue }
            candidates.append(
                Candidate(
                    origin: .object(verdict: verdict), reason: gap.reason, rule: label.rule, level: label.level,
                    subject: subject, cost: cost, isUncertain: gap.isUncertain))
        }
    }

    // MARK: - Volumes

    private mutating func addUnmounted(_ cluster: inout AuditedCluster) {
        for (place, volume) in cluster.allocation.volumes.enumerated() where !cluster.costs.unmounted[place].isZero {
            var verdict: Int?
            let subject: ObjectReference
            if let claim = volume.claim.map({ cluster.state.claims[$0] }) {
                subject = ObjectReference(
                    apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: cluster.state.text(claim.namespace),
                    name: cluster.state.text(claim.name))
                verdict = cluster.verdicts.add(
                    Subject(
                        kind: .claims, objectKind: subject.kind, name: subject.name,
                        namespace: cluster.namespaces.context(claim.namespace), labels: cluster.observe(claim.labels)))
            } else if let record = volume.volume.map({ cluster.state.volumes[$0] }) {
                subject = ObjectReference(
                    apiVersion: "v1", kind: "PersistentVolume", name: cluster.state.text(record.name))
            } else {
                continue
            }
            candidates.append(
                Candidate(
                    origin: .unmounted(place, verdict: verdict), reason: .unmounted, level: .recommended,
                    subject: subject, cost: cluster.costs.unmounted[place]))
        }
    }
}

extension AuditedCluster {
    /// The labels of an object, as far as the policy reads them.
    func observe(_ labels: LabelSetID) -> ObservedLabels {
        var observed = ObservedLabels(count: evaluator.keys.count)
        for (index, key) in evaluator.keys.enumerated() {
            observed.set(index, to: state.pool.label(key.text, in: labels))
        }
        return observed
    }
}
