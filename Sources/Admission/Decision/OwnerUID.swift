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
        guard bytes.count == length else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            switch (index, byte) {
            case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")), (23, UInt8(ascii: "-")):
                continue
            case (8, _), (13, _), (18, _), (23, _): return nil
            case (_, UInt8(ascii: "0")...UInt8(ascii: "9")):
                (high, low) = (high << 4 | low >> 60, low << 4 | UInt64(byte &- UInt8(ascii: "0")))
            case (_, UInt8(ascii: "a")...UInt8(ascii: "f")):
                (high, low) = (high << 4 | low >> 60, low << 4 | UInt64(byte &- UInt8(ascii: "a") &+ 10))
            default: return nil
            }
        }
        return (high, low)
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
