package import CertificateIssuing
package import KubernetesClient
import LocatedDocuments
package import NIOCore
package import OpenSSLTransport

/// The Secret that gates serve from, as the API server has it: `kubernetes.io/tls`, with two keys more.
///
/// `tls.crt`, `tls.key` and `ca.crt` mean what they mean to every reader of such Secrets; `ca.crt` holds all CAs a
/// client is to trust, the newest first. `ca.key` belongs to the first of them: those that follow sign nothing any more.
package struct CertificateSecret: Sendable {
    package static let type = "kubernetes.io/tls"
    private static let known = ["tls.crt", "tls.key", "ca.crt", "ca.key"]

    package var certificateChain: [UInt8]
    package var privateKey: PrivateKeyPEM
    package var authorities: [UInt8]
    package var authorityKey: PrivateKeyPEM

    /// `metadata` as JSON, the version to be replaced in it: what others have put there stays.
    private let metadata: [UInt8]
    private let type: String
    /// Entries of others, each with its key, as JSON.
    private let others: [UInt8]

    /// One that is to be made.
    ///
    /// - Parameter owner: with whom it ends. One that somebody else made is never given an owner.
    package init(
        _ object: ObjectReference, authorities: [UInt8], authorityKey: PrivateKeyPEM, owner: ObjectOwner? = nil
    ) {
        (certificateChain, privateKey) = ([], PrivateKeyPEM([]))
        (self.authorities, self.authorityKey) = (authorities, authorityKey)
        var text = Array(#"{"name":"#.utf8)
        text.appendJSON(object.name)
        text += Array(#","namespace":"#.utf8)
        text.appendJSON(object.namespace ?? "default")
        // Whoever cleans up after an uninstallation finds it by these.
        text += Array(
            #","labels":{"app.kubernetes.io/part-of":"tallygate","app.kubernetes.io/component":"certificates"}"#.utf8)
        if let owner { text += Array(",".utf8) + owner.member }
        metadata = text + Array("}".utf8)
        type = Self.type
        others = []
    }

    /// The Secret of an answer; nil if it is none.
    package init?(_ body: ByteBuffer) {
        guard let root = SmallJSON.tree(body), root["kind"]?.string == "Secret", let metadata = root["metadata"],
            let json = try? metadata.json()
        else { return nil }
        self.metadata = json
        type = root["type"]?.string ?? Self.type
        let data = root["data"]
        // What is no base64 the server would not have taken.
        func bytes(_ key: String) -> [UInt8] { data?[key]?.string.flatMap(Base64.decode) ?? [] }
        certificateChain = bytes("tls.crt")
        privateKey = PrivateKeyPEM(bytes("tls.key"))
        authorities = bytes("ca.crt")
        authorityKey = PrivateKeyPEM(bytes("ca.key"))
        var others: [UInt8] = []
        for entry in data?.mapping ?? [] where !Self.known.contains(entry.name) {
            guard let value = entry.value.string else { continue }
            others += Array(",".utf8)
            others.appendJSON(entry.name)
            others += Array(":".utf8)
            others.appendJSON(value)
        }
        self.others = others
    }

    /// As the API server takes it.
    package var body: ByteBuffer {
        var text = Array(#"{"apiVersion":"v1","kind":"Secret","type":"#.utf8)
        text.appendJSON(type)
        text += Array(#","metadata":"#.utf8) + metadata
        let entries = [
            ("tls.crt", certificateChain), ("tls.key", privateKey.bytes), ("ca.crt", authorities),
            ("ca.key", authorityKey.bytes),
        ]
        text += Array(#","data":{"#.utf8)
        text += Array(entries.map { #""\#($0.0)":"\#(Base64.encode($0.1))""# }.joined(separator: ",").utf8)
        return ByteBuffer(bytes: text + others + Array("}}".utf8))
    }

    /// What a gate serves; nil while none is issued.
    package var pair: SuppliedPair? {
        guard !certificateChain.isEmpty, !privateKey.bytes.isEmpty else { return nil }
        return SuppliedPair(
            certificateChain: certificateChain, privateKey: privateKey.bytes, authorities: authorities)
    }
}
