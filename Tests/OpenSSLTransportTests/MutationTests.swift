import COpenSSL
import TestSupport
import Testing

@testable import OpenSSLTransport

@Suite struct MutationTests {
    /// Whatever a client sends, at whatever time: the machine ends in a state it names, hands out no plaintext that was
    /// not sent, leaves nothing in the error queue, and another connection on the same context is none the worse.
    @Test(arguments: [TestTLSClient.Version.tls12, .tls13], 0..<8)
    func mutatedStreamsFailInOrder(version: TestTLSClient.Version, seed: UInt64) throws {
        let fixture = try ServerFixture()
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let pair = try BackToBack(fixture.context, fixture.options(version))
            let mutatedFlight = Int.random(in: 0..<3, using: &generator)
            var wasMutated = false
            var plaintext: [UInt8] = []
            for flight in 0..<5 {
                if (try? pair.client.advanceHandshake()) == true {
                    pair.client.write(Array("question".utf8))
                }
                var bytes = pair.client.takeCiphertext()
                if flight == mutatedFlight && !bytes.isEmpty {
                    mutate(&bytes, &generator)
                    wasMutated = true
                }
                pair.server.receive(bytes)
                _ = pair.server.advanceHandshake()
                let (read, end) = pair.server.readAll()
                plaintext += read
                #expect(pair.server.isFailed == (pair.server.failure != nil))
                if case .failed = end {
                    #expect(pair.server.isFailed)
                }
                #expect(ERR_peek_error() == 0)
                pair.client.receive(pair.server.takeAllCiphertext())
                _ = pair.client.read()
            }
            let sent = Array("question".utf8)
            #expect(plaintext.isEmpty || plaintext.count.isMultiple(of: sent.count))
            #expect(plaintext.starts(with: plaintext.isEmpty ? [] : sent))
            #expect(wasMutated || !pair.server.isFailed)
        }
        #expect(try BackToBack(fixture.context, fixture.options(version)).shakeHands())
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let position = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[position] ^= UInt8.random(in: 1...255, using: &generator)
        case 1: bytes.removeSubrange(position...)
        case 2: bytes.remove(at: position)
        case 3: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: position)
        default: bytes += bytes[position...]
        }
    }
}
