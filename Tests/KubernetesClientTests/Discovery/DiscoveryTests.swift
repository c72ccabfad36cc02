import KubernetesModel
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Discovery")
struct DiscoveryTests {
    private let time = ScriptedTime()

    private func api(_ transport: ScriptedTransport) -> KubernetesAPI {
        KubernetesAPI(transport: transport, credentials: FixedCredential(), timing: time.timing)
    }

    @Test("One document with everything, where the server has it")
    func aggregated() async throws {
        let core = #"""
            {"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","resources":[
            {"resource":"pods","responseKind":{"group":"","version":"v1","kind":"Pod"},"scope":"Namespaced",
            "verbs":["list","watch"],"shortNames":["po"],"subresources":[{"subresource":"log"}]},
            {"resource":"odd","scope":"Cluster"}]}]}]}
            """#
        let groups = #"""
            {"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"acme.io"},"versions":[
            {"version":"v2","freshness":"Stale","resources":[]},
            {"version":"v1","resources":[{"resource":"jobs","responseKind":{"kind":"Job"},"scope":"Cluster","verbs":["get"]}]}]}]}
            """#
        let transport = ScriptedTransport([.respond(.json(core)), .respond(.json(groups))])
        let discovery = try await api(transport).discover(deadline: time.now + .seconds(9))
        #expect(transport.targets == ["GET /api", "GET /apis"])
        #expect(transport.requests.allSatisfy { $0.headers["accept"][0].contains("v=v2;as=APIGroupDiscoveryList") })
        let pods = discovery.resource(of: GroupVersionKind(group: "", version: "v1", kind: "Pod"))
        #expect(pods == Discovery.Resource(.pods, verbs: ["list", "watch"], shortNames: ["po"]))
        #expect(pods?.isWatchable == true)
        let job = discovery.resource(of: GroupKind(group: "acme.io", kind: "Job"))
        #expect(job?.resource.version == "v1")
        #expect(job?.isWatchable == false)
        #expect(discovery.resource(of: GroupVersionKind(group: "acme.io", version: "v2", kind: "Job")) == nil)
        #expect(discovery.resource(GroupVersionResource(group: "acme.io", version: "v1", resource: "jobs")) == job)
        #expect(discovery.notes.count == 1)
        #expect(discovery.notes.first?.contains("acme.io/v2") == true)
    }

    @Test("Group by group elsewhere; one that does not answer is a note")
    func legacy() async throws {
        let transport = ScriptedTransport(
            then: .handle { request in
                switch request.target {
                case "/api": .json(#"{"kind":"APIVersions","versions":["v1"]}"#)
                case "/apis":
                    .json(
                        #"{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"version":"v1beta1"},{"version":"v1"}],"#
                            + #""preferredVersion":{"version":"v1"}},{"name":"metrics.k8s.io","versions":[{"version":"v1"}]}]}"#
                    )
                case "/api/v1":
                    .json(
                        #"{"kind":"APIResourceList","resources":[{"name":"pods","kind":"Pod","namespaced":true,"verbs":["list"]},"#
                            + #"{"name":"pods/log","kind":"Pod","namespaced":true}]}"#)
                case "/apis/apps/v1", "/apis/apps/v1beta1":
                    .json(
                        #"{"kind":"APIResourceList","resources":[{"name":"deployments","kind":"Deployment","namespaced":true}]}"#
                    )
                default: .refusal(404, "NotFound", "not here")
                }
            })
        let discovery = try await api(transport).discover(deadline: time.now + .seconds(9))
        #expect(discovery.resource(of: GroupKind(group: "", kind: "Pod"))?.resource == .pods)
        #expect(discovery.groups.first?.versions.first?.resources.count == 1)
        #expect(discovery.resource(of: GroupKind(group: "apps", kind: "Deployment"))?.resource.version == "v1")
        #expect(discovery.groups[1].versions.map(\.name) == ["v1", "v1beta1"])
        #expect(
            discovery.notes == [
                "the resources of metrics.k8s.io/v1 are not known: get /apis/metrics.k8s.io/v1: NotFound: not here"
            ])
    }

    @Test(
        "The server's version, as vendors write it too",
        arguments: [
            (#"{"gitVersion":"v1.36.2","major":"1","minor":"36"}"#, 36),
            (#"{"gitVersion":"v1.31.4-gke.1372000","major":"1","minor":"31+"}"#, 31),
            (#"{"gitVersion":"v1.20.2"}"#, 20),
        ])
    func version(text: String, minor: Int) async throws {
        let version = try await api(ScriptedTransport(then: .respond(.json(text)))).serverVersion(
            deadline: time.now + .seconds(9))
        #expect(version.major == 1)
        #expect(version.minor == minor)
    }

    @Test("An answer that is none of these is said to be none")
    func malformed() async throws {
        await #expect(throws: APIError.self) {
            try await api(ScriptedTransport(then: .respond(.json("[]")))).serverVersion(
                deadline: time.now + .seconds(9))
        }
        await #expect(throws: APIError.self) {
            try await api(ScriptedTransport(then: .respond(.json("{")))).discover(deadline: time.now + .seconds(9))
        }
    }
}
