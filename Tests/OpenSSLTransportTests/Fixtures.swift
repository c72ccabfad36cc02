import TestSupport

@testable import OpenSSLTransport

/// An authority, a server's certificate of it in files, and contexts made of them.
struct ServerFixture {
    let authority: TestCertificateAuthority
    let clientAuthority: TestCertificateAuthority
    let directory: TemporaryDirectory
    let server: TestCertificate
    let context: TLSContext

    init(
        verifiesClients: Bool = false, keyType: TestCertificateAuthority.KeyType = .ecdsaP256,
        validity: TestValidity = .current
    ) throws {
        authority = try TestCertificateAuthority()
        clientAuthority = try TestCertificateAuthority(name: "Test client CA")
        directory = try TemporaryDirectory()
        server = try authority.issueServer(keyType: keyType, validity: validity)
        let clientAuthorityFile = try directory.write("client-ca.crt", clientAuthority.identity.certificatePEM)
        context = try TLSContext(
            TLSConfiguration(
                certificateChainFile: try directory.write("tls.crt", server.chainPEM),
                privateKeyFile: try directory.write("tls.key", server.keyPEM),
                clientAuthorityFile: verifiesClients ? clientAuthorityFile : nil,
                authorityFile: try directory.write("ca.crt", authority.identity.certificatePEM)))
    }

    func options(_ version: TestTLSClient.Version? = nil) -> TestTLSClient.Options {
        var options = TestTLSClient.Options()
        options.version = version
        options.trusting = authority.identity.certificatePEM
        options.serverName = "localhost"
        return options
    }
}

extension TLSMachine {
    func receive(_ bytes: some Sequence<UInt8>) {
        Array(bytes).withUnsafeBytes { receive($0) }
    }

    func takeAllCiphertext() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: pendingCiphertext) { buffer, count in
            count = takeCiphertext(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { write($0) }
    }

    /// All plaintext there is, and the step that ended it.
    func readAll() -> (bytes: [UInt8], end: ReadStep) {
        var all: [UInt8] = []
        while true {
            var step = ReadStep.needsMore
            let bytes = [UInt8](unsafeUninitializedCapacity: 16 * 1024) { buffer, count in
                step = read(into: UnsafeMutableRawBufferPointer(buffer))
                if case .plaintext(let read) = step {
                    count = read
                }
            }
            guard case .plaintext = step else { return (all, step) }
            all += bytes
        }
    }
}

/// A client and a server machine joined without a network between them.
final class BackToBack {
    let client: TestTLSClient
    let server: TLSMachine
    /// How the bytes are cut on their way; 0: not at all.
    let sliceSize: Int
    private(set) var handshakeFailure: (any Error)?

    init(
        _ context: TLSContext, _ options: TestTLSClient.Options = .init(),
        resuming session: TestTLSClient.Session? = nil, sliceSize: Int = 0
    ) throws {
        client = try TestTLSClient(options, resuming: session)
        server = try TLSMachine(context: context)
        self.sliceSize = sliceSize
    }

    /// Runs the handshake until both are done or one has failed. True if both are done.
    func shakeHands() -> Bool {
        for _ in 0..<20 {
            var clientIsDone = false
            do {
                clientIsDone = try client.advanceHandshake()
            } catch {
                handshakeFailure = handshakeFailure ?? error
            }
            toServer(client.takeCiphertext()) { _ = $0.advanceHandshake() }
            if handshakeFailure != nil && server.isFailed { return false }
            client.receive(server.takeAllCiphertext())
            if clientIsDone && !server.isHandshaking && !server.isFailed { return true }
            if server.isFailed || handshakeFailure != nil {
                // One more round, for the alert.
                _ = try? client.advanceHandshake()
                toServer(client.takeCiphertext()) { _ = $0.advanceHandshake() }
                return false
            }
        }
        return false
    }

    func toServer(_ bytes: [UInt8], after step: (TLSMachine) -> Void = { _ in }) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let slice = rest.prefix(sliceSize == 0 ? rest.count : sliceSize)
            server.receive(slice)
            step(server)
            rest = rest.dropFirst(slice.count)
        }
    }

    /// What the client wrote, as the server reads it.
    func clientToServer() -> (bytes: [UInt8], end: TLSMachine.ReadStep) {
        var all: [UInt8] = []
        var end = TLSMachine.ReadStep.needsMore
        toServer(client.takeCiphertext()) { server in
            let (bytes, step) = server.readAll()
            all += bytes
            end = step
        }
        return (all, end)
    }

    /// What the server wrote, as the client reads it.
    func serverToClient() -> (bytes: [UInt8], end: TestTLSClient.Read) {
        client.receive(server.takeAllCiphertext())
        var all: [UInt8] = []
        while true {
            let read = client.read()
            guard case .bytes(let bytes) = read else { return (all, read) }
            all += bytes
        }
    }
}
