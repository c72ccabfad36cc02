import Testing
import WebhookServer

@Suite("A latched readiness check")
struct ReadinessLatchTests {
    private static let failing = ReadinessCheck.Status.failing("not read yet: pods")
    private static let degraded = ReadinessCheck.Status.degraded("looked up one by one: pods")

    @Test(
        "Fails until it was ready once; after that what fails is said, and no more",
        arguments: [
            ([failing, failing], [failing, failing]),
            ([failing, .ok, failing, .ok], [failing, .ok, .degraded("not read yet: pods"), .ok]),
            // Degraded is ready.
            ([degraded, failing], [degraded, .degraded("not read yet: pods")]),
        ])
    func latched(given: [ReadinessCheck.Status], passed: [ReadinessCheck.Status]) {
        let latch = ReadinessLatch()
        #expect(given.map(latch.pass) == passed)
    }
}
