import NIOCore
import Testing

@testable import WebhookServer

@Suite("Metrics of the auditor")
struct AuditorMetricsTests {
    private func metrics() -> AuditorMetrics {
        AuditorMetrics(
            version: "1", toolchain: "swift", openSSL: "3", watchFailureReasons: ["forbidden", "cut"],
            includeProcess: false)
    }

    @Test("Every family is in the exposition, in the order of the names")
    func order() throws {
        let exposition = try Exposition(parsing: String(buffer: metrics().exposition()))
        let names = exposition.families.map(\.name)
        #expect(names == names.sorted())
        for name in [
            "tallygate_audit_duration_seconds", "tallygate_cache_age_seconds", "tallygate_cost_usd_per_hour",
            "tallygate_coverage_ratio", "tallygate_nodegroup_tag_gaps", "tallygate_unattributed_cost_usd_per_hour",
        ] {
            #expect(names.contains(name))
        }
    }

    @Test("The cluster's figures replace those before, all at once")
    func tables() throws {
        let metrics = metrics()
        metrics.cost.set([
            TableGaugeFamily.Row(["search", "", "production"], 1.5), TableGaugeFamily.Row(["a\"b\n", "x", "y"], 2),
        ])
        let both = try Exposition(parsing: String(buffer: metrics.exposition())).family("tallygate_cost_usd_per_hour")
        #expect(both?.samples.count == 2)
        #expect(both?.samples.first?.labels == ["team": "search", "cost_center": "", "environment": "production"])
        metrics.cost.set([TableGaugeFamily.Row(["web", "", ""], 3)])
        let one = try Exposition(parsing: String(buffer: metrics.exposition())).family("tallygate_cost_usd_per_hour")
        #expect(one?.samples.map(\.value) == [3])
    }

    @Test("What happens is counted where it belongs")
    func counts() throws {
        let metrics = metrics()
        metrics.setLeader(true)
        metrics.recordAudit(.milliseconds(1_500))
        metrics.recordReport(.removed)
        metrics.recordEvent(.postponed, count: 7)
        metrics.recordWatchFailure("cut")
        metrics.recordWatchFailure("nobody knows it")
        metrics.recordUnreadable(-1)
        let exposition = try Exposition(parsing: String(buffer: metrics.exposition()))
        func value(_ family: String, _ labels: [String: String] = [:]) -> Double? {
            exposition.family(family)?.samples.first { $0.labels == labels }?.value
        }
        #expect(value("tallygate_leader") == 1)
        #expect(value("tallygate_audit_duration_seconds") == 1.5)
        #expect(value("tallygate_report_writes_total", ["outcome": "removed"]) == 1)
        #expect(value("tallygate_report_writes_total", ["outcome": "written"]) == 0)
        #expect(value("tallygate_events_total", ["outcome": "postponed"]) == 7)
        #expect(value("tallygate_watch_failures_total", ["reason": "cut"]) == 1)
        #expect(value("tallygate_watch_failures_total", ["reason": "forbidden"]) == 0)
        #expect(value("tallygate_unreadable_objects_total") == 0)
    }
}
