import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

/// A Lease as a server keeps it, and candidates that ask for it one step at a time, each with a time of day of its own.
private struct Ballot {
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    var stored: StoredLease?
    var version = 0
    var now = Ballot.start
    /// Whether the server answers, and whether it does what it does not answer.
    var isReachable = true
    var losesAnswers = false

    mutating func step(_ machine: inout LeaderElection, clock: Int64 = 1_800_000_000, fraction: Double = 0) -> String {
        let wall = RFC3339.Moment(
            seconds: clock + Int64((now - Self.start).nanoseconds / 1_000_000_000))
        var said = ""
        var next: LeaderElection.Action? = machine.proceed(at: now, wallClock: wall, fraction: fraction)
        while let action = next {
            switch action {
            case .wait(let until):
                return said + (said.isEmpty ? "" : " ") + "wait \((until - now).nanoseconds / 1_000_000)"
            case .end: return said + (said.isEmpty ? "" : " ") + "end"
            case .read: said += said.isEmpty ? "read" : " read"
            case .create: said += " create"
            case .update: said += said.isEmpty ? "update" : " update"
            }
            let outcome = answer(action)
            next =
                machine.received(outcome, at: now, wallClock: wall, fraction: fraction)
                ?? machine.proceed(at: now, wallClock: wall, fraction: fraction)
        }
        return said
    }

    private mutating func answer(_ action: LeaderElection.Action) -> LeaderElection.Outcome {
        guard isReachable else { return .failed }
        switch action {
        case .wait, .end: return .failed
        case .read: return stored.map { .found($0) } ?? .missing
        case .create(let record):
            guard stored == nil else { return .conflict }
            return write(record)
        case .update(let record, let replaced):
            guard let stored else { return .missing }
            guard stored.metadata == replaced.metadata else { return .conflict }
            return write(record)
        }
    }

    private mutating func write(_ record: LeaseRecord) -> LeaderElection.Outcome {
        version += 1
        let written = StoredLease(record: record, metadata: Array("\(version)".utf8))
        stored = written
        return losesAnswers ? .failed : .written(written)
    }

    mutating func pass(_ seconds: Int64) { now = now + .seconds(seconds) }
}

@Suite("Leader election, step by step")
struct LeaderElectionTests {
    private func machine(_ identity: String) -> LeaderElection {
        LeaderElection(LeaderElection.Settings(identity: identity), now: Ballot.start)
    }

    @Test("The first to come leads and renews; the second waits")
    func two() {
        var ballot = Ballot()
        var (a, b) = (machine("a"), machine("b"))
        #expect(ballot.step(&a) == "read create wait 2000")
        #expect(a.isLeader(at: ballot.now))
        #expect(ballot.stored?.record.transitions == 0)
        #expect(ballot.step(&b) == "read wait 2000")
        #expect(!b.isLeader(at: ballot.now))
        #expect(b.observedHolder == "a")
        for _ in 0..<20 {
            ballot.pass(2)
            #expect(ballot.step(&a) == "update wait 2000")
            #expect(ballot.step(&b) == "read wait 2000")
            #expect(a.isLeader(at: ballot.now) && !b.isLeader(at: ballot.now))
        }
        let record = ballot.stored?.record
        #expect(record?.acquired == RFC3339.Moment(seconds: 1_800_000_000))
        #expect(record?.renewed == RFC3339.Moment(seconds: 1_800_000_040))
    }

    @Test(
        "A leader that is silent is followed after its lease's duration, reckoned by one's own clock",
        arguments: [
            -7_200, 0, 7_200,
        ] as [Int64])
    func takeover(skew: Int64) {
        var ballot = Ballot()
        var (a, b) = (machine("a"), machine("b"))
        _ = ballot.step(&a)
        // Two hours ahead or behind: the times in the record say nothing to `b`.
        var waited: Int64 = 0
        while ballot.step(&b, clock: 1_800_000_000 + skew) == "read wait 2000" {
            ballot.pass(2)
            waited += 2
            #expect(waited < 60)
            if waited > 60 { return }
        }
        #expect(waited == 16)
        #expect(b.isLeader(at: ballot.now))
        #expect(!a.isLeader(at: ballot.now))
        #expect(ballot.stored?.record.transitions == 1)
        // The old leader notices at its next step, and waits like everybody else.
        #expect(ballot.step(&a) == "read wait 2000")
    }

    @Test("A leader that cannot renew stops before another can begin")
    func lostBeforeTakeover() {
        var ballot = Ballot()
        var (a, b) = (machine("a"), machine("b"))
        _ = ballot.step(&a)
        _ = ballot.step(&b)
        var lostAfter: Int64?
        var takenAfter: Int64?
        for second in 1...30 as ClosedRange<Int64> {
            ballot.pass(1)
            ballot.isReachable = false
            _ = ballot.step(&a)
            ballot.isReachable = true
            _ = ballot.step(&b)
            if lostAfter == nil, !a.isLeader(at: ballot.now) { lostAfter = second }
            if takenAfter == nil, b.isLeader(at: ballot.now) { takenAfter = second }
            #expect(!(a.isLeader(at: ballot.now) && b.isLeader(at: ballot.now)))
        }
        #expect(lostAfter == 10)
        #expect(takenAfter == 16)
    }

    @Test("A renewal whose answer was lost is found again, without losing the lead")
    func lostAnswer() {
        var ballot = Ballot()
        var a = machine("a")
        _ = ballot.step(&a)
        ballot.pass(2)
        ballot.losesAnswers = true
        #expect(ballot.step(&a) == "update wait 2000")
        #expect(a.isLeader(at: ballot.now))
        ballot.losesAnswers = false
        ballot.pass(2)
        #expect(ballot.step(&a) == "update read update wait 2000")
        #expect(a.isLeader(at: ballot.now))
    }

    @Test("An acquisition whose answer was lost is found at the next look")
    func lostAcquisition() {
        var ballot = Ballot()
        var a = machine("a")
        ballot.losesAnswers = true
        #expect(ballot.step(&a) == "read create wait 2000")
        #expect(!a.isLeader(at: ballot.now))
        ballot.losesAnswers = false
        ballot.pass(2)
        #expect(ballot.step(&a) == "read update wait 2000")
        #expect(a.isLeader(at: ballot.now))
        #expect(ballot.stored?.record.transitions == 0)
    }

    @Test("A leader whose lease was taken or removed leads no longer")
    func taken() {
        var ballot = Ballot()
        var a = machine("a")
        _ = ballot.step(&a)
        ballot.stored = StoredLease(
            record: LeaseRecord(holder: "b", durationSeconds: 15), metadata: Array("other".utf8))
        ballot.pass(2)
        #expect(ballot.step(&a) == "update read wait 2000")
        #expect(!a.isLeader(at: ballot.now))

        ballot = Ballot()
        a = machine("a")
        _ = ballot.step(&a)
        ballot.stored = nil
        ballot.pass(2)
        #expect(ballot.step(&a) == "update wait 2000")
        #expect(!a.isLeader(at: ballot.now))
        ballot.pass(2)
        #expect(ballot.step(&a) == "read create wait 2000")
    }

    @Test("A lease given back is taken at the next look")
    func release() {
        var ballot = Ballot()
        var (a, b) = (machine("a"), machine("b"))
        _ = ballot.step(&a)
        _ = ballot.step(&b)
        a.shutDown()
        #expect(ballot.step(&a) == "update end")
        #expect(ballot.stored?.record.holder == "")
        #expect(!a.isLeader(at: ballot.now))
        ballot.pass(2)
        #expect(ballot.step(&b) == "read update wait 2000")
        #expect(b.isLeader(at: ballot.now))
        var c = machine("c")
        c.shutDown()
        #expect(ballot.step(&c) == "end")
    }

    @Test("Of two that reach for a free lease at the same moment, one gets it")
    func race() {
        var ballot = Ballot()
        var (a, b) = (machine("a"), machine("b"))
        let wall = RFC3339.Moment(seconds: 0)
        #expect(a.proceed(at: ballot.now, wallClock: wall, fraction: 0) == .read)
        let create = a.received(.missing, at: ballot.now, wallClock: wall, fraction: 0)
        #expect(ballot.step(&b) == "read create wait 2000")
        guard case .create? = create else {
            Issue.record("\(String(describing: create))")
            return
        }
        a.received(.conflict, at: ballot.now, fraction: 0)
        #expect(!a.isLeader(at: ballot.now) && b.isLeader(at: ballot.now))
        #expect(ballot.step(&a, fraction: 1) == "wait 2000")
    }

    @Test("Whatever fails, whenever: never two leaders, and one in the end", arguments: 0..<20)
    func property(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var ballot = Ballot()
        var machines = ["a", "b", "c"].map(machine)
        for round in 0..<600 {
            let isQuiet = round > 500
            ballot.now = ballot.now + .milliseconds(Int64.random(in: 0...900, using: &random))
            let index = Int.random(in: machines.indices, using: &random)
            ballot.isReachable = isQuiet || !random.oneIn(3)
            ballot.losesAnswers = !isQuiet && random.oneIn(4)
            _ = ballot.step(
                &machines[index], clock: 1_800_000_000 + Int64(index - 1) * 5_000,
                fraction: Double.random(in: 0..<1, using: &random))
            #expect(machines.count { $0.isLeader(at: ballot.now) } <= 1)
        }
        #expect(machines.count { $0.isLeader(at: ballot.now) } == 1)
    }
}
