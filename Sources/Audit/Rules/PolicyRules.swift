import Attribution
import KubernetesModel
import LabelPolicy

/// Exemptions and registrations that have ended or that nobody uses, and values that the registry does not know.
struct PolicyRules {
    private(set) var candidates: [Candidate] = []
    private(set) var advice: [AuditReport.Advice] = []

    /// Values named in one report. A registry that is not kept yields one for every team.
    static let maximumUnknownValues = 20

    private let cluster: AuditedCluster

    init(_ cluster: AuditedCluster) {
        self.cluster = cluster
        var uses = PolicyUses()
        let index = TeamIndex(cluster.policy)
        var faults: [Int: PolicyFaults] = [:]
        for group in cluster.groups.groups {
            let found =
                faults[group.verdict] ?? PolicyFaults(cluster.verdicts.entries[group.verdict].verdict, index)
            faults[group.verdict] = found
            uses.add(found, of: group)
        }
        candidates = uses.candidates(cluster.policy, at: cluster.now)
        // Namespaces, claims and load balancers may need an exemption too.
        let holding = Set(cluster.verdicts.entries.lazy.flatMap { $0.verdict.labels.compactMap(\.exemption) })
        adviseUnusedExemptions(holding)
        adviseUnknownValues(uses.unknown)
    }

    private mutating func adviseUnusedExemptions(_ holding: Set<Int>) {
        for (index, exemption) in cluster.policy.exemptions.enumerated() where exemption.expires >= cluster.now.date {
            // Whom a request comes from is known at the gate only.
            let isOfRequests = !exemption.match.users.isEmpty || !exemption.match.serviceAccounts.isEmpty
            if holding.contains(index) || isOfRequests { continue }
            advice.append(
                AuditReport.Advice(
                    topic: .unusedExemption(name: exemption.name, expires: exemption.expires),
                    message: "exemption \(GapText.quote(exemption.name)) excuses nothing in this cluster",
                    remedy: "remove it, or correct its match"))
        }
    }

    private mutating func adviseUnknownValues(_ unknown: [PolicyFaults.UnknownValue: PolicyUses.Use]) {
        let sorted = unknown.sorted { left, right in
            let (first, second) = (left.value.mends, right.value.mends)
            if first.costPerHour != second.costPerHour { return first.costPerHour > second.costPerHour }
            if first.workloads != second.workloads { return first.workloads > second.workloads }
            return (left.key.rule, left.key.value) < (right.key.rule, right.key.value)
        }
        for (key, use) in sorted.prefix(Self.maximumUnknownValues) {
            let label = cluster.policy.labels[key.rule].key.text
            let count = use.mends.workloads
            advice.append(
                AuditReport.Advice(
                    topic: .unknownValue(label: label, value: key.value, mends: use.mends),
                    message: "\(label) \(GapText.quote(key.value)) is not registered, and "
                        + "\(FindingWriter.count(count, "workload")) \(count == 1 ? "is" : "are") billed to it",
                    remedy: "register it, as a name or an alias, or correct the labels"))
        }
    }

    /// Of the policy's own documents.
    static let apiVersion = "tallygate.io/v1alpha1"
}
