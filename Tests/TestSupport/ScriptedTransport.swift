package import KubernetesClient
package import NIOCore
import NIOHTTP1
import Synchronization

/// An API server of a script: gives what the test says, and remembers what it was asked.
package final class ScriptedTransport: HTTPTransport {
    /// An answer, or none.
    package enum Step: Sendable {
        case respond(HTTPResponse)
        case fail(TransportError.Reason)
        /// Never answers: the request ends with the deadline or with its task.
        case hang
        /// For answers that depend on the request.
        case handle(@Sendable (HTTPRequest) async -> HTTPResponse)
    }

    private struct State {
        var steps: [Step]
        var requests: [HTTPRequest] = []
    }

    /// As errors name it.
    package static let address = "https://api.test:6443"
    package var address: String { Self.address }

    private let state: Mutex<State>
    private let fallback: Step

    /// - Parameters:
    ///   - steps: one for each request, in order.
    ///   - fallback: for the requests after those.
    package init(_ steps: [Step] = [], then fallback: Step = .respond(HTTPResponse(status: 404))) {
        state = Mutex(State(steps: steps))
        self.fallback = fallback
    }

    /// All requests so far.
    package var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// Their targets, for a glance.
    package var targets: [String] { requests.map { "\($0.method.rawValue) \($0.target)" } }

    package func append(_ step: Step) { state.withLock { $0.steps.append(step) } }

    package func execute(
        _ request: HTTPRequest, deadline: NIODeadline
    ) async throws(TransportError) -> HTTPResponse {
        let step = state.withLock { state in
            state.requests.append(request)
            return state.steps.isEmpty ? fallback : state.steps.removeFirst()
        }
        switch step {
        case .respond(let response): return response
        case .fail(let reason): throw TransportError(address: Self.address, reason: reason)
        case .handle(let answer): return await answer(request)
        case .hang:
            let wait = max(0, (deadline - .now()).nanoseconds)
            do {
                try await Task.sleep(for: .nanoseconds(wait))
            } catch {
                throw TransportError(address: Self.address, reason: .cancelled)
            }
            throw TransportError(address: Self.address, reason: .timedOut(.answer))
        }
    }
}

extension HTTPResponse {
    /// An answer in JSON.
    package static func json(
        _ text: String, status: Int = 200, headers: [(String, String)] = []
    ) -> HTTPResponse {
        bytes(Array(text.utf8), contentType: "application/json", status: status, headers: headers)
    }

    /// A refusal, as an API server words it.
    package static func refusal(
        _ code: Int, _ reason: String, _ message: String, headers: [(String, String)] = [], details: String = "{}",
        metadata: String = "{}"
    ) -> HTTPResponse {
        json(
            #"{"kind":"Status","apiVersion":"v1","metadata":\#(metadata),"status":"Failure","message":"\#(message)","#
                + #""reason":"\#(reason)","details":\#(details),"code":\#(code)}"#,
            status: code, headers: headers)
    }

    package static func bytes(
        _ bytes: [UInt8], contentType: String, status: Int = 200, headers: [(String, String)] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: HTTPHeaders([("Content-Type", contentType)] + headers),
            body: HTTPBody(chunks: [ByteBuffer(bytes: bytes)]))
    }
}
