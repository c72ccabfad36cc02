import Attribution
import Audit
import LabelPolicy

/// The tables of an audit for people, the same in every format for them.
struct AuditTables {
    let report: AuditReport
    let amounts: AmountText

    init(_ report: AuditReport) {
        self.report = report
        amounts = AmountText(report.currency)
    }

    typealias Column = ReportTable.Column

    private var money: Column { Column(title: amounts.perMonth, isNumber: true) }

    private func number(_ title: String, dropOrder: Int? = nil) -> Column {
        Column(title: title, isNumber: true, dropOrder: dropOrder)
    }

    private func share(_ title: String, dropOrder: Int? = nil) -> Column {
        Column(title: title, isNumber: true, isShare: true, dropOrder: dropOrder)
    }

    // MARK: Where the money goes

    /// Every line of the ownership that is not nothing, and their sum.
    func ownership() -> ReportTable {
        let own = report.totals.ownership
        let lines: [(String, Money, String)] = [
            ("attributed", own.attributed, "workloads whose required labels have a value"),
            ("unattributed", own.unattributed, "workloads that lack a required label"),
            ("idle", own.idle.unallocated, "room on nodes that nobody asks for"),
            ("reserved", own.idle.systemReserved, "capacity that nodes keep for the system"),
            ("overhead", own.overhead, "DaemonSets without an owner"),
            ("excluded", own.excluded, "namespaces that the policy leaves alone"),
            ("unmounted", own.unmounted, "volumes that no Pod mounts"),
            ("unallocated", own.unallocated, "costs that could be given to nobody"),
            ("external", own.external, "costs outside of the cluster"),
        ]
        var rows = lines.filter { !$0.1.isZero }.map { name, cost, meaning in
            ReportTable.Row(
                cells: [name, amounts.month(cost), part(cost), meaning],
                emphasis: name == "unattributed" ? .required : .normal)
        }
        let total = report.totals.costPerHour
        rows.append(ReportTable.Row(cells: ["total", amounts.month(total), part(total), ""], emphasis: .total))
        return ReportTable(
            columns: [
                Column(title: "whose"), money, share("share"),
                Column(title: "what it is", cut: .end(minimum: 20), dropOrder: 1),
            ], rows: rows)
    }

    private func part(_ part: Money) -> String {
        AmountText.percent(AmountText.basisPoints(part, of: report.totals.costPerHour))
    }

    // MARK: Coverage

    func labels() -> ReportTable {
        ReportTable(
            columns: [
                Column(title: "label", cut: .end(minimum: 12)), share("of spend"), share("of workloads"),
                number("\(amounts.perMonth) without", dropOrder: 1),
            ],
            rows: report.coverage.byLabel.map { label in
                ReportTable.Row(cells: [
                    label.label, AmountText.percent(label.share.spendBasisPoints),
                    AmountText.percent(label.share.workloadBasisPoints),
                    amounts.month(label.share.unattributedSpend),
                ])
            })
    }

    // MARK: Gaps

    /// The reasons, the dearest first.
    func reasons() -> ReportTable {
        let reasons = report.totals.findings.byReason.enumerated().sorted { left, right in
            left.element.unattributed == right.element.unattributed
                ? left.offset < right.offset : left.element.unattributed > right.element.unattributed
        }
        return ReportTable(
            columns: [
                Column(title: "reason", cut: .end(minimum: 12)), number("\(amounts.perMonth) unowned"),
                number("required", dropOrder: 0),
                number("recommended", dropOrder: 1),
            ],
            rows: reasons.map { _, count in
                ReportTable.Row(cells: [
                    count.reason.rawValue, amounts.month(count.unattributed), AmountText.grouped(count.required),
                    AmountText.grouped(count.recommended),
                ])
            })
    }

    func findings(first count: Int) -> ReportTable {
        ReportTable(
            columns: [
                money, Column(title: "level", dropOrder: 2),
                Column(title: "label", cut: .end(minimum: 8), dropOrder: 0),
                Column(title: "problem", cut: .end(minimum: 12), dropOrder: 1), number("pods", dropOrder: 3),
                Column(title: "subject", cut: .path(minimum: 28)),
            ],
            rows: report.findings.prefix(count).map { finding in
                ReportTable.Row(
                    cells: [
                        amounts.month(of: finding), finding.level.rawValue, finding.label ?? "",
                        finding.problem, AmountText.grouped(finding.pods), finding.subject.path,
                    ], emphasis: finding.level == .required ? .required : .recommended)
            })
    }

    // MARK: Places

    func nodeGroups(first count: Int) -> ReportTable {
        ReportTable(
            columns: [
                Column(title: "node group", cut: .middle(minimum: 14)), Column(title: "provider", dropOrder: 3),
                number("nodes", dropOrder: 0), money, share("attributed"), number("idle", dropOrder: 1),
                Column(title: "price", cut: .end(minimum: 6), dropOrder: 4),
                Column(title: "tag gaps", cut: .end(minimum: 10), dropOrder: 2),
            ],
            rows: report.nodeGroups.prefix(count).map { group in
                ReportTable.Row(cells: [
                    group.title, group.provider.rawValue, AmountText.grouped(group.nodes),
                    group.unpricedNodes == group.nodes && group.nodes > 0 ? "?" : amounts.month(group.price),
                    AmountText.percent(group.coverage.spendBasisPoints),
                    AmountText.percent(AmountText.basisPoints(group.ownership.idle.unallocated, of: group.price)),
                    group.priceText, group.tagText,
                ])
            })
    }

    func namespaces(first count: Int) -> ReportTable {
        ReportTable(
            columns: [
                Column(title: "namespace", cut: .middle(minimum: 14)), money, share("attributed"),
                share("of workloads", dropOrder: 2), number("pods", dropOrder: 3),
                number("findings", dropOrder: 1), Column(title: "gate", dropOrder: 4),
            ],
            rows: report.namespaces.prefix(count).map { row in
                ReportTable.Row(
                    cells: [
                        row.name, amounts.month(row.costPerHour),
                        row.isExcluded ? "-" : AmountText.percent(row.coverage.spendBasisPoints),
                        AmountText.percent(row.coverage.workloadBasisPoints), AmountText.grouped(row.pods),
                        AmountText.grouped(row.findings.all), row.gateText,
                    ], emphasis: row.isExcluded ? .reserved : .normal)
            })
    }

    // MARK: Showback

    /// At most `count` rows that belong to somebody, then one for the rest, the reserved ones, and the total.
    func showback(_ table: AuditReport.Showback, first count: Int) -> ReportTable {
        let named = table.rows.filter { !$0.account.isReserved }
        let reserved = table.rows.filter(\.account.isReserved)
        let shown = named.count > count + 1 ? count : named.count
        var rows = named.prefix(shown).map { row($0, of: table) }
        let rest = named.dropFirst(shown)
        if !rest.isEmpty { rows.append(row(Self.sum(rest), of: table)) }
        rows += reserved.map { row($0, of: table) }
        let all = Self.sum(table.rows[...])
        rows.append(
            ReportTable.Row(
                cells: [
                    "total", amounts.month(table.total), AmountText.percent(table.total > .zero ? 10_000 : nil),
                    "", amounts.month(all.direct), amounts.month(all.shared), AmountText.grouped(table.workloads),
                    AmountText.grouped(all.pods), "",
                ], emphasis: .total))
        let columns: [Column?] = [
            Column(
                title: table.dimension.name,
                cut: table.dimension == .workload ? .path(minimum: 24) : .middle(minimum: 16)),
            money, share("share"),
            table.rows.contains { $0.coverage != nil } ? share("attributed", dropOrder: 6) : nil,
            number("own", dropOrder: 3), number("shared out", dropOrder: 4), number("workloads", dropOrder: 2),
            number("pods", dropOrder: 1),
            table.rows.contains { $0.monthlyBudget != nil } ? share("of budget", dropOrder: 5) : nil,
        ]
        return ReportTable(
            columns: columns.compactMap(\.self),
            rows: rows.map { row in
                ReportTable.Row(
                    cells: zip(columns, row.cells).compactMap { column, cell in column.map { _ in cell } },
                    emphasis: row.emphasis)
            })
    }

    private func row(_ row: AuditReport.ShowbackRow, of table: AuditReport.Showback) -> ReportTable.Row {
        let budget = row.monthlyBudget.map { budget in
            // Above the budget, a share of it is more than a hundred percent, which is what is wanted here.
            AmountText.percent(AmountText.basisPoints(row.costPerHour.perMonth, of: budget))
        }
        return ReportTable.Row(
            cells: [
                row.account.shownName, amounts.month(row.costPerHour),
                AmountText.percent(AmountText.basisPoints(row.costPerHour, of: table.total)),
                row.account.isReserved
                    ? "" : row.coverage.map { AmountText.percent($0.all.spendBasisPoints) } ?? "",
                amounts.month(row.direct), amounts.month(row.shared), AmountText.grouped(row.workloads),
                AmountText.grouped(row.pods), budget ?? "",
            ], emphasis: row.account.isReserved ? .reserved : .normal)
    }

    private static func sum(_ rows: ArraySlice<AuditReport.ShowbackRow>) -> AuditReport.ShowbackRow {
        var count = 0
        var result = AuditReport.ShowbackRow(account: .others(0))
        for row in rows {
            if case .others(let hidden) = row.account { count += hidden } else { count += 1 }
            result.workloads += row.workloads
            result.pods += row.pods
            result.direct += row.direct
            result.shared += row.shared
            result.parts = result.parts + row.parts
        }
        result.account = .others(count)
        return result
    }
}
