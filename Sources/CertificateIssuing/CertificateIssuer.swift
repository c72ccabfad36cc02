import COpenSSL
package import OpenSSLTransport

/// Issues certificates with the system's OpenSSL: EC P-256 keys and SHA-256 signatures, which every API server and
/// every FIPS provider accepts.
///
/// Nothing is written to a file.
package struct CertificateIssuer: Sendable {
    /// From when to when, in seconds since 1970-01-01T00:00:00Z.
    package struct Validity: Sendable, Hashable {
        package var notBefore: Int64
        package var notAfter: Int64

        package init(notBefore: Int64, notAfter: Int64) {
            self.notBefore = notBefore
            self.notAfter = notAfter
        }
    }

    /// RFC 5280, 4.1.2.2 allows 20 octets; 128 random bits are what cert-manager and public authorities take.
    private static let serialNumberBits: Int32 = 128
    /// ub-common-name of RFC 5280, appendix A.1.
    private static let maximumCommonName = 64

    package init() {}

    /// A root that signs leaves and nothing else.
    package func authority(commonName: String, _ validity: Validity) throws(TLSError) -> IssuedPair {
        let key = try newKey()
        let certificate = try newCertificate(commonName, validity, key)
        try setIssuer(certificate, certificate)
        // No authority may stand below it; a leaf is all that is ever signed.
        try add(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        try add(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign")
        try add(certificate, certificate, NID_subject_key_identifier, "hash")
        return try signed(certificate, by: key, key)
    }

    /// A server's certificate.
    ///
    /// - Parameters:
    ///   - names: DNS names, the first of which is the common name where it fits.
    ///   - authority: PEM; the first certificate, and its key, sign.
    package func leaf(
        names: [String], _ validity: Validity, signedBy authority: IssuedPair
    ) throws(TLSError) -> IssuedPair {
        let signer = try ParsedPair(authority)
        let key = try newKey()
        let certificate = try newCertificate(String((names.first ?? "").prefix(Self.maximumCommonName)), validity, key)
        try setIssuer(certificate, signer.certificate)
        try add(certificate, signer.certificate, NID_basic_constraints, "critical,CA:FALSE")
        try add(certificate, signer.certificate, NID_key_usage, "critical,digitalSignature")
        try add(certificate, signer.certificate, NID_ext_key_usage, "serverAuth")
        try add(certificate, signer.certificate, NID_subject_key_identifier, "hash")
        try add(certificate, signer.certificate, NID_authority_key_identifier, "keyid:always")
        try add(certificate, signer.certificate, NID_subject_alt_name, try Self.alternativeNames(names))
        return try signed(certificate, by: signer.key, key)
    }

    // MARK: Parts

    /// OpenSSL reads its own syntax from these: a comma would begin another name.
    private static func alternativeNames(_ names: [String]) throws(TLSError) -> String {
        let isPlain = names.allSatisfy { name in
            !name.isEmpty
                && name.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
                }
        }
        guard isPlain, !names.isEmpty else {
            throw TLSError(
                .unsupportedSetting, "a certificate was asked for that is not for DNS names",
                cause: names.joined(separator: " "), remedy: "use lower-case letters, digits, hyphens and dots")
        }
        return names.map { "DNS:\($0)" }.joined(separator: ",")
    }

    private func newKey() throws(TLSError) -> OwnedKey {
        try OpenSSLLibrary.check()
        guard let key = ErrorQueue.withEmptyQueue({ tallygate_generate_ec_key("P-256") }) else {
            throw TLSError.library("OpenSSL could not make a P-256 key")
        }
        return OwnedKey(key)
    }

    private func newCertificate(
        _ commonName: String, _ validity: Validity, _ key: OwnedKey
    ) throws(TLSError) -> OwnedCertificate {
        guard let pointer = X509_new() else { throw TLSError.library("OpenSSL could not make a certificate") }
        let certificate = OwnedCertificate(pointer)
        try demand("the version") { X509_set_version(pointer, Int(X509_VERSION_3)) }
        try demand("the serial number") { Self.setSerialNumber(pointer) }
        // Dates from 2050 on are written as GeneralizedTime, as RFC 5280 demands.
        try demand("the validity") {
            let isSet =
                ASN1_TIME_set(X509_getm_notBefore(pointer), Int(validity.notBefore)) != nil
                && ASN1_TIME_set(X509_getm_notAfter(pointer), Int(validity.notAfter)) != nil
            return isSet ? 1 : 0
        }
        try demand("the subject") {
            X509_NAME_add_entry_by_txt(
                X509_get_subject_name(pointer), "CN", MBSTRING_UTF8, commonName, -1, -1, 0)
        }
        try demand("the public key") { X509_set_pubkey(pointer, key.pointer) }
        return certificate
    }

    /// Random and positive, its highest bit set so that all have the same length.
    private static func setSerialNumber(_ certificate: OpaquePointer) -> Int32 {
        guard let number = BN_new() else { return 0 }
        defer { BN_free(number) }
        guard BN_rand(number, serialNumberBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 else { return 0 }
        return BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) == nil ? 0 : 1
    }

    private func setIssuer(_ certificate: OwnedCertificate, _ issuer: OwnedCertificate) throws(TLSError) {
        try demand("the issuer") { X509_set_issuer_name(certificate.pointer, X509_get_subject_name(issuer.pointer)) }
    }

    private func add(
        _ certificate: OwnedCertificate, _ issuer: OwnedCertificate, _ identifier: Int32, _ value: String
    ) throws(TLSError) {
        try demand("the extension \(value)") {
            tallygate_X509_add_extension(certificate.pointer, issuer.pointer, identifier, value)
        }
    }

    private func signed(
        _ certificate: OwnedCertificate, by signer: OwnedKey, _ key: OwnedKey
    ) throws(TLSError) -> IssuedPair {
        try demand("the signature") { X509_sign(certificate.pointer, signer.pointer, EVP_sha256()) > 0 ? 1 : 0 }
        return IssuedPair(
            certificate: try PEMText.certificate(certificate), key: PrivateKeyPEM(try PEMText.key(key)))
    }

    private func demand(_ what: String, _ call: () -> Int32) throws(TLSError) {
        guard ErrorQueue.withEmptyQueue(call) == 1 else {
            throw TLSError.library("OpenSSL could not set \(what) of a certificate")
        }
    }
}
