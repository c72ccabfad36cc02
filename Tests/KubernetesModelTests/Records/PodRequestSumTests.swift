import KubernetesModel
import TestSupport
import Testing

@Suite struct PodRequestSumTests {
    private typealias Part = PodRequestSum.Part

    private struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Millicores.
        var parts: [(Part, Int128)]
        var requests: Int64
        var running: Int64
    }

    private static let cases: [Case] = [
        Case(
            testDescription: "containers add up", parts: [(.container, 100), (.container, 200)], requests: 300,
            running: 300),
        Case(
            testDescription: "one init container at a time",
            parts: [
                (.container, 100), (.initContainer, 400), (.initContainer, 500),
            ], requests: 500, running: 100),
        Case(
            testDescription: "a small init container costs nothing", parts: [(.container, 100), (.initContainer, 90)],
            requests: 100, running: 100),
        Case(
            testDescription: "a sidecar goes on", parts: [(.sidecar, 50), (.container, 100)], requests: 150,
            running: 150),
        Case(
            testDescription: "an init container beside the sidecars before it",
            parts: [
                (.sidecar, 50), (.initContainer, 200), (.sidecar, 70), (.container, 10),
            ], requests: 250, running: 130),
        Case(
            testDescription: "and not those after it",
            parts: [(.initContainer, 200), (.sidecar, 70), (.container, 10)],
            requests: 200, running: 80),
        Case(
            testDescription: "overhead on top", parts: [(.container, 100), (.initContainer, 300), (.overhead, 7)],
            requests: 307, running: 107),
        Case(
            testDescription: "the whole Pod's word counts",
            parts: [
                (.container, 100), (.initContainer, 900), (.wholePod, 250), (.overhead, 7),
            ], requests: 257, running: 257),
        Case(testDescription: "nothing", parts: [(.container, 0)], requests: 0, running: 0),
    ]

    @Test(arguments: cases) private func `adds up as the scheduler does`(example: Case) {
        var pool = RecordPool()
        var sum = PodRequestSum()
        for (part, amount) in example.parts { sum.add(amount * 1_000_000, of: RecordPool.WellKnown.cpu, for: part) }
        var scratch: [ResourceAmount] = []
        let (requests, running) = sum.finish(in: &pool, scratch: &scratch) { _ in Issue.record("no overflow") }
        #expect(pool.amount(of: "cpu", in: requests) == example.requests)
        #expect(pool.amount(of: "cpu", in: running) == example.running)
    }

    @Test func `fractions are rounded once, after adding`() {
        var pool = RecordPool()
        var sum = PodRequestSum()
        for _ in 0..<3 { sum.add(500_000, of: RecordPool.WellKnown.cpu, for: .container) }
        var scratch: [ResourceAmount] = []
        let requests = sum.finish(in: &pool, scratch: &scratch) { _ in }.requests
        #expect(pool.resources(requests) == ["cpu": 2])
    }

    @Test func `what 64 bits do not hold is named and left out`() throws {
        var pool = RecordPool()
        var sum = PodRequestSum()
        let large = try Quantity(parsing: "9223372036854775807").nanos
        let gpu = pool.strings.intern("nvidia.com/gpu")
        sum.add(large, of: RecordPool.WellKnown.memory, for: .container)
        sum.add(1, of: RecordPool.WellKnown.memory, for: .container)
        sum.add(8_000_000_000, of: gpu, for: .container)
        var scratch: [ResourceAmount] = []
        var named: [StringID] = []
        let requests = sum.finish(in: &pool, scratch: &scratch) { named.append($0) }.requests
        #expect(named == [RecordPool.WellKnown.memory])
        #expect(pool.resources(requests) == ["nvidia.com/gpu": 8])
        sum.reset()
        #expect(sum.finish(in: &pool, scratch: &scratch) { _ in }.requests == .empty)
    }
}
