import CertificateIssuing
import KubernetesClient
import LocatedDocuments
import NIOCore
import OpenSSLTransport
import Testing

@testable import CertificateKeeping

@Suite("Secrets and webhook configurations, as they are read and written")
struct DocumentTests {
    private func tree(_ buffer: ByteBuffer) throws -> LocatedNode { try #require(SmallJSON.tree(buffer)) }

    @Test("A Secret comes back as it went, what others put there too")
    func secretRoundTrip() throws {
        let text = """
            {"kind":"Secret","apiVersion":"v1","type":"kubernetes.io/tls",
             "metadata":{"name":"tls","namespace":"ns","resourceVersion":"17","annotations":{"of":"others"}},
             "data":{"tls.crt":"Y2VydA==","tls.key":"a2V5","ca.crt":"Y2E=","ca.key":"Y2FrZXk=","notes":"bm90ZXM="}}
            """
        var secret = try #require(CertificateSecret(ByteBuffer(string: text)))
        #expect(secret.pair?.certificateChain == Array("cert".utf8))
        #expect(secret.authorityKey == PrivateKeyPEM(Array("cakey".utf8)))
        secret.authorities = Array("other".utf8)
        let written = try tree(secret.body)
        #expect(written["metadata"]?["resourceVersion"]?.string == "17")
        #expect(written["metadata"]?["annotations"]?["of"]?.string == "others")
        #expect(written["data"]?["notes"]?.string == "bm90ZXM=")
        #expect(written["data"]?["ca.crt"]?.string == "b3RoZXI=")
        #expect(written["data"]?["tls.key"]?.string == "a2V5")
        #expect(written["type"]?.string == "kubernetes.io/tls")
    }

    @Test("A Secret without a pair is none to serve from")
    func emptySecret() throws {
        let object = ObjectReference(.secrets, namespace: "ns", name: "tls")
        let made = CertificateSecret(object, authorities: [1], authorityKey: PrivateKeyPEM([2]))
        #expect(made.pair == nil)
        let written = try tree(made.body)
        #expect(written["metadata"]?["name"]?.string == "tls")
        // The type demands that both are there; empty will do.
        #expect(written["data"]?["tls.crt"]?.string == "")
        #expect(CertificateSecret(made.body)?.pair == nil)
        #expect(CertificateSecret(ByteBuffer(string: #"{"kind":"ConfigMap","metadata":{}}"#)) == nil)
        let garbage = ByteBuffer(string: #"{"kind":"Secret","metadata":{},"data":{"tls.crt":"%%","tls.key":5}}"#)
        #expect(CertificateSecret(garbage)?.pair == nil)
    }

    @Test("A patch changes the caBundle of the version that was read, and nothing else")
    func patch() throws {
        let text = """
            {"kind":"ValidatingWebhookConfiguration","metadata":{"name":"x","resourceVersion":"9"},
             "webhooks":[{"name":"a","clientConfig":{"caBundle":"b2xk"}},{"name":"b","clientConfig":{}},
                         {"name":"c","clientConfig":{"caBundle":"bmV3"}}]}
            """
        let configuration = try #require(WebhookConfiguration(ByteBuffer(string: text)))
        #expect(configuration.webhooks.map(\.caBundle) == ["old", "", "new"].map { Array($0.utf8) })
        #expect(
            String(buffer: configuration.patch(caBundle: Array("new".utf8))) == """
                [{"op":"test","path":"/metadata/resourceVersion","value":"9"},\
                {"op":"test","path":"/webhooks/0/name","value":"a"},\
                {"op":"add","path":"/webhooks/0/clientConfig/caBundle","value":"bmV3"},\
                {"op":"test","path":"/webhooks/1/name","value":"b"},\
                {"op":"add","path":"/webhooks/1/clientConfig/caBundle","value":"bmV3"}]
                """)
        #expect(WebhookConfiguration(ByteBuffer(string: #"{"kind":"Secret","metadata":{}}"#)) == nil)
    }

    @Test("What the keeper is said to own is given up, and nothing else")
    func relinquishment() throws {
        func configuration(_ managers: String...) throws -> WebhookConfiguration {
            let entries = managers.map { #"{"manager":"\#($0)","operation":"Update"}"# }.joined(separator: ",")
            let text =
                #"{"kind":"ValidatingWebhookConfiguration","metadata":{"name":"x","resourceVersion":"9","#
                + #""managedFields":[\#(entries)]},"webhooks":[]}"#
            return try #require(WebhookConfiguration(ByteBuffer(string: text)))
        }
        let own = WebhookConfiguration.fieldManager
        #expect(try configuration("helm", "kubectl").relinquishment == nil)
        #expect(try configuration().relinquishment == nil)
        let patch = try #require(try configuration(own, "helm", own).relinquishment)
        #expect(
            String(buffer: patch) == """
                [{"op":"test","path":"/metadata/resourceVersion","value":"9"},\
                {"op":"remove","path":"/metadata/managedFields/2"},\
                {"op":"remove","path":"/metadata/managedFields/0"}]
                """)
    }

    @Test(
        "Addresses of gates",
        arguments: [
            ("10.0.0.1:8443", ReplicaAddress(host: "10.0.0.1", port: 8443)),
            ("[fd00::1]:8443", ReplicaAddress(host: "fd00::1", port: 8443)), ("gate", nil), ("gate:0", nil),
            (":8443", nil), ("gate:65536", nil),
        ])
    func addresses(text: String, address: ReplicaAddress?) {
        #expect(ReplicaAddress(text) == address)
    }
}
