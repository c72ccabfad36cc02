package import Admission
package import NIOCore

/// Which look-ups go to the API server, and when. No I/O, no clock.
///
///     ask ──▶ known                      an answer is remembered
///         ──▶ refused                    too many wait, or too many were asked for
///         ──▶ started ── finish ──▶ known    all who wait for it are told, and the next begins
///         ──▶ waits ─┘
///
/// One thing is asked for once, however many wait for it.
package struct LookupQueue: Sendable {
    package struct Waiter: Hashable, Sendable {
        let number: UInt64
    }

    package enum Ask: Sendable, Hashable {
        case known(LookupAnswer)
        /// The caller begins the request, and waits.
        case started(Waiter)
        case waits(Waiter)
        case refused
    }

    package struct Finish: Sendable, Hashable {
        /// Who is to be told.
        package var waiters: [Waiter]
        /// Who has waited for nothing: what they ask for does not begin.
        package var refused: [Waiter] = []
        /// The requests that begin now.
        package var next: [Lookup]
    }

    private struct Memory {
        let answer: LookupAnswer
        let until: NIODeadline
    }

    private let limits: LookupLimits
    private var memory: [Lookup: Memory] = [:]
    private var waiters: [Lookup: [Waiter]] = [:]
    private var running: Set<Lookup> = []
    /// In the order they came; those nobody waits for any more are passed over.
    private var queue: [Lookup] = []
    private var lastNumber: UInt64 = 0
    /// Requests that may begin, in thousandths.
    private var credit: Int64
    private var creditedAt: NIODeadline?

    package init(_ limits: LookupLimits = LookupLimits()) {
        self.limits = limits
        credit = Int64(limits.burst) * 1_000
    }

    package var runningCount: Int { running.count }
    package var waitingCount: Int { queue.count }
    package var rememberedCount: Int { memory.count }

    package mutating func ask(_ lookup: Lookup, at now: NIODeadline) -> Ask {
        if let known = memory[lookup] {
            if now < known.until { return .known(known.answer) }
            memory[lookup] = nil
        }
        if waiters[lookup] != nil || running.contains(lookup) { return .waits(join(lookup)) }
        if running.count < limits.concurrent, queue.isEmpty {
            guard takeCredit(at: now) else { return .refused }
            running.insert(lookup)
            return .started(join(lookup))
        }
        guard queue.count < limits.waiting else { return .refused }
        queue.append(lookup)
        return .waits(join(lookup))
    }

    private mutating func join(_ lookup: Lookup) -> Waiter {
        lastNumber &+= 1
        let waiter = Waiter(number: lastNumber)
        waiters[lookup, default: []].append(waiter)
        return waiter
    }

    /// A waiter's time is up. A request under way goes on: its answer serves the next who asks.
    package mutating func leave(_ waiter: Waiter, _ lookup: Lookup) {
        guard var others = waiters[lookup] else { return }
        others.removeAll { $0 == waiter }
        if others.isEmpty {
            waiters[lookup] = nil
            if !running.contains(lookup) { queue.removeAll { $0 == lookup } }
        } else {
            waiters[lookup] = others
        }
    }

    package mutating func finish(_ lookup: Lookup, with answer: LookupAnswer, at now: NIODeadline) -> Finish {
        running.remove(lookup)
        remember(answer, of: lookup, at: now)
        var finish = Finish(waiters: waiters.removeValue(forKey: lookup) ?? [], next: [])
        while running.count < limits.concurrent, !queue.isEmpty, takeCredit(at: now) {
            let next = queue.removeFirst()
            running.insert(next)
            finish.next.append(next)
        }
        // Without a request under way nothing would take up those that wait for credit: they are let go unanswered.
        if running.isEmpty, !queue.isEmpty {
            for lookup in queue { finish.refused += waiters.removeValue(forKey: lookup) ?? [] }
            queue = []
        }
        return finish
    }

    private mutating func remember(_ answer: LookupAnswer, of lookup: Lookup, at now: NIODeadline) {
        if memory.count >= limits.remembered {
            memory = memory.filter { now < $0.value.until }
            // All still hold: whoever floods the gate with references makes it forget, and ask again within its limits.
            if memory.count >= limits.remembered { memory = [:] }
        }
        memory[lookup] = Memory(answer: answer, until: now + .seconds(limits.seconds(answer, of: lookup)))
    }

    private mutating func takeCredit(at now: NIODeadline) -> Bool {
        let full = Int64(limits.burst) * 1_000
        if let then = creditedAt {
            // Milliseconds times requests a second are thousandths of a request.
            let milliseconds = max((now - then).nanoseconds / 1_000_000, 0)
            let earned = milliseconds.multipliedReportingOverflow(by: Int64(limits.perSecond))
            if milliseconds > 0 {
                credit = earned.overflow ? full : min(full - credit, earned.partialValue) + credit
                creditedAt = then + .milliseconds(milliseconds)
            }
        } else {
            creditedAt = now
        }
        guard credit >= 1_000 else { return false }
        credit -= 1_000
        return true
    }
}
