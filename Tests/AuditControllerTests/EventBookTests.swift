import Attribution
import Audit
import LabelPolicy
import Testing

@testable import AuditController

@Suite("Which findings become Events")
struct EventBookTests {
    private static let noon = Timestamp(secondsSinceEpoch: 1_795_262_400)

    private static func finding(
        _ name: String, label: String = "team", level: Level = .required, namespace: String = "shop",
        cost: Int64 = 1_000_000_000, facts: AuditReport.Facts? = nil, uncertain: Bool = false
    ) -> AuditReport.Finding {
        AuditReport.Finding(
            reason: .missing, label: label, level: level,
            subject: ObjectReference(apiVersion: "apps/v1", kind: "Deployment", namespace: namespace, name: name),
            pods: 1, costPerHour: Money(nanos: cost),
            facts: facts ?? .gap(Gap(problem: .missing), expiredExemption: nil, variants: 1),
            message: "cost label \(label): missing", isUncertain: uncertain)
    }

    @Test("Each once a day, with the same name in every process")
    func onceADay() throws {
        var book = EventBook()
        let first = try #require(book.round([Self.finding("web")], at: Self.noon).events.first)
        #expect(first.name.hasPrefix("web.tallygate."))
        #expect(first.name.hasSuffix(".\(Self.noon.date)"))
        #expect(first.reason == "CostMissing")
        #expect(first.note == "cost label team: missing; costs 730.00 USD a month")
        book.said(first)
        #expect(book.round([Self.finding("web")], at: Self.noon).events.isEmpty)

        var other = EventBook()
        #expect(other.round([Self.finding("web")], at: Self.noon).events == [first])
        let tomorrow = Timestamp(secondsSinceEpoch: Self.noon.secondsSinceEpoch + 86_400)
        let next = try #require(book.round([Self.finding("web")], at: tomorrow).events.first)
        #expect(next.name != first.name)
    }

    @Test("Another label of one object is another Event")
    func labels() {
        var book = EventBook()
        let events = book.round([Self.finding("web"), Self.finding("web", label: "environment")], at: Self.noon).events
        #expect(Set(events.map(\.name)).count == 2)
    }

    @Test(
        "Only required gaps of workloads that are certain",
        arguments: [
            finding("web", level: .recommended), finding("web", namespace: ""), finding("web", uncertain: true),
            finding(
                "web", facts: .namespaceDefault(Gap(problem: .missing), mends: AuditReport.Mending(workloads: 2))),
        ])
    func others(_ finding: AuditReport.Finding) {
        var book = EventBook()
        #expect(book.round([finding], at: Self.noon).events.isEmpty)
    }

    @Test("The dearest first, in bounded number; the rest waits")
    func bound() {
        var book = EventBook()
        let findings = (0..<50).map { Self.finding("web-\($0)", cost: Int64($0)) }
        let round = book.round(findings, at: Self.noon)
        #expect(round.events.map(\.subject.name) == (30..<50).reversed().map { "web-\($0)" })
        #expect(round.postponed == 30)
        for event in round.events { book.said(event) }
        #expect(book.round(findings, at: Self.noon).events.first?.subject.name == "web-29")
    }

    @Test("A name of any length makes a name that the API server takes")
    func longName() throws {
        var book = EventBook()
        let name = String(repeating: "a", count: 253)
        let event = try #require(book.round([Self.finding(name)], at: Self.noon).events.first)
        #expect(event.name.utf8.count <= 253)
    }
}
