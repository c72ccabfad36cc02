/// Keys known before the document, each with its position, to tell which of them a token is.
///
/// Most tokens match none. A length no key has is refused by one bit test; the others are compared with the keys of
/// their length by first word. Lookups allocate nothing.
package struct JSONKeyTable: Sendable {
    private struct Entry: Sendable {
        var position: Int
        var start: Int
        var count: Int
    }

    /// Sorted by length; keys of one length keep their order, so that the first of two equal keys is the one found.
    private let entries: [Entry]
    /// Every key's UTF-8, one behind the other.
    private let bytes: [UInt8]
    /// Bit n: some key is n bytes long; bit 63: 63 bytes or more.
    private let lengths: UInt64

    package init(_ keys: some Sequence<String>) {
        var entries: [Entry] = []
        var bytes: [UInt8] = []
        var lengths: UInt64 = 0
        for (position, key) in keys.enumerated() {
            let start = bytes.count
            bytes.append(contentsOf: key.utf8)
            entries.append(Entry(position: position, start: start, count: bytes.count - start))
            lengths |= Self.lengthBit(bytes.count - start)
        }
        self.entries = entries.sorted { ($0.count, $0.position) < ($1.count, $1.position) }
        self.bytes = bytes
        self.lengths = lengths
    }

    /// The position, in the sequence the table was made from, of the key the decoded token is; nil when it is none.
    package func position(of token: JSONStringToken) -> Int? {
        let count = token.contents.count
        guard token.hasEscapes || lengths & Self.lengthBit(count) != 0 else { return nil }
        return bytes.withUnsafeBytes { bytes in
            for entry in entries {
                if !token.hasEscapes {
                    if entry.count < count { continue }
                    if entry.count > count { break }
                }
                let key = UnsafeRawBufferPointer(rebasing: bytes[entry.start..<(entry.start + entry.count)])
                if token.matches(key) { return entry.position }
            }
            return nil
        }
    }

    private static func lengthBit(_ count: Int) -> UInt64 {
        1 << UInt64(min(count, 63))
    }
}
