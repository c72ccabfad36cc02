import CByteScan

extension UnsafeRawBufferPointer {
    /// The first index from `start` on that does not stand before plain string contents only, as far as that can be told
    /// sixteen bytes at a time: of a byte that is special to a reader of JSON (quote, backslash, control, non-ASCII), or
    /// the first of the last fifteen bytes, which are the caller's to look at one by one.
    ///
    /// - Parameter end: at most `count`, which would be worked out anew at every one of the comparisons with it.
    @inline(__always)
    func indexAfterPlain(from start: Int, to end: Int) -> Int {
        let width = 16
        var index = start
        while end &- index >= width {
            let plain = bytescan_plain(loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self))
            index &+= plain
            if plain < width { break }
        }
        return index
    }
}
