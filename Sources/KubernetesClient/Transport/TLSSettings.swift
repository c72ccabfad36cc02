import NIOSSL

/// TLS towards one server: whom to believe and who to be, made from PEM once for each pair of the two.
struct TLSSettings {
    /// A cluster's CA is replaced once in years, and rotated by hand: what matters is that no restart is needed.
    private static let interval: Int64 = 60

    private let trust: ServerTrust
    private let address: String
    private var file: RotatingFile?
    private var last: (authorities: [UInt8]?, identity: ClientIdentity?, configuration: TLSConfiguration)?

    init(_ trust: ServerTrust, address: String) {
        self.trust = trust
        self.address = address
        if case .file(let path) = trust.authorities {
            file = RotatingFile(
                path: path, purpose: "the certificate authority", limit: FileLimits.certificates,
                interval: Self.interval)
        }
    }

    /// - Parameter now: in seconds since 1970.
    mutating func configuration(
        for identity: ClientIdentity?, now: Int64
    ) throws(TransportError) -> TLSConfiguration {
        let authorities = try authorities(now)
        if let last, last.authorities == authorities, last.identity == identity { return last.configuration }
        var configuration = TLSConfiguration.makeClientConfiguration()
        // What the API server itself demands by default.
        configuration.minimumTLSVersion = .tlsv12
        if trust.skipsVerification {
            configuration.certificateVerification = .none
        } else if let authorities {
            configuration.trustRoots = .certificates(try certificates(authorities, "the certificate authority"))
        }
        if let identity {
            let chain = try certificates(identity.certificatePEM, "the client certificate")
            configuration.certificateChain = chain.map { .certificate($0) }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: identity.keyPEM, format: .pem))
            } catch {
                throw unusable("the client key is no PEM of an unencrypted private key")
            }
        }
        last = (authorities, identity, configuration)
        return configuration
    }

    /// After a certificate was not accepted: reads the CA's file again. True if it has changed.
    mutating func refresh(now: Int64) -> Bool {
        guard let before = last?.authorities, file != nil else { return false }
        file?.expire()
        return (try? authorities(now)).map { $0 != before } ?? false
    }

    private mutating func authorities(_ now: Int64) throws(TransportError) -> [UInt8]? {
        switch trust.authorities {
        case nil: return nil
        case .bytes(let bytes): return bytes
        case .file:
            do throws(CredentialError) {
                return try file?.contents(now)
            } catch {
                throw unusable(error.description)
            }
        }
    }

    private func certificates(_ pem: [UInt8], _ purpose: String) throws(TransportError) -> [NIOSSLCertificate] {
        if let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty { return certificates }
        throw unusable("\(purpose) is no PEM of certificates")
    }

    private func unusable(_ words: String) -> TransportError {
        TransportError(address: address, reason: .unusableIdentity(words))
    }
}
