import Synchronization
import TestSupport
import Testing

@testable import OpenSSLTransport

@Suite struct CertificateStoreTests {
    private static let now: Int64 = 1_800_000_000

    private func code(_ outcome: ReloadOutcome) -> TLSError.Code? {
        guard case .keptLastGood(let error) = outcome else { return nil }
        return error.code
    }

    private func swapped(_ outcome: ReloadOutcome) -> CertificateSet? {
        guard case .swapped(let certificates, _) = outcome else { return nil }
        return certificates
    }

    @Test func sameContentsAreNotLoadedAgain() throws {
        let fixture = try ServerFixture()
        let store = try CertificateStore(fixture.context.configuration)
        let context = store.currentContext
        #expect(store.reload(now: Self.now) == .unchanged)
        #expect(store.currentContext === context)
    }

    @Test func newPairIsTakenAndOldConnectionsLiveOn() throws {
        let fixture = try ServerFixture()
        let store = try CertificateStore(fixture.context.configuration)
        let old = try BackToBack(store.currentContext, fixture.options())
        #expect(old.shakeHands())

        let renewed = try fixture.authority.issueServer(commonName: "renewed")
        try fixture.directory.write("tls.crt", renewed.chainPEM)
        try fixture.directory.write("tls.key", renewed.keyPEM)
        #expect(swapped(store.reload(now: Self.now))?.leaf.subject == "CN=renewed")
        #expect(store.failure == nil)

        let new = try BackToBack(store.currentContext, fixture.options())
        #expect(new.shakeHands())
        #expect(new.client.peerSubject == "/CN=renewed")
        #expect(old.client.write(Array("still here".utf8)))
        #expect(old.clientToServer().bytes == Array("still here".utf8))
    }

    @Test func expiredPairIsTakenAndSaidToBe() throws {
        let fixture = try ServerFixture()
        let store = try CertificateStore(fixture.context.configuration)
        let expired = try fixture.authority.issueServer(validity: .expired)
        try fixture.directory.write("tls.crt", expired.chainPEM)
        try fixture.directory.write("tls.key", expired.keyPEM)
        let leafExpiry = try TLSContext(store.configuration).certificates.leaf.notAfter
        guard case .swapped(let certificates, let validity) = store.reload(now: leafExpiry + 1) else {
            Issue.record("not swapped")
            return
        }
        #expect(validity == .expired)
        #expect(certificates.chainExpiry == leafExpiry)
    }

    @Test func unusableContentsAreToldOnceAndTheLastGoodStays() throws {
        let fixture = try ServerFixture()
        let store = try CertificateStore(fixture.context.configuration)
        let good = store.currentContext
        let renewed = try fixture.authority.issueServer(commonName: "renewed")

        try fixture.directory.write("tls.crt", String(renewed.chainPEM.dropLast(100)))
        #expect(code(store.reload(now: Self.now)) == .malformedCertificate)
        #expect(store.reload(now: Self.now) == .unchanged)
        try fixture.directory.write("tls.crt", renewed.chainPEM)
        #expect(code(store.reload(now: Self.now)) == .keyMismatch)
        #expect(store.reload(now: Self.now) == .unchanged)
        #expect(store.failure?.code == .keyMismatch)
        fixture.directory.remove("tls.key")
        #expect(code(store.reload(now: Self.now)) == .unreadableFile)
        #expect(store.currentContext === good)

        try fixture.directory.write("tls.key", renewed.keyPEM)
        #expect(swapped(store.reload(now: Self.now))?.leaf.subject == "CN=renewed")
        #expect(store.failure == nil)
    }

    @Test func returnToWhatIsInUseEndsTheComplaint() throws {
        let fixture = try ServerFixture()
        let store = try CertificateStore(fixture.context.configuration)
        let good = store.currentContext
        fixture.directory.remove("tls.crt")
        #expect(code(store.reload(now: Self.now)) == .unreadableFile)
        try fixture.directory.write("tls.crt", fixture.server.chainPEM)
        #expect(swapped(store.reload(now: Self.now)) == good.certificates)
        #expect(store.currentContext === good)
        #expect(store.failure == nil)
    }

    @Test func changedClientAuthorityIsAChange() throws {
        let fixture = try ServerFixture(verifiesClients: true)
        let store = try CertificateStore(fixture.context.configuration)
        let other = try TestCertificateAuthority(name: "other")
        try fixture.directory.write(
            "client-ca.crt", fixture.clientAuthority.identity.certificatePEM + other.identity.certificatePEM)
        #expect(swapped(store.reload(now: Self.now))?.clientAuthorities.count == 2)
        var options = fixture.options()
        options.certificate = try other.issueClient()
        #expect(try BackToBack(store.currentContext, options).shakeHands())
    }

    // MARK: Settling

    @Test func failuresAreHeldUntilTheFilesRest() {
        let error = TLSError(.keyMismatch, "x", remedy: "y")
        var settling = ReloadSettling()
        let waitsAfterFailure = settling.wants(toWaitAfter: .keptLastGood(error))
        let waitsAfterRest = settling.wants(toWaitAfter: .unchanged)
        #expect(waitsAfterFailure && !waitsAfterRest)
        let taken = [settling.take(), settling.take()]
        #expect(taken == [.keptLastGood(error), nil])

        var waits = 0
        while settling.wants(toWaitAfter: .keptLastGood(error)) {
            waits += 1
        }
        #expect(waits == 8)
    }

    // MARK: Watching

    /// As the kubelet mounts a Secret: the files are links through `..data`, which is switched by a rename.
    private func mount(_ directory: TemporaryDirectory, _ version: String, _ certificate: TestCertificate) throws {
        try directory.makeDirectory("..\(version)")
        try directory.write("..\(version)/tls.crt", certificate.chainPEM)
        try directory.write("..\(version)/tls.key", certificate.keyPEM)
        try directory.link("..data_tmp", to: "..\(version)")
        try directory.rename("..data_tmp", to: "..data")
    }

    /// Runs the store, for which polls never come, while `body` looks at what it reports.
    private func whileRunning(
        _ store: CertificateStore, now: @escaping @Sendable () -> Int64 = { Self.now },
        _ body: (inout AsyncStream<ReloadOutcome>.Iterator) async throws -> Void
    ) async throws {
        let (outcomes, continuation) = AsyncStream.makeStream(of: ReloadOutcome.self)
        let running = Task {
            await store.run(now: now, pollInterval: .seconds(3_600), settlingTime: .milliseconds(1)) {
                continuation.yield($0)
            }
            continuation.finish()
        }
        var iterator = outcomes.makeAsyncIterator()
        try await body(&iterator)
        running.cancel()
        await running.value
    }

    @Test(.timeLimit(.minutes(1)))
    func switchOfTheKubeletIsSeenByTheWatchAlone() async throws {
        let authority = try TestCertificateAuthority()
        let directory = try TemporaryDirectory()
        try mount(directory, "1", authority.issueServer(commonName: "first"))
        try directory.link("tls.crt", to: "..data/tls.crt")
        try directory.link("tls.key", to: "..data/tls.key")
        let store = try CertificateStore(
            TLSConfiguration(
                certificateChainFile: directory.path("tls.crt"), privateKeyFile: directory.path("tls.key")))
        // Seen by the look at the start, which its report shows to be over.
        try mount(directory, "2", authority.issueServer(commonName: "second"))
        try await whileRunning(store) { outcomes in
            #expect(await outcomes.next().flatMap(swapped)?.leaf.subject == "CN=second")
            try mount(directory, "3", authority.issueServer(commonName: "third"))
            #expect(await outcomes.next().flatMap(swapped)?.leaf.subject == "CN=third")
        }
        #expect(store.currentContext.certificates.leaf.subject == "CN=third")
    }

    @Test(.timeLimit(.minutes(1)))
    func certificateWrittenBeforeItsKeyIsNoFailure() async throws {
        let fixture = try ServerFixture()
        let store = try CertificateStore(fixture.context.configuration)
        let renewed = try fixture.authority.issueServer(commonName: "renewed")
        try fixture.directory.write("tls.crt", renewed.chainPEM)
        // The time is asked at each look: the key comes between the first and the second.
        let looks = Mutex(0)
        let directory = fixture.directory
        let now: @Sendable () -> Int64 = {
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            if look == 2 {
                #expect(throws: Never.self) { try directory.write("tls.key", renewed.keyPEM) }
            }
            return Self.now
        }
        try await whileRunning(store, now: now) { outcomes in
            #expect(await outcomes.next().flatMap(swapped)?.leaf.subject == "CN=renewed")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func lastingMismatchIsReportedAndThenItsEnd() async throws {
        let fixture = try ServerFixture()
        let store = try CertificateStore(fixture.context.configuration)
        let renewed = try fixture.authority.issueServer(commonName: "renewed")
        try fixture.directory.write("tls.crt", renewed.chainPEM)
        try await whileRunning(store) { outcomes in
            #expect(await outcomes.next().flatMap(code) == .keyMismatch)
            try fixture.directory.write("tls.key.new", renewed.keyPEM)
            try fixture.directory.rename("tls.key.new", to: "tls.key")
            #expect(await outcomes.next().flatMap(swapped)?.leaf.subject == "CN=renewed")
        }
    }
}
