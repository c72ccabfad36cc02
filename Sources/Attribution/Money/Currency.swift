/// A currency by its ISO 4217 code: `USD`.
package struct Currency: Sendable, Hashable, CustomStringConvertible {
    package let code: String

    package static let usd = Currency(known: "USD")

    private init(known code: String) { self.code = code }

    /// - Returns: nil unless the code is three capital letters.
    package init?(_ code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }) else {
            return nil
        }
        self.code = code
    }

    package var description: String { code }
}
