import COpenSSL
import TestSupport
import Testing

@testable import OpenSSLTransport

@Suite("Ciphertext between OpenSSL and whoever moves it")
struct CiphertextQueueTests {
    @Test(
        "comes out as it went in, at either end, whatever the sizes",
        arguments: [1, 5, 1_024, 8 * 1_024, 70_000], [false, true])
    func order(largest: Int, throughBIO: Bool) throws {
        var generator = SeededGenerator(seed: UInt64(largest))
        let queue = try CiphertextQueue()
        var (written, read): ([UInt8], [UInt8]) = ([], [])
        for _ in 0..<400 {
            let isPut = Bool.random(using: &generator)
            let size = Int.random(in: 1...largest, using: &generator)
            if isPut {
                let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
                if throughBIO {
                    #expect(BIO_write(queue.bio, bytes, Int32(size)) == Int32(size))
                } else {
                    #expect(bytes.withUnsafeBytes(queue.put))
                }
                written += bytes
            } else {
                let expected = min(size, written.count - read.count)
                var region = [UInt8](repeating: 0, count: size)
                if throughBIO {
                    #expect(region.withUnsafeMutableBytes { queue.take(into: $0) } == expected)
                } else {
                    // An empty one asks to come back later.
                    #expect(BIO_read(queue.bio, &region, Int32(size)) == (expected == 0 ? -1 : Int32(expected)))
                    #expect((BIO_test_flags(queue.bio, BIO_FLAGS_SHOULD_RETRY) != 0) == (expected == 0))
                }
                read += region.prefix(expected)
            }
            #expect(queue.count == written.count - read.count)
            #expect(BIO_ctrl_pending(queue.bio) == queue.count)
        }
        #expect(written.starts(with: read))
        #expect(!read.isEmpty)
    }

    @Test("nothing put in or taken out is nothing")
    func nothing() throws {
        let queue = try CiphertextQueue()
        #expect(queue.put(UnsafeRawBufferPointer(start: nil, count: 0)))
        #expect(queue.take(into: UnsafeMutableRawBufferPointer(start: nil, count: 0)) == 0)
        #expect(queue.count == 0)
    }

    @Test("is of no use any more once the queue is gone, and says so without a fault")
    func outlived() throws {
        let bio: OpaquePointer
        do {
            let queue = try CiphertextQueue()
            BIO_up_ref(queue.bio)
            bio = queue.bio
        }
        defer { BIO_free(bio) }
        var byte: UInt8 = 0
        #expect(BIO_write(bio, &byte, 1) <= 0)
        #expect(BIO_read(bio, &byte, 1) <= 0)
        #expect(BIO_ctrl_pending(bio) == 0)
    }
}
