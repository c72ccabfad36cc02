/// Keys known before the document, each with its position, to tell which of them a token is.
///
/// Most tokens match none. A length no key has is refused by one bit test; the others are compared with the keys of
/// their length by their first and last eight bytes, which is all of most. Lookups allocate nothing.
package struct JSONKeyTable: Sendable {
    private struct Entry: Sendable {
        var position: Int
        var start: Int
        var count: Int
        var ends: Ends
    }

    /// The first and last eight bytes, which overlap in a text of fewer than sixteen. Shorter ones than eight have but
    /// the first, which is different for different texts of one length.
    private struct Ends: Equatable, Sendable {
        var first: UInt64
        var last: UInt64 = 0

        @inline(__always)
        init(_ text: UnsafeRawBufferPointer) {
            if text.count >= 8 {
                first = JSONStringToken.word(text, 0)
                last = JSONStringToken.word(text, text.count &- 8)
            } else {
                first = JSONStringToken.shortWord(text)
            }
        }
    }

    /// Lengths that are told apart by `lengths` and `firstEntries`; longer ones count as this.
    private static let maximumLength = 63

    /// Sorted by length; keys of one length keep their order, so that the first of two equal keys is the one found.
    private let entries: [Entry]
    /// For each length, where its keys begin in `entries`.
    private let firstEntries: [Int]
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
            let utf8 = Array(key.utf8)
            bytes += utf8
            entries.append(
                Entry(position: position, start: start, count: utf8.count, ends: utf8.withUnsafeBytes(Ends.init)))
            lengths |= Self.lengthBit(utf8.count)
        }
        entries.sort { ($0.count, $0.position) < ($1.count, $1.position) }
        self.entries = entries
        firstEntries = (0...Self.maximumLength).map { length in
            entries.firstIndex { $0.count >= length } ?? entries.count
        }
        self.bytes = bytes
        self.lengths = lengths
    }

    /// The position, in the sequence the table was made from, of the key the decoded token is; nil when it is none.
    @inline(__always)
    package func position(of token: JSONStringToken) -> Int? {
        guard !token.hasEscapes else { return positionOfDecoded(token) }
        guard lengths & Self.lengthBit(token.contents.count) != 0 else { return nil }
        return positionOfPlain(token.contents)
    }

    private func positionOfPlain(_ text: UnsafeRawBufferPointer) -> Int? {
        let count = text.count
        let ends = Ends(text)
        var index = firstEntries[min(count, Self.maximumLength)]
        while index < entries.count, entries[index].count <= count {
            // Up to sixteen bytes, the ends are the whole.
            if entries[index].count == count, entries[index].ends == ends,
                count <= 16 || isKey(text, entries[index])
            {
                return entries[index].position
            }
            index &+= 1
        }
        return nil
    }

    /// Rare, and inlined it would cost the others.
    @inline(never)
    private func isKey(_ text: UnsafeRawBufferPointer, _ entry: Entry) -> Bool {
        bytes.withUnsafeBytes { JSONStringToken.areEqual(text, key(entry, in: $0)) }
    }

    @inline(never)
    private func positionOfDecoded(_ token: JSONStringToken) -> Int? {
        bytes.withUnsafeBytes { bytes in entries.first { token.matches(key($0, in: bytes)) }?.position }
    }

    private func key(_ entry: Entry, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[entry.start..<(entry.start + entry.count)])
    }

    private static func lengthBit(_ count: Int) -> UInt64 {
        1 << UInt64(min(count, maximumLength))
    }
}
