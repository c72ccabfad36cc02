import Attribution
import LabelPolicy
import LocatedDocuments

/// A team as read, and where.
struct ReadTeam {
    var team: Team
    var node: LocatedNode
    var log: FileLog
}

extension FileLog {
    func teams(_ document: DocumentHead) -> [ReadTeam] {
        guard let spec = document.spec(fields: ["teams"]),
            let node = spec.required("teams", remedy: "list the teams cost is booked on")
        else { return [] }
        if node.sequence?.isEmpty == true {
            warning("the registry is empty: no value is registered", remedy: "list the teams", at: node)
        }
        let teams = list(node, spec.path("teams"), maximumCount: RegistryLimits.teams) { item, path in
            (team(item, path), item)
        }
        return (teams ?? []).compactMap { team, node in team.map { ReadTeam(team: $0, node: node, log: self) } }
    }

    private func team(_ node: LocatedNode, _ path: String) -> Team? {
        guard
            let reader = ObjectReader(
                node, path: path,
                fields: [
                    "name", "aliases", "costCenters", "environments", "validFrom", "validUntil", "contact",
                    "monthlyBudget",
                ], log: self)
        else { return nil }
        func values(_ field: String) -> [LabelValue] {
            reader.optional(field).flatMap { list($0, reader.path(field), labelValue) } ?? []
        }
        func day(_ field: String) -> CivilDate? { reader.optional(field).flatMap { date($0, reader.path(field)) } }
        let name = reader.required("name", remedy: "name the team as it is billed")
            .flatMap { labelValue($0, reader.path("name")) }
        let aliases = values("aliases")
        let costCenters = values("costCenters")
        let environments = values("environments")
        let validFrom = day("validFrom")
        let validUntil = day("validUntil")
        var contact = Team.Contact()
        if let contactReader = reader.object("contact", fields: ["slack", "email"]) {
            contact.slack = contactReader.optional("slack").flatMap { text($0, contactReader.path("slack")) }
            contact.email = contactReader.optional("email").flatMap { text($0, contactReader.path("email")) }
        }
        let budget = reader.optional("monthlyBudget").flatMap { money($0, reader.path("monthlyBudget")) }
        return name.map {
            Team(
                name: $0, aliases: aliases, costCenters: costCenters, environments: environments,
                validFrom: validFrom, validUntil: validUntil, contact: contact,
                monthlyBudgetNanos: budget.flatMap { Int64(exactly: $0.nanos) })
        }
    }
}

/// Bounds of registries.
enum RegistryLimits {
    /// As many as `DocumentLimits.policy` has room for in one file.
    static let teams = 20_000
}
