import COpenSSL
import TestSupport
import Testing

@testable import OpenSSLTransport

@Suite struct ContextTests {
    struct Defect: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: TLSError.Code
        var words: String
        var spoil: @Sendable (TemporaryDirectory, TestCertificateAuthority) throws -> Void
    }

    static let defects = [
        Defect(testDescription: "no certificate file", code: .unreadableFile, words: "No such file") { directory, _ in
            directory.remove("tls.crt")
        },
        Defect(testDescription: "no key file", code: .unreadableFile, words: "No such file") { directory, _ in
            directory.remove("tls.key")
        },
        Defect(testDescription: "a directory", code: .unreadableFile, words: "not a regular file") { directory, _ in
            directory.remove("tls.crt")
            try directory.makeDirectory("tls.crt")
        },
        Defect(testDescription: "far too large", code: .unreadableFile, words: "larger than") { directory, _ in
            try directory.write("tls.crt", String(repeating: "x", count: FileContents.sizeLimit + 1))
        },
        Defect(testDescription: "empty", code: .malformedCertificate, words: "holds no certificate") { directory, _ in
            try directory.write("tls.crt", "")
        },
        Defect(testDescription: "no PEM", code: .malformedCertificate, words: "holds no certificate") { directory, _ in
            try directory.write("tls.crt", "not a certificate")
        },
        Defect(testDescription: "cut in the leaf", code: .malformedCertificate, words: "certificate 1 of the file") {
            directory, authority in
            try directory.write("tls.crt", String(authority.identity.certificatePEM.dropLast(60)))
        },
        Defect(testDescription: "cut in an intermediate", code: .malformedCertificate, words: "certificate 2") {
            directory, authority in
            let pem = authority.identity.certificatePEM
            try directory.write("tls.crt", pem + String(pem.dropLast(60)))
        },
        Defect(testDescription: "key cut", code: .malformedPrivateKey, words: "no private key can be read") {
            directory, authority in
            try directory.write("tls.key", String(authority.identity.keyPEM.dropLast(60)))
        },
        Defect(testDescription: "certificate for key", code: .malformedPrivateKey, words: "no private key") {
            directory, authority in
            try directory.write("tls.key", authority.identity.certificatePEM)
        },
        Defect(testDescription: "key of another", code: .keyMismatch, words: "does not belong") {
            directory, authority in
            try directory.write("tls.key", try authority.issueServer().keyPEM)
        },
        Defect(testDescription: "key of another type", code: .keyMismatch, words: "does not belong") {
            directory, authority in
            try directory.write("tls.key", try authority.issueServer(keyType: .rsa2048).keyPEM)
        },
        Defect(testDescription: "key encrypted", code: .encryptedPrivateKey, words: "is encrypted") {
            directory, authority in
            let key = try PEM.key(authority.identity.keyPEM)
            defer { EVP_PKEY_free(key) }
            let password = Array("secret".utf8)
            let text = try PEM.text {
                PEM_write_bio_PKCS8PrivateKey($0, key, EVP_aes_256_cbc(), "secret", Int32(password.count), nil, nil)
            }
            try directory.write("tls.key", text)
        },
        Defect(testDescription: "client authority cut", code: .malformedCertificate, words: "client-ca.crt") {
            directory, authority in
            try directory.write("client-ca.crt", String(authority.identity.certificatePEM.dropLast(60)))
        },
    ]

    @Test(arguments: defects)
    func defectsAreNamed(_ defect: Defect) throws {
        let fixture = try ServerFixture(verifiesClients: true)
        try defect.spoil(fixture.directory, fixture.authority)
        let error = #expect(throws: TLSError.self) { try TLSContext(fixture.context.configuration) }
        #expect(error?.code == defect.code, "\(String(describing: error))")
        let text = error?.description ?? ""
        #expect(text.contains(defect.words) && text.contains(fixture.directory.path), "\(text)")
        #expect(!text.contains("\n"))
        #expect(ERR_peek_error() == 0)
    }

    /// As `openssl ecparam -genkey`, old tools and programs that write everything into one file leave them.
    @Test func keysInOlderClothesLoad() throws {
        for keyType in [TestCertificateAuthority.KeyType.ecdsaP256, .rsa2048] {
            let fixture = try ServerFixture(keyType: keyType)
            let key = try PEM.key(fixture.server.keyPEM)
            defer { EVP_PKEY_free(key) }
            let traditional = try PEM.text { PEM_write_bio_PrivateKey_traditional($0, key, nil, nil, 0, nil, nil) }
            #expect(traditional.contains(keyType == .rsa2048 ? "BEGIN RSA PRIVATE KEY" : "BEGIN EC PRIVATE KEY"))
            let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
            for text in [traditional, parameters + traditional, fixture.server.chainPEM + fixture.server.keyPEM] {
                try fixture.directory.write("tls.key", text)
                #expect(throws: Never.self) { try TLSContext(fixture.context.configuration) }
            }
            let combined = fixture.server.keyPEM + fixture.server.chainPEM
            try fixture.directory.write("tls.crt", combined)
            #expect(throws: Never.self) { try TLSContext(fixture.context.configuration) }
        }
    }

    /// The authority's file is read for its expiry alone: some issuers leave it empty, and the pair serves all the same.
    @Test(arguments: ["", "not a certificate\n"]) func authorityThatCannotBeRead(contents: String) throws {
        let fixture = try ServerFixture()
        try fixture.directory.write("ca.crt", contents)
        let certificates = try TLSContext(fixture.context.configuration).certificates
        #expect(certificates.authorities.isEmpty)
        #expect(certificates.authorityProblem?.file?.hasSuffix("ca.crt") == true)
    }

    @Test func whatWasLoadedIsTold() throws {
        let root = try TestCertificateAuthority(name: "Root", validity: TestValidity(from: -60, until: 900))
        let intermediate = try TestCertificateAuthority(
            name: "Intermediate", validity: TestValidity(from: -60, until: 500), issuedBy: root)
        let server = try intermediate.issueServer(
            dnsNames: ["gate.tallygate.svc", "localhost"], validity: TestValidity(from: -60, until: 700))
        let directory = try TemporaryDirectory()
        let context = try TLSContext(
            TLSConfiguration(
                certificateChainFile: try directory.write("tls.crt", server.chainPEM),
                privateKeyFile: try directory.write("tls.key", server.keyPEM),
                authorityFile: try directory.write("ca.crt", root.identity.certificatePEM)))
        let certificates = context.certificates
        #expect(certificates.leaf.subject == "CN=tallygate.test")
        #expect(certificates.leaf.issuer == "CN=Intermediate")
        #expect(
            certificates.leaf.alternativeNames == [
                .dns("gate.tallygate.svc"), .dns("localhost"), .ip("127.0.0.1"), .ip("::1"),
            ])
        #expect(certificates.leaf.notAfter - certificates.leaf.notBefore == 760)
        #expect(certificates.leaf.fingerprint.utf8.count == 64)
        #expect(certificates.intermediates.map(\.subject) == ["CN=Intermediate"])
        #expect(certificates.chainExpiry == certificates.intermediates.first?.notAfter)
        #expect(certificates.authorityExpiry == certificates.authorities.first?.notAfter)
        #expect(certificates.clientAuthorityExpiry == nil)

        // The whole chain is sent: a client that knows the root alone accepts it.
        var options = TestTLSClient.Options()
        options.trusting = root.identity.certificatePEM
        options.serverName = "gate.tallygate.svc"
        #expect(try BackToBack(context, options).shakeHands())
    }

    @Test func expiredCertificatesLoadAndTellTheirExpiry() throws {
        let fixture = try ServerFixture(validity: .expired)
        let leaf = fixture.context.certificates.leaf
        #expect(leaf.validity(at: leaf.notAfter + 1) == .expired)
        #expect(leaf.validity(at: leaf.notAfter) == .valid)
        #expect(leaf.validity(at: leaf.notBefore - 1) == .notYetValid)
    }

    /// A name of a client's certificate reaches logs.
    @Test func namesCannotForgeLines() throws {
        let authority = try TestCertificateAuthority()
        let forged = try authority.issueClient(commonName: "jane\nlevel=error, O=\"x\" é")
        let certificate = try PEM.certificate(forged.certificatePEM)
        defer { X509_free(certificate) }
        let subject = CertificateInfo(certificate).subject
        #expect(subject == #"CN=jane\0Alevel=error\, O=\"x\" é"#)
    }

    @Test func lifecycleGoesOneWayOnly() {
        for state in TLSLifecycle.State.allCases {
            #expect(Self.lifecycle(in: state).state == state)
            var lifecycle = Self.lifecycle(in: state)
            lifecycle.fail()
            #expect(lifecycle.state == (state == .closed ? .closed : .failed))
            #expect(!lifecycle.mayRead && !lifecycle.mayWrite && !lifecycle.isCutOffByEndOfStream)
            lifecycle = Self.lifecycle(in: state)
            lifecycle.completeHandshake()
            #expect(lifecycle.state == (state == .handshaking ? .open : state))
        }
    }

    private static func lifecycle(in state: TLSLifecycle.State) -> TLSLifecycle {
        var lifecycle = TLSLifecycle()
        if state != .handshaking {
            lifecycle.completeHandshake()
        }
        switch state {
        case .handshaking, .open: break
        case .peerClosed: lifecycle.peerSentCloseNotify()
        case .selfClosed: lifecycle.sentCloseNotify()
        case .closed:
            lifecycle.sentCloseNotify()
            lifecycle.peerSentCloseNotify()
        case .failed: lifecycle.fail()
        }
        return lifecycle
    }

    @Test func libraryIsTold() {
        #expect(OpenSSLLibrary.version.hasPrefix("OpenSSL 3"))
        #expect(!OpenSSLLibrary.providers.isEmpty)
    }
}
