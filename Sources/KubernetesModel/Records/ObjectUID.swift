/// An object's UID in 16 bytes.
///
/// The API server's UIDs are UUIDs and stand here as such. Any other text (static Pods carry a hash) is kept in the
/// string pool; only within one pool do two of those compare.
package struct ObjectUID: Sendable, Hashable, BitwiseCopyable, Comparable {
    private let high: UInt64
    /// With all bits of `high` set: the number in the string pool. A UUID that begins with 16 times f is kept there
    /// too, so that nothing is both.
    private let low: UInt64

    /// No UID at all: what a manifest has.
    package static let none = ObjectUID(interned: .empty)

    package var isNone: Bool { self == .none }

    init(interned text: StringID) {
        high = .max
        low = UInt64(text.rawValue)
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }

    /// The string's number, if the UID is not a UUID.
    private var interned: StringID? {
        high == .max ? StringID(rawValue: UInt32(truncatingIfNeeded: low)) : nil
    }

    package func text(in strings: StringPool) -> String {
        if let interned { return strings[interned] }
        var text: [UInt8] = []
        text.reserveCapacity(Self.uuidLength)
        for (index, word) in [high, low].enumerated() {
            for digit in 0..<16 {
                if Self.hyphens.contains(index * 16 + digit) { text.append(UInt8(ascii: "-")) }
                let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * digit)) & 15
                text.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let uuidLength = 36
    /// Digits before which a hyphen stands (RFC 9562, 4).
    private static let hyphens: Set<Int> = [8, 12, 16, 20]

    /// Reads a UUID as the API server writes it, in lower case; nothing if it is something else.
    init?(uuid text: UnsafeRawBufferPointer) {
        guard text.count == Self.uuidLength else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for index in 0..<Self.uuidLength {
            let byte = text[index]
            switch index {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            default: break
            }
            let value: UInt8
            switch byte {
            case 0x30...0x39: value = byte &- 0x30
            case 0x61...0x66: value = byte &- 0x61 &+ 10
            default: return nil
            }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(value) } else { words.1 = words.1 << 4 | UInt64(value) }
            digits += 1
        }
        guard words.0 != .max else { return nil }
        self.init(high: words.0, low: words.1)
    }
}

extension ObjectUID {
    /// The same UID as another pool keeps it.
    func carried(from source: StringPool, to target: inout StringPool) -> ObjectUID {
        guard let interned else { return self }
        return source.withUTF8(interned) { ObjectUID(interned: target.intern(utf8: UnsafeRawBufferPointer($0))) }
    }
}
