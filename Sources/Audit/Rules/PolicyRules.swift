import Attribution
import KubernetesModel
import LabelPolicy

/// Exemptions and registrations that have ended or that nobody uses, and values that the registry does not know.
struct PolicyRules {
    private(set) var candidates: [Candidate] = []
    private(set) var advice: [AuditReport.Advice] = []

    /// Values named in one report. A registry that is not kept yields one for every team.
    static let maximumUnknownValues = 20

    private struct UnknownValue: Hashable {
        let rule: Int
        let value: String
    }

    private struct Use {
        var mends = AuditReport.Mending()
        var pods = 0
        /// The root that was counted last: its groups stand together.
        private var lastRoot: Int?

        mutating func add(_ group: WorkloadGroup) {
            if lastRoot != group.key.root { mends.workloads += 1 }
            if lastRoot == group.key.root, lastGroup == group.key { return }
            lastRoot = group.key.root
            lastGroup = group.key
            mends.costPerHour += group.cost
            pods += group.pods
        }

        /// Several labels of a group have the same cause.
        private var lastGroup: WorkloadGroup.Key?
    }

    private let cluster: AuditedCluster
    private var holding: Set<Int> = []
    private var expired: [Int: Use] = [:]
    private var ended: [Int: Use] = [:]
    private var unknown: [UnknownValue: Use] = [:]
    private var teams: [String: Int] = [:]

    init(_ cluster: AuditedCluster) {
        self.cluster = cluster
        for (index, team) in (cluster.policy.registry?.teams ?? []).enumerated() {
            for name in [team.name] + team.aliases where teams[name.text] == nil { teams[name.text] = index }
        }
        for place in cluster.groups.groups.indices { add(cluster.groups.groups[place], cluster.verdict(of: place)) }
        // Namespaces, claims and load balancers may need an exemption too.
        for entry in cluster.verdicts.entries {
            for label in entry.verdict.labels { if let index = label.exemption { holding.insert(index) } }
        }
        finishExemptions()
        finishTeams()
        finishUnknownValues()
    }

    private mutating func add(_ group: WorkloadGroup, _ entry: VerdictTable.Entry) {
        for label in entry.verdict.labels {
            if let index = label.expiredExemption, label.exemption == nil { expired[index, default: Use()].add(group) }
            guard label.isOpen, let gap = label.gap else { continue }
            let faults =
                gap.found.map { [($0, gap.problem)] } ?? gap.rejectedDefaults.prefix(1).map { ($0.value, $0.problem) }
            for (value, problem) in faults {
                switch problem {
                case .outsideValidity:
                    if let team = teams[value] ?? teams[value.lowercased()] { ended[team, default: Use()].add(group) }
                case .unregistered:
                    unknown[UnknownValue(rule: label.rule, value: value), default: Use()].add(group)
                case .missing, .empty, .malformed, .notAllowed, .patternMismatch, .notOfTeam, .conflict: break
                }
            }
        }
    }

    private mutating func finishExemptions() {
        let today = cluster.now.date
        for (index, exemption) in cluster.policy.exemptions.enumerated() {
            let name = exemption.name
            if exemption.expires < today {
                let use = expired[index]
                candidates.append(
                    Candidate(
                        origin: .exemption(index), reason: .expiredExemption,
                        level: use == nil ? .recommended : .required,
                        subject: ObjectReference(apiVersion: Self.apiVersion, kind: "Exemption", name: name),
                        pods: use?.pods ?? 0, cost: use?.mends.costPerHour ?? .zero))
                continue
            }
            // Whom a request comes from is known at the gate only.
            let isOfRequests = !exemption.match.users.isEmpty || !exemption.match.serviceAccounts.isEmpty
            if !holding.contains(index), !isOfRequests {
                advice.append(
                    AuditReport.Advice(
                        topic: .unusedExemption(name: name, expires: exemption.expires),
                        message: "exemption \(GapText.quote(name)) excuses nothing in this cluster",
                        remedy: "remove it, or correct its match"))
            }
        }
    }

    private mutating func finishTeams() {
        guard let registry = cluster.policy.registry else { return }
        for (index, use) in ended.sorted(by: { $0.key < $1.key }) where registry.teams.indices.contains(index) {
            candidates.append(
                Candidate(
                    origin: .team(index, used: use.mends), reason: .expiredRegistration, level: .required,
                    subject: ObjectReference(
                        apiVersion: Self.apiVersion, kind: "Registry", name: registry.teams[index].name.text),
                    pods: use.pods, cost: use.mends.costPerHour))
        }
    }

    private mutating func finishUnknownValues() {
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
