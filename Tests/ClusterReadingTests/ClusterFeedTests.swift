import KubernetesClient
import KubernetesModel
import NIOCore
import TestSupport
import Testing

@testable import ClusterReading

@Suite("What reflectors feed")
struct ClusterFeedTests {
    private static let pods = GroupVersionKind(group: "", version: "v1", kind: "Pod")
    private static let services = GroupVersionKind(group: "", version: "v1", kind: "Service")

    private let feed = ClusterFeed(filters: .everything(), catalogue: .builtin)

    private static func object(_ name: String, _ rest: String = "") -> String {
        #"{"metadata": {"name": "\#(name)", "namespace": "shop", "#
            + #""uid": "00000000-0000-4000-8000-00000000000\#(name.suffix(1))", "resourceVersion": "5"}\#(rest)}"#
    }

    private func list(_ kind: GroupVersionKind, _ objects: [String]) throws -> DecodedPage<FollowedObject> {
        let body =
            #"{"kind": "\#(kind.kind)List", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "#
            + #""items": [\#(objects.joined(separator: ","))]}"#
        var shared = NothingShared()
        return try FeedDecoder(feed: feed, kind: kind).readPage(
            ByteBuffer(string: body), as: .json, into: &shared)
    }

    @discardableResult
    private func event(_ type: String, _ kind: GroupVersionKind, _ object: String) throws -> WatchEvent<FollowedObject>
    {
        var shared = NothingShared()
        return try FeedDecoder(feed: feed, kind: kind).readEvent(
            ByteBuffer(string: #"{"type": "\#(type)", "object": \#(object)}"#), as: .json, into: &shared)
    }

    /// Changes in few words: `= Pod p1 p2`, `+ p1`, `- Pod shop/p1`.
    private func changes() -> [String] {
        feed.take().map { change in
            func names(_ state: ClusterState) -> String {
                (state.pods.map(\.name) + state.services.map(\.name) + state.tagCarriers.map(\.name)).map {
                    state.text($0)
                }.joined(separator: " ")
            }
            return switch change {
            case .upsert(let state): "+ \(names(state))"
            case .remove(let kind, let namespace, let name): "- \(kind) \(namespace)/\(name)"
            case .replace(let kind, let state): "= \(kind) \(names(state))"
            case .pruned(let kinds): "~ \(kinds.map(\.resource).joined(separator: " "))"
            }
        }
    }

    @Test("A list is told as a whole, once it is complete")
    func lists() throws {
        feed.replacing(Self.pods.groupKind, .began)
        let page = try list(Self.pods, [Self.object("p1"), Self.object("p2")])
        #expect(page.objects.count == 2)
        #expect(page.page.resourceVersion == "7")
        #expect(changes() == [])
        feed.replacing(Self.pods.groupKind, .committed)
        #expect(changes() == ["= Pod p1 p2"])
        #expect(changes() == [])
    }

    @Test("A list that is given up is not told")
    func abandoned() throws {
        feed.replacing(Self.pods.groupKind, .began)
        _ = try list(Self.pods, [Self.object("p1")])
        feed.replacing(Self.pods.groupKind, .abandoned)
        feed.replacing(Self.pods.groupKind, .began)
        _ = try list(Self.pods, [Self.object("p2")])
        feed.replacing(Self.pods.groupKind, .committed)
        #expect(changes() == ["= Pod p2"])
    }

    @Test("Events are told together, and what comes last counts")
    func events() throws {
        try event("ADDED", Self.pods, Self.object("p1"))
        try event("DELETED", Self.pods, Self.object("p2"))
        try event("DELETED", Self.pods, Self.object("p3"))
        try event("ADDED", Self.pods, Self.object("p3"))
        #expect(changes() == ["+ p1 p3", "- Pod shop/p2"])
    }

    @Test("What came before a list is told before it")
    func order() throws {
        try event("ADDED", Self.pods, Self.object("p1"))
        feed.replacing(Self.pods.groupKind, .began)
        _ = try list(Self.pods, [Self.object("p2")])
        feed.replacing(Self.pods.groupKind, .committed)
        try event("ADDED", Self.pods, Self.object("p3"))
        #expect(changes() == ["+ p1", "= Pod p2", "+ p3"])
    }

    @Test("Streamed initial events belong to the list that they are")
    func initialEvents() throws {
        feed.replacing(Self.pods.groupKind, .began)
        try event("ADDED", Self.pods, Self.object("p1"))
        try event("ADDED", Self.pods, Self.object("p2"))
        try event("DELETED", Self.pods, Self.object("p1"))
        feed.replacing(Self.pods.groupKind, .committed)
        #expect(changes() == ["= Pod p1 p2", "- Pod shop/p1"])
    }

    @Test("A Service that is no load balancer any more is gone")
    func services() throws {
        let balanced = Self.object("s1", #", "spec": {"type": "LoadBalancer"}"#)
        try event("ADDED", Self.services, balanced)
        #expect(changes() == ["+ s1"])
        try event("MODIFIED", Self.services, Self.object("s1", #", "spec": {"type": "ClusterIP"}"#))
        #expect(changes() == ["- Service shop/s1"])
        let page = try list(Self.services, [balanced, Self.object("s2")])
        #expect(page.objects.count == 1)
        #expect(page.skipped == 0)
    }

    @Test("What shows tags comes and goes like everything else")
    func carriers() throws {
        let kind = GroupVersionKind(group: "karpenter.k8s.aws", version: "v1", kind: "EC2NodeClass")
        feed.replacing(kind.groupKind, .began)
        let page = try list(kind, [Self.object("c1", #", "spec": {"tags": {"Team": "search"}}"#)])
        #expect(page.objects.count == 1 && page.skipped == 0)
        feed.replacing(kind.groupKind, .committed)
        #expect(changes() == ["= EC2NodeClass.karpenter.k8s.aws c1"])
        try event("ADDED", kind, Self.object("c2"))
        try event("DELETED", kind, Self.object("c1"))
        #expect(changes() == ["+ c2", "- EC2NodeClass.karpenter.k8s.aws shop/c1"])
        feed.prune([PrunedKind(kind: kind.groupKind, resource: "trainings", path: "spec")])
        #expect(changes() == ["~ trainings"])
    }

    @Test("A kind that the cluster has no more has no objects")
    func forgotten() throws {
        try event("ADDED", Self.pods, Self.object("p1"))
        feed.forget(Self.pods.groupKind)
        #expect(changes() == ["+ p1", "= Pod "])
    }

    @Test("An event without a name is passed over, an ERROR says why")
    func unreadable() throws {
        guard case .unreadable = try event("ADDED", Self.pods, #"{"metadata": {}}"#) else {
            Issue.record("it was read")
            return
        }
        let status = #"{"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}"#
        guard case .failed(let failure) = try event("ERROR", Self.pods, status) else {
            Issue.record("it was no failure")
            return
        }
        #expect(failure.reason == .expired)
    }

    @Test("Kinds of controllers are known once their objects were told")
    func controllers() throws {
        let owner =
            #"{"metadata": {"name": "p1", "namespace": "shop", "uid": "00000000-0000-4000-8000-000000000001", "#
            + #""ownerReferences": [{"apiVersion": "acme.io/v1", "kind": "Experiment", "name": "e", "uid": "u", "#
            + #""controller": true}]}}"#
        try event("ADDED", Self.pods, owner)
        _ = feed.take()
        #expect(feed.controllerKinds == [GroupKind(group: "acme.io", kind: "Experiment")])
    }
}
