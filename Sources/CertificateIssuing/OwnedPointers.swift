import COpenSSL
import OpenSSLTransport

/// One reference to an `X509`, given back at the end.
final class OwnedCertificate {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }
}

/// One reference to an `EVP_PKEY`, wiped and given back at the end.
final class OwnedKey {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }
}

/// The first certificate of a PEM text and the key to it.
struct ParsedPair {
    let certificate: OwnedCertificate
    let key: OwnedKey

    init(_ pair: IssuedPair) throws(TLSError) {
        guard let first = PEMText.certificates(pair.certificate)?.first else {
            throw TLSError(
                .malformedCertificate, "the authority's certificate cannot be read", remedy: "have a new one made")
        }
        guard let parsed = PEMText.privateKey(pair.key) else {
            throw TLSError(.malformedPrivateKey, "the authority's key cannot be read", remedy: "have a new one made")
        }
        guard ErrorQueue.withEmptyQueue({ X509_check_private_key(first.pointer, parsed.pointer) }) == 1 else {
            ERR_clear_error()
            throw TLSError(
                .keyMismatch, "the authority's key does not belong to its certificate", remedy: "have a new one made")
        }
        (certificate, key) = (first, parsed)
    }
}

/// Between PEM and OpenSSL's objects.
enum PEMText {
    /// All certificates of a text; nil if a block cannot be read.
    static func certificates(_ pem: [UInt8]) -> [OwnedCertificate]? {
        pem.withUnsafeBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(source) }
            var found: [OwnedCertificate] = []
            while let next = ErrorQueue.withEmptyQueue({ PEM_read_bio_X509(source, nil, { _, _, _, _ in -1 }, nil) }) {
                found.append(OwnedCertificate(next))
            }
            let last = ErrorQueue.drain().last
            let isAtEnd = last.map { $0.isFromPEM && $0.reason == PEM_R_NO_START_LINE } ?? false
            return isAtEnd ? found : nil
        }
    }

    /// nil: it is no unencrypted private key.
    static func privateKey(_ key: PrivateKeyPEM) -> OwnedKey? {
        key.bytes.withUnsafeBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(source) }
            let parsed = ErrorQueue.withEmptyQueue {
                PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
            }
            ERR_clear_error()
            return parsed.map(OwnedKey.init)
        }
    }

    static func certificate(_ certificate: OwnedCertificate) throws(TLSError) -> [UInt8] {
        try written { PEM_write_bio_X509($0, certificate.pointer) }
    }

    /// PKCS #8, not encrypted: the Secret it goes into is what protects it.
    static func key(_ key: OwnedKey) throws(TLSError) -> [UInt8] {
        try written { PEM_write_bio_PKCS8PrivateKey($0, key.pointer, nil, nil, 0, nil, nil) }
    }

    private static func written(_ write: (OpaquePointer) -> Int32) throws(TLSError) -> [UInt8] {
        // Of the secure kind: what it held is wiped when it is freed.
        guard let sink = BIO_new(BIO_s_secmem()) else { throw TLSError.library("OpenSSL could not make a buffer") }
        defer { BIO_free(sink) }
        guard ErrorQueue.withEmptyQueue({ write(sink) }) == 1 else { throw TLSError.library("PEM cannot be written") }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(sink))
        let count = BIO_read(sink, &bytes, Int32(clamping: bytes.count))
        return Array(bytes.prefix(max(0, Int(count))))
    }
}
