import Testing

@testable import AuditController

@Suite("When an audit is due")
struct AuditPaceTests {
    private static let start = ContinuousClock().now

    @Test("Not before anything came, soon after the first change")
    func first() {
        var pace = AuditPace(interval: .seconds(10))
        #expect(pace.next() == nil)
        pace.changed(at: Self.start)
        pace.changed(at: Self.start + .milliseconds(150))
        #expect(pace.next() == Self.start + AuditPace.settlingTime)
    }

    @Test("While things change, not more often than the interval")
    func interval() {
        var pace = AuditPace(interval: .seconds(10))
        pace.audited(at: Self.start)
        pace.changed(at: Self.start + .seconds(1))
        #expect(pace.next() == Self.start + .seconds(10))
        pace.audited(at: Self.start + .seconds(10))
        pace.changed(at: Self.start + .seconds(60))
        #expect(pace.next() == Self.start + .seconds(60) + AuditPace.settlingTime)
    }

    @Test("Without a change when time brings one, and once in a while in any case")
    func rest() {
        var pace = AuditPace(interval: .seconds(10))
        pace.audited(at: Self.start)
        #expect(pace.next() == Self.start + AuditPace.longestRest)
        #expect(pace.next(timeChange: Self.start + .seconds(30)) == Self.start + .seconds(30))
        #expect(pace.next(timeChange: Self.start + .seconds(3)) == Self.start + .seconds(10))
        #expect(pace.next(timeChange: Self.start + .seconds(900)) == Self.start + AuditPace.longestRest)
    }
}
