/// A label rule with its keys as table indices and its values in dictionaries.
struct CompiledRule: Sendable {
    /// Wraps a problem so that it can be a `Result`'s failure.
    struct Fault: Error {
        let problem: Gap.Problem
    }

    let rule: LabelRule
    /// Indices into the evaluator's key table.
    let key: Int
    let aliases: [Int]
    private let allowed: Set<String>?
    private let synonyms: [String: String]

    init(_ rule: LabelRule, key: Int, aliases: [Int]) {
        self.rule = rule
        self.key = key
        self.aliases = aliases
        allowed = rule.values.oneOf.map { Set($0.map(\.text)) }
        var synonyms: [String: String] = [:]
        for (spelling, value) in rule.values.synonyms {
            synonyms[rule.values.lowercased ? spelling.text.lowercased() : spelling.text] = value.text
        }
        self.synonyms = synonyms
    }

    /// The value in its canonical form: case, then synonym, then the registry's alias. Says nothing of whether it is
    /// allowed.
    func canonical(_ raw: String, registry: RegistryIndex?) -> String {
        var value = raw
        if rule.values.lowercased, value.utf8.contains(where: LabelSyntax.isUppercase) { value = value.lowercased() }
        if !synonyms.isEmpty, let meant = synonyms[value] { value = meant }
        if rule.values.registered == .team, let team = registry?.team(named: value) { value = team.name.text }
        return value
    }

    /// The canonical form of `raw`, or what is wrong with it.
    func judge(
        _ raw: String, registry: RegistryIndex?, team: String?, today: CivilDate
    ) -> Result<String, Fault> {
        if let problem = LabelSyntax.problem(ofValue: raw) { return .failure(Fault(problem: .malformed(problem))) }
        let value = canonical(raw, registry: registry)
        if let problem = problem(of: value, registry: registry, team: team, today: today) {
            return .failure(Fault(problem: problem))
        }
        return .success(value)
    }

    private func problem(
        of value: String, registry: RegistryIndex?, team: String?, today: CivilDate
    ) -> Gap.Problem? {
        if let allowed, !allowed.contains(value) { return .notAllowed }
        if let pattern = rule.values.pattern, !pattern.matches(value) { return .patternMismatch }
        guard let dimension = rule.values.registered else { return nil }
        // A policy that asks for registered values without a registry does not load; should one come to be here, no
        // value is registered.
        guard let registry else { return .unregistered(dimension) }
        switch dimension {
        case .team:
            guard let known = registry.team(named: value) else { return .unregistered(.team) }
            if known.isValid(on: today) { return nil }
            return .outsideValidity(from: known.validFrom, until: known.validUntil)
        case .costCenter, .environment:
            guard registry.values(of: dimension).contains(value) else { return .unregistered(dimension) }
            guard let team, let known = registry.team(named: team) else { return nil }
            let booked = registry.values(of: dimension, team: known)
            if booked.contains(where: { $0.text == value }) { return nil }
            // A team without a list of environments may run in any.
            if dimension == .environment, booked.isEmpty { return nil }
            return .notOfTeam(team: known.name.text, dimension: dimension)
        }
    }

    /// The allowed value most like `found`.
    func nearest(to found: String, _ problem: Gap.Problem, registry: RegistryIndex?, team: String?) -> String? {
        switch problem {
        case .notAllowed:
            return NearestMatch.find(found, among: (rule.values.oneOf ?? []).map(\.text))
        case .unregistered(let dimension):
            if let team, dimension != .team, let known = registry?.team(named: team),
                let own = NearestMatch.find(
                    found, among: registry?.values(of: dimension, team: known).map(\.text) ?? [])
            {
                return own
            }
            guard let registry else { return nil }
            if dimension == .team {
                return NearestMatch.find(found, among: registry.teamNames)
                    .flatMap { registry.team(named: $0)?.name.text }
            }
            return NearestMatch.find(found, among: registry.sortedValues(of: dimension))
        case .missing, .empty, .malformed, .patternMismatch, .notOfTeam, .outsideValidity, .conflict:
            return nil
        }
    }
}

/// The registry in dictionaries.
struct RegistryIndex: Sendable {
    private let teams: [Team]
    private let byName: [String: Int]
    private let costCenters: Set<String>
    private let environments: Set<String>
    /// Names and aliases in the registry's order.
    let teamNames: [String]

    init(_ registry: Registry) {
        teams = registry.teams
        var byName: [String: Int] = [:]
        var names: [String] = []
        for (index, team) in registry.teams.enumerated() {
            for name in [team.name] + team.aliases where byName[name.text] == nil {
                byName[name.text] = index
                names.append(name.text)
            }
        }
        self.byName = byName
        teamNames = names
        costCenters = Set(registry.teams.flatMap { $0.costCenters.map(\.text) })
        environments = Set(registry.teams.flatMap { $0.environments.map(\.text) })
    }

    func team(named name: String) -> Team? { byName[name].map { teams[$0] } }

    func values(of dimension: RegistryDimension) -> Set<String> {
        switch dimension {
        case .team: Set(teams.map(\.name.text))
        case .costCenter: costCenters
        case .environment: environments
        }
    }

    func values(of dimension: RegistryDimension, team: Team) -> [LabelValue] {
        switch dimension {
        case .team: [team.name]
        case .costCenter: team.costCenters
        case .environment: team.environments
        }
    }

    func sortedValues(of dimension: RegistryDimension) -> [String] { values(of: dimension).sorted() }

    /// The team's first cost center or environment.
    func defaultValue(of dimension: RegistryDimension?, team name: String) -> String? {
        guard let dimension, let team = team(named: name) else { return nil }
        switch dimension {
        case .team: return nil
        case .costCenter: return team.costCenters.first?.text
        case .environment: return team.environments.first?.text
        }
    }
}
