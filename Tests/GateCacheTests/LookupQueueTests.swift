import Admission
import GateCache
import KubernetesModel
import LabelPolicy
import NIOCore
import TestSupport
import Testing

/// What goes to the API server and what does not, with time passed in.
@Suite struct LookupQueueTests {
    private static func limits(_ change: (inout LookupLimits) -> Void = { _ in }) -> LookupLimits {
        var limits = LookupLimits()
        change(&limits)
        return limits
    }

    private static func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(0) + .seconds(1_000) + .milliseconds(milliseconds)
    }

    private static func owner(_ uid: String, _ name: String = "web") -> Lookup {
        .owner(
            OwnerKey(
                kind: GroupKind(group: "ray.io", kind: "RayCluster"), namespace: "ml", name: name, uid: OwnerUID(uid)))
    }

    private static let labels = LookupAnswer.namespace(ObservedLabels(count: 1))

    @Test func oneRequestForAllWhoWait() throws {
        var queue = LookupQueue()
        guard case .started(let first) = queue.ask(.namespace("ml"), at: Self.at(0)),
            case .waits(let second) = queue.ask(.namespace("ml"), at: Self.at(1))
        else {
            Issue.record("it was not asked for once")
            return
        }
        #expect(queue.runningCount == 1)
        let finish = queue.finish(.namespace("ml"), with: Self.labels, at: Self.at(2))
        #expect(finish.waiters == [first, second])
        #expect(finish.next == [])
        #expect(queue.ask(.namespace("ml"), at: Self.at(3)) == .known(Self.labels))
        #expect(queue.runningCount == 0)
    }

    /// For how long what was said holds, by what it was: milliseconds after it was said.
    @Test(arguments: [
        (Lookup.namespace("ml"), labels, 5_000), (.namespace("ml"), .absent, 1_000),
        (.namespace("ml"), .unanswered, 1_000), (.namespace("ml"), .forbidden, 5_000),
        (owner("u"), .owner(KnownOwner(labels: ObservedLabels(count: 1), controller: nil)), 5_000),
        (owner("u"), .absent, 30_000), (owner("u"), .unanswered, 1_000), (owner("u"), .forbidden, 5_000),
    ])
    func memory(lookup: Lookup, answer: LookupAnswer, milliseconds: Int) {
        var queue = LookupQueue()
        _ = queue.ask(lookup, at: Self.at(0))
        _ = queue.finish(lookup, with: answer, at: Self.at(0))
        #expect(queue.ask(lookup, at: Self.at(Int64(milliseconds) - 1)) == .known(answer))
        if case .started = queue.ask(lookup, at: Self.at(Int64(milliseconds))) {
        } else {
            Issue.record("it still holds")
        }
    }

    /// A forged reference with another UID is another look-up, and what it proves nothing about stays known.
    @Test func uidsAreAskedForOneByOne() {
        var queue = LookupQueue()
        _ = queue.ask(Self.owner("real"), at: Self.at(0))
        _ = queue.finish(
            Self.owner("real"), with: .owner(KnownOwner(labels: ObservedLabels(count: 1), controller: nil)),
            at: Self.at(0))
        if case .started = queue.ask(Self.owner("forged"), at: Self.at(0)) {} else { Issue.record("taken for another") }
        _ = queue.finish(Self.owner("forged"), with: .absent, at: Self.at(1))
        #expect(queue.ask(Self.owner("forged"), at: Self.at(2)) == .known(.absent))
    }

    @Test func boundsOnRequestsAndWaiters() {
        var queue = LookupQueue(
            Self.limits {
                $0.concurrent = 2
                $0.waiting = 1
            })
        let asks = ["a", "b", "c", "d"].map { queue.ask(.namespace($0), at: Self.at(0)) }
        guard case .started = asks[0], case .started(let b) = asks[1], case .waits(let c) = asks[2] else {
            Issue.record("\(asks)")
            return
        }
        #expect(asks[3] == .refused)
        // What is asked for already takes no place of its own.
        if case .waits = queue.ask(.namespace("c"), at: Self.at(0)) {} else { Issue.record("c is not joined") }
        #expect(queue.waitingCount == 1)
        let first = queue.finish(.namespace("b"), with: .absent, at: Self.at(1))
        #expect(first.waiters == [b])
        #expect(first.next == [.namespace("c")])
        #expect(queue.finish(.namespace("c"), with: .absent, at: Self.at(1)).waiters.first == c)
    }

    /// Who leaves takes his place in the queue with him; a request under way is finished for the next who asks.
    @Test func leaving() {
        var queue = LookupQueue(Self.limits { $0.concurrent = 1 })
        guard case .started(let first) = queue.ask(.namespace("a"), at: Self.at(0)),
            case .waits(let second) = queue.ask(.namespace("b"), at: Self.at(0)),
            case .waits(let third) = queue.ask(.namespace("b"), at: Self.at(0))
        else {
            Issue.record("not as it should be")
            return
        }
        queue.leave(first, .namespace("a"))
        queue.leave(second, .namespace("b"))
        #expect(queue.waitingCount == 1)
        queue.leave(third, .namespace("b"))
        #expect(queue.waitingCount == 0)
        if case .waits = queue.ask(.namespace("a"), at: Self.at(1)) {} else { Issue.record("a is not under way") }
        let finish = queue.finish(.namespace("a"), with: Self.labels, at: Self.at(2))
        #expect(finish.waiters.count == 1)
        #expect(finish.next == [])
        // Nobody is told twice.
        queue.leave(first, .namespace("a"))
        #expect(queue.ask(.namespace("a"), at: Self.at(2)) == .known(Self.labels))
    }

    /// A flood of references, each with a UID of its own: the server sees the burst, then so many a second.
    @Test func rate() {
        let limits = Self.limits {
            $0.perSecond = 10
            $0.burst = 5
            $0.concurrent = 1_000
        }
        var queue = LookupQueue(limits)
        var started = 0
        for index in 0..<3_000 {
            let lookup = Self.owner("forged-\(index)")
            let now = Self.at(Int64(index))
            if case .started = queue.ask(lookup, at: now) {
                started += 1
                _ = queue.finish(lookup, with: .absent, at: now)
            }
        }
        #expect(started == 5 + 29)
        // A long pause fills the burst, and no more.
        var later = 0
        for index in 0..<10 {
            let lookup = Self.owner("later-\(index)")
            if case .started = queue.ask(lookup, at: Self.at(1_000_000_000)) { later += 1 }
        }
        #expect(later == 5)
    }

    /// Those that wait while there is no credit are not left waiting for a request that never begins.
    @Test func nobodyWaitsForNothing() {
        var queue = LookupQueue(
            Self.limits {
                $0.concurrent = 1
                $0.burst = 1
                $0.perSecond = 1
            })
        guard case .started(let first) = queue.ask(.namespace("a"), at: Self.at(0)),
            case .waits(let second) = queue.ask(.namespace("b"), at: Self.at(0))
        else {
            Issue.record("not as it should be")
            return
        }
        let finish = queue.finish(.namespace("a"), with: Self.labels, at: Self.at(1))
        #expect((finish.waiters, finish.refused) == ([first], [second]))
        #expect(finish.next == [])
        #expect(queue.waitingCount == 0)
        #expect(queue.ask(.namespace("b"), at: Self.at(2)) == .refused)
        if case .started = queue.ask(.namespace("b"), at: Self.at(1_001)) {} else { Issue.record("b never begins") }
    }

    @Test func memoryIsBounded() {
        var queue = LookupQueue(
            Self.limits {
                $0.remembered = 100
                $0.burst = 100_000
            })
        for index in 0..<1_000 {
            let lookup = Self.owner("u-\(index)")
            _ = queue.ask(lookup, at: Self.at(0))
            _ = queue.finish(lookup, with: .absent, at: Self.at(0))
            #expect(queue.rememberedCount <= 100)
        }
        #expect(queue.ask(Self.owner("u-999"), at: Self.at(0)) == .known(.absent))
    }
}
