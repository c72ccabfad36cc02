/// Shortest decimal text of floating-point numbers in the two layouts Go uses on kubectl's way from YAML to JSON.
enum FloatText {
    /// As Go's encoding/json writes a float64: an exponent below 1e-6 and from 1e21 on (ECMAScript's rule).
    static func json(_ value: Double) -> String {
        let decimal = ShortestDecimal(description: value.description)
        if decimal.isZero { return decimal.isNegative ? "-0" : "0" }
        if decimal.exponent < -6 || decimal.exponent >= 21 { return decimal.scientific(exponentDigits: 1) }
        return decimal.positional
    }

    /// As Go's `%g` writes a float32, which is what a number becomes that is used as a key.
    static func key(_ value: Double) -> String {
        let narrowed = Float(value)
        guard narrowed.isFinite else { return value < 0 ? "-.inf" : ".inf" }
        let decimal = ShortestDecimal(description: narrowed.description)
        if decimal.isZero { return decimal.isNegative ? "-0" : "0" }
        if decimal.exponent < -4 || decimal.exponent >= 6 { return decimal.scientific(exponentDigits: 2) }
        return decimal.positional
    }
}

/// Digits and a power of ten: `d.ddd × 10^exponent`.
private struct ShortestDecimal {
    var isNegative = false
    /// Without leading or trailing zeros; empty for zero.
    var digits: [Character] = []
    var exponent = 0

    var isZero: Bool { digits.isEmpty }

    /// Reads the standard library's shortest description of a finite number: `12.5`, `1e-07`, `5e+20`.
    init(description: String) {
        var pointPosition: Int?
        var power = 0
        var rest = description[...]
        if rest.first == "-" {
            isNegative = true
            rest = rest.dropFirst()
        }
        if let marker = rest.firstIndex(of: "e") {
            power = Int(rest[rest.index(after: marker)...]) ?? 0
            rest = rest[..<marker]
        }
        for character in rest {
            if character == "." { pointPosition = digits.count } else { digits.append(character) }
        }
        var exponent = (pointPosition ?? digits.count) - 1 + power
        while digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        self.exponent = exponent
    }

    private var sign: String { isNegative ? "-" : "" }

    var positional: String {
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + String(digits) }
        let wholeCount = exponent + 1
        if digits.count <= wholeCount {
            return sign + String(digits) + String(repeating: "0", count: wholeCount - digits.count)
        }
        return sign + String(digits[..<wholeCount]) + "." + String(digits[wholeCount...])
    }

    func scientific(exponentDigits: Int) -> String {
        var text = sign + String(digits.prefix(1))
        if digits.count > 1 { text += "." + String(digits.dropFirst()) }
        let magnitude = String(abs(exponent))
        let padding = String(repeating: "0", count: max(0, exponentDigits - magnitude.count))
        return text + "e" + (exponent < 0 ? "-" : "+") + padding + magnitude
    }
}
