/// A value that names several owners of one resource with their parts: `search:60,payments:40`.
///
/// Labels cannot hold it (neither `:` nor `,` may stand in their values), annotations and cloud tags can.
package struct SplitValue: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        package let value: String
        /// Billionths of a per cent.
        package let weight: UInt64
    }

    /// In the order of the values; one part, of everything, for a plain value.
    package let parts: [Part]

    /// More owners than this share nothing in earnest; it bounds the work for one line.
    package static let maximumParts = 32

    private static let hundredPerCent: UInt64 = 100_000_000_000

    /// Reads `a:60,b:40` and plain values.
    ///
    ///     split = part *( "," part )      part = value ":" per-cent
    ///
    /// - Returns: nil for what looks like a split and is none: a part without a value or a per cent above zero, a value
    ///   that stands twice, parts that do not add up to 100.
    package init?(_ text: String) {
        guard text.contains(where: { $0 == ":" || $0 == "," }) else {
            parts = [Part(value: text, weight: Self.hundredPerCent)]
            return
        }
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        guard words.count <= Self.maximumParts else { return nil }
        var parts: [Part] = []
        for word in words {
            let pair = word.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2 else { return nil }
            let (name, share) = (Self.trimmed(pair[0]), Self.trimmed(pair[1]))
            guard !name.isEmpty, let percent = try? Money(parsing: share), percent > .zero,
                let weight = UInt64(exactly: percent.nanos), weight <= Self.hundredPerCent
            else { return nil }
            parts.append(Part(value: name, weight: weight))
        }
        // At most 32 parts of at most 10^11.
        guard parts.reduce(0, { $0 + $1.weight }) == Self.hundredPerCent, Set(parts.map(\.value)).count == parts.count
        else { return nil }
        self.parts = parts.sorted { $0.value < $1.value }
    }

    private static func trimmed(_ word: Substring) -> String {
        let front = word.drop { $0 == " " }
        return String(front.prefix(front.count - front.reversed().prefix { $0 == " " }.count))
    }
}
