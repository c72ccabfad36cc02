import Synchronization

/// Bounds how many reflectors read everything at the same time: each of them may hold megabytes of pages, and the server
/// has better to do than to serve them all at once. Who comes first is served first.
package final class ListPermits: Sendable {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var nextID: UInt64 = 0
        /// As many as there are resources.
        var waiters: [Waiter] = []
        /// Whose task was cancelled before they were here.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>

    /// - Parameter count: at least 1; fewer count as that.
    package init(_ count: Int) {
        state = Mutex(State(free: max(1, count)))
    }

    /// Waits for a permit. False, and no permit, if the task is cancelled.
    package func acquire() async -> Bool {
        let id = state.withLock { state in
            state.nextID &+= 1
            return state.nextID
        }
        let isGranted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return false }
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
            let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiters.remove(at: index).continuation
            }
            waiter?.resume(returning: false)
        }
        // Noted when the cancellation came too late.
        state.withLock { _ = $0.cancelled.remove(id) }
        return isGranted
    }

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
