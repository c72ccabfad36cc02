/// The words for a gap: what is wrong and what would be right. The one place where gate, check and audit get them.
package struct GapText: Sendable {
    /// Allowed values listed before "and N more". A registry of hundreds would bury the message.
    package static let maximumListedValues = 8
    /// Characters quoted of a value: one more than Kubernetes allows, so that a legal one is never cut.
    package static let maximumQuotedCharacters = 64

    private let policy: Policy
    /// Made once, because a denial may ask for them thousands of times.
    private let registered: [RegistryDimension: String]
    private let teams: [String: Team]

    package init(policy: Policy) {
        self.policy = policy
        var registered: [RegistryDimension: String] = [:]
        var teams: [String: Team] = [:]
        if let registry = policy.registry {
            for dimension in RegistryDimension.allCases {
                var seen: Set<String> = []
                let values = registry.teams.flatMap { team in
                    dimension == .team ? [team.name] : Self.values(of: team, dimension)
                }
                registered[dimension] = Self.list(values.map(\.text).filter { seen.insert($0).inserted })
            }
            for team in registry.teams { teams[team.name.text] = team }
        }
        self.registered = registered
        self.teams = teams
    }

    /// What is wrong: `unregistered-value "mlplatform"`.
    package func fault(_ gap: Gap) -> String {
        var text = gap.reason.rawValue
        if let found = gap.found, gap.problem != .empty { text += " \(Self.quote(found))" }
        switch gap.problem {
        case .missing, .empty, .notAllowed, .patternMismatch, .unregistered: break
        case .malformed(let problem): text += " (\(problem.explanation))"
        case .notOfTeam(let team, let dimension): text += " (not a \(Self.name(dimension)) of team \(team))"
        case .outsideValidity(let from, let until):
            if let until {
                text += " (registered until \(until))"
            } else if let from {
                text += " (registered from \(from))"
            }
        case .conflict(let other, let value):
            let key = gap.key.map(\.text) ?? ""
            text += " (\(key) and \(other) disagree: \(Self.quote(value)))"
        }
        return text
    }

    /// What would be right: `allowed: production, staging, development`; nil when anything would.
    /// - Parameter team: whom the workload is billed to, where that is known: only the team's own values would do then.
    package func allowed(_ label: LabelVerdict, team: String? = nil) -> String? {
        guard let gap = label.gap, policy.labels.indices.contains(label.rule) else { return nil }
        if let nearest = gap.nearest { return "did you mean \(Self.quote(nearest))?" }
        let values = policy.labels[label.rule].values
        if case .notOfTeam(let team, let dimension) = gap.problem { return ofTeam(team, dimension) }
        if case .conflict = gap.problem { return "set \(label.key) itself" }
        if let allowed = values.oneOf { return "allowed: \(Self.list(allowed.map(\.text)))" }
        if let dimension = values.registered, let all = registered[dimension] {
            return team.flatMap { ofTeam($0, dimension) } ?? "registered: \(all)"
        }
        return values.pattern.map { "must match \($0.text)" }
    }

    /// `ml-platform has: product, research`; nil where the team has no list of its own.
    private func ofTeam(_ name: String, _ dimension: RegistryDimension) -> String? {
        guard dimension != .team, let team = teams[name] else { return nil }
        let values = Self.values(of: team, dimension)
        return values.isEmpty ? nil : "\(name) has: \(Self.list(values.map(\.text)))"
    }

    private static func values(of team: Team, _ dimension: RegistryDimension) -> [LabelValue] {
        switch dimension {
        case .team: []
        case .costCenter: team.costCenters
        case .environment: team.environments
        }
    }

    /// Why a default that was there did not help: `namespace says "nope": unregistered-value`.
    package func rejectedDefaults(_ gap: Gap) -> String? {
        guard let first = gap.rejectedDefaults.first else { return nil }
        return
            "the \(first.source.rawValue) supplies \(Self.quote(first.value)), which is \(first.problem.reason.rawValue)"
    }

    /// The exemption that no longer counts.
    package func expiredExemption(_ label: LabelVerdict) -> String? {
        guard let index = label.expiredExemption, policy.exemptions.indices.contains(index) else { return nil }
        let exemption = policy.exemptions[index]
        return "exemption \(Self.quote(exemption.name)) expired on \(exemption.expires)"
    }

    private static func name(_ dimension: RegistryDimension) -> String {
        switch dimension {
        case .team: "name"
        case .costCenter: "cost center"
        case .environment: "environment"
        }
    }

    private static func list(_ values: [String]) -> String {
        let shown = values.prefix(maximumListedValues).joined(separator: ", ")
        let hidden = values.count - maximumListedValues
        return hidden > 0 ? "\(shown) and \(hidden) more" : shown
    }

    /// The text in quotes, bounded, without anything a terminal or a header would act on.
    package static func quote(_ text: String) -> String { "\"\(clean(text, maximumQuotedCharacters))\"" }

    /// At most `limit` characters, each a printable one; what is cut is marked.
    package static func clean(_ text: String, _ limit: Int) -> String {
        // Nearly every text is fit as it is, and then costs nothing.
        if text.utf8.count <= limit, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var result = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit {
                if !result.isEmpty { result.removeLast() }
                result.append("…")
                break
            }
            result.append(isPrintable(scalar) ? scalar : "\u{FFFD}")
            count += 1
        }
        return String(result)
    }

    /// Neither control nor format characters (which could reorder a line), nor line separators.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }
}
