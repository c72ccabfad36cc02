/// The registry in tables. Made once for a policy, so that nothing is gathered, sorted or copied in a judgement; a class,
/// because every judgement takes hold of it.
final class RegistryIndex: Sendable {
    /// Registered values of one dimension: a list to show and a set to ask.
    struct Side: Sendable {
        /// In the registry's order for a team, sorted for all of them.
        let values: [String]
        private let members: TextTable<Bool>

        init(_ values: [String]) {
            self.values = values
            members = TextTable(values)
        }

        func contains(_ value: String) -> Bool { members.contains(value) }
    }

    /// One team. A class, so that handing it around costs a reference count rather than a copy of its lists.
    final class Member: Sendable {
        let team: Team
        let costCenters: Side
        let environments: Side

        var name: String { team.name.text }

        init(_ team: Team) {
            self.team = team
            costCenters = Side(team.costCenters.map(\.text))
            environments = Side(team.environments.map(\.text))
        }
    }

    private let members: TextTable<Member>
    /// Names and aliases in the registry's order.
    let teamNames: [String]
    let costCenters: Side
    let environments: Side

    init(_ registry: Registry) {
        var members: [String: Member] = [:]
        var names: [String] = []
        for team in registry.teams {
            let member = Member(team)
            for name in [team.name] + team.aliases where members[name.text] == nil {
                members[name.text] = member
                names.append(name.text)
            }
        }
        self.members = TextTable(members.lazy.map { ($0.key, $0.value) })
        teamNames = names
        costCenters = Side(Set(registry.teams.flatMap { $0.costCenters.map(\.text) }).sorted())
        environments = Side(Set(registry.teams.flatMap { $0.environments.map(\.text) }).sorted())
    }

    /// The team that is called so, by its name or an alias.
    func team(named name: String) -> Member? { members[name] }

    /// Whether `value` is a registered value in its canonical form.
    func isCanonical(_ value: String, _ dimension: RegistryDimension) -> Bool {
        switch dimension {
        case .team: team(named: value)?.name == value
        case .costCenter: costCenters.contains(value)
        case .environment: environments.contains(value)
        }
    }
}
