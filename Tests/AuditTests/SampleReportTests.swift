import Attribution
import Audit
import LabelPolicy
import TestSupport
import Testing

@Suite("The sample report that renderers are tested with")
struct SampleReportTests {
    private let report = AuditReport.sample()

    @Test("Its sums hold, as those of a real report do")
    func sums() {
        let totals = report.totals
        #expect(totals.ownership.sum == totals.costPerHour)
        #expect(totals.nodesCost + totals.volumesCost + totals.loadBalancersCost == totals.costPerHour)
        for showback in report.showback {
            #expect(showback.rows.map(\.costPerHour).sum() == showback.total, "by \(showback.dimension.name)")
            #expect(showback.total == totals.costPerHour)
        }
        for group in report.nodeGroups { #expect(group.ownership.sum == group.price, "\(group.name)") }
        #expect(totals.findings.byReason.map { $0.required + $0.recommended }.reduce(0, +) == report.findings.count)
    }

    @Test("Its findings stand in a report's order")
    func order() {
        for level in Level.allCases {
            let costs = report.findings.filter { $0.level == level }.map { $0.costPerHour ?? .zero }
            #expect(costs == costs.sorted(by: >))
        }
        #expect(report.findings.drop { $0.level == .required }.allSatisfy { $0.level == .recommended })
    }
}
