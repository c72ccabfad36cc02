/// A label rule with its keys as table indices and its values in dictionaries.
///
/// A class, so that a judgement takes hold of it with one reference count rather than one for each of its parts.
final class CompiledRule: Sendable {
    /// What became of a value.
    enum Judgement {
        case accepted(String)
        case refused(Gap.Problem)
    }

    /// What the values of one label are judged by, beside the rule.
    struct Circumstances {
        let registry: RegistryIndex?
        /// The team the workload is billed to, once that is known.
        var team: RegistryIndex.Member?
        /// Whether a namespace that could not be read might have supplied the team.
        var teamIsUncertain = false
        let today: CivilDate
        /// Whether the nearest allowed value is looked for.
        var suggests = true
    }

    let rule: LabelRule
    let level: Level
    /// Indices into the evaluator's key table.
    let key: Int
    let aliases: [Int]
    let defaultsFromNamespace: Bool
    let registered: RegistryDimension?
    private let lowercased: Bool
    private let allowed: TextTable<Bool>?
    private let synonyms: TextTable<String>?
    private let pattern: Pattern?

    init(_ rule: LabelRule, key: Int, aliases: [Int]) {
        self.rule = rule
        self.key = key
        self.aliases = aliases
        level = rule.level
        defaultsFromNamespace = rule.defaultFrom.contains(.namespace)
        registered = rule.values.registered
        lowercased = rule.values.lowercased
        allowed = rule.values.oneOf.map { TextTable($0.lazy.map(\.text)) }
        pattern = rule.values.pattern
        var synonyms: [String: String] = [:]
        // Two spellings that differ in case only are a problem of the policy; sorted, the outcome is at least the same
        // in every process.
        for (spelling, value) in rule.values.synonyms.sorted(by: { $0.key < $1.key }) {
            synonyms[rule.values.lowercased ? spelling.text.lowercased() : spelling.text] = value.text
        }
        self.synonyms = synonyms.isEmpty ? nil : TextTable(synonyms.lazy.map { ($0.key, $0.value) })
    }

    /// The value in its canonical form: case, then synonym, then the registry's alias. Says nothing of whether it is
    /// allowed.
    func canonical(_ raw: String, registry: RegistryIndex?) -> String {
        let value = spelled(raw)
        guard registered == .team, let team = registry?.team(named: value) else { return value }
        return team.name
    }

    private func spelled(_ raw: String) -> String {
        var value = raw
        if lowercased, LabelSyntax.hasUppercase(value) { value = value.lowercased() }
        if let meant = synonyms?[value] { value = meant }
        return value
    }

    /// The canonical form of `raw`, or what is wrong with it.
    func judge(_ raw: String, _ circumstances: Circumstances) -> Judgement {
        if let problem = LabelSyntax.problem(ofValue: raw) { return .refused(.malformed(problem)) }
        var value = spelled(raw)
        let team = registered == .team ? circumstances.registry?.team(named: value) : nil
        if let team { value = team.name }
        if let allowed, !allowed.contains(value) { return .refused(.notAllowed) }
        if let pattern, !pattern.matches(value) { return .refused(.patternMismatch) }
        guard let registered else { return .accepted(value) }
        // A policy that asks for registered values without a registry does not load; should one come to be here, no
        // value is registered.
        guard let registry = circumstances.registry else { return .refused(.unregistered(registered)) }
        switch registered {
        case .team:
            guard let member = team else { return .refused(.unregistered(.team)) }
            if member.team.isValid(on: circumstances.today) { return .accepted(value) }
            return .refused(.outsideValidity(from: member.team.validFrom, until: member.team.validUntil))
        case .costCenter:
            guard registry.costCenters.contains(value) else { return .refused(.unregistered(.costCenter)) }
            guard let team = circumstances.team, !team.costCenters.contains(value) else { return .accepted(value) }
            return .refused(.notOfTeam(team: team.name, dimension: .costCenter))
        case .environment:
            guard registry.environments.contains(value) else { return .refused(.unregistered(.environment)) }
            // A team without a list of environments may run in any.
            guard let team = circumstances.team, !team.environments.values.isEmpty,
                !team.environments.contains(value)
            else { return .accepted(value) }
            return .refused(.notOfTeam(team: team.name, dimension: .environment))
        }
    }

    /// What the registry has for the label of a workload of `team`: its first cost center or environment.
    func registryDefault(of team: RegistryIndex.Member) -> String? {
        switch registered {
        case nil, .team: nil
        case .costCenter: team.costCenters.values.first
        case .environment: team.environments.values.first
        }
    }

    /// The value most like `found` that the rule would accept in its place.
    func nearest(to found: String, _ problem: Gap.Problem, _ circumstances: Circumstances) -> String? {
        func isUsable(_ candidate: String) -> Bool {
            if case .accepted = judge(candidate, circumstances) { true } else { false }
        }
        func find(_ candidates: some Sequence<String>) -> String? {
            NearestMatch.find(found, among: candidates, where: isUsable)
        }
        switch problem {
        case .notAllowed: return find((rule.values.oneOf ?? []).lazy.map(\.text))
        case .unregistered(.team):
            return find(circumstances.registry?.teamNames ?? [])
                .flatMap { circumstances.registry?.team(named: $0)?.name }
        case .unregistered(.costCenter):
            // Only the team's own values could stand beside it.
            return find(circumstances.team?.costCenters.values ?? circumstances.registry?.costCenters.values ?? [])
        case .unregistered(.environment):
            if let own = circumstances.team?.environments.values, !own.isEmpty { return find(own) }
            return find(circumstances.registry?.environments.values ?? [])
        case .missing, .empty, .malformed, .patternMismatch, .notOfTeam, .outsideValidity, .conflict: return nil
        }
    }
}
