// Decimal texts of amounts.

extension Money {
    private static let decimals = 9

    /// Reads `20000`, `0.0405`, `-3.5` exactly.
    ///
    ///     amount = [ "-" ] whole [ "." 1*DIGIT ]
    ///     whole  = "0" / ( %x31-39 *DIGIT )
    ///
    /// A whole part with leading zeros is refused: YAML reads `0777` as octal and people as decimal.
    /// - Parameter allowsExponent: also reads `1e+06` and `2.5e4`, as Go's programs (Helm among them) write a million and
    ///   more.
    /// - Throws: `.malformed`, `.tooPrecise` for digits beyond billionths that are not zeros, `.outOfRange`.
    package init(parsing text: String, allowsExponent: Bool = false) throws(MoneyError) {
        guard let number = DecimalText(text), allowsExponent || !number.hasExponent, number.hasPlainWhole else {
            throw .malformed(text)
        }
        try self.init(number, of: text, rounds: false)
    }

    /// Reads a number of another program, as JSON and Prometheus write them (`0.031611000000000004`, `1e-05`), and rounds
    /// it to the nearest nano-unit.
    /// - Throws: `.malformed` (also for `NaN` and `Inf`), `.outOfRange`.
    package init(rounding text: String) throws(MoneyError) {
        guard let number = DecimalText(text) else { throw .malformed(text) }
        try self.init(number, of: text, rounds: true)
    }

    private init(_ number: DecimalText, of text: String, rounds: Bool) throws(MoneyError) {
        let power = number.exponent + Self.decimals
        var magnitude = number.digits
        if magnitude == 0 {
            self = .zero
            return
        }
        if power >= 0 {
            guard power <= DecimalText.maximumDigits else { throw .outOfRange(text) }
            let product = magnitude.multipliedReportingOverflow(by: DecimalText.tenTo(power))
            guard !product.overflow else { throw .outOfRange(text) }
            magnitude = product.partialValue
        } else {
            // Fewer than 39 digits over more than 10^38 are less than half of one.
            let divisor = -power <= DecimalText.maximumDigits ? DecimalText.tenTo(-power) : .max
            guard rounds || magnitude % divisor == 0 else { throw .tooPrecise(text) }
            magnitude = magnitude.roundedHalfToEven(dividingBy: divisor)
        }
        guard magnitude <= UInt128(Int64.max) else { throw .outOfRange(text) }
        let nanos = Int64(truncatingIfNeeded: magnitude)
        self.init(nanos: number.isNegative ? -nanos : nanos)
    }

    /// With a fixed number of decimals (0 to 9) for people: the nearest, halves to the even one.
    package func rounded(toDecimals count: Int) -> String {
        let kept = min(max(count, 0), Self.decimals)
        let scaled = nanos.magnitude.roundedHalfToEven(dividingBy: DecimalText.tenTo(Self.decimals - kept))
        let (units, rest) = scaled.quotientAndRemainder(dividingBy: DecimalText.tenTo(kept))
        let sign = isNegative && scaled != 0 ? "-" : ""
        guard kept > 0 else { return "\(sign)\(units)" }
        let digits = String(rest)
        return "\(sign)\(units).\(String(repeating: "0", count: max(0, kept - digits.utf8.count)))\(digits)"
    }
}

extension Money: CustomStringConvertible {
    /// The shortest decimal text of exactly this amount: `0.0405`, `-3.5`, `20000`.
    package var description: String {
        var text = rounded(toDecimals: Self.decimals)
        guard nanos % Int128(Self.nanosPerUnit) != 0 else { return String(text.dropLast(Self.decimals + 1)) }
        while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
        return text
    }
}

/// The parts of a decimal number: `digits × 10^exponent`.
private struct DecimalText {
    /// Significant digits read: as many as 128 bits hold.
    static let maximumDigits = 38
    /// Numbers of programs have some twenty characters; a text beyond this is none.
    private static let maximumLength = 64
    /// An exponent beyond it makes any number too large or nothing.
    private static let maximumExponent = 1_000

    private(set) var isNegative = false
    private(set) var digits: UInt128 = 0
    private(set) var exponent = 0
    private(set) var hasExponent = false
    /// Whether the whole part is `0` or begins with another digit, and a point is followed by a digit.
    private(set) var hasPlainWhole = true

    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "-") {
            isNegative = true
            rest.removeFirst()
        }
        let whole = rest.prefix(while: Self.isDigit)
        rest = rest.dropFirst(whole.count)
        hasPlainWhole = whole.count == 1 || (whole.first.map { $0 != UInt8(ascii: "0") } ?? false)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.prefix(while: Self.isDigit)
            rest = rest.dropFirst(fraction.count)
            if fraction.isEmpty { hasPlainWhole = false }
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        if let marker = rest.first {
            guard marker == UInt8(ascii: "e") || marker == UInt8(ascii: "E"),
                let power = Self.exponent(rest.dropFirst())
            else { return nil }
            exponent = power
            hasExponent = true
        }
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        let significant = (whole + fraction).drop { $0 == UInt8(ascii: "0") }
        guard significant.count <= Self.maximumDigits else { return nil }
        for digit in significant { digits = digits &* 10 &+ UInt128(digit &- UInt8(ascii: "0")) }
        exponent -= fraction.count
    }

    private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return nil }
        var value = 0
        for digit in rest { value = min(value * 10 + Int(digit &- UInt8(ascii: "0")), maximumExponent) }
        return isNegative ? -value : value
    }

    /// For powers up to `maximumDigits`.
    static func tenTo(_ power: Int) -> UInt128 {
        var result: UInt128 = 1
        for _ in 0..<min(power, maximumDigits) { result &*= 10 }
        return result
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
