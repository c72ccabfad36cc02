import Foundation
import GateCache
import KubernetesClient
import KubernetesModel
import NIOCore
import Synchronization
import TestSupport

/// A cluster in memory that answers as an API server does: lists, watches, single objects and which kinds there are.
final class FakeCluster: ClusterSource {
    struct Object: Sendable {
        var namespace: String?
        var name: String
        var uid: String
        var labels: [String: String] = [:]
        /// The JSON of its controlling owner reference.
        var controller: String?

        var json: String {
            let labels = labels.sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }
            var members = [
                #""name":"\#(name)""#, #""uid":"\#(uid)""#, #""resourceVersion":"5""#,
                #""labels":{\#(labels.joined(separator: ","))}"#, #""managedFields":[{"manager":"x"}]"#,
            ]
            if let namespace { members.append(#""namespace":"\#(namespace)""#) }
            if let controller { members.append(#""ownerReferences":[\#(controller)]"#) }
            return #"{"kind":"PartialObjectMetadata","metadata":{\#(members.joined(separator: ","))}}"#
        }

        static func controller(_ apiVersion: String, _ kind: String, _ name: String, _ uid: String) -> String {
            #"{"apiVersion":"\#(apiVersion)","kind":"\#(kind)","name":"\#(name)","uid":"\#(uid)","controller":true}"#
        }
    }

    private struct State {
        var served = ServedResources()
        var objects: [APIResource: [Object]] = [:]
        var refusals: [APIResource: Int] = [:]
        var isDown = false
        /// All events of a resource: what a watch that begins after a list has still to hear.
        var events: [APIResource: [ByteBuffer]] = [:]
        var streams: [APIResource: [TestStream]] = [:]
        var heads: [String] = []
    }

    private let state = Mutex(State())

    init(_ kinds: [APIResource] = [], _ objects: [APIResource: [Object]] = [:]) {
        state.withLock { state in
            for kind in kinds { state.served.resources[kind.groupVersionKind.groupKind] = kind }
            state.objects = objects
        }
    }

    // MARK: For tests

    static let replicaSets = resource("apps", "replicasets", "ReplicaSet")
    static let deployments = resource("apps", "deployments", "Deployment")
    static let rayClusters = resource("ray.io", "rayclusters", "RayCluster")
    static let pods = resource("", "pods", "Pod")

    private static func resource(_ group: String, _ plural: String, _ kind: String) -> APIResource {
        APIResource(group: group, version: "v1", plural: plural, kind: kind, isNamespaced: true)
    }

    /// `namespace/name` of the single objects that were asked for.
    var heads: [String] { state.withLock { $0.heads } }

    func serve(_ resources: [APIResource], unknownGroups: Set<String> = []) {
        state.withLock { state in
            state.served = ServedResources(
                resources: Dictionary(uniqueKeysWithValues: resources.map { ($0.groupVersionKind.groupKind, $0) }),
                unknownGroups: unknownGroups)
        }
    }

    /// Every request for the resource is refused with this HTTP status; nil: no more.
    func refuse(_ resource: APIResource, with status: Int?) { state.withLock { $0.refusals[resource] = status } }

    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    func put(_ object: Object, _ resource: APIResource) {
        state.withLock { state in
            state.objects[resource, default: []].removeAll { $0.uid == object.uid }
            state.objects[resource, default: []].append(object)
        }
        tell(#"{"type":"MODIFIED","object":\#(object.json)}"#, resource)
    }

    func remove(uid: String, _ resource: APIResource) {
        let object = state.withLock { state in
            let object = state.objects[resource]?.first { $0.uid == uid }
            state.objects[resource]?.removeAll { $0.uid == uid }
            return object
        }
        if let object { tell(#"{"type":"DELETED","object":\#(object.json)}"#, resource) }
    }

    private func tell(_ event: String, _ resource: APIResource) {
        let event = ByteBuffer(string: event)
        state.withLock { state in
            state.events[resource, default: []].append(event)
            for stream in state.streams[resource] ?? [] { stream.put(event) }
        }
    }

    // MARK: ClusterSource

    func discover(groups: Set<String>) async throws(APIError) -> ServedResources {
        let (served, isDown) = state.withLock { ($0.served, $0.isDown) }
        if isDown {
            throw .transport(
                TransportError(address: "https://192.0.2.1:6443", reason: .refused),
                APICall(verb: .get, object: .path("/apis")))
        }
        return served
    }

    func lists(of resource: APIResource) -> Lists { Lists(cluster: self, watched: resource) }

    func head(of name: String, _ resource: APIResource, namespace: String?) async throws(APIError) -> ObjectHead {
        let (object, status) = state.withLock { state in
            state.heads.append((namespace.map { "\($0)/" } ?? "") + name)
            return (
                state.objects[resource]?.first { $0.name == name && $0.namespace == namespace },
                state.isDown ? 503 : state.refusals[resource]
            )
        }
        let call = APICall(.get, resource, namespace: namespace, name: name)
        if let status { throw .status(APIStatus(code: status, reason: "", message: "", call: call)) }
        guard let object else {
            throw .status(APIStatus(code: 404, reason: "NotFound", message: "", call: call))
        }
        var head = ObjectHead()
        head.name = object.name
        head.namespace = object.namespace ?? ""
        head.uid = object.uid
        head.labels = object.labels
        if let controller = object.controller {
            let reference = try? JSONDecoder().decode(Reference.self, from: Data(controller.utf8))
            head.controller = reference.map {
                OwnerReference(apiVersion: $0.apiVersion, kind: $0.kind, name: $0.name, uid: $0.uid, controller: true)
            }
        }
        return head
    }

    private struct Reference: Decodable { var apiVersion, kind, name, uid: String }

    struct Lists: ListWatching {
        let cluster: FakeCluster
        let watched: APIResource

        var resource: String { watched.description }

        func list(_ request: ListRequest) async throws(WatchFailure) -> ListResponse {
            let (objects, version, status) = cluster.state.withLock { state in
                (
                    state.objects[watched] ?? [], state.events[watched]?.count ?? 0,
                    state.isDown ? 503 : state.refusals[watched]
                )
            }
            if let status { throw WatchFailure(WatchFailure.Reason(status: status), "refused with \(status)") }
            let items = objects.map(\.json).joined(separator: ",")
            return ListResponse(
                encoding: .json,
                body: ByteBuffer(
                    string: #"{"kind":"List","metadata":{"resourceVersion":"\#(version)"},"items":[\#(items)]}"#))
        }

        func watch(_ request: WatchRequest) async throws(WatchFailure) -> WatchResponse<TestStream> {
            guard case .resume(let after) = request.start else {
                throw WatchFailure(.rejected, "no initial events here")
            }
            let stream = TestStream()
            let status = cluster.state.withLock { state in
                for event in (state.events[watched] ?? []).dropFirst(Int(after) ?? 0) { stream.put(event) }
                state.streams[watched, default: []].append(stream)
                return state.isDown ? 503 : state.refusals[watched]
            }
            if let status { throw WatchFailure(WatchFailure.Reason(status: status), "refused with \(status)") }
            return WatchResponse(encoding: .json, chunks: stream)
        }
    }
}
