internal import CZlib

/// Compresses a stream with gzip's frame, whose checksum and length a reader checks.
final class GzipCompressor {
    /// Where zlib keeps the state that points back at it, so that it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var output: [UInt8]

    /// Bytes passed on at once.
    static let chunkSize = 64 * 1024
    /// zlib's usual balance: a better one takes three times as long for a tenth less.
    private static let level: Int32 = 6

    init() throws(SnapshotError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = Array(repeating: 0, count: Self.chunkSize)
        guard tallygate_gzip_deflate_init(stream, Self.level) == Z_OK else { throw .outOfMemory }
    }

    deinit {
        // Does nothing for a stream that could not be set up.
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses the bytes and passes on what is ready.
    func write(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, to sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        // Never more than a writer's buffer at once, far below 4 GiB.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(truncatingIfNeeded: bytes.count)
        var result = Z_OK
        repeat {
            let written = output.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(truncatingIfNeeded: buffer.count)
                result = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                return buffer.count - Int(stream.pointee.avail_out)
            }
            try output.withUnsafeBytes { try sink(UnsafeRawBufferPointer(rebasing: $0[..<written])) }
        } while stream.pointee.avail_out == 0 || (isLast && result == Z_OK)
        stream.pointee.next_in = nil
    }
}

/// Takes apart what `GzipCompressor` made.
final class GzipDecompressor {
    private let stream: UnsafeMutablePointer<z_stream>
    private var output: [UInt8]
    /// Compressed bytes taken so far.
    private(set) var taken = 0
    private(set) var hasEnded = false

    init() throws(SnapshotError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = Array(repeating: 0, count: GzipCompressor.chunkSize)
        guard tallygate_gzip_inflate_init(stream) == Z_OK else { throw .outOfMemory }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses the bytes, passing on piece by piece.
    func read(
        _ bytes: UnsafeRawBufferPointer, to sink: (UnsafeRawBufferPointer) throws(SnapshotError) -> Void
    ) throws(SnapshotError) {
        var rest = bytes
        while !rest.isEmpty {
            if hasEnded { throw .trailingBytes(at: taken) }
            // A piece that zlib's 32 bits hold.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            let left = try readPiece(piece, to: sink)
            if left > 0 { throw .trailingBytes(at: taken) }
        }
    }

    /// - Returns: bytes behind the end of the stream.
    private func readPiece(
        _ piece: UnsafeRawBufferPointer, to sink: (UnsafeRawBufferPointer) throws(SnapshotError) -> Void
    ) throws(SnapshotError) -> Int {
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(truncatingIfNeeded: piece.count)
        defer { stream.pointee.next_in = nil }
        repeat {
            let before = stream.pointee.avail_in
            var result = Z_OK
            let written = output.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(truncatingIfNeeded: buffer.count)
                result = inflate(stream, Z_NO_FLUSH)
                return buffer.count - Int(stream.pointee.avail_out)
            }
            taken += Int(before - stream.pointee.avail_in)
            switch result {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: hasEnded = true
            case Z_MEM_ERROR: throw .outOfMemory
            default: throw .notGzip(at: taken)
            }
            try output.withUnsafeBufferPointer { buffer throws(SnapshotError) in
                try sink(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[..<written])))
            }
        } while !hasEnded && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
        return Int(stream.pointee.avail_in)
    }
}
