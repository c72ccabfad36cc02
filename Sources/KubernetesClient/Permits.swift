import NIOCore
import Synchronization

/// Bounds how many do something at the same time: send requests, or read everything of a resource, for which each may
/// hold megabytes of pages. Who comes first is served first.
package final class Permits: Sendable {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var lastID: UInt64 = 0
        var waiters: [Waiter] = []
        /// Those that are to be refused although they do not wait yet.
        var refused: Set<UInt64> = []

        mutating func nextID() -> UInt64 {
            lastID &+= 1
            return lastID
        }
    }

    private let state: Mutex<State>

    /// - Parameter count: at least 1; fewer count as that.
    package init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

    /// Waits for a permit, to be given back by `release`. False, and no permit, if the task is cancelled.
    package func acquire() async -> Bool {
        let id = state.withLock { $0.nextID() }
        let isGranted = await wait(id)
        forget(id)
        return isGranted
    }

    /// The same until a deadline, at which it is refused.
    func acquire(deadline: NIODeadline, timing: APITiming) async -> Bool {
        let (id, isFree) = state.withLock { state in
            let id = state.nextID()
            guard state.free > 0 else { return (id, false) }
            state.free -= 1
            return (id, true)
        }
        if isFree { return true }
        let expiry = Task { [weak self] in
            let left = deadline - timing.now()
            guard (try? await timing.sleep(max(.nanoseconds(0), left))) != nil else { return }
            self?.refuse(id)
        }
        let isGranted = await wait(id)
        expiry.cancel()
        forget(id)
        return isGranted
    }

    private func wait(_ id: UInt64) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.refused.remove(id) != nil { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            refuse(id)
        }
    }

    private func refuse(_ id: UInt64) {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                state.refused.insert(id)
                return nil
            }
            return state.waiters.remove(at: index).continuation
        }
        waiter?.resume(returning: false)
    }

    /// A refusal that came too late is noted and of no use.
    private func forget(_ id: UInt64) { state.withLock { _ = $0.refused.remove(id) } }

    package func release() {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            if state.waiters.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiters.removeFirst().continuation
        }
        waiter?.resume(returning: true)
    }
}
