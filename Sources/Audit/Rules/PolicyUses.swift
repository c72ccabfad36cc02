import Attribution
import KubernetesModel
import LabelPolicy

/// Teams of the registry by every name they are known under.
struct TeamIndex {
    private var teams: [String: Int] = [:]

    init(_ policy: Policy) {
        for (index, team) in (policy.registry?.teams ?? []).enumerated() {
            for name in [team.name] + team.aliases where teams[name.text] == nil { teams[name.text] = index }
        }
    }

    func team(_ value: String) -> Int? { teams[value] ?? teams[value.lowercased()] }
}

/// What a verdict says of the policy's own documents: each once, however many of its labels say it.
struct PolicyFaults: Hashable {
    struct UnknownValue: Hashable {
        let rule: Int
        let value: String
    }

    /// Indices of exemptions that have ended and that it would need.
    private(set) var expired: Set<Int> = []
    /// Indices of teams that are billed and whose registration does not hold.
    private(set) var ended: Set<Int> = []
    /// Values that the registry does not know.
    private(set) var unknown: Set<UnknownValue> = []

    init(_ verdict: Verdict, _ teams: TeamIndex) {
        for label in verdict.labels {
            if let index = label.expiredExemption, label.exemption == nil { expired.insert(index) }
            guard label.isOpen, let gap = label.gap else { continue }
            let faults =
                gap.found.map { [($0, gap.problem)] } ?? gap.rejectedDefaults.prefix(1).map { ($0.value, $0.problem) }
            for (value, problem) in faults {
                switch problem {
                case .outsideValidity: if let team = teams.team(value) { ended.insert(team) }
                case .unregistered: unknown.insert(UnknownValue(rule: label.rule, value: value))
                case .missing, .empty, .malformed, .notAllowed, .patternMismatch, .notOfTeam, .conflict: break
                }
            }
        }
    }
}

/// How much hangs on each document.
struct PolicyUses {
    struct Use {
        var mends = AuditReport.Mending()
        var pods = 0
        /// The root that was counted last: its groups stand together.
        fileprivate var lastRoot: Int?
    }

    private(set) var expired: [Int: Use] = [:]
    private(set) var ended: [Int: Use] = [:]
    private(set) var unknown: [PolicyFaults.UnknownValue: Use] = [:]

    /// - Parameter group: after all others of its root that were added before.
    mutating func add(_ faults: PolicyFaults, of group: WorkloadGroup) {
        func add(_ use: inout Use) {
            if use.lastRoot != group.key.root { use.mends.workloads += 1 }
            use.lastRoot = group.key.root
            use.mends.costPerHour += group.cost
            use.pods += group.pods
        }
        for index in faults.expired { add(&expired[index, default: Use()]) }
        for index in faults.ended { add(&ended[index, default: Use()]) }
        for value in faults.unknown { add(&unknown[value, default: Use()]) }
    }

    /// Pods and money of many workloads at once; the number of workloads is added by `addWorkloads`.
    mutating func add(_ faults: PolicyFaults, pods: Int, cost: Money) {
        for index in faults.expired {
            expired[index, default: Use()].pods += pods
            expired[index, default: Use()].mends.costPerHour += cost
        }
        for index in faults.ended {
            ended[index, default: Use()].pods += pods
            ended[index, default: Use()].mends.costPerHour += cost
        }
    }

    mutating func addWorkloads(_ count: Int, endedTeam index: Int) {
        ended[index, default: Use()].mends.workloads += count
    }

    func candidates(_ policy: Policy, at now: Timestamp) -> [Candidate] {
        var candidates: [Candidate] = []
        for (index, exemption) in policy.exemptions.enumerated() where exemption.expires < now.date {
            let use = expired[index]
            candidates.append(
                Candidate(
                    origin: .exemption(index), reason: .expiredExemption,
                    level: use == nil ? .recommended : .required,
                    subject: ObjectReference(
                        apiVersion: PolicyRules.apiVersion, kind: "Exemption", name: exemption.name),
                    pods: use?.pods ?? 0, cost: use?.mends.costPerHour ?? .zero))
        }
        let teams = policy.registry?.teams ?? []
        for (index, use) in ended.sorted(by: { $0.key < $1.key }) where teams.indices.contains(index) {
            candidates.append(
                Candidate(
                    origin: .team(index, used: use.mends), reason: .expiredRegistration, level: .required,
                    subject: ObjectReference(
                        apiVersion: PolicyRules.apiVersion, kind: "Registry", name: teams[index].name.text),
                    pods: use.pods, cost: use.mends.costPerHour))
        }
        return candidates
    }
}
