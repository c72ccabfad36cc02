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

    /// Who keeps the certificates, as the chart says: `managed`, or a mode in which others do.
    private static let modeAnnotation = "tallygate.io/certificates"
    private static let ownMode = "managed"

    /// By what name the keeper changes it.
    package static let fieldManager = "tallygate-certificates"

    package let resourceVersion: String
    /// Where in `managedFields` the keeper is said to own what it wrote.
    private let ownEntries: [Int]
    /// The mode in which somebody else keeps the caBundle; nil: it is the keeper's.
    package let keptOtherwise: String?
    package let webhooks: [Webhook]

    /// The configuration of an answer; nil if it is none.
    package init?(_ body: ByteBuffer) {
        guard let root = SmallJSON.tree(body), root["kind"]?.string?.hasSuffix("WebhookConfiguration") ?? false,
            let version = root["metadata"]?["resourceVersion"]?.string
        else { return nil }
        resourceVersion = version
        let managers = (root["metadata"]?["managedFields"]?.sequence ?? []).enumerated()
        ownEntries = managers.filter { $0.element["manager"]?.string == Self.fieldManager }.map(\.offset)
        let mode = root["metadata"]?["annotations"]?[Self.modeAnnotation]?.string
        keptOtherwise = mode == Self.ownMode ? nil : mode
        webhooks = (root["webhooks"]?.sequence ?? []).map { node in
            Webhook(
                name: node["name"]?.string ?? "",
                caBundle: node["clientConfig"]?["caBundle"]?.string.flatMap(Base64.decode) ?? [])
        }
    }

    /// A JSON patch after which nobody owns the caBundle; nil: nobody does.
    ///
    /// Whoever changes a field owns it, and Helm's next server-side apply that says another value, as one that goes to
    /// another mode does, would fail for a conflict in the middle of an upgrade. Nothing is protected by the keeper's
    /// ownership: it sees every change, and puts back what must not be changed.
    var relinquishment: ByteBuffer? {
        guard !ownEntries.isEmpty else { return nil }
        var text = Array(#"[{"op":"test","path":"/metadata/resourceVersion","value":"#.utf8)
        text.appendJSON(resourceVersion)
        text += Array("}".utf8)
        // From the last on, so that the places of the others stay.
        for place in ownEntries.reversed() {
            text += Array(#",{"op":"remove","path":"/metadata/managedFields/\#(place)"}"#.utf8)
        }
        return ByteBuffer(bytes: text + Array("]".utf8))
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
