/// Why an amount of money cannot be had.
package enum MoneyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is no decimal number.
    case malformed(String)
    /// The text has more decimals than nano-units can hold.
    case tooPrecise(String)
    /// The text exceeds 63 bits of nano-units.
    case outOfRange(String)
    /// A product exceeds `Money.maximum`.
    case overflow
    case zeroDivisor

    package var description: String {
        switch self {
        case .malformed(let text):
            "'\(Self.shown(text))' is no amount: write digits and at most nine decimals, such as 20000 or 0.0405"
        case .tooPrecise(let text):
            "'\(Self.shown(text))' has more than nine decimals: round it to billionths"
        case .outOfRange(let text):
            "'\(Self.shown(text))' is beyond ±9223372036.854775807: write a smaller amount"
        case .overflow: "an amount of money grows beyond 2^95 nano-units: look for an absurd price or quantity"
        case .zeroDivisor: "an amount of money is divided by zero"
        }
    }

    /// Longer texts are no amounts; a message shows their beginning, without what would break its line.
    private static let longestShown = 40

    private static func shown(_ text: String) -> String {
        var result = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == longestShown { return result + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
