import NIOCore

/// Plaintext on its way out: gathered until it is flushed, then encrypted into as few records and buffers as it fits.
struct TLSOutputQueue {
    private struct Write {
        var bytes: ByteBuffer
        var promise: EventLoopPromise<Void>?
    }

    /// The most a record can carry (RFC 8446, 5.1): writes smaller than that share one.
    private static let recordCapacity = 16 * 1024

    /// Encrypted at a time, so that OpenSSL's buffer, which never shrinks, stays this small after a large response.
    private static let chunkSize = 4 * recordCapacity

    /// What may be written before the handshake is done, when nothing can be sent yet. A server has nothing to say by
    /// then; a greeting would fit.
    private static let earlyLimit = 64 * 1024

    private var writes = MarkedCircularBuffer<Write>(initialCapacity: 4)
    private var earlyBytes = 0
    /// Where small writes are joined; kept for the next time.
    private var joined = ByteBuffer()

    var hasFlushed: Bool { writes.hasMark }

    /// False if it is bounded now and the bound is reached.
    mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?, isBounded: Bool) -> Bool {
        if isBounded {
            let (sum, overflow) = earlyBytes.addingReportingOverflow(bytes.readableBytes)
            guard !overflow, sum <= Self.earlyLimit else { return false }
            earlyBytes = sum
        }
        writes.append(Write(bytes: bytes, promise: promise))
        return true
    }

    mutating func markFlushed() {
        writes.mark()
    }

    mutating func failAll(_ error: any Error) {
        while let write = writes.popFirst() {
            write.promise?.fail(error)
        }
    }

    /// Encrypts everything flushed and passes it to `send`, the promises of the writes with the last bytes of them.
    /// False if the machine failed; promises have been failed then.
    mutating func encrypt(
        with machine: TLSMachine, allocator: ByteBufferAllocator,
        send: (ByteBuffer, EventLoopPromise<Void>?) -> Void
    ) -> Bool {
        var promise: EventLoopPromise<Void>?
        while writes.hasMark, let write = writes.popFirst() {
            Self.join(&promise, write.promise)
            let isLast = !writes.hasMark
            let isWhole: Bool
            if isLast && joined.readableBytes == 0 {
                isWhole = Self.encryptInChunks(write.bytes, machine, allocator, send)
            } else if joined.readableBytes + write.bytes.readableBytes <= Self.recordCapacity {
                joined.writeImmutableBuffer(write.bytes)
                isWhole = !isLast || encryptJoined(machine)
            } else {
                isWhole = encryptJoined(machine) && Self.encryptInChunks(write.bytes, machine, allocator, send)
            }
            guard isWhole else {
                let error: any Error = machine.failure ?? ChannelError.outputClosed
                joined.clear()
                promise?.fail(error)
                failAll(error)
                return false
            }
        }
        Self.drain(machine, allocator, promise, send)
        return true
    }

    /// The first promise stands for the others too.
    private static func join(_ promise: inout EventLoopPromise<Void>?, _ other: EventLoopPromise<Void>?) {
        guard let first = promise else {
            promise = other
            return
        }
        if let other {
            first.futureResult.cascade(to: other)
        }
    }

    private mutating func encryptJoined(_ machine: TLSMachine) -> Bool {
        let isWhole = joined.withUnsafeReadableBytes(machine.write)
        joined.clear()
        return isWhole
    }

    private static func encryptInChunks(
        _ bytes: ByteBuffer, _ machine: TLSMachine, _ allocator: ByteBufferAllocator,
        _ send: (ByteBuffer, EventLoopPromise<Void>?) -> Void
    ) -> Bool {
        bytes.withUnsafeReadableBytes { region in
            var rest = region[...]
            while rest.count > chunkSize {
                guard machine.write(UnsafeRawBufferPointer(rebasing: rest.prefix(chunkSize))) else { return false }
                rest = rest.dropFirst(chunkSize)
                drain(machine, allocator, nil, send)
            }
            return machine.write(UnsafeRawBufferPointer(rebasing: rest))
        }
    }

    private static func drain(
        _ machine: TLSMachine, _ allocator: ByteBufferAllocator, _ promise: EventLoopPromise<Void>?,
        _ send: (ByteBuffer, EventLoopPromise<Void>?) -> Void
    ) {
        let count = machine.pendingCiphertext
        // An empty buffer still carries the promise, in its place.
        guard count > 0 || promise != nil else { return }
        var bytes = allocator.buffer(capacity: count)
        if count > 0 {
            bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count, machine.takeCiphertext)
        }
        send(bytes, promise)
    }
}
