import CByteScan

/// The bytes of a JSON document, or of its beginning, borrowed from a buffer: what a cursor moves over. Two words, so
/// that they stay in registers and are handed on for nothing.
///
/// Invariant, on which every unchecked access of this folder rests: an index is at least zero, a byte is read only
/// after its index was compared with `count`, and no sum of an index and a small constant can overflow because no
/// buffer comes near `Int.max`. Debug builds check every access all the same.
struct JSONBytes {
    /// Never nil, unlike a buffer's, so that no access has to ask; of an empty buffer nothing is read.
    private let start: UnsafeRawPointer
    let count: Int

    init(_ buffer: UnsafeRawBufferPointer) {
        let empty: StaticString = ""
        start = buffer.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
        count = buffer.count
    }

    /// As far as `end`, which must be at most `count`.
    func prefix(_ end: Int) -> JSONBytes { JSONBytes(self[0, end]) }

    var buffer: UnsafeRawBufferPointer { self[0, count] }

    @inline(__always)
    subscript(index: Int) -> UInt8 { load(UInt8.self, at: index) }

    /// The bytes from `lower` up to, but not including, `upper`.
    @inline(__always)
    subscript(lower: Int, upper: Int) -> UnsafeRawBufferPointer {
        assert(0 <= lower && lower <= upper && upper <= count)
        return UnsafeRawBufferPointer(start: start + lower, count: upper &- lower)
    }

    /// A number as it lies in memory, all of whose bytes are in the document.
    @inline(__always)
    func load<Value: BitwiseCopyable>(_ type: Value.Type, at index: Int) -> Value {
        assert(index >= 0 && count - index >= MemoryLayout<Value>.size)
        return start.loadUnaligned(fromByteOffset: index, as: type)
    }

    /// The first index from `start` on of a byte that is special to a reader of JSON (quote, backslash, control,
    /// non-ASCII), or one of the last fifteen before it, which are the caller's to look at one by one.
    @inline(__always)
    func indexAfterPlain(from start: Int) -> Int {
        var index = start
        while count &- index >= Self.vectorWidth {
            let special = specials(at: index)
            if special != 0 { return index &+ bytescan_first(special) }
            index &+= Self.vectorWidth
        }
        // The last sixteen, some of them once more, are nearly always as plain.
        return count >= Self.vectorWidth && specials(at: count &- Self.vectorWidth) == 0 ? count : index
    }

    /// The same of the next 32 bytes, which is all of nearly every string; nil where none of them is special, or where
    /// the document may end before four more. So those from the special one on can be read without asking.
    @inline(__always)
    func indexOfNearSpecial(from start: Int) -> Int? {
        guard start <= count &- (2 &* Self.vectorWidth &+ 4) else { return nil }
        let first = specials(at: start)
        if first != 0 { return start &+ bytescan_first(first) }
        let second = specials(at: start &+ Self.vectorWidth)
        if second != 0 { return start &+ Self.vectorWidth &+ bytescan_first(second) }
        return nil
    }

    private static var vectorWidth: Int {
        @inline(__always) get { 16 }
    }

    @inline(__always)
    private func specials(at index: Int) -> UInt64 { bytescan_special(load(SIMD16<UInt8>.self, at: index)) }
}
