import COpenSSL
import Glibc

/// OpenSSL's refusal, in its own words.
package struct TestCertificateError: Error, CustomStringConvertible {
    package var description: String

    init(_ call: String) {
        var words: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            words.append(ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown")
        }
        description = "\(call): \(words.joined(separator: ": "))"
    }
}

/// From when to when a certificate is valid, in seconds relative to now.
package struct TestValidity: Sendable {
    package var from: Int
    package var until: Int

    package init(from: Int, until: Int) {
        self.from = from
        self.until = until
    }

    /// An hour back, for clocks that differ; 90 days ahead.
    package static let current = TestValidity(from: -3_600, until: 90 * 86_400)
    package static let expired = TestValidity(from: -30 * 86_400, until: -86_400)
    package static let notYet = TestValidity(from: 86_400, until: 90 * 86_400)
}

/// A certificate and its key, as PEM.
package struct TestCertificate: Sendable {
    package var certificatePEM: String
    package var keyPEM: String
    /// Of the authorities between this certificate and the root, the nearest first.
    package var intermediatesPEM: String

    package init(certificatePEM: String, keyPEM: String, intermediatesPEM: String = "") {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
        self.intermediatesPEM = intermediatesPEM
    }

    package var chainPEM: String { certificatePEM + intermediatesPEM }
}

/// Issues certificates for tests: minted when the test runs, never stored.
///
/// Extensions are those a public authority would set, so that OpenSSL, Go and scanners accept them.
package final class TestCertificateAuthority: Sendable {
    package enum KeyType: Sendable {
        case ecdsaP256
        case rsa2048
    }

    /// Its certificate and key; `certificatePEM` is what clients trust.
    package let identity: TestCertificate
    private let issuersPEM: String

    /// A root, or an intermediate if another authority is given.
    package init(
        name: String = "Tallygate Test CA", keyType: KeyType = .ecdsaP256, validity: TestValidity = .current,
        issuedBy parent: TestCertificateAuthority? = nil
    ) throws {
        identity = try Issue(
            commonName: name, organization: nil, keyType: keyType, validity: validity, issuer: parent?.identity,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
            ]
        ).certificate(intermediates: parent.map { $0.chainForLeaves } ?? "")
        issuersPEM = parent == nil ? "" : identity.certificatePEM + identity.intermediatesPEM
    }

    /// What is served behind a leaf of this authority: nothing for a root.
    private var chainForLeaves: String { issuersPEM }

    package func issueServer(
        commonName: String = "tallygate.test", dnsNames: [String] = ["localhost"],
        ipAddresses: [String] = ["127.0.0.1", "::1"], keyType: KeyType = .ecdsaP256,
        validity: TestValidity = .current
    ) throws -> TestCertificate {
        let names = dnsNames.map { "DNS:\($0)" } + ipAddresses.map { "IP:\($0)" }
        let usage = keyType == .rsa2048 ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature"
        var extensions = [
            (NID_basic_constraints, "critical,CA:FALSE"),
            (NID_key_usage, usage),
            (NID_ext_key_usage, "serverAuth"),
        ]
        if !names.isEmpty {
            extensions.append((NID_subject_alt_name, names.joined(separator: ",")))
        }
        return try Issue(
            commonName: commonName, organization: nil, keyType: keyType, validity: validity, issuer: identity,
            extensions: extensions
        ).certificate(intermediates: chainForLeaves)
    }

    /// - Parameter organization: Kubernetes reads it as the group of the user `commonName`.
    package func issueClient(
        commonName: String = "kube-apiserver", organization: String? = nil, keyType: KeyType = .ecdsaP256,
        validity: TestValidity = .current
    ) throws -> TestCertificate {
        try Issue(
            commonName: commonName, organization: organization, keyType: keyType, validity: validity, issuer: identity,
            extensions: [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "clientAuth"),
            ]
        ).certificate(intermediates: chainForLeaves)
    }
}

/// One certificate being made.
private struct Issue {
    var commonName: String
    var organization: String?
    var keyType: TestCertificateAuthority.KeyType
    var validity: TestValidity
    /// nil: it signs itself.
    var issuer: TestCertificate?
    var extensions: [(Int32, String)]

    func certificate(intermediates: String) throws -> TestCertificate {
        let key = try makeKey()
        defer { EVP_PKEY_free(key) }
        guard let certificate = X509_new() else { throw TestCertificateError("X509_new") }
        defer { X509_free(certificate) }

        try check("version", X509_set_version(certificate, 2))
        try setSerialNumber(certificate)
        let now = time(nil)
        guard ASN1_TIME_set(X509_getm_notBefore(certificate), now + validity.from) != nil,
            ASN1_TIME_set(X509_getm_notAfter(certificate), now + validity.until) != nil
        else { throw TestCertificateError("validity") }
        let subject = X509_get_subject_name(certificate)
        if let organization {
            try check("O", X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, organization, -1, -1, 0))
        }
        try check("CN", X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, commonName, -1, -1, 0))
        try check("key", X509_set_pubkey(certificate, key))

        let issuerCertificate = try issuer.map { try PEM.certificate($0.certificatePEM) }
        defer { X509_free(issuerCertificate) }
        let issuerKey = try issuer.map { try PEM.key($0.keyPEM) }
        defer { EVP_PKEY_free(issuerKey) }
        let signer = issuerCertificate ?? certificate
        try check("issuer", X509_set_issuer_name(certificate, X509_get_subject_name(signer)))
        let identifiers = [(NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always")]
        for (identifier, value) in extensions + identifiers {
            try check("extension \(value)", tallygate_X509_add_extension(certificate, signer, identifier, value))
        }
        guard X509_sign(certificate, issuerKey ?? key, EVP_sha256()) > 0 else {
            throw TestCertificateError("X509_sign")
        }
        return TestCertificate(
            certificatePEM: try PEM.text { PEM_write_bio_X509($0, certificate) },
            keyPEM: try PEM.text { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) },
            intermediatesPEM: intermediates)
    }

    private func makeKey() throws -> OpaquePointer {
        let key =
            switch keyType {
            case .ecdsaP256: tallygate_generate_ec_key("P-256")
            case .rsa2048: tallygate_generate_rsa_key(2048)
            }
        guard let key else { throw TestCertificateError("key generation") }
        return key
    }

    /// Random, 126 bits: positive, and unique as RFC 5280 demands.
    private func setSerialNumber(_ certificate: OpaquePointer) throws {
        guard let number = BN_new() else { throw TestCertificateError("BN_new") }
        defer { BN_free(number) }
        try check("BN_rand", BN_rand(number, 126, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY))
        guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil else {
            throw TestCertificateError("serial number")
        }
    }

    private func check(_ call: String, _ result: Int32) throws {
        guard result == 1 else { throw TestCertificateError(call) }
    }
}

/// Between PEM text and OpenSSL's objects.
package enum PEM {
    package static func text(_ write: (OpaquePointer) -> Int32) throws -> String {
        guard let sink = BIO_new(BIO_s_mem()) else { throw TestCertificateError("BIO_new") }
        defer { BIO_free(sink) }
        guard write(sink) == 1 else { throw TestCertificateError("writing PEM") }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(sink))
        let count = BIO_read(sink, &bytes, Int32(clamping: bytes.count))
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }

    /// The first certificate of the text; the caller frees it.
    package static func certificate(_ text: String) throws -> OpaquePointer {
        try read(text) { PEM_read_bio_X509($0, nil, nil, nil) }
    }

    /// The caller frees it.
    package static func key(_ text: String) throws -> OpaquePointer {
        try read(text) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }
    }

    private static func read(_ text: String, _ parse: (OpaquePointer) -> OpaquePointer?) throws -> OpaquePointer {
        let bytes = Array(text.utf8)
        guard let source = BIO_new(BIO_s_mem()) else { throw TestCertificateError("BIO_new") }
        defer { BIO_free(source) }
        _ = BIO_write(source, bytes, Int32(clamping: bytes.count))
        guard let parsed = parse(source) else { throw TestCertificateError("reading PEM") }
        return parsed
    }
}
