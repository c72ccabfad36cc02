import NIOCore

/// Gathers a request's body, bounded; without a copy when it comes in one buffer.
struct BodyAccumulator {
    private let limit: Int
    private let contentLength: Int?
    private var buffer: ByteBuffer?

    init(limit: Int, contentLength: Int?) {
        self.limit = limit
        self.contentLength = contentLength
    }

    var readableBytes: Int { self.buffer?.readableBytes ?? 0 }

    func withReadableBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        self.buffer?.withUnsafeReadableBytes(body)
    }

    /// Returns false, and leaves what there is, when `part` would make the body larger than allowed.
    mutating func append(_ part: ByteBuffer) -> Bool {
        guard part.readableBytes <= self.limit - self.readableBytes else { return false }
        guard var gathered = self.buffer else {
            self.buffer = part
            return true
        }
        self.buffer = nil
        let needed = gathered.readableBytes + part.readableBytes
        if gathered.writableBytes < part.readableBytes {
            // The first part is a slice of what the socket read; from the second part on the body has its own
            // memory. A length announced is reserved at once: it is bounded, and untouched pages cost nothing.
            var owned = ByteBufferAllocator().buffer(
                capacity: max(needed * 2, min(self.contentLength ?? 0, self.limit)))
            owned.writeImmutableBuffer(gathered)
            gathered = owned
        }
        gathered.writeImmutableBuffer(part)
        self.buffer = gathered
        return true
    }

    /// The whole body; the accumulator is not to be used afterwards.
    mutating func take() -> ByteBuffer {
        defer { self.buffer = nil }
        return self.buffer ?? ByteBuffer()
    }
}
