import LocatedDocuments

/// FNV-1a in 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): stable over runs and machines, unlike the standard
/// library's hasher, and short enough for a metric's label. It tells versions apart and defends against nothing.
enum PolicyHash {
    static let offsetBasis: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01B3

    static func value(of bytes: some Sequence<UInt8>, after hash: UInt64 = offsetBasis) -> UInt64 {
        bytes.reduce(hash) { ($0 ^ UInt64($1)) &* prime }
    }

    /// Sixteen hexadecimal digits.
    static func text(of text: String) -> String {
        let digits = String(value(of: text.utf8), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Names and bytes of policy files, by their hash. Whoever can write the files can change the policy, so nothing is to
/// be gained by two that share one.
package struct PolicyFingerprint: Hashable, Sendable {
    private var hash = PolicyHash.offsetBasis

    init() {}

    mutating func add(_ file: SourceFile) {
        hash = PolicyHash.value(of: file.name.utf8, after: hash)
        // Neither is in a name, so that no two lists of files come to the same bytes.
        hash = PolicyHash.value(of: [0] + "\(file.bytes.count)".utf8 + [0], after: hash)
        hash = PolicyHash.value(of: file.bytes, after: hash)
    }
}
