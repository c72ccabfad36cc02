package import KubernetesClient
package import NIOCore
import Synchronization

/// A server whose every answer the test gives, one call at a time.
package final class ScriptedListWatching: ListWatching {
    package typealias Chunks = TestStream

    /// A request that waits for its answer.
    package enum Call: Sendable {
        case list(ListRequest, Reply<ListResponse>)
        case watch(WatchRequest, Reply<WatchResponse<TestStream>>)
    }

    /// Takes one answer. What comes after the first is of no consequence.
    package final class Reply<Response: Sendable>: Sendable {
        private let continuation: Mutex<CheckedContinuation<Result<Response, WatchFailure>, Never>?>

        init(_ continuation: CheckedContinuation<Result<Response, WatchFailure>, Never>) {
            self.continuation = Mutex(continuation)
        }

        package func give(_ answer: Result<Response, WatchFailure>) {
            let continuation = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            continuation?.resume(returning: answer)
        }
    }

    package let resource: String
    private let calls: TestStreamOf<Call>

    package init(resource: String = "things") {
        self.resource = resource
        calls = TestStreamOf()
    }

    /// The next request; waits for it. For one task at a time.
    package func nextCall() async throws -> Call {
        guard let call = try await calls.next() else { throw CancellationError() }
        return call
    }

    package func list(_ request: ListRequest) async throws(WatchFailure) -> ListResponse {
        try await answer { .list(request, $0) }
    }

    package func watch(_ request: WatchRequest) async throws(WatchFailure) -> WatchResponse<TestStream> {
        try await answer { .watch(request, $0) }
    }

    private func answer<Response: Sendable>(
        _ call: (Reply<Response>) -> Call
    ) async throws(WatchFailure) -> Response {
        let given = Mutex<Reply<Response>?>(nil)
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let reply = Reply<Response>(continuation)
                given.withLock { $0 = reply }
                if Task.isCancelled { reply.give(.failure(WatchFailure(.cut, "cancelled"))) }
                calls.put(call(reply))
            }
        } onCancel: {
            given.withLock { $0 }?.give(.failure(WatchFailure(.cut, "cancelled")))
        }
        return try answer.get()
    }
}

/// The body of a watch, sent by a test.
package typealias TestStream = TestStreamOf<ByteBuffer>

/// A sequence whose sender can wait until the receiver has dealt with what was sent. For one receiver.
package final class TestStreamOf<Element: Sendable>: AsyncSequence, Sendable {
    package struct AsyncIterator: AsyncIteratorProtocol {
        let stream: TestStreamOf
        package mutating func next() async throws -> Element? { try await stream.next() }
    }

    private struct State {
        var pending: [Element] = []
        var end: Result<Void, any Error>?
        var isCancelled = false
        var receiver: CheckedContinuation<Void, Never>?
        var senders: [CheckedContinuation<Void, Never>] = []

        mutating func wakeReceiver() {
            receiver?.resume()
            receiver = nil
        }

        mutating func wakeSenders() {
            for sender in senders { sender.resume() }
            senders = []
        }
    }

    private let state = Mutex(State())

    package init() {}

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }

    /// Returns when the receiver has dealt with it and wants more, or is gone.
    package func send(_ element: Element) async {
        put(element)
        await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                if state.isCancelled || (state.pending.isEmpty && state.receiver != nil) { return true }
                state.senders.append(continuation)
                return false
            }
            if isTaken { continuation.resume() }
        }
    }

    package func put(_ element: Element) {
        state.withLock { state in
            state.pending.append(element)
            state.wakeReceiver()
        }
    }

    package func finish(throwing error: (any Error)? = nil) {
        state.withLock { state in
            state.end = error.map { .failure($0) } ?? .success(())
            state.wakeReceiver()
            state.wakeSenders()
        }
    }

    func next() async throws -> Element? {
        while true {
            let (element, end) = state.withLock { state -> (Element?, Result<Void, any Error>?) in
                if !state.pending.isEmpty { return (state.pending.removeFirst(), nil) }
                return (nil, state.isCancelled ? .failure(CancellationError()) : state.end)
            }
            if let element { return element }
            if let end {
                try end.get()
                return nil
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    state.withLock { state in
                        guard state.pending.isEmpty, state.end == nil, !state.isCancelled else {
                            return continuation.resume()
                        }
                        state.receiver = continuation
                        state.wakeSenders()
                    }
                }
            } onCancel: {
                state.withLock { state in
                    state.isCancelled = true
                    state.wakeReceiver()
                    state.wakeSenders()
                }
            }
        }
    }
}
