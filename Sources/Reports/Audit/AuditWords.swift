import Attribution
import Audit
import LabelPolicy

// What reports for people say of an audit's parts.

extension ObjectReference {
    /// `shop/Deployment/web`; `Namespace/shop` for what is in none.
    var path: String { AuditReport.Account.workload(self).shownName }
}

extension AuditReport.Account {
    /// The name as people get it. Kubernetes has none longer than this; files that somebody made up may.
    var shownName: String {
        name.utf8.count <= Self.maximumName
            ? name : TerminalText(name).cutInTheMiddle(to: Self.maximumName).text
    }

    /// Two names of 253 characters, a kind of 63, and the signs between them.
    private static let maximumName = 600
}

extension AuditReport.Finding {
    /// The reason in a table: `missing`, `missing?` where a namespace that could not be read might supply the label.
    var problem: String { reason.rawValue + (isUncertain ? "?" : "") }
}

extension AuditReport.NodeGroupRow {
    /// The name, with what a reader must not take for a fact.
    var title: String { identity == .inferred ? "\(name) (inferred)" : name }

    /// Where its prices come from: `policy`, `list (spot-estimate)`; `none` if there is no price.
    var priceText: String {
        var sources: [String] = []
        var flags: [String] = []
        for price in prices {
            if !sources.contains(price.source) { sources.append(price.source) }
            for flag in price.flags where !flags.contains(flag) { flags.append(flag) }
        }
        if unpricedNodes > 0 { sources.append("none") }
        return sources.joined(separator: ", ") + (flags.isEmpty ? "" : " (\(flags.joined(separator: ", ")))")
    }

    /// `Team: missing on 1 of 6 nodes; CostCenter: several values`.
    var tagText: String {
        tags.filter(\.hasGap).map { tag in
            tag.missingNodes == 0
                ? "\(tag.tag): several values"
                : tag.missingNodes >= nodes
                    ? "\(tag.tag): missing" : "\(tag.tag): missing on \(tag.missingNodes) of \(nodes)"
        }.joined(separator: "; ")
    }
}

extension AuditReport.NamespaceRow {
    /// What the gate does here: `enforce`, `excluded`, `unknown`.
    var gateText: String { isExcluded ? "excluded" : mode?.rawValue ?? "unknown" }
}

extension AuditReport {
    /// What to do first: one step for each place that is changed, in the order of the findings.
    func nextSteps(_ count: Int) -> [FixStep] { Array(FixStep.steps(for: findings).prefix(count)) }
}

extension FixStep {
    /// What stands before the commands that restart nothing.
    static let gentlerLead = "or, without a restart:"
}

extension AuditReport {
    /// `Cost attribution of prod-eu-1`.
    var title: String { cluster.isEmpty ? "Cost attribution" : "Cost attribution of \(cluster)" }

    /// A live cluster is read in less, as a rule; a snapshot is older.
    private static var freshSeconds: Int64 { 60 }

    /// `2026-11-21 10:30 UTC, policy cost-attribution`; of an older snapshot also when the cluster was as it says.
    var provenance: String {
        var text = "\(Self.minute(generatedAt)), policy \(policy)"
        if let observedAt, isOlder(observedAt) {
            text += ", the cluster as it was on \(Self.minute(observedAt))"
        }
        return text
    }

    private func isOlder(_ observedAt: Timestamp) -> Bool {
        let (age, overflow) = generatedAt.secondsSinceEpoch.subtractingReportingOverflow(observedAt.secondsSinceEpoch)
        return !overflow && age > Self.freshSeconds
    }

    private static func minute(_ time: Timestamp) -> String {
        let stamp = time.rfc3339
        let parts = stamp.split(separator: "T")
        return parts.count == 2 ? "\(parts[0]) \(parts[1].prefix(5)) UTC" : stamp
    }

    /// What was looked at: `9 workloads, 34 pods, 8 nodes in 3 groups, 4 namespaces`.
    var extent: String {
        func count(_ number: Int, _ noun: String) -> String {
            "\(AmountText.grouped(number)) \(noun)\(number == 1 ? "" : "s")"
        }
        return [
            count(totals.workloads, "workload"), count(totals.pods, "pod"),
            "\(count(totals.nodes, "node")) in \(count(totals.nodeGroups, "group"))",
            count(totals.namespaces, "namespace"),
        ].joined(separator: ", ")
    }

    /// `61.0% of the spend is attributed: $20,732 of $33,945 a month ($46.50 an hour)`.
    var headline: String {
        let amounts = AmountText(currency)
        guard coverage.all.spendBasisPoints != nil else {
            return "Nothing that is seen costs anything: there is no spend to attribute"
        }
        return AmountText.percent(coverage.all.spendBasisPoints) + " of the spend is attributed: "
            + amounts.monthWithSymbol(coverage.all.attributedSpend) + " of "
            + amounts.monthWithSymbol(coverage.all.spend) + " a month (\(amounts.hour(coverage.all.spend)) an hour)"
    }

    /// `5 of 9 workloads have every required label (55.5%)`.
    var workloadLine: String {
        guard let share = coverage.all.workloadBasisPoints else { return "No workload is judged" }
        return "\(AmountText.grouped(coverage.all.attributedWorkloads)) of "
            + "\(AmountText.grouped(coverage.all.workloads)) workloads have every required label "
            + "(\(AmountText.percent(share)))"
    }

    /// `11 findings: 7 required, 4 recommended`.
    var findingLine: String {
        let counts = totals.findings
        return "\(AmountText.grouped(counts.all)) finding\(counts.all == 1 ? "" : "s"): "
            + "\(AmountText.grouped(counts.required)) required, \(AmountText.grouped(counts.recommended)) recommended"
    }

    /// What the sums leave out; nil if nothing.
    var unpricedLine: String? {
        guard totals.unpricedNodes > 0 else { return nil }
        let count = totals.unpricedNodes
        return "\(AmountText.grouped(count)) node\(count == 1 ? " has" : "s have") no price: what "
            + "\(count == 1 ? "it costs" : "they cost") is in no sum"
    }

    /// Findings of the cluster beyond the first `shown`.
    func remaining(after shown: Int) -> Int { max(0, totals.findings.all - shown) }
}
