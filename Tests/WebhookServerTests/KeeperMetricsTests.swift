import NIOCore
import Testing

@testable import WebhookServer

@Suite("Metrics of the keeper of certificates")
struct KeeperMetricsTests {
    private let metrics = KeeperMetrics(version: "1", toolchain: "swift", openSSL: "3", includeProcess: false)

    private func exposition() throws -> Exposition { try Exposition(parsing: String(buffer: metrics.exposition())) }

    @Test("The families are in the order of their names")
    func order() throws {
        let names = try exposition().families.map(\.name)
        #expect(names == names.sorted())
        #expect(names.count == 8)
    }

    @Test("What is in order is dated; what is not, or cannot be looked at, keeps the date")
    func standing() throws {
        metrics.setLeader(true)
        metrics.recordCheck(isInOrder: true, at: 1_000, leafRenewal: 5_000, authorityRenewal: 9_000)
        metrics.recordCheck(isInOrder: false, at: 2_000, leafRenewal: nil, authorityRenewal: 9_000)
        var seen = try exposition()
        #expect(seen.value("tallygate_certificates_in_order") == 0)
        #expect(seen.value("tallygate_certificates_verified_timestamp_seconds") == 1_000)
        #expect(seen.value("tallygate_certificate_renewal_timestamp_seconds", ["certificate": "leaf"]) == nil)
        #expect(seen.value("tallygate_certificate_renewal_timestamp_seconds", ["certificate": "ca"]) == 9_000)
        metrics.recordCheck(isInOrder: true, at: 3_000, leafRenewal: 5_000, authorityRenewal: 9_000)
        metrics.recordFailure()
        seen = try exposition()
        #expect(seen.value("tallygate_certificates_in_order") == 0)
        #expect(seen.value("tallygate_certificates_verified_timestamp_seconds") == 3_000)
        #expect(seen.value("tallygate_certificate_checks_total", ["outcome": "done"]) == 3)
        #expect(seen.value("tallygate_certificate_checks_total", ["outcome": "failed"]) == 1)
    }

    @Test("One that does not lead says nothing of how the certificates stand")
    func follower() throws {
        metrics.setLeader(true)
        metrics.recordCheck(isInOrder: true, at: 1_000, leafRenewal: 5_000, authorityRenewal: 9_000)
        metrics.setLeader(false)
        let seen = try exposition()
        #expect(seen.value("tallygate_leader") == 0)
        for name in ["tallygate_certificates_in_order", "tallygate_certificates_verified_timestamp_seconds"] {
            #expect(seen.value(name) == nil)
        }
        #expect(seen.family("tallygate_certificate_renewal_timestamp_seconds")?.samples.isEmpty == true)
    }

    @Test("Every write has a series of its own", arguments: KeeperWrite.allCases)
    func writes(_ write: KeeperWrite) throws {
        metrics.recordWrite(write)
        let samples = try exposition().family("tallygate_certificate_writes_total")?.samples ?? []
        #expect(samples.count == KeeperWrite.allCases.count)
        #expect(samples.filter { $0.value == 1 }.map { $0.labels["step"] } == [write.rawValue])
    }
}
