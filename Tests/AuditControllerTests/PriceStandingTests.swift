import Attribution
import LabelPolicy
import TestSupport
import Testing

@testable import AuditController

@Suite("What an auditor knows of OpenCost's prices")
struct PriceStandingTests {
    private func answer(_ perHour: [String: String], problems: Int = 0) -> OpenCostPrices {
        OpenCostPrices(
            prices: ExternalPrices(origin: "OpenCost", date: "2026-11-21", perHour: perHour),
            several: (0..<problems).map { OpenCostPrices.Several(node: "n\($0)", lowest: "1", highest: "2") })
    }

    @Test("The last good prices stay, and each change of state is told once")
    func states() {
        var standing = PriceStanding()
        #expect(standing.failed("refused") == [.failed("refused")])
        #expect(standing.failed("no answer") == [])
        #expect(standing.prices == nil && standing.failure == "no answer")
        #expect(standing.read(answer(["a": "1"])) == [.recovered(nodes: 1)])
        #expect(standing.read(answer(["a": "1"])) == [])
        #expect(standing.failed("refused") == [.failed("refused")])
        #expect(standing.prices?.perHour == ["a": "1"])
        #expect(standing.read(answer(["a": "2", "b": "1"])) == [.recovered(nodes: 2)])
        #expect(standing.prices?.perHour == ["a": "2", "b": "1"] && standing.failure == nil)
    }

    @Test("The first prices are told, and doubts when they are others")
    func notices() {
        var standing = PriceStanding()
        let doubts = answer(["n0": "2"], problems: 1)
        #expect(standing.read(doubts) == [.began(nodes: 1)] + doubts.problems.map(PriceStanding.Notice.problem))
        #expect(standing.read(doubts) == [])
        #expect(standing.read(answer(["n0": "2"])) == [])
        #expect(standing.read(doubts) == doubts.problems.map(PriceStanding.Notice.problem))
    }

    @Test("Prices that are as they were keep their date: nothing has changed")
    func dates() {
        var standing = PriceStanding()
        _ = standing.read(answer(["a": "1"]))
        var later = answer(["a": "1"])
        later.prices.date = "2026-11-22"
        _ = standing.read(later)
        #expect(standing.prices?.date == "2026-11-21")
    }

    @Test("Failures are tried again sooner, then ever later, and no later than usual")
    func pauses() {
        var standing = PriceStanding()
        #expect(standing.pause == .seconds(300))
        var pauses: [Duration] = []
        for _ in 0..<40 {
            _ = standing.failed("refused")
            pauses.append(standing.pause)
        }
        #expect(pauses.prefix(6) == [15, 30, 60, 120, 240, 300].map { .seconds($0) }[...])
        #expect(pauses.last == .seconds(300))
        _ = standing.read(answer(["a": "1"]))
        #expect(standing.pause == .seconds(300))
    }
}
