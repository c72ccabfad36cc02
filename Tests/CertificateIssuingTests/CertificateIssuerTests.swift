import COpenSSL
import TestSupport
import Testing

@testable import CertificateIssuing
@testable import OpenSSLTransport

@Suite("Issuing certificates")
struct CertificateIssuerTests {
    private static let now: Int64 = 1_800_000_000
    private static let names = ["gate.tallygate.svc", "gate.tallygate", "gate.tallygate.svc.cluster.local"]
    private let life = CertificateIssuer.Validity(notBefore: now - 3_600, notAfter: now + 7_776_000)
    private let longLife = CertificateIssuer.Validity(notBefore: now - 3_600, notAfter: now + 3_153_600_000)

    private func authority(_ name: String = "Test CA") throws -> IssuedPair {
        try CertificateIssuer().authority(commonName: name, longLife)
    }

    private func read(_ pair: IssuedPair) throws -> ReadCertificate {
        try #require(CertificateReader.certificates(pair.certificate)?.first)
    }

    /// As `openssl x509 -text` shows it.
    private func text(_ pair: IssuedPair) throws -> String {
        let certificate = try PEM.certificate(String(decoding: pair.certificate, as: UTF8.self))
        defer { X509_free(certificate) }
        return try PEM.text { X509_print($0, certificate) }
    }

    @Test("A CA may sign leaves and nothing else")
    func authorityExtensions() throws {
        let pair = try authority()
        let text = try text(pair)
        #expect(text.contains("Version: 3"))
        #expect(text.contains("Signature Algorithm: ecdsa-with-SHA256"))
        #expect(text.contains("NIST CURVE: P-256"))
        #expect(text.contains("X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0"))
        #expect(text.contains("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign"))
        #expect(text.contains("X509v3 Subject Key Identifier"))
        let certificate = try read(pair)
        #expect(certificate.isAuthority)
        #expect(certificate.info.notAfter == longLife.notAfter, "after 2049, where the form of dates changes")
        #expect(certificate.info.subject == "CN=Test CA")
        #expect(CertificateReader.isPair(certificate, pair.key))
    }

    @Test("A leaf is a server's, for the names it was asked for")
    func leafExtensions() throws {
        let signer = try authority()
        let pair = try CertificateIssuer().leaf(names: Self.names, life, signedBy: signer)
        let text = try text(pair)
        #expect(text.contains("X509v3 Basic Constraints: critical\n                CA:FALSE"))
        #expect(text.contains("X509v3 Key Usage: critical\n                Digital Signature\n"))
        #expect(text.contains("X509v3 Extended Key Usage: \n                TLS Web Server Authentication"))
        #expect(text.contains("X509v3 Authority Key Identifier"))
        let leaf = try read(pair)
        #expect(!leaf.isAuthority)
        #expect(leaf.info.alternativeNames == Self.names.map { .dns($0) })
        #expect(leaf.info.subject == "CN=gate.tallygate.svc")
        #expect(leaf.info.notBefore == life.notBefore)
        #expect(leaf.info.notAfter == life.notAfter)
        #expect(CertificateReader.verifies(leaf, by: try read(signer)))
        #expect(CertificateReader.isPair(leaf, pair.key))
        #expect(!CertificateReader.isPair(leaf, signer.key))
    }

    @Test("Serial numbers are random, positive and 128 bits long")
    func serialNumbers() throws {
        let numbers = try (0..<20).map { _ in try read(authority()).info.serialNumber }
        #expect(Set(numbers).count == 20)
        #expect(numbers.allSatisfy { $0.count == 32 && $0.first.map { "89abcdef".contains($0) } ?? false })
    }

    @Test("A CA of the same name does not verify another's leaf")
    func otherAuthority() throws {
        let leaf = try read(CertificateIssuer().leaf(names: Self.names, life, signedBy: authority()))
        #expect(!CertificateReader.verifies(leaf, by: try read(authority())))
        // A leaf is nobody's CA, not even its own.
        #expect(!CertificateReader.verifies(leaf, by: leaf))
    }

    @Test("A leaf outlives its dates in no verification, since others have the clock")
    func datesAreForOthers() throws {
        let past = CertificateIssuer.Validity(notBefore: 1_000_000_000, notAfter: 1_000_000_100)
        let signer = try CertificateIssuer().authority(commonName: "Old CA", past)
        let leaf = try read(CertificateIssuer().leaf(names: Self.names, past, signedBy: signer))
        #expect(CertificateReader.verifies(leaf, by: try read(signer)))
    }

    @Test("What the listening side loads is what was issued")
    func isServed() throws {
        let signer = try authority()
        let pair = try CertificateIssuer().leaf(names: Self.names, life, signedBy: signer)
        let supplied = SuppliedPair(
            certificateChain: pair.certificate, privateKey: pair.key.bytes, authorities: signer.certificate)
        let configuration = TLSConfiguration(
            certificateChainFile: "tls.crt", privateKeyFile: "tls.key", authorityFile: "ca.crt")
        let store = try CertificateStore(configuration, supplied)
        #expect(store.currentContext.certificates.leaf.subject == "CN=gate.tallygate.svc")
        #expect(store.currentContext.certificates.authorityExpiry == longLife.notAfter)

        var wrong = supplied
        wrong.privateKey = signer.key.bytes
        guard case .keptLastGood(let error) = store.replace(with: wrong, now: Self.now) else {
            Issue.record("a wrong pair was taken")
            return
        }
        #expect(error.code == .keyMismatch)
        #expect(store.replace(with: wrong, now: Self.now) == .unchanged)
        #expect(store.currentContext.certificates.leaf.fingerprint == (try read(pair)).info.fingerprint)

        let next = try CertificateIssuer().leaf(names: Self.names, life, signedBy: signer)
        let replaced = SuppliedPair(
            certificateChain: next.certificate, privateKey: next.key.bytes, authorities: signer.certificate)
        guard case .swapped(let set, .valid) = store.replace(with: replaced, now: Self.now) else {
            Issue.record("the next pair was not taken")
            return
        }
        #expect(set.leaf.fingerprint == (try read(next)).info.fingerprint)
        #expect(store.failure == nil)
    }

    @Test(
        "Names that are no DNS names are refused",
        arguments: [[], [""], ["a,DNS:evil"], ["a b"], ["A"], ["*.svc"], ["a\nb"]])
    func names(_ names: [String]) throws {
        let signer = try authority()
        #expect(throws: TLSError.self) { try CertificateIssuer().leaf(names: names, life, signedBy: signer) }
    }

    @Test("Keys do not show")
    func keysAreSilent() throws {
        let pair = try authority()
        var dumped = ""
        dump(pair, to: &dumped)
        for shown in ["\(pair)", String(reflecting: pair), dumped] {
            #expect(!shown.contains("PRIVATE"))
            #expect(!shown.contains(pair.key.bytes.dropFirst(60).prefix(16).map { String($0) }.joined(separator: ", ")))
        }
    }

    @Test("What is read in PEM: nothing of nothing, nothing of garbage, all of a bundle")
    func reading() throws {
        let (first, second) = (try authority(), try authority())
        #expect(CertificateReader.certificates([]) == [])
        #expect(CertificateReader.certificates(Array("garbage".utf8)) == nil)
        #expect(CertificateReader.certificates(Array(first.certificate.dropLast(40))) == nil)
        let bundle = try #require(CertificateReader.certificates(first.certificate + second.certificate))
        #expect(bundle == [try read(first), try read(second)])
        #expect(bundle.flatMap(\.pem) == first.certificate + second.certificate)
    }

    @Test("Bytes cut or changed anywhere neither trap nor pass for a pair")
    func mutations() throws {
        let pair = try authority()
        var random = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            var bytes = pair.certificate
            let place = Int.random(in: bytes.indices, using: &random)
            if Bool.random(using: &random) {
                bytes[place] ^= UInt8.random(in: 1...255, using: &random)
            } else {
                bytes.removeSubrange(place...)
            }
            let read = CertificateReader.certificates(bytes) ?? []
            let intact = try self.read(pair)
            for certificate in read where certificate.der != intact.der {
                #expect(!CertificateReader.verifies(certificate, by: intact))
            }
        }
    }
}
