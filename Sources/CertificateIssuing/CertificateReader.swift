import COpenSSL
package import OpenSSLTransport

/// A certificate with what a keeper asks of it: who it is for, and whom it may be verified by.
package struct ReadCertificate: Sendable, Equatable {
    package let info: CertificateInfo
    /// It may sign others.
    package let isAuthority: Bool
    /// RFC 5280, 4.1.
    package let der: [UInt8]
    /// The same alone, in its canonical PEM.
    package let pem: [UInt8]
}

/// Reads what stands in Secrets and caBundles, which anybody may have written there.
package enum CertificateReader {
    /// All certificates of a PEM text, in its order; nil if one of them, or everything, cannot be read. An empty text
    /// has none.
    package static func certificates(_ pem: [UInt8]) -> [ReadCertificate]? {
        guard !pem.isEmpty else { return [] }
        guard let found = PEMText.certificates(pem), !found.isEmpty else { return nil }
        let read = found.compactMap(read)
        return read.count == found.count ? read : nil
    }

    /// One certificate, as a TLS server sends it.
    package static func certificate(_ der: [UInt8]) -> ReadCertificate? {
        owned(der).flatMap(read)
    }

    /// Whether the key belongs to the certificate.
    package static func isPair(_ certificate: ReadCertificate, _ key: PrivateKeyPEM) -> Bool {
        guard let owned = owned(certificate.der), let parsed = PEMText.privateKey(key) else { return false }
        defer { ERR_clear_error() }
        return ErrorQueue.withEmptyQueue { X509_check_private_key(owned.pointer, parsed.pointer) } == 1
    }

    /// Whether a client that trusts only the authority accepts the leaf as a server's, its dates left aside: signature,
    /// constraints and usages. (Dates are for whoever has a clock.)
    package static func verifies(_ leaf: ReadCertificate, by authority: ReadCertificate) -> Bool {
        guard let leaf = owned(leaf.der), let trusted = owned(authority.der), let store = X509_STORE_new() else {
            return false
        }
        defer { X509_STORE_free(store) }
        guard let context = X509_STORE_CTX_new() else { return false }
        defer { X509_STORE_CTX_free(context) }
        defer { ERR_clear_error() }
        let isPrepared = ErrorQueue.withEmptyQueue {
            X509_STORE_add_cert(store, trusted.pointer) == 1
                && X509_STORE_set_flags(store, UInt(X509_V_FLAG_NO_CHECK_TIME)) == 1
                && X509_STORE_set_purpose(store, X509_PURPOSE_SSL_SERVER) == 1
                && X509_STORE_CTX_init(context, store, leaf.pointer, nil) == 1
        }
        return isPrepared && X509_verify_cert(context) == 1
    }

    private static func owned(_ der: [UInt8]) -> OwnedCertificate? {
        let parsed = der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return ErrorQueue.withEmptyQueue { d2i_X509(nil, &start, bytes.count) }
        }
        ERR_clear_error()
        return parsed.map(OwnedCertificate.init)
    }

    private static func read(_ certificate: OwnedCertificate) -> ReadCertificate? {
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = ErrorQueue.withEmptyQueue { i2d_X509(certificate.pointer, &encoded) }
        guard count > 0, let encoded else { return nil }
        defer { CRYPTO_free(encoded, #fileID, #line) }
        guard let pem = try? PEMText.certificate(certificate) else { return nil }
        return ReadCertificate(
            info: CertificateInfo(certificate.pointer), isAuthority: X509_check_ca(certificate.pointer) == 1,
            der: Array(UnsafeBufferPointer(start: encoded, count: Int(count))), pem: pem)
    }
}
