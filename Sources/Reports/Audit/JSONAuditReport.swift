import Attribution
import Audit
import LabelPolicy

/// The report for programs. Its shape is a contract: docs/schemas/audit-report.schema.json. Amounts are decimal strings,
/// exact to the billionth; `…PerMonth` is 730 hours.
enum JSONAuditReport {
    /// - Parameter showback: the one table to give; nil for all but that of workloads, of which there are many.
    static func render(_ report: AuditReport, showback: AuditReport.Showback?) -> String {
        var writer = PrettyJSONWriter()
        writer.object { writer in
            writer.member("apiVersion", "tallygate.io/v1alpha1")
            writer.member("kind", "AuditReport")
            writer.member("generatedAt", report.generatedAt.rfc3339)
            writer.member("observedAt", report.observedAt?.rfc3339)
            writer.member("cluster", report.cluster)
            writer.member("policy", report.policy)
            writer.member("currency", report.currency.code)
            writer.object("coverage") { coverage(report.coverage, &$0) }
            writer.object("totals") { totals(report.totals, &$0) }
            writer.array("findings", report.findings) { finding($1, report.currency, &$0) }
            writer.object("cutFindings") {
                $0.member("findings", report.cutFindings.findings)
                $0.member("required", report.cutFindings.required)
            }
            writer.array("advice", report.advice) { advice($1, &$0) }
            writer.array("namespaces", report.namespaces) { namespace($1, &$0) }
            writer.array("nodeGroups", report.nodeGroups) { nodeGroup($1, &$0) }
            let tables = showback.map { [$0] } ?? report.showback.filter { $0.dimension != .workload }
            writer.array("showback", tables) { table($1, &$0) }
            writer.array("notes", report.notes) { writer, note in
                writer.object {
                    $0.member("kind", note.kind.rawValue)
                    $0.member("text", note.text)
                }
            }
        }
        return writer.finished()
    }

    // MARK: Coverage and totals

    private static func coverage(_ coverage: AuditReport.Coverage, _ writer: inout PrettyJSONWriter) {
        members(coverage.all, &writer)
        writer.key("byLabel")
        writer.object { writer in
            for label in coverage.byLabel {
                writer.object(label.label) { members(label.share, &$0) }
            }
        }
    }

    private static func members(_ share: AuditReport.Share, _ writer: inout PrettyJSONWriter) {
        if let points = share.workloadBasisPoints {
            writer.key("workloads")
            writer.share(points)
        }
        if let points = share.spendBasisPoints {
            writer.key("spend")
            writer.share(points)
        }
        writer.member("attributedWorkloads", share.attributedWorkloads)
        writer.member("judgedWorkloads", share.workloads)
        writer.money("attributedCost", share.attributedSpend)
        writer.money("cost", share.spend)
    }

    private static func totals(_ totals: AuditReport.Totals, _ writer: inout PrettyJSONWriter) {
        writer.member("namespaces", totals.namespaces)
        writer.member("workloads", totals.workloads)
        writer.member("pods", totals.pods)
        writer.member("nodes", totals.nodes)
        writer.member("nodeGroups", totals.nodeGroups)
        writer.member("volumes", totals.volumes)
        writer.member("loadBalancers", totals.loadBalancers)
        writer.member("unpricedNodes", totals.unpricedNodes)
        writer.money("cost", totals.costPerHour)
        writer.member("nodesCostPerHour", totals.nodesCost.description)
        writer.member("volumesCostPerHour", totals.volumesCost.description)
        writer.member("loadBalancersCostPerHour", totals.loadBalancersCost.description)
        writer.member("externalCostPerHour", totals.externalCost.description)
        writer.object("ownership") { ownership(totals.ownership, &$0) }
        writer.object("findings") { counts(totals.findings, &$0) }
    }

    /// Rates per hour.
    private static func ownership(_ ownership: AuditReport.Ownership, _ writer: inout PrettyJSONWriter) {
        writer.member("attributed", ownership.attributed.description)
        writer.member("unattributed", ownership.unattributed.description)
        writer.member("excluded", ownership.excluded.description)
        writer.member("overhead", ownership.overhead.description)
        writer.member("idle", ownership.idle.unallocated.description)
        writer.member("systemReserved", ownership.idle.systemReserved.description)
        writer.member("unmounted", ownership.unmounted.description)
        writer.member("unallocated", ownership.unallocated.description)
        writer.member("external", ownership.external.description)
        // Not a part of the sum: whoever asks for it pays for it.
        writer.member("overRequested", ownership.idle.overRequested.description)
    }

    private static func counts(_ counts: AuditReport.FindingCounts, _ writer: inout PrettyJSONWriter) {
        writer.member("required", counts.required)
        writer.member("recommended", counts.recommended)
        writer.array("byReason", counts.byReason) { writer, count in
            writer.object {
                $0.member("reason", count.reason.rawValue)
                $0.member("required", count.required)
                $0.member("recommended", count.recommended)
                $0.money("unattributedCost", count.unattributed)
            }
        }
    }

    // MARK: Findings and advice

    private static func finding(
        _ finding: AuditReport.Finding, _ currency: Currency, _ writer: inout PrettyJSONWriter
    ) {
        writer.object { writer in
            writer.member("reason", finding.reason.rawValue)
            writer.member("label", finding.label)
            writer.member("level", finding.level.rawValue)
            writer.member("verdict", finding.isUncertain ? "unknown" : "gap")
            writer.member("mode", finding.mode?.rawValue)
            writer.object("subject") { writer in
                writer.member("apiVersion", finding.subject.apiVersion)
                writer.member("kind", finding.subject.kind)
                writer.member("namespace", finding.subject.namespace)
                writer.member("name", finding.subject.name)
            }
            writer.member("pods", finding.pods)
            writer.member("unpricedPods", finding.unpricedPods)
            if let cost = finding.costPerHour { writer.money("cost", cost) }
            writer.member("currency", currency.code)
            writer.effective("effective", finding.effective)
            writer.member("message", finding.message)
            if let fix = finding.fix { writer.object("fix") { self.fix(fix, &$0) } }
            if let fix = finding.gentlerFix { writer.object("gentlerFix") { self.fix(fix, &$0) } }
        }
    }

    private static func fix(_ fix: Fix, _ writer: inout PrettyJSONWriter) {
        writer.strings("commands", fix.commands)
        writer.strings("remarks", fix.remarks)
        writer.member("mayRestart", fix.effect.mayRestart)
    }

    private static func advice(_ advice: AuditReport.Advice, _ writer: inout PrettyJSONWriter) {
        writer.object {
            $0.member("code", advice.topic.code)
            $0.member("message", advice.message)
            $0.member("remedy", advice.remedy)
        }
    }

    // MARK: Places

    private static func namespace(_ row: AuditReport.NamespaceRow, _ writer: inout PrettyJSONWriter) {
        writer.object { writer in
            writer.member("name", row.name)
            writer.member("known", row.isKnown)
            writer.member("excluded", row.isExcluded)
            writer.member("mode", row.mode?.rawValue)
            writer.effective("supplies", row.supplies)
            writer.member("pods", row.pods)
            writer.object("coverage") { members(row.coverage, &$0) }
            writer.object("findings") { counts(row.findings, &$0) }
        }
    }

    private static func nodeGroup(_ group: AuditReport.NodeGroupRow, _ writer: inout PrettyJSONWriter) {
        writer.object { writer in
            writer.member("name", group.name)
            writer.member("provider", group.provider.rawValue)
            writer.object("identity") { identity(group.identity, &$0) }
            writer.member("nodes", group.nodes)
            writer.member("pods", group.pods)
            writer.strings("instanceTypes", group.instanceTypes)
            writer.strings("zones", group.zones)
            writer.array("capacity", group.capacity) { writer, share in
                writer.object {
                    $0.member("type", share.type.rawValue)
                    $0.member("nodes", share.nodes)
                }
            }
            writer.money("cost", group.price)
            writer.member("unpricedNodes", group.unpricedNodes)
            writer.array("prices", group.prices) { price($1, &$0) }
            writer.object("ownership") { ownership(group.ownership, &$0) }
            writer.array("tags", group.tags) { writer, tag in
                writer.object {
                    $0.member("label", tag.label)
                    $0.member("tag", tag.tag)
                    $0.member("value", tag.value)
                    $0.member("missingNodes", tag.missingNodes)
                    $0.member("drifting", tag.isDrifting)
                }
            }
            writer.object("coverage") { members(group.coverage, &$0) }
            writer.member("findings", group.findings)
        }
    }

    private static func identity(_ identity: NodeGroupIdentity, _ writer: inout PrettyJSONWriter) {
        switch identity {
        case .label(let key):
            writer.member("by", "label")
            writer.member("key", key)
        case .machine(let key):
            writer.member("by", "machine")
            writer.member("key", key)
        case .inferred: writer.member("by", "inferred")
        case .none: writer.member("by", "none")
        }
    }

    private static func price(_ price: AuditReport.PriceRow, _ writer: inout PrettyJSONWriter) {
        writer.object { writer in
            writer.member("instanceType", price.instanceType)
            writer.member("capacity", price.capacity.rawValue)
            writer.member("perHour", price.perHour.description)
            writer.member("source", price.source)
            writer.member("origin", price.origin)
            writer.member("date", price.date?.description)
            writer.strings("flags", price.flags)
            writer.member("nodes", price.nodes)
        }
    }

    // MARK: Showback

    private static func table(_ table: AuditReport.Showback, _ writer: inout PrettyJSONWriter) {
        writer.object { writer in
            writer.member("by", table.dimension.name)
            writer.money("cost", table.total)
            writer.member("workloads", table.workloads)
            writer.array("rows", table.rows) { row($1, &$0) }
        }
    }

    private static func row(_ row: AuditReport.ShowbackRow, _ writer: inout PrettyJSONWriter) {
        writer.object { writer in
            writer.member("name", row.account.name)
            writer.member("reserved", row.account.isReserved)
            writer.member("workloads", row.workloads)
            writer.member("pods", row.pods)
            writer.money("cost", row.costPerHour)
            writer.member("directPerHour", row.direct.description)
            writer.member("sharedPerHour", row.shared.description)
            writer.object("parts") { writer in
                for (name, amount) in row.parts.lines { writer.member(name, amount.description) }
            }
            writer.member("monthlyBudget", row.monthlyBudget?.description)
            if let coverage = row.coverage { writer.object("coverage") { self.coverage(coverage, &$0) } }
        }
    }
}

extension AuditReport.CostParts {
    /// Each part with its name in reports for programs.
    var lines: [(String, Money)] {
        [
            ("cpu", cpu), ("memory", memory), ("gpu", gpu), ("storage", storage), ("loadBalancers", loadBalancers),
            ("idle", idle), ("overhead", overhead), ("sharedNamespaces", sharedNamespaces), ("other", other),
        ]
    }
}

extension PrettyJSONWriter {
    /// A rate, by the hour and by the month.
    mutating func money(_ name: String, _ rate: Money) {
        member(name + "PerHour", rate.description)
        member(name + "PerMonth", rate.perMonth.description)
    }

    fileprivate mutating func effective(_ name: String, _ labels: [AuditReport.EffectiveLabel]) {
        object(name) { writer in
            for label in labels {
                writer.object(label.key) {
                    $0.member("value", label.value)
                    $0.member("source", label.source.rawValue)
                }
            }
        }
    }
}
