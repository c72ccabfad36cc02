import COpenSSL

/// The client's side of a TLS connection over memory BIOs, on the same library as the server: for tests that drive a
/// server byte by byte.
package final class TestTLSClient {
    package enum Version: Sendable {
        case tls12
        case tls13
    }

    /// What a client brings along.
    package struct Options: Sendable {
        package var version: Version?
        /// Trusted authority, as PEM; nil: anything is accepted.
        package var trusting: String?
        package var serverName: String?
        package var certificate: TestCertificate?
        /// Offered by ALPN; empty: no offer.
        package var applicationProtocols: [String] = []
        /// TLS 1.2, in OpenSSL's notation.
        package var cipherList: String?

        package init() {}
    }

    /// What a later connection resumes.
    package final class Session {
        fileprivate let pointer: OpaquePointer

        fileprivate init(owning pointer: OpaquePointer) {
            self.pointer = pointer
        }

        deinit {
            SSL_SESSION_free(pointer)
        }
    }

    package enum Read: Equatable {
        case bytes([UInt8])
        case needsMore
        case closed
        case failed(String)
    }

    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    package private(set) var isConnected = false

    package init(_ options: Options = Options(), resuming session: Session? = nil) throws {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw TestCertificateError("SSL_CTX_new") }
        self.context = context
        switch options.version {
        case .tls12: _ = tallygate_SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION)
        case .tls13: _ = tallygate_SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)
        case nil: break
        }
        if let list = options.cipherList {
            _ = SSL_CTX_set_cipher_list(context, list)
        }
        if let pem = options.trusting {
            let authority = try PEM.certificate(pem)
            X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority)
            X509_free(authority)
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        }
        if let identity = options.certificate {
            let certificate = try PEM.certificate(identity.certificatePEM)
            let key = try PEM.key(identity.keyPEM)
            SSL_CTX_use_certificate(context, certificate)
            SSL_CTX_use_PrivateKey(context, key)
            X509_free(certificate)
            EVP_PKEY_free(key)
        }
        guard let ssl = SSL_new(context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem())
        else {
            throw TestCertificateError("SSL_new")
        }
        self.ssl = ssl
        self.incoming = incoming
        self.outgoing = outgoing
        SSL_set_bio(ssl, incoming, outgoing)
        if let name = options.serverName {
            _ = tallygate_SSL_set_tlsext_host_name(ssl, name)
            SSL_set1_host(ssl, name)
        }
        let offer = options.applicationProtocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !offer.isEmpty {
            SSL_set_alpn_protos(ssl, offer, UInt32(offer.count))
        }
        if let session {
            SSL_set_session(ssl, session.pointer)
        }
        SSL_set_connect_state(ssl)
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    // MARK: Ciphertext

    package func receive(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        if !bytes.isEmpty {
            _ = BIO_write(incoming, bytes, Int32(clamping: bytes.count))
        }
    }

    package func takeCiphertext() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(outgoing))
        guard !bytes.isEmpty else { return [] }
        let count = BIO_read(outgoing, &bytes, Int32(clamping: bytes.count))
        return Array(bytes.prefix(max(0, Int(count))))
    }

    // MARK: Handshake

    /// True when done, false when it waits for the server; throws what failed.
    package func advanceHandshake() throws -> Bool {
        if isConnected { return true }
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            isConnected = true
            return true
        }
        if SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return false }
        throw TestCertificateError("handshake")
    }

    package var applicationProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &start, &count)
        guard let start, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    package var version: String { SSL_get_version(ssl).map { String(cString: $0) } ?? "" }
    package var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// The subject of the server's certificate, in one line.
    package var peerSubject: String? {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
        defer { X509_free(certificate) }
        guard let text = X509_NAME_oneline(X509_get_subject_name(certificate), nil, 0) else { return nil }
        defer { CRYPTO_free(text, #fileID, #line) }
        return String(cString: text)
    }

    /// With TLS 1.3 only after reading what follows the handshake.
    package var session: Session? { SSL_get1_session(ssl).map(Session.init(owning:)) }

    // MARK: Plaintext

    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        ERR_clear_error()
        var count = 0
        return SSL_write_ex(ssl, bytes, bytes.count, &count) == 1
    }

    /// At most one record.
    package func read() -> Read {
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        var count = 0
        ERR_clear_error()
        let result = SSL_read_ex(ssl, &bytes, bytes.count, &count)
        if result == 1 { return .bytes(Array(bytes.prefix(count))) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .needsMore
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: return .failed(TestCertificateError("read").description)
        }
    }

    // MARK: The end, and what a client should not do

    package func close() {
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
    }

    /// Asks for a second handshake; TLS 1.2 only.
    package func renegotiate() {
        ERR_clear_error()
        _ = SSL_renegotiate(ssl)
        isConnected = false
    }

    /// TLS 1.3: new keys for this side, and a demand for new ones of the other.
    package func updateKeys() {
        ERR_clear_error()
        _ = SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED)
        _ = SSL_do_handshake(ssl)
    }
}
