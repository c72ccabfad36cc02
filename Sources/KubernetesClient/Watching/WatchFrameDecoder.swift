package import NIOCore

/// Takes a watch's stream apart into its events, wherever it is cut.
///
/// - Protobuf (`application/vnd.kubernetes.protobuf;stream=watch`): each event has its length before it, four bytes, the
///   most significant first.
/// - JSON: one object after the other, with or without white space between. A frame ends with the brace that closes it;
///   whether what it holds is JSON is for its reader to say.
///
/// Each byte is looked at once and, but for the rest of a chunk that an event goes on after, never copied: a frame is a
/// slice of the chunk it came in.
package struct WatchFrameDecoder: Sendable {
    /// The stream is broken: where the next event begins is not known.
    package enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// - Parameter size: nil if it has no end yet.
        case tooLong(size: Int?, limit: Int)
        /// Between two JSON objects stands something else.
        case notAnObject(byte: UInt8)

        package var description: String {
            switch self {
            case .tooLong(.some(let size), let limit):
                "the watch announces an event of \(size) bytes, more than the \(limit) allowed: is it the API server "
                    + "that answers?"
            case .tooLong(nil, let limit):
                "the watch has an event of more than \(limit) bytes: is it the API server that answers?"
            case .notAnObject(let byte):
                "the watch has byte 0x\(String(byte, radix: 16)) where a JSON object should begin: is it the API server "
                    + "that answers?"
            }
        }
    }

    private let encoding: WireEncoding
    private let maximumFrameSize: Int
    private var buffer = ByteBuffer()
    private var scan = JSONScan()

    /// Of the length before a protobuf event.
    private static let lengthSize = 4

    package init(_ encoding: WireEncoding, maximumFrameSize: Int) {
        self.encoding = encoding
        self.maximumFrameSize = maximumFrameSize
    }

    /// Bytes of an event that is not complete.
    package var pendingBytes: Int { buffer.readableBytes }

    /// Takes `next()` until nil before another chunk: what is left is then less than an event.
    package mutating func append(_ chunk: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = chunk
        } else {
            var chunk = chunk
            // Grows by doubling; what frames were made of goes when nobody holds one.
            buffer.discardReadBytes()
            buffer.writeBuffer(&chunk)
        }
    }

    /// The next event, or nil if the rest of it has not come.
    package mutating func next() throws(Failure) -> ByteBuffer? {
        switch encoding {
        case .protobuf: try nextDelimited()
        case .json: try nextObject()
        }
    }

    private mutating func nextDelimited() throws(Failure) -> ByteBuffer? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, endianness: .big, as: UInt32.self) else {
            return nil
        }
        guard let size = Int(exactly: length), size <= maximumFrameSize else {
            throw .tooLong(size: Int(exactly: length), limit: maximumFrameSize)
        }
        guard let frame = buffer.getSlice(at: buffer.readerIndex + Self.lengthSize, length: size) else { return nil }
        buffer.moveReaderIndex(forwardBy: Self.lengthSize + size)
        return frame
    }

    private mutating func nextObject() throws(Failure) -> ByteBuffer? {
        let outcome = buffer.withUnsafeReadableBytes { [scan] bytes in
            var scan = scan
            let outcome = scan.advance(through: bytes)
            return (scan, outcome)
        }
        scan = outcome.0
        switch outcome.1 {
        case .needsMore:
            if scan.isBetween {
                // White space is not kept.
                buffer.moveReaderIndex(to: buffer.writerIndex)
                scan = JSONScan()
            }
            guard scan.frameSize <= maximumFrameSize else { throw .tooLong(size: nil, limit: maximumFrameSize) }
            return nil
        case .notAnObject(let byte):
            throw .notAnObject(byte: byte)
        case .object(let start, let end):
            scan = JSONScan()
            guard end - start <= maximumFrameSize else { throw .tooLong(size: end - start, limit: maximumFrameSize) }
            buffer.moveReaderIndex(forwardBy: start)
            return buffer.readSlice(length: end - start)
        }
    }
}

/// Where the braces of one JSON object close, remembered between chunks.
private struct JSONScan: Sendable {
    enum Outcome {
        case needsMore
        case object(start: Int, end: Int)
        case notAnObject(byte: UInt8)
    }

    private enum State {
        case between
        case object
        case string
        case escape
    }

    private var state = State.between
    /// Bytes looked at, and where the object begins.
    private var position = 0
    private var start = 0
    private var depth = 0

    /// No object has begun.
    var isBetween: Bool { state == .between }

    /// Of the object so far.
    var frameSize: Int { isBetween ? 0 : position - start }

    /// - Parameter bytes: all that is pending, those looked at before included.
    mutating func advance(through bytes: UnsafeRawBufferPointer) -> Outcome {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch state {
            case .between:
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                    continue
                case UInt8(ascii: "{"):
                    start = position - 1
                    depth = 1
                    state = .object
                default:
                    return .notAnObject(byte: byte)
                }
            case .object:
                switch byte {
                case UInt8(ascii: "\""): state = .string
                case UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "}"):
                    depth -= 1
                    if depth == 0 { return .object(start: start, end: position) }
                default: continue
                }
            case .string:
                switch byte {
                case UInt8(ascii: "\""): state = .object
                case UInt8(ascii: "\\"): state = .escape
                default: continue
                }
            case .escape:
                state = .string
            }
        }
        return .needsMore
    }
}
