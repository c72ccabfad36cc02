/// A string or member name as it stands in the document, between its quotes: checked, not yet decoded.
///
/// The bytes are borrowed from the cursor's buffer.
package struct JSONStringToken {
    /// The bytes between the quotes, escapes and all.
    package let contents: UnsafeRawBufferPointer
    /// Byte offset in the document of the first byte behind the opening quote.
    package let offset: Int
    /// Whether any escape stands in `contents`, which then differ from the text they mean.
    package let hasEscapes: Bool

    @inline(__always)
    init(contents: UnsafeRawBufferPointer, offset: Int, hasEscapes: Bool) {
        self.contents = contents
        self.offset = offset
        self.hasEscapes = hasEscapes
    }

    /// Byte offsets in the document of what stands between the quotes.
    package var range: Range<Int> { offset..<(offset &+ contents.count) }

    /// The text's UTF-8 as it lies in the document; nil when escapes have to be decoded first.
    package var unescaped: UnsafeRawBufferPointer? {
        @inline(__always) get { hasEscapes ? nil : contents }
    }

    /// Whether the string means the empty text; no escape decodes to nothing.
    package var isEmpty: Bool { contents.isEmpty }
}

// MARK: - Comparing

extension JSONStringToken {
    /// Whether the decoded string is `text`: `te\u0061m` matches `team`.
    @inline(__always)
    package func matches(_ text: StaticString) -> Bool {
        matches(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Whether the decoded string is `text`, byte for byte (no Unicode normalisation, as for Kubernetes' keys).
    ///
    /// Labelled, because a literal would take this for its type's sake and count references for nothing.
    package func matches(text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    /// Whether the decoded string's UTF-8 is `utf8`. Allocates nothing.
    @inline(__always)
    package func matches(_ utf8: UnsafeRawBufferPointer) -> Bool {
        hasEscapes ? matchesDecoded(utf8) : Self.areEqual(contents, utf8)
    }

    @inline(__always)
    static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        if count >= 8 {
            // Whole words, and the last eight bytes as one that overlaps the word before.
            var index = 0
            while index < count &- 8 {
                if word(left, index) != word(right, index) { return false }
                index &+= 8
            }
            return word(left, count &- 8) == word(right, count &- 8)
        }
        return shortWord(left) == shortWord(right)
    }

    /// Eight bytes; `index + 8 <= buffer.count`.
    @inline(__always)
    static func word(_ buffer: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    }

    /// Fewer than eight bytes as a number that is different for different contents of the same length.
    @inline(__always)
    static func shortWord(_ buffer: UnsafeRawBufferPointer) -> UInt64 {
        let count = buffer.count
        if count >= 4 {
            let low = buffer.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
            let high = buffer.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            return UInt64(high) &<< 32 | UInt64(low)
        }
        guard count > 0 else { return 0 }
        // Up to three bytes: the first, the middle one and the last are all there are.
        return UInt64(buffer[0]) | UInt64(buffer[count &>> 1]) &<< 8 | UInt64(buffer[count &- 1]) &<< 16
    }

    @inline(never)
    private func matchesDecoded(_ utf8: UnsafeRawBufferPointer) -> Bool {
        // Decoding never lengthens and `\u0000` shrinks most, so hopeless lengths need no look at the bytes.
        guard utf8.count <= contents.count else { return false }
        var decoded = decodedBytes
        for byte in utf8 where decoded.next() != byte {
            return false
        }
        return decoded.next() == nil
    }
}

// MARK: - Decoding

extension JSONStringToken {
    /// The text the string means. A surrogate that is not half of a pair decodes to U+FFFD, as in Go.
    package func decode() -> String {
        guard hasEscapes else { return plainText }
        return String(unsafeUninitializedCapacity: contents.count) { buffer in
            write(to: buffer).count
        }
    }

    /// The contents as they are; they were checked to be UTF-8 when they were scanned.
    private var plainText: String {
        String(unsafeUninitializedCapacity: contents.count) { buffer in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: contents)
            return contents.count
        }
    }

    /// The text's first `maximumBytes` bytes of UTF-8, less what would cut a character's encoding, for messages about
    /// strings of any length. Takes time and memory by the bound, not by the string.
    package func decode(maximumBytes: Int) -> (text: String, isTruncated: Bool) {
        let capacity = max(0, min(maximumBytes, contents.count))
        var isTruncated = false
        let text = String(unsafeUninitializedCapacity: capacity) { buffer in
            var written = write(to: UnsafeMutableBufferPointer(rebasing: buffer.prefix(capacity)))
            isTruncated = written.next != nil
            if let next = written.next, next & 0xC0 == 0x80 {
                // The bound cuts a sequence: take back its continuation bytes, then its lead byte.
                while written.count > 0, buffer[written.count - 1] & 0xC0 == 0x80 {
                    written.count -= 1
                }
                written.count = max(0, written.count - 1)
            }
            return written.count
        }
        return (text, isTruncated)
    }

    /// The text's first `maximumBytes` bytes. Nearly every text has no escapes and is short, and is copied as it is.
    package func text(maximumBytes: Int) -> String {
        if !hasEscapes, contents.count <= maximumBytes { return plainText }
        return decode(maximumBytes: maximumBytes).text
    }

    /// Decodes as far as `buffer` has room.
    /// - Returns: how many bytes were written, and the byte there was no room for.
    private func write(to buffer: UnsafeMutableBufferPointer<UInt8>) -> (count: Int, next: UInt8?) {
        var decoded = decodedBytes
        var count = 0
        while let byte = decoded.next() {
            guard count < buffer.count else { return (count, byte) }
            buffer.initializeElement(at: count, to: byte)
            count += 1
        }
        return (count, nil)
    }

    /// The decoded string's UTF-8, byte by byte.
    package var decodedBytes: DecodedBytes { DecodedBytes(contents) }

    package struct DecodedBytes: IteratorProtocol {
        private let contents: UnsafeRawBufferPointer
        private var index = 0
        /// Bytes of a decoded escape that were not yet handed out, the next one lowest; zero when there are none.
        ///
        /// A byte of a multi-byte sequence is never zero, so a zero word means that nothing is pending.
        private var pending: UInt32 = 0

        init(_ contents: UnsafeRawBufferPointer) {
            self.contents = contents
        }

        package mutating func next() -> UInt8? {
            if pending != 0 {
                defer { pending >>= 8 }
                return UInt8(truncatingIfNeeded: pending)
            }
            guard index < contents.count else { return nil }
            let byte = contents[index]
            index &+= 1
            return byte == UInt8(ascii: "\\") ? decodeEscape() : byte
        }

        /// Decodes the escape whose backslash was just passed. Total: what no checked string can hold decodes to
        /// U+FFFD.
        private mutating func decodeEscape() -> UInt8? {
            guard index < contents.count else { return emit(Self.replacement) }
            let byte = contents[index]
            index &+= 1
            switch byte {
            case UInt8(ascii: "b"): return 0x08
            case UInt8(ascii: "t"): return 0x09
            case UInt8(ascii: "n"): return 0x0A
            case UInt8(ascii: "f"): return 0x0C
            case UInt8(ascii: "r"): return 0x0D
            case UInt8(ascii: "u"): return emit(decodeScalar())
            default: return byte
            }
        }

        /// The scalar of the escape whose `\u` was just passed, together with the second half of its pair.
        private mutating func decodeScalar() -> UInt32 {
            guard let unit = codeUnit(at: index) else { return Self.replacement }
            index &+= 4
            guard unit & 0xF800 == 0xD800 else { return unit }
            guard unit < 0xDC00, contents.count &- index >= 6, contents[index] == UInt8(ascii: "\\"),
                contents[index &+ 1] == UInt8(ascii: "u"), let low = codeUnit(at: index &+ 2), low & 0xFC00 == 0xDC00
            else {
                return Self.replacement
            }
            index &+= 6
            return 0x10000 &+ (unit & 0x3FF) &<< 10 &+ (low & 0x3FF)
        }

        private func codeUnit(at start: Int) -> UInt32? {
            guard contents.count &- start >= 4 else { return nil }
            var unit: UInt32 = 0
            for index in start..<(start &+ 4) {
                guard let digit = JSONStringToken.hexadecimalValue(of: contents[index]) else { return nil }
                unit = unit &<< 4 | UInt32(digit)
            }
            return unit
        }

        /// Hands out the first byte of a scalar's UTF-8 and keeps the others.
        private mutating func emit(_ scalar: UInt32) -> UInt8 {
            let last = 0x80 | scalar & 0x3F
            switch scalar {
            case ..<0x80:
                return UInt8(truncatingIfNeeded: scalar)
            case ..<0x800:
                pending = last
                return UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            case ..<0x10000:
                pending = last << 8 | (0x80 | scalar >> 6 & 0x3F)
                return UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            default:
                pending = last << 16 | (0x80 | scalar >> 6 & 0x3F) << 8 | (0x80 | scalar >> 12 & 0x3F)
                return UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
            }
        }

        private static let replacement: UInt32 = 0xFFFD
    }

    @inline(__always)
    static func hexadecimalValue(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
