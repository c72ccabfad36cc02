import KubernetesClient
import NIOCore
import TestSupport
import Testing

@Suite("Lists and watches through the client")
struct ResourceListsTests {
    private static let call = APICall(.list, .pods)

    private static func status(_ code: Int, _ reason: String, _ message: String = "no", after: Int? = nil) -> APIError {
        .status(APIStatus(code: code, reason: reason, message: message, retryAfterSeconds: after, call: call))
    }

    private static func transport(_ reason: TransportError.Reason) -> APIError {
        .transport(TransportError(address: "https://api.test", reason: reason), call)
    }

    private static let meanings: [(error: APIError, reason: WatchFailure.Reason)] = [
        (status(400, "BadRequest"), .rejected), (status(401, "Unauthorized"), .unauthorized),
        (status(403, "Forbidden"), .forbidden), (status(404, "NotFound"), .absent), (status(410, "Expired"), .expired),
        (status(410, "Gone"), .expired), (status(500, "Expired"), .expired), (status(422, "Invalid"), .rejected),
        (status(429, "TooManyRequests"), .throttled), (status(500, "InternalError"), .unavailable),
        (status(504, "Timeout", "Too large resource version: 9, current: 3"), .expired),
        (status(504, "Timeout"), .unavailable), (status(302, ""), .unavailable), (transport(.refused), .unreachable),
        (transport(.timedOut(.answer)), .timedOut), (transport(.closed), .cut), (transport(.notTLS), .unreachable),
        (transport(.malformed("?")), .malformed), (transport(.bodyTooLarge(limit: 1)), .malformed),
        (.credentials(.cancelled, call), .unauthorized), (.malformed(call, problem: "?"), .malformed),
        (.deadlineExceeded(call, last: nil), .timedOut), (.cancelled(call), .cut),
    ]

    @Test("What a failed call means for the watch", arguments: meanings.indices)
    func reasons(_ index: Int) {
        let (error, reason) = Self.meanings[index]
        #expect(WatchFailure(error).reason == reason)
        #expect(WatchFailure(error).description == error.description)
    }

    @Test("The server's wish to be left alone is kept")
    func retryAfter() {
        #expect(WatchFailure(Self.status(429, "TooManyRequests", after: 3)).retryAfter == .seconds(3))
    }

    private func lists(_ transport: ScriptedTransport) -> KubernetesClient.ResourceLists {
        let api = KubernetesAPI(transport: transport, credentials: FixedCredential())
        return KubernetesClient.ResourceLists(api, ResourceQuery(.pods, namespace: "web", encoding: .json))
    }

    @Test("Requests say what the machine asked for, once each")
    func targets() async throws {
        let transport = ScriptedTransport(
            [
                .respond(.json(#"{"metadata": {"resourceVersion": "7"}, "items": []}"#)),
                .respond(.refusal(429, "TooManyRequests", "later")), .respond(.json("")), .respond(.json("")),
            ])
        let lists = lists(transport)
        let page = try await lists.list(ListRequest(limit: 5, continueToken: "a b", timeout: .seconds(5)))
        #expect(page.encoding == .json)
        await #expect(throws: WatchFailure.self) {
            try await lists.list(ListRequest(limit: nil, timeout: .seconds(5)))
        }
        _ = try await lists.watch(WatchRequest(.resume(after: "7"), timeoutSeconds: 300, openTimeout: .seconds(5)))
        _ = try await lists.watch(WatchRequest(.initialEvents, timeoutSeconds: 301, openTimeout: .seconds(5)))
        let queries = transport.requests.map { request in
            Set(request.target.split(separator: "?").dropFirst().joined().split(separator: "&").map(String.init))
        }
        #expect(
            queries == [
                ["limit=5", "continue=a%20b"], [],
                ["watch=true", "allowWatchBookmarks=true", "resourceVersion=7", "timeoutSeconds=300"],
                [
                    "watch=true", "allowWatchBookmarks=true", "sendInitialEvents=true",
                    "resourceVersionMatch=NotOlderThan", "timeoutSeconds=301",
                ],
            ])
        #expect(transport.requests.allSatisfy { $0.target.hasPrefix("/api/v1/namespaces/web/pods") })
    }

    @Test("An answer of another kind is no page")
    func otherContent() async {
        let transport = ScriptedTransport([.respond(.bytes(Array("hello".utf8), contentType: "text/html"))])
        let failure = await #expect(throws: WatchFailure.self) {
            try await lists(transport).watch(
                WatchRequest(.initialEvents, timeoutSeconds: 300, openTimeout: .seconds(5)))
        }
        #expect(failure?.reason == .malformed)
        #expect(failure?.description.contains("text/html") == true)
    }
}
