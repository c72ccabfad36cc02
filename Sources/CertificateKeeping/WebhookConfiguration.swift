import KubernetesClient
import LocatedDocuments
package import NIOCore

/// A webhook configuration, as far as certificates are concerned.
package struct WebhookConfiguration: Sendable {
    package struct Webhook: Sendable, Hashable {
        package var name: String
        /// PEM, maybe; empty where there is none.
        package var caBundle: [UInt8]
    }

    package let resourceVersion: String
    package let webhooks: [Webhook]

    /// The configuration of an answer; nil if it is none.
    package init?(_ body: ByteBuffer) {
        guard let root = SmallJSON.tree(body), root["kind"]?.string?.hasSuffix("WebhookConfiguration") ?? false,
            let version = root["metadata"]?["resourceVersion"]?.string
        else { return nil }
        resourceVersion = version
        webhooks = (root["webhooks"]?.sequence ?? []).map { node in
            Webhook(
                name: node["name"]?.string ?? "",
                caBundle: node["clientConfig"]?["caBundle"]?.string.flatMap(Base64.decode) ?? [])
        }
    }

    /// A JSON patch that gives every webhook this bundle and touches nothing else; a conflict (422) if the object is no
    /// longer the one that was read.
    ///
    /// A JSON patch rather than server-side apply, which would have to repeat the webhooks' required fields and own them.
    package func patch(caBundle: [UInt8]) -> ByteBuffer {
        var text = Array(#"[{"op":"test","path":"/metadata/resourceVersion","value":"#.utf8)
        text.appendJSON(resourceVersion)
        text += Array("}".utf8)
        let value = Base64.encode(caBundle)
        for (place, webhook) in webhooks.enumerated() where webhook.caBundle != caBundle {
            text += Array(#",{"op":"test","path":"/webhooks/\#(place)/name","value":"#.utf8)
            text.appendJSON(webhook.name)
            text += Array(
                #"},{"op":"add","path":"/webhooks/\#(place)/clientConfig/caBundle","value":"\#(value)"}"#.utf8)
        }
        return ByteBuffer(bytes: text + Array("]".utf8))
    }
}
