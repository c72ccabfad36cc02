import NIOCore
import Synchronization

/// Waits for what cannot be hurried or ended, such as a program that somebody else waits for too.
enum BoundedWait {
    /// The task's value; nil at the deadline or when the waiting task is cancelled. The task goes on in any case.
    static func value<Value: Sendable>(
        of task: Task<Value, Never>, deadline: NIODeadline
    ) async -> Value? {
        let answer = Answer<Value>()
        let waiter = Task { answer.give(await task.value) }
        let expiry = Task {
            let left = max(.nanoseconds(0), deadline - .now())
            if (try? await Task.sleep(for: .nanoseconds(left.nanoseconds))) != nil { answer.give(nil) }
        }
        defer {
            waiter.cancel()
            expiry.cancel()
        }
        return await withTaskCancellationHandler {
            await answer.taken()
        } onCancel: {
            answer.give(nil)
        }
    }

    /// The first that is given counts.
    private final class Answer<Value: Sendable>: Sendable {
        private enum State {
            case open
            case awaited(CheckedContinuation<Value?, Never>)
            case given(Value?)
        }

        private let state = Mutex(State.open)

        func give(_ value: Value?) {
            let continuation: CheckedContinuation<Value?, Never>? = state.withLock { state in
                switch state {
                case .open:
                    state = .given(value)
                    return nil
                case .awaited(let continuation):
                    state = .given(value)
                    return continuation
                case .given: return nil
                }
            }
            continuation?.resume(returning: value)
        }

        func taken() async -> Value? {
            await withCheckedContinuation { continuation in
                let value: Value?? = state.withLock { state in
                    if case .given(let value) = state { return .some(value) }
                    state = .awaited(continuation)
                    return .none
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}
