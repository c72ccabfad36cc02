import GateCache
import KubernetesClient
import KubernetesModel
import NIOCore
import TestSupport
import Testing

/// What a cache would keep: the whole head.
private struct Kept: CachedObject, Equatable {
    let head: ObjectHead
    var key: String { head.uid }
    static func makeShared() -> NothingShared { NothingShared() }
}

/// Metadata in both forms in which servers give it.
@Suite struct HeadDecoderTests {
    private static let decoder = HeadDecoder<Kept>(filter: .keys(["team"])) { head, _ in Kept(head: head) }

    private static let expected: ObjectHead = {
        var head = ObjectHead()
        head.name = "web"
        head.namespace = "ml"
        head.uid = "u-1"
        head.resourceVersion = "9"
        head.labels = ["team": "a"]
        head.controller = OwnerReference(
            apiVersion: "apps/v1", kind: "Deployment", name: "d", uid: "d-1", controller: true)
        return head
    }()

    private static let item = """
        {"metadata":{"name":"web","namespace":"ml","uid":"u-1","resourceVersion":"9","labels":{"team":"a","app":"x"},
        "annotations":{"k8s.io/initial-events-end":"no"},"ownerReferences":[{"kind":"Node","name":"n","uid":"n-1"},
        {"apiVersion":"apps/v1","kind":"Deployment","name":"d","uid":"d-1","controller":true}]},"spec":{"a":[1,{}]}}
        """

    private static func page(_ text: String) throws(WatchFailure) -> DecodedPage<Kept> {
        var shared = NothingShared()
        return try decoder.readPage(ByteBuffer(string: text), as: .json, into: &shared)
    }

    private static func event(_ text: String) throws(WatchFailure) -> WatchEvent<Kept> {
        var shared = NothingShared()
        return try decoder.readEvent(ByteBuffer(string: text), as: .json, into: &shared)
    }

    @Test func listInJSON() throws {
        // One object without a name, and one that is none, do not fail the list.
        let page = try Self.page(
            #"{"items":[\#(Self.item),{"metadata":{"labels":{}}},7],"#
                + #""metadata":{"continue":"c","resourceVersion":"12","remainingItemCount":3}}"#)
        var head = Self.expected
        head.annotations = ["k8s.io/initial-events-end": "no"]
        #expect(page.objects == [Kept(head: head)])
        #expect(page.page == ListPage(resourceVersion: "12", continueToken: "c", remainingItems: 3))
        #expect(page.skipped == 2)
        #expect(page.problems.map(\.place) == ["item 1", "item 2"])
    }

    @Test(arguments: ["", "[]", #"{"items":["#, #"{"items":[{]}"#, "<html>", #"{"items":[]} x"#])
    func noListInJSON(text: String) {
        #expect(throws: WatchFailure.self) { try Self.page(text) }
    }

    @Test(arguments: ["ADDED", "MODIFIED", "DELETED"]) func eventsInJSON(type: String) throws {
        var head = Self.expected
        head.annotations = ["k8s.io/initial-events-end": "no"]
        switch try Self.event(#"{"object":\#(Self.item),"type":"\#(type)"}"#) {
        case .stored(let object, let version):
            #expect(type != "DELETED")
            #expect(object == Kept(head: head))
            #expect(version == "9")
        case .deleted(let object, _):
            #expect(type == "DELETED")
            #expect(object.key == "u-1")
        case .bookmark, .failed, .unreadable: Issue.record("another event")
        }
    }

    @Test(arguments: [("true", true), ("false", false)]) func bookmarksInJSON(value: String, ends: Bool) throws {
        let text =
            #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"77","#
            + #""annotations":{"k8s.io/initial-events-end":"\#(value)"}}}}"#
        guard case .bookmark("77", ends) = try Self.event(text) else {
            Issue.record("no bookmark")
            return
        }
    }

    @Test(arguments: [
        (#"{"code":410,"reason":"Expired","message":"too old"}"#, WatchFailure.Reason.expired, Duration?.none),
        (#"{"code":500,"reason":"Expired"}"#, .expired, nil), (#"{"code":403}"#, .forbidden, nil),
        (#"{"code":429,"details":{"retryAfterSeconds":3}}"#, .throttled, .seconds(3)),
        (#"{"details":[],"message":7}"#, .unavailable, nil), ("7", .unavailable, nil),
    ])
    func errorsInJSON(status: String, reason: WatchFailure.Reason, retryAfter: Duration?) throws {
        guard case .failed(let failure) = try Self.event(#"{"type":"ERROR","object":\#(status)}"#) else {
            Issue.record("no error")
            return
        }
        #expect(failure.reason == reason)
        #expect(failure.retryAfter == retryAfter)
    }

    @Test(arguments: [
        #"{"type":"ADDED","object":{"metadata":{}}}"#, #"{"type":"ADDED","object":7}"#,
        #"{"type":"SOMETHING","object":{}}"#,
    ])
    func unreadableEventsInJSON(text: String) throws {
        guard case .unreadable = try Self.event(text) else {
            Issue.record("it was read")
            return
        }
    }

    @Test(arguments: ["", "{}", #"{"type":"ADDED"}"#, #"{"type":"ADDED","object":{"#])
    func noEventInJSON(text: String) {
        #expect(throws: WatchFailure.self) { try Self.event(text) }
    }
}
