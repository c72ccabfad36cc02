import Attribution
import KubernetesModel
import LabelPolicy

/// To whom the cluster's money belongs: sums to which lines are added, and from which they are taken away again exactly.
struct OwnershipSums {
    /// What is known of a line's Pod, as far as sums go.
    struct Standing {
        /// Every required label has a value, or an exemption that holds.
        let isAttributed: Bool
        /// The reason of the first required label that has not.
        let firstReason: Reason?
        /// Somebody is known who is billed: team, cost center or environment.
        let isBilled: Bool
    }

    /// Where a line stands in the sums.
    struct Place {
        /// The number of its Pod's verdict with what sums ask of it; nil for lines without a Pod, and for Pods that are
        /// not judged.
        var verdict: (number: Int, standing: Standing)?
        /// Of its Pod, else of its Service; empty for lines of neither.
        var namespace = StringID.empty
        var isShared = false
        /// The group of the node whose price it is part of.
        var nodeGroup: Int?
    }

    private(set) var all = AuditReport.Ownership()
    /// By number of the group; of the prices of their nodes.
    private(set) var ofNodeGroup: [AuditReport.Ownership] = []
    /// By number: spend of the Pods with the verdict.
    private(set) var ofVerdict: [Money] = []
    /// Spend of attributed workloads by namespace.
    private(set) var attributedInNamespace: [StringID: Money] = [:]
    /// Spend that the reason keeps from being attributed.
    private(set) var unattributed = ReasonSums()
    private(set) var unattributedInNamespace: [StringID: ReasonSums] = [:]
    /// What nobody is billed for.
    private(set) var reserved: [ReservedRow: Money] = [:]

    /// Everything.
    var total: Money { all.sum }

    init(verdicts: Int = 0, nodeGroups: Int = 0) {
        ofVerdict = [Money](repeating: .zero, count: verdicts)
        ofNodeGroup = [AuditReport.Ownership](repeating: AuditReport.Ownership(), count: nodeGroups)
    }

    mutating func add(_ line: CostLine, _ place: Place) { add(line.total, line.overRequested, line, place) }

    /// Takes back what was added with the same place.
    mutating func remove(_ line: CostLine, _ place: Place) { add(-line.total, -line.overRequested, line, place) }

    private mutating func add(_ total: Money, _ overRequested: Money, _ line: CostLine, _ place: Place) {
        let standing = place.verdict?.standing
        let owner = Self.owner(of: line, standing)
        all[keyPath: owner] += total
        all.idle.overRequested += overRequested
        if let group = place.nodeGroup {
            while ofNodeGroup.count <= group { ofNodeGroup.append(AuditReport.Ownership()) }
            ofNodeGroup[group][keyPath: owner] += total
            ofNodeGroup[group].idle.overRequested += overRequested
        }
        if standing?.isBilled != true {
            reserved[ReservedRow(for: line, inSharedNamespace: place.isShared), default: .zero] += total
        }
        guard let (number, standing) = place.verdict else { return }
        while ofVerdict.count <= number { ofVerdict.append(.zero) }
        ofVerdict[number] += total
        if standing.isAttributed {
            attributedInNamespace[place.namespace, default: .zero] += total
        } else if owner == \.unattributed, let reason = standing.firstReason {
            unattributed.add(total, reason)
            unattributedInNamespace[place.namespace, default: ReasonSums()].add(total, reason)
        }
    }

    /// Whether the line is part of its node's price.
    static func isOfNode(_ line: CostLine) -> Bool {
        switch line.kind {
        case .pod, .overhead, .unallocated, .systemReserved, .undivided: true
        case .volume, .unmounted, .loadBalancer, .external: false
        }
    }

    private static func owner(
        of line: CostLine, _ standing: Standing?
    ) -> WritableKeyPath<AuditReport.Ownership, Money> {
        switch line.kind {
        case .pod, .volume:
            guard let standing else { return \.excluded }
            return standing.isAttributed ? \.attributed : \.unattributed
        case .overhead: return standing?.isAttributed == true ? \.attributed : \.overhead
        case .unallocated: return \.idle.unallocated
        case .systemReserved: return \.idle.systemReserved
        case .undivided: return \.unallocated
        case .unmounted: return \.unmounted
        case .loadBalancer:
            if line.pod < 0 { return \.unallocated }
            guard let standing else { return \.excluded }
            return standing.isAttributed ? \.attributed : \.unattributed
        case .external: return \.external
        }
    }
}

/// Which rules of a policy say who is billed.
struct BillingRules {
    let team: Int?
    let costCenter: Int?
    let environment: Int?

    init(_ policy: Policy) {
        func rule(_ dimension: RegistryDimension) -> Int? {
            policy.labels.firstIndex {
                ($0.values.registered ?? RegistryDimension(inferredFrom: $0.key)) == dimension
            }
        }
        team = rule(.team)
        costCenter = rule(.costCenter)
        environment = rule(.environment)
    }

    /// Who is billed; nil if nobody is known.
    func account(_ verdict: Verdict) -> AuditReport.OwnerAccount? {
        func value(_ rule: Int?) -> String? {
            rule.flatMap { rule in verdict.labels.first { $0.rule == rule }?.attribution?.value }
        }
        let (team, costCenter, environment) = (value(team), value(costCenter), value(environment))
        guard team != nil || costCenter != nil || environment != nil else { return nil }
        return .billed(team: team, costCenter: costCenter, environment: environment)
    }
}

extension OwnershipSums {
    /// The rows of who is billed.
    ///
    /// - Parameter verdicts: by number; nil for numbers that are not in use.
    func owners(_ verdicts: some Sequence<(number: Int, verdict: Verdict)>, _ rules: BillingRules)
        -> [AuditReport.OwnerCost]
    {
        var sums: [AuditReport.OwnerAccount: Money] = [:]
        for (number, verdict) in verdicts where ofVerdict.indices.contains(number) {
            guard let account = rules.account(verdict) else { continue }
            sums[account, default: .zero] += ofVerdict[number]
        }
        let billed = sums.filter { !$0.value.isZero }.map { ($0.key.labels, AuditReport.OwnerCost($0)) }.sorted {
            left, right in
            left.1.costPerHour != right.1.costPerHour
                ? left.1.costPerHour > right.1.costPerHour : left.0 < right.0
        }
        return billed.map(\.1)
            + ReservedRow.allCases.compactMap { row in
                guard let sum = reserved[row], !sum.isZero else { return nil }
                return AuditReport.OwnerCost(account: AuditReport.OwnerAccount(row), costPerHour: sum)
            }
    }

    /// By rule of the policy: spend of Pods that have a value for it.
    func attributedByRule(
        _ verdicts: some Sequence<(number: Int, verdict: Verdict)>, rules: Int
    ) -> [Money] {
        var sums = [Money](repeating: .zero, count: rules)
        for (number, verdict) in verdicts where ofVerdict.indices.contains(number) && !ofVerdict[number].isZero {
            for label in verdict.labels where label.attribution != nil { sums[label.rule] += ofVerdict[number] }
        }
        return sums
    }
}

extension AuditReport.OwnerCost {
    fileprivate init(_ sum: (key: AuditReport.OwnerAccount, value: Money)) {
        self.init(account: sum.key, costPerHour: sum.value)
    }
}

extension AuditReport.OwnerAccount {
    fileprivate init(_ row: ReservedRow) {
        switch row {
        case .idle: self = .idle
        case .unallocated: self = .unallocated
        case .unmounted: self = .unmounted
        case .shared: self = .shared
        case .external: self = .external
        }
    }
}
