import KubernetesClient
import KubernetesModel
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import ClusterReading

@Suite("Clusters of an API server")
struct LiveClusterReaderTests {
    private static func resources(_ entries: [(String, String, Bool)]) -> String {
        let items = entries.map {
            #"{"name": "\#($0.0)", "kind": "\#($0.1)", "namespaced": \#($0.2), "verbs": ["list"]}"#
        }
        return #"{"kind": "APIResourceList", "resources": [\#(items.joined(separator: ","))]}"#
    }

    /// A server without protobuf, as some extension servers are: everything comes in JSON.
    private static func answer(_ target: String) -> HTTPResponse {
        let path = String(target.prefix { $0 != "?" })
        func list(_ objects: [String], _ continuing: String = "") -> HTTPResponse {
            .json(
                #"{"kind": "SomeList", "apiVersion": "v1", "metadata": {"resourceVersion": "7", "#
                    + #""continue": "\#(continuing)"}, "items": [\#(objects.joined(separator: ","))]}"#)
        }
        switch path {
        case "/api": return .json(#"{"kind": "APIVersions", "versions": ["v1"]}"#)
        case "/apis":
            let groups = ["apps", "acme.io"].map { #"{"name": "\#($0)", "versions": [{"version": "v1"}]}"# }
            return .json(#"{"kind": "APIGroupList", "groups": [\#(groups.joined(separator: ","))]}"#)
        case "/api/v1": return .json(resources([("pods", "Pod", true)]))
        case "/apis/apps/v1":
            return .json(resources([("deployments", "Deployment", true), ("replicasets", "ReplicaSet", true)]))
        case "/apis/acme.io/v1": return .json(resources([("experiments", "Experiment", true)]))
        case "/api/v1/pods":
            return target.contains("continue=next")
                ? list([SampleObjects.experimentPod]) : list([SampleObjects.pod], "next")
        case "/api/v1/nodes": return list([SampleObjects.node])
        case "/api/v1/namespaces": return list(SampleObjects.namespaces)
        case "/apis/apps/v1/deployments": return list([SampleObjects.deployment])
        case "/apis/apps/v1/replicasets": return list([SampleObjects.replicaSet])
        case "/apis/acme.io/v1/experiments": return list([SampleObjects.experiment])
        case "/api/v1/persistentvolumes": return .refusal(403, "Forbidden", "no")
        default: return list([])
        }
    }

    private func read(_ transport: ScriptedTransport) async throws(APIError) -> ClusterState {
        let api = KubernetesAPI(transport: transport, credentials: FixedCredential())
        return try await LiveClusterReader(api, catalogue: .builtin).read(
            filters: .audit(priceAnnotation: nil, keys: []), cluster: "test", observedAt: .none,
            deadline: .now() + .seconds(60))
    }

    @Test("All pages, owners of unknown kinds, and a note for what may not be read")
    func whole() async throws {
        let transport = ScriptedTransport(then: .handle { Self.answer($0.target) })
        let state = try await read(transport)
        #expect(state.pods.count == 2)
        #expect(state.nodes.count == 1)
        #expect(state.namespaces.count == 2)
        let roots = ClusterIndex(state).workloadRoots.map { "\(state.pool[$0.kind]) \(state.text($0.name))" }
        #expect(Set(roots) == ["Deployment.apps web", "Experiment.acme.io exp"])
        let experiments = transport.requests.first { $0.target.hasPrefix("/apis/acme.io/v1/experiments") }
        #expect(experiments?.headers["accept"].first?.contains("PartialObjectMetadataList") == true)
        #expect(state.notes.count == 1)
        let note = try #require(state.notes.first)
        #expect(note.resource == "persistentvolumes")
        #expect(note.description.contains(#"resources: ["persistentvolumes"], verbs: ["list"]"#))
    }

    @Test("A server that cannot be asked at all is an error")
    func unreachable() async {
        let transport = ScriptedTransport(then: .respond(.refusal(401, "Unauthorized", "who are you")))
        await #expect(throws: APIError.self) { _ = try await read(transport) }
    }

    @Test("A list that expired on the way begins anew, and nothing counts twice")
    func expired() async throws {
        let hasExpired = Mutex(false)
        let transport = ScriptedTransport(
            then: .handle { request in
                let expires =
                    request.target.contains("continue=next")
                    && !hasExpired.withLock { flag in
                        defer { flag = true }
                        return flag
                    }
                return expires ? .refusal(410, "Expired", "too old") : Self.answer(request.target)
            })
        let state = try await read(transport)
        #expect(state.pods.count == 2)
    }
}
