import COpenSSL
import TestSupport
import Testing

@testable import OpenSSLTransport

@Suite struct ClientCertificateTests {
    enum Presented: Sendable, CaseIterable {
        case none
        case right
        case ofAnotherAuthority
        case expired
        case forServers

        var expected: TLSError.Code? {
            switch self {
            case .right: nil
            case .none: .clientCertificateMissing
            case .ofAnotherAuthority, .expired, .forServers: .clientCertificateRefused
            }
        }
    }

    @Test(arguments: [TestTLSClient.Version.tls12, .tls13], Presented.allCases)
    func onlyCertificatesOfTheAuthorityPass(version: TestTLSClient.Version, presented: Presented) throws {
        let fixture = try ServerFixture(verifiesClients: true)
        var options = fixture.options(version)
        switch presented {
        case .none: break
        case .right: options.certificate = try fixture.clientAuthority.issueClient(organization: "system:masters")
        case .ofAnotherAuthority: options.certificate = try fixture.authority.issueClient()
        case .expired: options.certificate = try fixture.clientAuthority.issueClient(validity: .expired)
        case .forServers: options.certificate = try fixture.clientAuthority.issueServer()
        }
        let pair = try BackToBack(fixture.context, options)
        let succeeded = pair.shakeHands()
        #expect(pair.server.failure?.code == presented.expected, "\(String(describing: pair.server.failure))")
        if presented.expected == nil {
            #expect(succeeded)
            #expect(pair.server.handshake.peerCertificate?.subject == "CN=kube-apiserver,O=system:masters")
        } else {
            // With TLS 1.3 the client learns of it when it first reads.
            #expect(pair.server.isFailed)
            pair.client.receive(pair.server.takeAllCiphertext())
            if succeeded || version == .tls13 {
                guard case .failed = pair.client.read() else {
                    Issue.record("the client does not see the alert")
                    return
                }
            }
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: [TestTLSClient.Version.tls12, .tls13], [false, true])
    func sessionsAreResumed(version: TestTLSClient.Version, verifiesClients: Bool) throws {
        let fixture = try ServerFixture(verifiesClients: verifiesClients)
        var options = fixture.options(version)
        options.certificate = verifiesClients ? try fixture.clientAuthority.issueClient() : nil
        let first = try BackToBack(fixture.context, options)
        #expect(first.shakeHands())
        #expect(!first.server.handshake.isResumed)
        _ = first.serverToClient()
        let session = try #require(first.client.session)
        first.client.close()
        _ = first.clientToServer()

        let second = try BackToBack(fixture.context, options, resuming: session)
        #expect(second.shakeHands(), "\(String(describing: second.server.failure))")
        #expect(second.server.handshake.isResumed)
        #expect(second.client.isResumed)
        #expect((second.server.handshake.peerCertificate != nil) == verifiesClients)

        // Tickets are of one context: another makes a full handshake, and does not fail.
        let other = try TLSContext(fixture.context.configuration)
        let third = try BackToBack(other, options, resuming: session)
        #expect(third.shakeHands())
        #expect(!third.server.handshake.isResumed)
        #expect(ERR_peek_error() == 0)
    }
}
