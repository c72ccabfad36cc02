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
        let budget = reader.optional("monthlyBudget").flatMap { amount($0, reader.path("monthlyBudget")) }
        return name.map {
            Team(
                name: $0, aliases: aliases, costCenters: costCenters, environments: environments,
                validFrom: validFrom, validUntil: validUntil, contact: contact, monthlyBudgetNanos: budget)
        }
    }

    /// An amount of money in nano-units. Read from the text as it stands, so that no digit passes through a double.
    private func amount(_ node: LocatedNode, _ path: String) -> Int64? {
        switch node.resolved {
        case .integer, .float:
            let written = node.scalar?.text ?? ""
            if let nanos = DecimalAmount.nanos(written) { return nanos }
            error(
                "\(path) must be a plain amount from 0 to 9223372036, found `\(written)`",
                remedy: "write digits and at most nine decimals, such as 20000 or 1500.50", at: node)
        default:
            error("\(path) must be a number, found \(node.foundDescription)", remedy: "write it as 20000", at: node)
        }
        return nil
    }
}

/// Decimal texts of amounts.
enum DecimalAmount {
    private static let nanosPerUnit: Int64 = 1_000_000_000
    private static let decimals = 9

    /// `1500.50` → 1,500,500,000,000; nil for signs, exponents, more than nine decimals, and what exceeds 63 bits.
    static func nanos(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, isDigits(whole), let units = Int64(whole) else { return nil }
        // `0777` is octal to YAML and decimal to people: neither is what it seems.
        guard whole == "0" || whole.first != "0" else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            let digits = parts[1]
            guard isDigits(digits), digits.count <= decimals else { return nil }
            guard let value = Int64(digits + String(repeating: "0", count: decimals - digits.count)) else { return nil }
            fraction = value
        }
        let (product, overflows) = units.multipliedReportingOverflow(by: nanosPerUnit)
        let (sum, sumOverflows) = product.addingReportingOverflow(fraction)
        return overflows || sumOverflows ? nil : sum
    }

    /// The shortest text that `nanos` reads back; for amounts that are not negative.
    static func text(nanos: Int64) -> String {
        let (units, rest) = nanos.quotientAndRemainder(dividingBy: nanosPerUnit)
        guard rest != 0 else { return String(units) }
        let digits = String(rest)
        var fraction = String(repeating: "0", count: max(0, decimals - digits.count)) + digits
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(units).\(fraction)"
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}

/// Bounds of registries.
enum RegistryLimits {
    /// As many as `DocumentLimits.policy` has room for in one file.
    static let teams = 20_000
}
