import COpenSSL

/// What a handshake agreed on.
package struct TLSHandshake: Sendable, Equatable {
    /// For example `TLSv1.3`.
    package var version: String
    /// For example `TLS_AES_128_GCM_SHA256`.
    package var cipherSuite: String
    package var isResumed: Bool
    package var applicationProtocol: String?
    /// The client's certificate, verified; nil if none was asked for.
    package var peerCertificate: CertificateInfo?

    init(_ ssl: OpaquePointer) {
        version = SSL_get_version(ssl).map { String(cString: $0) } ?? ""
        cipherSuite = SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? ""
        isResumed = SSL_session_reused(ssl) == 1
        applicationProtocol = Self.applicationProtocol(ssl)
        if let certificate = SSL_get1_peer_certificate(ssl) {
            defer { X509_free(certificate) }
            peerCertificate = CertificateInfo(certificate)
        }
    }

    static func applicationProtocol(_ ssl: OpaquePointer) -> String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &start, &count)
        guard let start, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }
}

/// OpenSSL's reasons in the words of whoever has to mend them.
enum HandshakeFailure {
    static func explain(_ entries: [ErrorQueue.Entry], verifyResult: Int) -> TLSError {
        let cause = entries.isEmpty ? nil : entries.map(\.text).joined(separator: ": ")
        guard let reason = entries.first(where: \.isFromTLS)?.reason else {
            return TLSError(
                .handshakeFailed, "the TLS handshake failed", cause: cause, remedy: "compare the client's TLS settings")
        }
        switch reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            return TLSError(
                .plainHTTP, "the client speaks plain HTTP to a TLS port", cause: cause,
                remedy: "use https:// in its address")
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_UNEXPECTED_MESSAGE, SSL_R_RECORD_LENGTH_MISMATCH, SSL_R_BAD_RECORD_TYPE,
            SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_UNKNOWN_PROTOCOL:
            return TLSError(
                .notTLS, "the client does not speak TLS", cause: cause,
                remedy: "point it at another port, or look at who probes this one")
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return TLSError(
                .clientCertificateMissing, "the client presented no certificate", cause: cause,
                remedy: "configure the API server to present one (--admission-control-config-file), "
                    + "or start without --client-ca-file")
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            let verdict = X509_verify_cert_error_string(verifyResult).map { String(cString: $0) }
            return TLSError(
                .clientCertificateRefused, "the client's certificate is refused", cause: verdict ?? cause,
                remedy: "have it issued by an authority of --client-ca-file, for client authentication, and renewed "
                    + "in time")
        case SSL_R_NO_SHARED_CIPHER, SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_SHARED_GROUPS, SSL_R_VERSION_TOO_LOW,
            SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_KEY_SHARE,
            SSL_R_NO_SUITABLE_GROUPS:
            return TLSError(
                .noCommonParameters, "client and server have no TLS version, cipher or group in common", cause: cause,
                remedy: "the client must speak TLS 1.2 with ECDHE and AES-GCM or ChaCha20, or TLS 1.3")
        case SSL_R_NO_APPLICATION_PROTOCOL:
            return TLSError(
                .noCommonProtocol, "the client offers protocols other than http/1.1 only", cause: cause,
                remedy: "let it offer http/1.1 by ALPN, or nothing")
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, SSL_R_TLSV1_ALERT_UNKNOWN_CA,
            SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
            return TLSError(
                .certificateRefusedByPeer, "the client refuses this server's certificate", cause: cause,
                remedy: "set caBundle of the webhook configuration to the authority that signed it, and check its "
                    + "names and expiry")
        default:
            return TLSError(
                .handshakeFailed, "the TLS handshake failed", cause: cause, remedy: "compare the client's TLS settings")
        }
    }

    /// With TLS 1.3 the client's verdict on our certificate comes when the handshake is over for us.
    static func explainAfterHandshake(_ entries: [ErrorQueue.Entry]) -> TLSError {
        var error = explain(entries, verifyResult: Int(X509_V_OK))
        switch error.code {
        case .certificateRefusedByPeer: break
        default:
            error.code = .protocolViolation
            error.what = "the TLS connection failed"
            error.remedy = "the connection is given up; the client may try again"
        }
        return error
    }
}
