package import Admission
package import NIOCore
import Synchronization

/// Looks up at the API server what the caches lack, within the limits of a `LookupQueue`.
package final class LiveLookups: Sendable {
    /// Asks the API server for one thing. It ends by itself within a few seconds, whoever waits for it.
    package typealias Read = @Sendable (Lookup) async -> LookupAnswer

    private struct State {
        var queue: LookupQueue
        var promises: [LookupQueue.Waiter: EventLoopPromise<LookupAnswer>] = [:]
    }

    private let state: Mutex<State>
    private let read: Read

    package init(limits: LookupLimits = LookupLimits(), read: @escaping Read) {
        state = Mutex(State(queue: LookupQueue(limits)))
        self.read = read
    }

    /// The answer, or `unanswered` when the deadline has come. Never fails.
    package func find(
        _ lookup: Lookup, by deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> EventLoopFuture<LookupAnswer> {
        let now = eventLoop.now
        if deadline <= now { return eventLoop.makeSucceededFuture(.unanswered) }
        let promise = eventLoop.makePromise(of: LookupAnswer.self)
        let ask = state.withLock { state in
            let ask = state.queue.ask(lookup, at: now)
            switch ask {
            case .started(let waiter), .waits(let waiter): state.promises[waiter] = promise
            case .known, .refused: break
            }
            return ask
        }
        switch ask {
        case .known(let answer): promise.succeed(answer)
        case .refused: promise.succeed(.unanswered)
        case .started(let waiter):
            start(lookup, clock: eventLoop)
            limit(waiter, lookup, promise, to: deadline, on: eventLoop)
        case .waits(let waiter): limit(waiter, lookup, promise, to: deadline, on: eventLoop)
        }
        return promise.futureResult
    }

    private func limit(
        _ waiter: LookupQueue.Waiter, _ lookup: Lookup, _ promise: EventLoopPromise<LookupAnswer>,
        to deadline: NIODeadline, on eventLoop: any EventLoop
    ) {
        let timer = eventLoop.scheduleTask(deadline: deadline) {
            let isWaiting = self.state.withLock { state in
                state.queue.leave(waiter, lookup)
                return state.promises.removeValue(forKey: waiter) != nil
            }
            if isWaiting { promise.succeed(.unanswered) }
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
    }

    private func start(_ lookup: Lookup, clock: any EventLoop) {
        Task { self.finish(lookup, with: await self.read(lookup), clock: clock) }
    }

    private func finish(_ lookup: Lookup, with answer: LookupAnswer, clock: any EventLoop) {
        let (next, answered, refused) = state.withLock { state in
            let finish = state.queue.finish(lookup, with: answer, at: clock.now)
            func promises(_ waiters: [LookupQueue.Waiter]) -> [EventLoopPromise<LookupAnswer>] {
                waiters.compactMap { state.promises.removeValue(forKey: $0) }
            }
            return (finish.next, promises(finish.waiters), promises(finish.refused))
        }
        for next in next { start(next, clock: clock) }
        for promise in answered { promise.succeed(answer) }
        for promise in refused { promise.succeed(.unanswered) }
    }
}
