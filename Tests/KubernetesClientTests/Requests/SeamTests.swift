import KubernetesClient
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite("Requests and bodies")
struct SeamTests {
    @Test(
        "A call is worded as kubectl words it, and names the rule that allows it",
        arguments: [
            (
                APICall(.list, .pods, namespace: "web"), "list pods in namespace web",
                #"a Role in namespace web with {apiGroups: [""], resources: ["pods"], verbs: ["list"]}"#
            ),
            (
                APICall(.list, .pods), "list pods in all namespaces",
                #"a ClusterRole with {apiGroups: [""], resources: ["pods"], verbs: ["list"]}"#
            ),
            (
                APICall(.get, .nodes, name: "n1"), "get nodes n1",
                #"a ClusterRole with {apiGroups: [""], resources: ["nodes"], verbs: ["get"]}"#
            ),
            (
                APICall(.update, .leases, subresource: "status", namespace: "a", name: "b"),
                "update leases.coordination.k8s.io/status b in namespace a",
                #"a Role in namespace a with {apiGroups: ["coordination.k8s.io"], resources: ["leases/status"], verbs: ["update"]}"#
            ),
            (
                APICall(verb: .get, object: .path("/version")), "get /version",
                #"a ClusterRole with {nonResourceURLs: ["/version"], verbs: ["get"]}"#
            ),
        ])
    func wording(call: APICall, text: String, permission: String) {
        #expect(call.description == text)
        #expect(call.permission == permission)
    }

    @Test("A body is collected whole, or refused when it is longer than asked for")
    func collecting() async throws {
        let body = HTTPBody(chunks: [ByteBuffer(string: "ab"), ByteBuffer(string: "c")])
        let later = NIODeadline.now() + .seconds(60)
        let all = try await body.collect(upTo: 3, deadline: later, from: "a")
        #expect(String(buffer: all) == "abc")
        await #expect(throws: TransportError(address: "a", reason: .bodyTooLarge(limit: 2))) {
            try await body.collect(upTo: 2, deadline: later, from: "a")
        }
    }

    @Test("A body that never ends is given up at the deadline")
    func deadline() async {
        let body = HTTPBody {
            { () async throws(TransportError) in
                try? await Task.sleep(for: .seconds(600))
                return nil
            }
        }
        await #expect(throws: TransportError(address: "a", reason: .timedOut(.answer))) {
            try await body.collect(upTo: 3, deadline: .now() + .milliseconds(5), from: "a")
        }
    }

    @Test("Neither a request nor a certificate shows what is secret")
    func redaction() {
        let request = HTTPRequest(
            method: .GET, target: "/api", headers: ["Authorization": "Bearer secret"],
            identity: ClientIdentity(certificatePEM: Array("secret".utf8), keyPEM: Array("secret".utf8)))
        #expect(!"\(request)".contains("secret"))
        #expect(!"\(String(describing: request.identity))".contains("secret"))
        #expect(!String(reflecting: request).contains("secret"))
    }
}
