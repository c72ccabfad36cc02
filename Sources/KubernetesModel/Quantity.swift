/// An amount of a resource (k8s.io/apimachinery/pkg/api/resource Quantity), exact to a billionth.
///
/// Range: up to 2^63 - 1 whole units either way, as for the API server. What is finer than a billionth is
/// rounded away from zero, as the API server does.
package struct Quantity: Sendable, Hashable, Comparable {
    /// Billionths of the unit (of a core, a byte, a GPU).
    package let nanos: Int128

    package init(nanos: Int128) { self.nanos = nanos }

    /// Largest amount, in whole units.
    package static let maximumUnits = Int64.max

    /// Most significant digits read: as many as 128 bits hold.
    package static let maximumDigits = 38

    /// Reads `500m`, `1.5Gi`, `2e3`.
    ///
    ///     quantity = [ "+" / "-" ] number [ suffix ]
    ///     number   = 1*DIGIT [ "." *DIGIT ] / "." 1*DIGIT
    ///     suffix   = "Ki" / "Mi" / "Gi" / "Ti" / "Pi" / "Ei"
    ///              / "n" / "u" / "m" / "k" / "M" / "G" / "T" / "P" / "E"
    ///              / ( "e" / "E" ) [ "+" / "-" ] 1*DIGIT
    ///
    /// - Throws: `QuantityError` for any other text, and for amounts out of range.
    package init(parsing text: String) throws(QuantityError) {
        var copy = text
        guard let outcome = copy.withUTF8({ QuantityText(UnsafeRawBufferPointer($0))?.nanos() }) else {
            throw text.isEmpty ? .empty : .malformed(text)
        }
        switch outcome {
        case .exact(let nanos): self.init(nanos: nanos)
        case .outOfRange: throw .outOfRange(text)
        }
    }

    /// The same over UTF-8 bytes.
    package init(utf8 text: UnsafeRawBufferPointer) throws(QuantityError) {
        if let nanos = Self.plainNanos(text) {
            self.init(nanos: nanos)
        } else {
            try self.init(parsing: String(decoding: text, as: UTF8.self))
        }
    }

    /// The short cut for what nearly all quantities look like: a few digits and a usual suffix. Nothing for any other
    /// text, which may be a quantity as well.
    private static func plainNanos(_ text: UnsafeRawBufferPointer) -> Int128? {
        var value: UInt64 = 0
        var digits = 0
        // Fifteen digits times any of the factors is far below the largest amount.
        while digits < text.count, digits < 15 {
            let digit = text[digits] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            digits += 1
        }
        guard digits > 0 else { return nil }
        let factor: Int128
        switch text.count - digits {
        case 0: factor = 1_000_000_000
        case 1 where text[digits] == UInt8(ascii: "m"): factor = 1_000_000
        case 2 where text[digits + 1] == UInt8(ascii: "i"):
            switch text[digits] {
            case UInt8(ascii: "K"): factor = 1_000_000_000 << 10
            case UInt8(ascii: "M"): factor = 1_000_000_000 << 20
            case UInt8(ascii: "G"): factor = 1_000_000_000 << 30
            default: return nil
            }
        default: return nil
        }
        let nanos = Int128(value) &* factor
        return nanos <= Int128(maximumUnits) * 1_000_000_000 ? nanos : nil
    }

    /// Whether the text is a quantity and amounts to nothing. A malformed text does not: it may be meant as
    /// something, and the API server will refuse it anyway.
    package static func isZero(_ text: String) -> Bool {
        var copy = text
        return copy.withUTF8 { isZero(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// The same over UTF-8 bytes: those of a JSON string's contents or of a JSON number.
    package static func isZero(utf8 text: UnsafeRawBufferPointer) -> Bool {
        QuantityText(text)?.isZero ?? false
    }

    package static func < (left: Self, right: Self) -> Bool { left.nanos < right.nanos }
}

/// Why a text is not a quantity.
package enum QuantityError: Error, Sendable, Hashable, CustomStringConvertible {
    case empty
    case malformed(String)
    case outOfRange(String)

    package var description: String {
        switch self {
        case .empty:
            "quantity is empty: write a number with an optional suffix, such as 1, 500m or 2Gi"
        case .malformed(let text):
            "'\(text.quotation)' is no quantity: write a number with an optional suffix, such as 1, 500m or 2Gi"
        case .outOfRange(let text):
            "quantity '\(text.quotation)' is larger than \(Quantity.maximumUnits) or has more than "
                + "\(Quantity.maximumDigits) digits: write a smaller or rounder amount"
        }
    }
}

/// The parts of a well-formed quantity.
private struct QuantityText {
    private enum Scale {
        /// Times ten to this power.
        case decimal(Int)
        /// Times two to this power.
        case binary(Int)
    }

    enum Outcome {
        case exact(Int128)
        case outOfRange
    }

    /// An exponent further from zero than this makes any number too large or nothing but a rounding: reading
    /// stops counting there, so that no text overflows the counter.
    private static let exponentBound = 1_000_000

    private let isNegative: Bool
    private let whole: Slice<UnsafeRawBufferPointer>
    private let fraction: Slice<UnsafeRawBufferPointer>
    private let scale: Scale

    init?(_ text: UnsafeRawBufferPointer) {
        var rest = text[...]
        switch rest.first {
        case UInt8(ascii: "-"):
            isNegative = true
            rest = rest.dropFirst()
        case UInt8(ascii: "+"):
            isNegative = false
            rest = rest.dropFirst()
        default:
            isNegative = false
        }
        whole = rest.prefix(while: Self.isDigit)
        rest = rest[whole.endIndex...]
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix(while: Self.isDigit)
            rest = rest[fraction.endIndex...]
        } else {
            fraction = rest.prefix(0)
        }
        guard !whole.isEmpty || !fraction.isEmpty, let scale = Self.scale(of: rest) else { return nil }
        self.scale = scale
    }

    var isZero: Bool { whole.allSatisfy(Self.isZero) && fraction.allSatisfy(Self.isZero) }

    func nanos() -> Outcome {
        guard let digits = significand() else { return .outOfRange }
        guard digits != 0 else { return .exact(0) }
        let magnitude: UInt128?
        switch scale {
        case .decimal(let exponent):
            magnitude = Self.multiply(digits, byTenTo: 9 + exponent - significantFraction.count)
        case .binary(let exponent):
            let (product, overflow) = digits.multipliedReportingOverflow(by: UInt128(1) << UInt128(exponent))
            magnitude = overflow ? nil : Self.multiply(product, byTenTo: 9 - significantFraction.count)
        }
        guard let magnitude, magnitude <= UInt128(Quantity.maximumUnits) * 1_000_000_000 else { return .outOfRange }
        // Not above 2^94, so it fits with either sign.
        let nanos = Int128(truncatingIfNeeded: magnitude)
        return .exact(isNegative ? -nanos : nanos)
    }

    /// The fraction without the zeros at its end.
    private var significantFraction: Slice<UnsafeRawBufferPointer> {
        guard let last = fraction.lastIndex(where: { !Self.isZero($0) }) else { return fraction.prefix(0) }
        return fraction[...last]
    }

    /// The digits of whole and fraction as one number, nothing if they are too many.
    private func significand() -> UInt128? {
        var value: UInt128 = 0
        var count = 0
        for digits in [whole, significantFraction] {
            for digit in digits {
                if count > 0 || !Self.isZero(digit) { count += 1 }
                guard count <= Quantity.maximumDigits else { return nil }
                value = value * 10 + UInt128(digit - UInt8(ascii: "0"))
            }
        }
        return value
    }

    /// A power below zero divides, rounding up.
    private static func multiply(_ value: UInt128, byTenTo power: Int) -> UInt128? {
        let steps = power.magnitude
        guard steps <= Quantity.maximumDigits else { return power < 0 ? 1 : nil }
        var factor: UInt128 = 1
        for _ in 0..<steps { factor *= 10 }
        if power < 0 {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: factor)
            return remainder == 0 ? quotient : quotient + 1
        }
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    private static func scale(of suffix: Slice<UnsafeRawBufferPointer>) -> Scale? {
        guard let first = suffix.first else { return .decimal(0) }
        let rest = suffix.dropFirst()
        if rest.isEmpty { return decimalSuffix(first) }
        // Before the exponent: Ei is no exponent.
        if rest.count == 1, rest.first == UInt8(ascii: "i") { return binarySuffix(first) }
        guard first == UInt8(ascii: "e") || first == UInt8(ascii: "E") else { return nil }
        return exponent(rest).map(Scale.decimal)
    }

    private static func decimalSuffix(_ byte: UInt8) -> Scale? {
        switch byte {
        case UInt8(ascii: "n"): .decimal(-9)
        case UInt8(ascii: "u"): .decimal(-6)
        case UInt8(ascii: "m"): .decimal(-3)
        case UInt8(ascii: "k"): .decimal(3)
        case UInt8(ascii: "M"): .decimal(6)
        case UInt8(ascii: "G"): .decimal(9)
        case UInt8(ascii: "T"): .decimal(12)
        case UInt8(ascii: "P"): .decimal(15)
        case UInt8(ascii: "E"): .decimal(18)
        default: nil
        }
    }

    private static func binarySuffix(_ byte: UInt8) -> Scale? {
        switch byte {
        case UInt8(ascii: "K"): .binary(10)
        case UInt8(ascii: "M"): .binary(20)
        case UInt8(ascii: "G"): .binary(30)
        case UInt8(ascii: "T"): .binary(40)
        case UInt8(ascii: "P"): .binary(50)
        case UInt8(ascii: "E"): .binary(60)
        default: nil
        }
    }

    /// The text after `e`.
    private static func exponent(_ text: Slice<UnsafeRawBufferPointer>) -> Int? {
        var digits = text
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative || text.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
        var value = 0
        for digit in digits {
            value = min(value * 10 + Int(digit - UInt8(ascii: "0")), exponentBound)
        }
        return isNegative ? -value : value
    }

    private static func isZero(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "0") }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
