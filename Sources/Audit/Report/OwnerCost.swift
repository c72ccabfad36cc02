package import Attribution

extension AuditReport {
    /// What one owner is billed per hour, by team, cost center and environment together.
    package struct OwnerCost: Sendable, Hashable {
        package var account: OwnerAccount
        package var costPerHour: Money

        package init(account: OwnerAccount, costPerHour: Money) {
            self.account = account
            self.costPerHour = costPerHour
        }
    }

    package enum OwnerAccount: Sendable, Hashable {
        /// At least one of them is known. The label of each is the policy's that stands for it in the registry.
        case billed(team: String?, costCenter: String?, environment: String?)
        /// Room that no Pod asks for, and what the system reserves.
        case idle
        /// Pods and load balancers of nobody, and nodes that could not be divided.
        case unallocated
        /// Overhead and shared namespaces without a value of their own.
        case shared
        case unmounted, external

        /// As metrics write it: the values of the three labels. A row of nobody has its name in each; a value that is
        /// not known is empty.
        package var labels: (team: String, costCenter: String, environment: String) {
            let name: String
            switch self {
            case .billed(let team, let costCenter, let environment):
                return (team ?? "", costCenter ?? "", environment ?? "")
            case .idle: name = ReservedRow.idle.rawValue
            case .unallocated: name = ReservedRow.unallocated.rawValue
            case .shared: name = ReservedRow.shared.rawValue
            case .unmounted: name = ReservedRow.unmounted.rawValue
            case .external: name = ReservedRow.external.rawValue
            }
            return (name, name, name)
        }

        package var isReserved: Bool {
            switch self {
            case .billed: false
            case .idle, .unallocated, .shared, .unmounted, .external: true
            }
        }
    }
}
