import COpenSSL
import Glibc

/// Ciphertext on its way between OpenSSL and whoever moves it: OpenSSL reads from it or writes to it through a BIO, the
/// machine puts in or takes out at the other end.
///
/// OpenSSL's own memory BIO zeroes the place of everything that is written to it before it copies: for each byte of
/// ciphertext one more write, and with its calls within calls 4,000 instructions of a request's 170,000.
///
/// Not for use from two threads at once.
final class CiphertextQueue {
    /// Bytes that an empty queue keeps, so that a request of ordinary size fetches no memory; an idle connection costs no
    /// more than it did.
    static let keptCapacity = 8 * 1024

    /// The smallest piece of memory that is fetched: most answers fit.
    private static let firstCapacity = 1024

    /// What the BIO's functions see. At an address of its own, as C keeps it.
    private struct Contents {
        var base: UnsafeMutableRawPointer?
        var capacity = 0
        /// `0 <= start <= end <= capacity`: between them stands what was put in and not taken out.
        var start = 0
        var end = 0

        var count: Int { end &- start }

        /// Whether so many bytes more have room at the end now; false if there is no memory for them.
        mutating func makeRoom(for more: Int) -> Bool {
            if capacity &- end >= more { return true }
            let (needed, overflow) = count.addingReportingOverflow(more)
            if overflow { return false }
            if needed <= capacity, let base {
                memmove(base, base + start, count)
            } else {
                var larger = max(capacity, CiphertextQueue.firstCapacity)
                while larger < needed {
                    let (doubled, overflow) = larger.multipliedReportingOverflow(by: 2)
                    larger = overflow ? needed : doubled
                }
                guard let fetched = malloc(larger) else { return false }
                if let base {
                    memcpy(fetched, base + start, count)
                    free(base)
                }
                base = fetched
                capacity = larger
            }
            (start, end) = (0, count)
            return true
        }

        mutating func put(_ bytes: UnsafeRawPointer, _ number: Int) -> Bool {
            guard makeRoom(for: number), let base else { return false }
            memcpy(base + end, bytes, number)
            end &+= number
            return true
        }

        /// - Returns: how many of at most `number` bytes were taken.
        mutating func take(_ region: UnsafeMutableRawPointer, _ number: Int) -> Int {
            let taken = min(number, count)
            guard taken > 0, let base else { return 0 }
            memcpy(region, base + start, taken)
            start &+= taken
            if start == end { clear() }
            return taken
        }

        private mutating func clear() {
            (start, end) = (0, 0)
            if capacity > CiphertextQueue.keptCapacity {
                free(base)
                base = nil
                capacity = 0
            }
        }
    }

    /// For OpenSSL. Whoever holds it beyond the queue's life must not use it any more.
    let bio: OpaquePointer
    private let contents: UnsafeMutablePointer<Contents>

    /// - Throws: `TLSError` if OpenSSL has no memory.
    init() throws(TLSError) {
        guard let method = Self.method, let bio = ErrorQueue.withEmptyQueue({ BIO_new(method) }) else {
            throw TLSError.library("OpenSSL could not make a buffer")
        }
        contents = .allocate(capacity: 1)
        contents.initialize(to: Contents())
        BIO_set_data(bio, contents)
        BIO_set_init(bio, 1)
        self.bio = bio
    }

    deinit {
        BIO_set_data(bio, nil)
        BIO_free(bio)
        free(contents.pointee.base)
        contents.deinitialize(count: 1)
        contents.deallocate()
    }

    /// Bytes put in and not taken out.
    var count: Int { contents.pointee.count }

    /// - Returns: false if there is no memory for them; then nothing was put in.
    func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        return contents.pointee.put(base, bytes.count)
    }

    /// Takes the oldest bytes, as many as there are and the region has room for.
    /// - Returns: their number.
    func take(into region: UnsafeMutableRawBufferPointer) -> Int {
        guard let base = region.baseAddress else { return 0 }
        return contents.pointee.take(base, region.count)
    }

    /// Made once, never changed or freed, so every thread may use it: OpenSSL only reads it.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        let index = BIO_get_new_index()
        guard index != -1, let method = BIO_meth_new(index | BIO_TYPE_SOURCE_SINK, "ciphertext queue") else {
            return nil
        }
        BIO_meth_set_read(method) { bio, region, number in
            guard let contents = CiphertextQueue.contents(of: bio), let region, number > 0 else { return 0 }
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            let taken = contents.pointee.take(region, Int(number))
            if taken > 0 { return Int32(truncatingIfNeeded: taken) }
            // An empty one tells OpenSSL to come back later, not that the stream has ended.
            BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        BIO_meth_set_write(method) { bio, bytes, number in
            guard let contents = CiphertextQueue.contents(of: bio), let bytes, number > 0 else { return 0 }
            return contents.pointee.put(bytes, Int(number)) ? number : -1
        }
        BIO_meth_set_ctrl(method) { bio, command, _, _ in
            switch command {
            case BIO_CTRL_FLUSH: 1
            case BIO_CTRL_PENDING: CiphertextQueue.contents(of: bio)?.pointee.count ?? 0
            default: 0
            }
        }
        return method
    }()

    private static func contents(of bio: OpaquePointer?) -> UnsafeMutablePointer<Contents>? {
        bio.flatMap(BIO_get_data)?.assumingMemoryBound(to: Contents.self)
    }
}
