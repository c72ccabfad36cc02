/// FNV-1a in 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): stable over runs and machines, unlike the standard
/// library's hasher, and short enough for a metric's label. It tells versions apart and defends against nothing.
package enum StableHash {
    package static let offsetBasis: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01B3

    package static func value(of bytes: some Sequence<UInt8>, after hash: UInt64 = offsetBasis) -> UInt64 {
        bytes.reduce(hash) { ($0 ^ UInt64($1)) &* prime }
    }

    /// Sixteen hexadecimal digits.
    package static func text(of text: String) -> String {
        let digits = String(value(of: text.utf8), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
