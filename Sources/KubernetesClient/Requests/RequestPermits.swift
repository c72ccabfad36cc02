import NIOCore
import Synchronization

/// Bounds how many requests are under way at the same time. Who comes first is served first.
final class RequestPermits: Sendable {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var nextID: UInt64 = 0
        var waiters: [Waiter] = []
        /// Those that are to be refused although they do not wait yet.
        var refused: Set<UInt64> = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

    /// Waits for a permit, to be given back by `release`. False, and no permit, at the deadline or when the task is
    /// cancelled.
    func acquire(deadline: NIODeadline, timing: APITiming) async -> Bool {
        let (id, isFree) = state.withLock { state in
            state.nextID &+= 1
            guard state.free > 0 else { return (state.nextID, false) }
            state.free -= 1
            return (state.nextID, true)
        }
        if isFree { return true }
        let expiry = Task { [weak self] in
            let left = deadline - timing.now()
            guard (try? await timing.sleep(max(.nanoseconds(0), left))) != nil else { return }
            self?.refuse(id)
        }
        let isGranted = await withTaskCancellationHandler {
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
        expiry.cancel()
        // Noted when the refusal came too late.
        state.withLock { _ = $0.refused.remove(id) }
        return isGranted
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

    func release() {
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
