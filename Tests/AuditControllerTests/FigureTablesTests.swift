import Attribution
import Audit
import LabelPolicy
import TestSupport
import Testing

@testable import AuditController

@Suite("The series of the auditor's metrics")
struct FigureTablesTests {
    private static func figures(owners count: Int) -> AuditFigures {
        var figures = AuditFigures(at: Timestamp(secondsSinceEpoch: 0), currency: .usd)
        figures.owners = (0..<count).map { number in
            AuditReport.OwnerCost(
                account: .billed(team: "team-\(number)", costCenter: nil, environment: "production"),
                costPerHour: Money(nanos: Int64(number + 1) * 1_000_000_000))
        }
        figures.owners.append(AuditReport.OwnerCost(account: .idle, costPerHour: Money(nanos: 2_500_000_000)))
        figures.unattributed = (0..<count).flatMap { number in
            [Reason.missing, .empty].map { reason in
                AuditFigures.UnattributedCost(
                    namespace: "ns-\(number)", reason: reason,
                    costPerHour: Money(nanos: Int64(number + 1) * 500_000_000))
            }
        }
        figures.nodeGroups = (0..<count).map { number in
            AuditFigures.NodeGroupFigures(
                name: "group-\(number)", nodes: 9, unpricedNodes: 0, costPerHour: .zero,
                ownership: AuditReport.Ownership(),
                tags: [
                    AuditReport.TagRow(
                        label: "team", tag: "Team", value: nil, missingNodes: number, isDrifting: number == 0)
                ])
        }
        return figures
    }

    private func sum(_ rows: [FigureTables.Row]) -> Double { rows.reduce(0) { $0 + $1.value } }

    @Test("However few are shown, the sum is that of all, and no series is there twice", arguments: [1, 3, 20, 100])
    func sums(_ maximum: Int) {
        let all = FigureTables(Self.figures(owners: 20), policy: .finance, maximumNames: 1_000)
        let some = FigureTables(Self.figures(owners: 20), policy: .finance, maximumNames: maximum)
        #expect(sum(all.cost) == 212.5)
        for table in [\FigureTables.cost, \.unattributed, \.tagGaps] {
            #expect(sum(some[keyPath: table]) == sum(all[keyPath: table]))
            #expect(Set(some[keyPath: table].map(\.labels)).count == some[keyPath: table].count)
        }
        #expect(some.cost.count == min(maximum, 20) + (maximum < 20 ? 2 : 1))
    }

    @Test("The dearest are shown by name, the rest as other, and nobody's rows always")
    func dearest() {
        let tables = FigureTables(Self.figures(owners: 3), policy: .finance, maximumNames: 1)
        #expect(
            tables.cost == [
                FigureTables.Row(["__idle__", "__idle__", "__idle__"], 2.5),
                FigureTables.Row(["other", "other", "other"], 3),
                FigureTables.Row(["team-2", "", "production"], 3),
            ])
        #expect(
            tables.unattributed == [
                FigureTables.Row(["ns-2", "empty"], 1.5), FigureTables.Row(["ns-2", "missing"], 1.5),
                FigureTables.Row(["other", "empty"], 1.5), FigureTables.Row(["other", "missing"], 1.5),
            ])
        #expect(
            tables.tagGaps == [
                FigureTables.Row(["group-2", "Team"], 2), FigureTables.Row(["other", "Team"], 2),
            ])
    }

    @Test("Somebody who is called other is one series with the rest")
    func namesake() {
        var figures = Self.figures(owners: 1)
        figures.owners = ["other", "web"].map {
            AuditReport.OwnerCost(
                account: .billed(team: $0, costCenter: "other", environment: "other"),
                costPerHour: Money(nanos: 1_000_000_000))
        }
        figures.owners[0].costPerHour = Money(nanos: 2_000_000_000)
        let tables = FigureTables(figures, policy: .finance, maximumNames: 1)
        #expect(tables.cost == [FigureTables.Row(["other", "other", "other"], 3)])
    }

    @Test("In another currency there are no dollars")
    func currency() throws {
        var figures = Self.figures(owners: 2)
        figures.currency = try #require(Currency("EUR"))
        let tables = FigureTables(figures, policy: .finance)
        #expect(tables.cost.isEmpty)
        #expect(tables.unattributed.isEmpty)
        #expect(!tables.tagGaps.isEmpty)
    }

    @Test("Coverage is of the required labels, and of all of them together")
    func coverage() {
        var figures = Self.figures(owners: 0)
        let half = AuditReport.Share(
            attributedWorkloads: 1, workloads: 4, attributedSpend: Money(nanos: 1), spend: Money(nanos: 2))
        figures.coverage = AuditReport.Coverage(
            all: half,
            byLabel: ["team", "project"].map { AuditReport.LabelCoverage(label: $0, share: half) })
        let tables = FigureTables(figures, policy: .finance)
        #expect(
            tables.coverage == [
                FigureTables.Row(["spend", ""], 0.5), FigureTables.Row(["workloads", ""], 0.25),
                FigureTables.Row(["spend", "team"], 0.5), FigureTables.Row(["workloads", "team"], 0.25),
            ])
    }
}
