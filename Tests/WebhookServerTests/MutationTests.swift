import NIOCore
import Testing

@testable import WebhookServer

/// Broken requests by the thousand: whatever comes, the server answers within its set of statuses, in order, and lets
/// the connection go when it must.
struct MutationTests {
    /// SplitMix64: small, seedable, the same everywhere.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = self.state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let seeds: [[UInt8]] = (RequestTests.accepted + RequestTests.refused).map(\.request.utf8)
        .filter { $0.count < 1_000 }.map(Array.init)
    private static let tokens: [[UInt8]] = [
        "\r\n", "\r\n\r\n", "\n", " ", ":", "0\r\n\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n", "Expect: 100-continue\r\n", "HTTP/1.0", "POST /mutate HTTP/1.1\r\n", "\u{0}", "later",
        "Upgrade: x\r\nConnection: upgrade\r\n", "ffffffff",
    ].map { Array($0.utf8) }

    static func mutated(_ generator: inout Generator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            bytes += MutationTests.seeds.randomElement(using: &generator) ?? []
        }
        for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: MutationTests.tokens.randomElement(using: &generator) ?? [], at: place)
            default: bytes.removeSubrange(place..<min(bytes.count, place + 10))
            }
        }
        return bytes
    }

    @Test("Mutated requests, cut anywhere, with answers and time coming in between", arguments: 0..<8 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var generator = Generator(state: seed)
        let known = Set(ReplyStatus.allCases.map(\.rawValue) + [100])
        for round in 0..<300 {
            let server = EmbeddedServer { $0.pipelinedRequests = 3 }
            let connection = try server.connect()
            var left = MutationTests.mutated(&generator)[...]
            var answer = ""
            while !left.isEmpty, connection.isOpen {
                let count = Int.random(in: 1...max(1, min(left.count, 400)), using: &generator)
                answer += connection.send(ByteBuffer(bytes: left.prefix(count)))
                left = left.dropFirst(count)
                switch Int.random(in: 0..<8, using: &generator) {
                case 0:
                    if let promise = server.admission.pending.last { promise.succeed(ScriptedAdmission.reply("{}")) }
                    answer += connection.received()
                case 1: server.advance(.seconds(Int64.random(in: 0...12, using: &generator)))
                default: break
                }
                answer += connection.received()
            }
            let codes = statuses(answer)
            #expect(codes.allSatisfy(known.contains), "seed \(seed), round \(round): \(codes)")
            #expect(codes.filter { $0 != 100 } == server.counts.value.statuses.map(\.rawValue))
            // Once an answer says close, it is the last.
            let closing = answer.components(separatedBy: "Connection: close\r\n").count - 1
            #expect(closing <= 1, "seed \(seed), round \(round)")
            #expect(connection.isOutputClosed || closing == 0, "seed \(seed), round \(round)")
            // Nothing outlives the longest of the limits.
            server.advance(.seconds(200))
            #expect(!connection.isOpen, "seed \(seed), round \(round)")
            #expect(server.loop.connectionCount == 0)
            for promise in server.admission.pending { promise.succeed(ScriptedAdmission.reply("{}")) }
        }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        self.split(separator: separator, omittingEmptySubsequences: false)
    }
}
