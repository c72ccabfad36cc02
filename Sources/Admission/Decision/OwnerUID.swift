/// An owner's UID: what tells it from every other that ever had its name.
///
/// The API server makes them random UUIDs (RFC 9562) in lower case, which take 16 bytes here instead of a text's 80.
/// What is written otherwise is kept as it is, so that two UIDs are equal exactly when their texts are.
package enum OwnerUID: Sendable, Hashable, CustomStringConvertible {
    case uuid(UInt64, UInt64)
    case text(String)

    /// Characters of a UUID: 32 digits and four dashes.
    private static let length = 36

    package init(_ text: String) {
        var text = text
        let parsed = text.withUTF8 { Self.parse($0) }
        self = parsed.map { .uuid($0.high, $0.low) } ?? .text(text)
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        let dash = UInt8(ascii: "-")
        guard bytes.count == length, bytes[8] == dash, bytes[13] == dash, bytes[18] == dash, bytes[23] == dash else {
            return nil
        }
        var (high, low): (UInt64, UInt64) = (0, 0)
        guard read(bytes, 0..<8, &high), read(bytes, 9..<13, &high), read(bytes, 14..<18, &high),
            read(bytes, 19..<23, &low), read(bytes, 24..<36, &low)
        else { return nil }
        return (high, low)
    }

    /// Appends digits to a number; false where there is another character.
    private static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ digits: Range<Int>, _ number: inout UInt64) -> Bool
    {
        for index in digits {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte &- UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte &- UInt8(ascii: "a") &+ 10)
            default: return false
            }
        }
        return true
    }

    package var description: String {
        switch self {
        case .text(let text): return text
        case .uuid(let high, let low):
            func digits(_ value: UInt64) -> String {
                let text = String(value, radix: 16)
                return String(repeating: "0", count: 16 - text.utf8.count) + text
            }
            let all = Array((digits(high) + digits(low)).utf8)
            let groups = [all[0..<8], all[8..<12], all[12..<16], all[16..<20], all[20..<32]]
            return groups.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
        }
    }
}
