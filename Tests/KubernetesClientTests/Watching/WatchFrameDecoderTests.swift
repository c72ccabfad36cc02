import KubernetesClient
import NIOCore
import TestSupport
import Testing

@Suite("Watch frames")
struct WatchFrameDecoderTests {
    private static let limit = 1024

    private static func delimited(_ frames: [[UInt8]]) -> [UInt8] {
        frames.flatMap { frame in
            let count = UInt32(frame.count)
            return [UInt8(count >> 24), UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
                + frame
        }
    }

    /// Frames that come of the bytes in these pieces.
    private static func decode(
        _ pieces: [ArraySlice<UInt8>], _ encoding: WireEncoding, limit: Int = limit
    ) throws -> (frames: [[UInt8]], pending: Int) {
        var decoder = WatchFrameDecoder(encoding, maximumFrameSize: limit)
        var frames: [[UInt8]] = []
        for piece in pieces {
            decoder.append(ByteBuffer(bytes: piece))
            while let frame = try decoder.next() { frames.append(Array(frame.readableBytesView)) }
        }
        return (frames, decoder.pendingBytes)
    }

    private static let jsonObjects = [
        "{}", #"{"type":"ADDED","object":{"a":{"b":{}}}}"#, #"{"text":"a } brace { and \" a quote \\"}"#,
        #"{"list":[{"x":1},{"y":"}"}],"umlaut":"ä\u007d"}"#,
    ]

    private static let samples: [(encoding: WireEncoding, bytes: [UInt8], frames: [[UInt8]])] = [
        (.protobuf, delimited([[1, 2, 3], [], [0, 0, 0, 9], [255]]), [[1, 2, 3], [], [0, 0, 0, 9], [255]]),
        (.json, Array(jsonObjects.joined(separator: "\n").utf8), jsonObjects.map { Array($0.utf8) }),
        (.json, Array((" \r\n\t" + jsonObjects.joined() + "\n\n").utf8), jsonObjects.map { Array($0.utf8) }),
    ]

    @Test("Cut in three at every pair of places", arguments: samples.indices)
    func everySplit(_ index: Int) throws {
        let sample = Self.samples[index]
        for first in sample.bytes.indices {
            for second in first..<sample.bytes.count {
                let pieces = [sample.bytes[..<first], sample.bytes[first..<second], sample.bytes[second...]]
                let (frames, pending) = try Self.decode(pieces, sample.encoding)
                #expect(frames == sample.frames)
                #expect(pending == 0)
            }
        }
    }

    @Test("Random frames in random pieces, to the last byte and short of it", arguments: 0..<60)
    func randomPieces(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let isJSON = random.oneIn(2)
        let expected: [[UInt8]] = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            isJSON
                ? Array(random.pick(Self.jsonObjects).utf8)
                : (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let bytes = isJSON ? expected.flatMap { $0 } : Self.delimited(expected)
        for missing in [0, Int.random(in: 1..<bytes.count, using: &random)] {
            var rest = bytes.dropLast(missing)
            var pieces: [ArraySlice<UInt8>] = []
            while !rest.isEmpty {
                let size = Int.random(in: 1...max(1, rest.count / 3), using: &random)
                pieces.append(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            let (frames, pending) = try Self.decode(pieces, isJSON ? .json : .protobuf)
            #expect(frames == Array(expected.prefix(frames.count)))
            #expect(missing > 0 || frames == expected)
            let taken = frames.reduce(0) { $0 + $1.count + (isJSON ? 0 : 4) }
            #expect(pending == bytes.count - missing - taken)
        }
    }

    @Test("A frame of the limit's size passes, a longer one is refused as soon as that is known")
    func limits() throws {
        let most = [UInt8](repeating: 7, count: Self.limit)
        #expect(try Self.decode([Self.delimited([most])[...]], .protobuf).frames == [most])
        #expect(throws: WatchFrameDecoder.Failure.tooLong(size: Self.limit + 1, limit: Self.limit)) {
            try Self.decode([Self.delimited([most + [7]]).prefix(4)], .protobuf)
        }
        #expect(throws: WatchFrameDecoder.Failure.tooLong(size: Int(UInt32.max), limit: Self.limit)) {
            try Self.decode([[255, 255, 255, 255]], .protobuf)
        }

        func object(_ size: Int) -> [UInt8] {
            Array(#"{""#.utf8) + [UInt8](repeating: 97, count: size - 4) + Array(#""}"#.utf8)
        }
        #expect(try Self.decode([object(Self.limit)[...]], .json).frames == [object(Self.limit)])
        #expect(throws: WatchFrameDecoder.Failure.tooLong(size: Self.limit + 1, limit: Self.limit)) {
            try Self.decode([object(Self.limit + 1)[...]], .json)
        }
        #expect(throws: WatchFrameDecoder.Failure.tooLong(size: nil, limit: Self.limit)) {
            try Self.decode([object(3 * Self.limit).prefix(Self.limit + 1)], .json)
        }
    }

    @Test("What is no object between objects ends the stream", arguments: ["<html>", "[{}]", "null", "{}}", "{},{}"])
    func notObjects(_ text: String) {
        #expect(throws: WatchFrameDecoder.Failure.self) { try Self.decode([Array(text.utf8)[...]], .json) }
    }

    @Test("White space without end is not kept")
    func whiteSpace() throws {
        var decoder = WatchFrameDecoder(.json, maximumFrameSize: 16)
        for _ in 0..<100 {
            decoder.append(ByteBuffer(string: String(repeating: " ", count: 64)))
            #expect(try decoder.next() == nil)
            #expect(decoder.pendingBytes == 0)
        }
        decoder.append(ByteBuffer(string: "{} "))
        #expect(try decoder.next() == ByteBuffer(string: "{}"))
    }

    /// A decoder that looks at, or moves, what it has seen before would need hours.
    @Test(
        "A large event in small pieces takes time in proportion", .timeLimit(.minutes(2)),
        arguments: [
            WireEncoding.protobuf, .json,
        ])
    func linear(_ encoding: WireEncoding) throws {
        let size = 4 * 1024 * 1024
        let content = [UInt8](repeating: 97, count: size)
        let bytes: [UInt8] =
            switch encoding {
            case .protobuf: Self.delimited([[1], content, [2]])
            case .json: Array(#"{"a":""#.utf8) + content + Array(#""}{}"#.utf8)
            }
        var decoder = WatchFrameDecoder(encoding, maximumFrameSize: size + 100)
        var sizes: [Int] = []
        var rest = ByteBuffer(bytes: bytes)
        while let piece = rest.readSlice(length: min(16, rest.readableBytes)), piece.readableBytes > 0 {
            decoder.append(piece)
            while let frame = try decoder.next() { sizes.append(frame.readableBytes) }
        }
        #expect(sizes == (encoding == .json ? [size + 8, 2] : [1, size, 1]))
    }
}
