/// Who may be billed: the teams, their cost centers and environments, as finance keeps them.
package struct Registry: Hashable, Sendable {
    package var teams: [Team]

    package init(teams: [Team] = []) { self.teams = teams }
}

/// One team of the registry.
package struct Team: Hashable, Sendable {
    package struct Contact: Hashable, Sendable {
        package var slack: String?
        package var email: String?

        package init(slack: String? = nil, email: String? = nil) {
            self.slack = slack
            self.email = email
        }
    }

    /// The canonical name, as it is billed.
    package var name: LabelValue
    /// Other names that are read as this one.
    package var aliases: [LabelValue]
    /// The cost centers the team may book on; the first is its default.
    package var costCenters: [LabelValue]
    /// The environments the team may run in; empty: any.
    package var environments: [LabelValue]
    /// First day on which the registration counts; nil: since ever.
    package var validFrom: CivilDate?
    /// Last day on which the registration counts; nil: for ever.
    package var validUntil: CivilDate?
    package var contact: Contact
    /// Budget a month in the policy's currency, in nano-units (10⁻⁹), never negative.
    package var monthlyBudgetNanos: Int64?

    package init(
        name: LabelValue, aliases: [LabelValue] = [], costCenters: [LabelValue] = [],
        environments: [LabelValue] = [], validFrom: CivilDate? = nil, validUntil: CivilDate? = nil,
        contact: Contact = Contact(), monthlyBudgetNanos: Int64? = nil
    ) {
        self.name = name
        self.aliases = aliases
        self.costCenters = costCenters
        self.environments = environments
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.contact = contact
        self.monthlyBudgetNanos = monthlyBudgetNanos
    }

    /// Whether the registration counts on `day`; both ends count.
    package func isValid(on day: CivilDate) -> Bool {
        if let validFrom, day < validFrom { return false }
        if let validUntil, day > validUntil { return false }
        return true
    }
}
