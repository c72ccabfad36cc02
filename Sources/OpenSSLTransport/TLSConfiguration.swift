/// Where the certificates are and what is negotiated.
///
/// The parameters are Mozilla's "intermediate" profile without its finite-field Diffie-Hellman: what every client of
/// an admission webhook offers, and nothing a scanner objects to. Whether only FIPS-approved algorithms may be used is
/// the business of OpenSSL's configuration file, not of this one.
package struct TLSConfiguration: Sendable, Equatable {
    package enum Version: Sendable, Equatable {
        case tls12
        case tls13
    }

    /// PEM: the server's certificate, then its intermediates.
    package var certificateChainFile: String
    /// PEM: the key of the first certificate, not encrypted.
    package var privateKeyFile: String
    /// PEM: the authorities a client's certificate must come from. Set: a client without one is refused.
    package var clientAuthorityFile: String?
    /// PEM: the authority that signed the server's certificate, read only for its expiry.
    package var authorityFile: String?
    package var minimumVersion: Version
    /// In the order of preference of the server. A client that offers others only is refused (RFC 7301, 3.2); one
    /// that offers none gets the first without asking.
    package var applicationProtocols: [String]

    package init(
        certificateChainFile: String,
        privateKeyFile: String,
        clientAuthorityFile: String? = nil,
        authorityFile: String? = nil,
        minimumVersion: Version = .tls12,
        applicationProtocols: [String] = ["http/1.1"]
    ) {
        self.certificateChainFile = certificateChainFile
        self.privateKeyFile = privateKeyFile
        self.clientAuthorityFile = clientAuthorityFile
        self.authorityFile = authorityFile
        self.minimumVersion = minimumVersion
        self.applicationProtocols = applicationProtocols
    }
}

/// A certificate, its key and its authorities, PEM, from elsewhere than files. The configuration's file names then only
/// say in messages where they come from.
package struct SuppliedPair: Sendable, Equatable {
    package var certificateChain: [UInt8]
    package var privateKey: [UInt8]
    package var authorities: [UInt8]

    package init(certificateChain: [UInt8], privateKey: [UInt8], authorities: [UInt8]) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.authorities = authorities
    }
}

extension SuppliedPair: CustomStringConvertible {
    /// Without the key.
    package var description: String { "certificate and key" }
}

extension TLSConfiguration {
    /// TLS 1.2: forward secrecy and authenticated encryption only. AES-128 first: the cheapest with AES instructions;
    /// clients without them put ChaCha20 first, and are followed (`SSL_OP_PRIORITIZE_CHACHA`).
    static let cipherList = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    /// TLS 1.3: all three suites of the profile, in the same order.
    static let cipherSuites = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ].joined(separator: ":")

    /// Key exchange, the fastest first.
    static let groups = "X25519:P-256:P-384"

    /// X25519 is unknown to the FIPS provider of OpenSSL 3.0, and an unknown name fails the whole list.
    static let approvedGroups = "P-256:P-384"
}
