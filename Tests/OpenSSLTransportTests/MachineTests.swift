import COpenSSL
import TestSupport
import Testing

@testable import OpenSSLTransport

@Suite struct MachineTests {
    @Test(arguments: [TestTLSClient.Version.tls12, .tls13], [0, 1, 2, 5, 1000])
    func bytesGoBothWaysHoweverTheyAreCut(version: TestTLSClient.Version, sliceSize: Int) throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options(version), sliceSize: sliceSize)
        #expect(
            pair.shakeHands(), "\(String(describing: pair.handshakeFailure)) \(String(describing: pair.server.failure))"
        )
        let request = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(pair.client.write(request))
        #expect(pair.clientToServer().bytes == request)
        #expect(pair.server.undigestedBytes == 0)
        #expect(pair.server.write(Array("answer".utf8)))
        #expect(pair.serverToClient().bytes == Array("answer".utf8))
        #expect(pair.server.handshake.version == (version == .tls12 ? "TLSv1.2" : "TLSv1.3"))
        #expect(ERR_peek_error() == 0)
    }

    @Test func largeWritesArriveWhole() throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options())
        #expect(pair.shakeHands())
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(pair.server.write(bytes))
        #expect(pair.serverToClient().bytes == bytes)
        #expect(pair.client.write(bytes))
        #expect(pair.clientToServer().bytes == bytes)
    }

    /// However far the stream is ahead of the reader, room asked for stays near what can come of the bytes.
    @Test func undigestedBytesNeverGrowBeyondWhatIsHeld() throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options())
        #expect(pair.shakeHands())
        #expect(pair.client.write([UInt8](repeating: 7, count: 1_000_000)))
        var rest = pair.client.takeCiphertext()[...]
        var total = 0
        while !rest.isEmpty {
            let slice = rest.prefix(40_001)
            pair.server.receive(slice)
            #expect(pair.server.undigestedBytes <= slice.count + 17_000)
            total += pair.server.readAll().bytes.count
            rest = rest.dropFirst(slice.count)
        }
        #expect(total == 1_000_000)
    }

    // MARK: ALPN

    struct ProtocolOffer: Sendable {
        var offered: [String]
        var chosen: String?
        var succeeds: Bool
    }

    @Test(arguments: [
        ProtocolOffer(offered: [], chosen: nil, succeeds: true),
        ProtocolOffer(offered: ["http/1.1"], chosen: "http/1.1", succeeds: true),
        ProtocolOffer(offered: ["h2", "http/1.1"], chosen: "http/1.1", succeeds: true),
        ProtocolOffer(offered: ["h2"], chosen: nil, succeeds: false),
        ProtocolOffer(offered: ["http/1.10"], chosen: nil, succeeds: false),
    ])
    func protocolIsChosenFromTheOffer(_ offer: ProtocolOffer) throws {
        let fixture = try ServerFixture()
        var options = fixture.options()
        options.applicationProtocols = offer.offered
        let pair = try BackToBack(fixture.context, options)
        #expect(pair.shakeHands() == offer.succeeds)
        if offer.succeeds {
            #expect(pair.server.applicationProtocol == offer.chosen)
            #expect(pair.client.applicationProtocol == offer.chosen)
        } else {
            #expect(pair.server.failure?.code == .noCommonProtocol)
        }
    }

    /// Lists OpenSSL would not pass on, and that must not be read beyond their end all the same.
    @Test(arguments: [[], [0], [8], [9] + Array("http/1.1".utf8), [1, 65, 8], [255]] as [[UInt8]])
    func malformedOffersMatchNothing(list: [UInt8]) {
        let protocols = ApplicationProtocols(["http/1.1"])
        #expect(list.withUnsafeBufferPointer { protocols.firstMatch(in: $0) } == nil)
    }

    // MARK: The end

    @Test(arguments: [TestTLSClient.Version.tls12, .tls13])
    func closeNotifyOfTheClientIsSeen(version: TestTLSClient.Version) throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options(version))
        #expect(pair.shakeHands())
        pair.client.write(Array("last".utf8))
        pair.client.close()
        let (bytes, end) = pair.clientToServer()
        #expect(bytes == Array("last".utf8))
        #expect(end == .closed)
        #expect(pair.server.hasReceivedCloseNotify && !pair.server.isClosed)
        #expect(pair.server.receiveEndOfStream() == nil)
        // Their direction is closed, ours is not yet.
        #expect(pair.server.write(Array("answer".utf8)))
        pair.server.close()
        #expect(pair.server.isClosed)
        let answer = pair.serverToClient()
        #expect(answer.end == .closed)
        #expect(!pair.server.write(Array("more".utf8)))
        #expect(ERR_peek_error() == 0)
    }

    @Test func closeNotifyOfTheServerLeavesTheOtherDirectionOpen() throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options(.tls13))
        #expect(pair.shakeHands())
        pair.server.close()
        pair.server.close()
        #expect(pair.serverToClient().end == .closed)
        pair.client.write(Array("still here".utf8))
        #expect(pair.clientToServer().bytes == Array("still here".utf8))
        pair.client.close()
        #expect(pair.clientToServer().end == .closed)
        #expect(pair.server.isClosed)
    }

    @Test func endOfStreamWithoutCloseNotifyIsATruncation() throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options())
        #expect(pair.shakeHands())
        #expect(pair.server.receiveEndOfStream()?.code == .truncated)
        #expect(pair.server.isFailed)
        #expect(!pair.server.write([1]))
    }

    @Test func endOfStreamWithinTheHandshakeIsToldButNotOfAProbe() throws {
        let fixture = try ServerFixture()
        let probe = try TLSMachine(context: fixture.context)
        #expect(probe.receiveEndOfStream() == nil)
        let pair = try BackToBack(fixture.context, fixture.options())
        _ = try pair.client.advanceHandshake()
        pair.toServer(pair.client.takeCiphertext()) { _ = $0.advanceHandshake() }
        #expect(pair.server.receiveEndOfStream()?.code == .handshakeInterrupted)
    }

    // MARK: What no client should send

    @Test(arguments: [
        ("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", TLSError.Code.plainHTTP),
        ("POST /validate HTTP/1.1\r\nHost: localhost\r\n\r\n", .plainHTTP),
        ("SSH-2.0-OpenSSH_9.2p1\r\n", .notTLS),
        (String(repeating: "\u{0}", count: 64), .notTLS),
        ("\u{16}\u{3}\u{1}\u{7f}\u{7f}" + String(repeating: "x", count: 40_000), .notTLS),
    ])
    func garbageIsNamed(text: String, code: TLSError.Code) throws {
        let fixture = try ServerFixture()
        let server = try TLSMachine(context: fixture.context)
        server.receive(text.utf8)
        #expect(server.advanceHandshake() == .failed)
        #expect(server.failure?.code == code, "\(String(describing: server.failure))")
        #expect(ERR_peek_error() == 0)
    }

    /// Every record of an open connection is authenticated.
    @Test func alteredRecordsFailTheConnection() throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options())
        #expect(pair.shakeHands())
        pair.client.write(Array("text".utf8))
        var bytes = pair.client.takeCiphertext()
        bytes[bytes.count - 1] ^= 1
        pair.server.receive(bytes)
        #expect(pair.server.readAll().end == .failed)
        #expect(pair.server.failure?.code == .protocolViolation)
        #expect(pair.server.pendingCiphertext > 0, "an alert")
        #expect(ERR_peek_error() == 0)
        guard case .failed = pair.serverToClient().end else {
            Issue.record("the client does not see the alert")
            return
        }
    }

    @Test func renegotiationIsRefusedAndTheConnectionGoesOn() throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options(.tls12))
        #expect(pair.shakeHands())
        pair.client.renegotiate()
        #expect(throws: Never.self) { try pair.client.advanceHandshake() }
        #expect(pair.clientToServer().end == .needsMore)
        pair.client.receive(pair.server.takeAllCiphertext())
        #expect(throws: (any Error).self) { try pair.client.advanceHandshake() }
        #expect(!pair.server.isFailed)
        #expect(ERR_peek_error() == 0)
    }

    @Test func keyUpdatesAreAnswered() throws {
        let fixture = try ServerFixture()
        let pair = try BackToBack(fixture.context, fixture.options(.tls13))
        #expect(pair.shakeHands())
        _ = pair.serverToClient()
        pair.client.updateKeys()
        pair.client.write(Array("with new keys".utf8))
        #expect(pair.clientToServer().bytes == Array("with new keys".utf8))
        #expect(pair.server.write(Array("and back".utf8)))
        #expect(pair.serverToClient().bytes == Array("and back".utf8))
    }

    @Test func oldCiphersFindNothingInCommon() throws {
        let fixture = try ServerFixture(keyType: .rsa2048)
        var options = fixture.options(.tls12)
        options.cipherList = "AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-GCM-SHA256"
        let pair = try BackToBack(fixture.context, options)
        #expect(!pair.shakeHands())
        #expect(pair.server.failure?.code == .noCommonParameters, "\(String(describing: pair.server.failure))")
    }

    @Test func rsaCertificatesServeToo() throws {
        let fixture = try ServerFixture(keyType: .rsa2048)
        for version in [TestTLSClient.Version.tls12, .tls13] {
            #expect(try BackToBack(fixture.context, fixture.options(version)).shakeHands())
        }
    }

    /// As when caBundle of the webhook configuration is another authority's.
    @Test(arguments: [TestTLSClient.Version.tls12, .tls13])
    func clientsThatRefuseTheCertificateAreNamed(version: TestTLSClient.Version) throws {
        let fixture = try ServerFixture()
        var options = fixture.options(version)
        options.trusting = fixture.clientAuthority.identity.certificatePEM
        let pair = try BackToBack(fixture.context, options)
        #expect(!pair.shakeHands())
        _ = pair.server.readAll()
        #expect(pair.server.failure?.code == .certificateRefusedByPeer)
    }
}
