// How kubectl reads a scalar: through sigs.k8s.io/yaml, which is go-yaml v2 (YAML 1.1 without base-60 numbers).
// The tables and their order follow its behaviour, observed with kubectl 1.32 and pinned by the tests.

/// Why a scalar with an explicit tag has no value.
enum ScalarTagError: Error, Equatable {
    /// `!!int abc`
    case mismatch(tag: String, text: String)
    /// `!!binary`, which kubectl's converter does not carry either.
    case binary
}

extension ResolvedScalar {
    private static let coreTagPrefix = "tag:yaml.org,2002:"

    /// Resolves a YAML scalar.
    /// - Parameters:
    ///   - tag: the tag as the parser gives it, expanded; nil when there is none.
    ///   - isPlain: written without quotes and not as a block.
    init(yamlText text: String, tag: String?, isPlain: Bool) throws(ScalarTagError) {
        guard let tag else {
            self = isPlain ? Self.plain(text) : .string(text)
            return
        }
        guard tag.hasPrefix(Self.coreTagPrefix) else {
            // An application's own tag: the text as it stands.
            self = .string(text)
            return
        }
        let name = tag.dropFirst(Self.coreTagPrefix.count)
        let resolved = Self.plain(text)
        switch (name, resolved) {
        case ("str", _): self = .string(text)
        case ("binary", _): throw .binary
        case ("bool", .bool), ("int", .integer), ("null", .null), ("float", .float), ("float", .nonFinite),
            ("float", .integer):
            self = resolved
        case ("timestamp", _) where Self.looksLikeTimestamp(text): self = .string(text)
        case ("bool", _), ("int", _), ("null", _), ("float", _), ("timestamp", _):
            throw .mismatch(tag: "!!" + name, text: text)
        default: self = .string(text)
        }
    }

    /// Whether a label's value stands for itself when it is written without quotes: `ml-platform` does, `1234` and `on`
    /// do not.
    package static func isPlainString(_ text: String) -> Bool { plain(text) == .string(text) }

    private static func plain(_ text: String) -> ResolvedScalar {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            return word(text) ?? number(text) ?? .string(text)
        case UInt8(ascii: "."):
            return word(text) ?? decimal(text) ?? .string(text)
        default:
            return word(text) ?? .string(text)
        }
    }

    private static func word(_ text: String) -> ResolvedScalar? {
        // Most scalars are longer than any of the words (`false`, `+.inf`) and need no comparison.
        guard text.utf8.count <= 5 else { return nil }
        return switch text {
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": .bool(false)
        case "", "~", "null", "Null", "NULL": .null
        case ".nan", ".NaN", ".NAN": .nonFinite(".nan")
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .nonFinite(".inf")
        case "-.inf", "-.Inf", "-.INF": .nonFinite("-.inf")
        default: nil
        }
    }

    /// An integer in base 2, 8, 10 or 16, or a decimal number; underscores may stand anywhere.
    private static func number(_ text: String) -> ResolvedScalar? {
        // A date starts with four digits and a hyphen, which no number does: it stays a string without further ado.
        let digits = text.utf8.filter { $0 != UInt8(ascii: "_") }
        return integer(digits[...]) ?? decimal(String(decoding: digits, as: UTF8.self))
    }

    private static func integer(_ signed: ArraySlice<UInt8>) -> ResolvedScalar? {
        var digits = signed
        var isNegative = false
        if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            digits = digits.dropFirst()
        }
        var base = 10
        if digits.count > 1, digits.first == UInt8(ascii: "0") {
            switch digits.dropFirst().first {
            case UInt8(ascii: "x"), UInt8(ascii: "X"): (base, digits) = (16, digits.dropFirst(2))
            case UInt8(ascii: "b"), UInt8(ascii: "B"): (base, digits) = (2, digits.dropFirst(2))
            case UInt8(ascii: "o"), UInt8(ascii: "O"): (base, digits) = (8, digits.dropFirst(2))
            default: (base, digits) = (8, digits.dropFirst())
            }
        }
        // UInt64's initialiser takes a sign of its own, which must not stand behind ours or a prefix.
        guard let first = digits.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else { return nil }
        let text = String(decoding: digits, as: UTF8.self)
        guard let magnitude = UInt64(text, radix: base) else { return nil }
        if !isNegative { return .integer(String(magnitude)) }
        if magnitude == 0 { return .integer("0") }
        // Below -2^63 it is a float, as go-yaml's table has it.
        guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
        return .integer("-" + String(magnitude))
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` within the range of a double.
    private static func decimal(_ text: String) -> ResolvedScalar? {
        let bytes = text.utf8.filter { $0 != UInt8(ascii: "_") }
        var rest = bytes[...]
        func dropDigits() -> Int {
            let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        func dropSign() {
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
        }
        dropSign()
        let whole = dropDigits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = dropDigits()
            guard whole > 0 || fraction > 0 else { return nil }
        } else if whole == 0 {
            return nil
        }
        if let exponent = rest.first, exponent == UInt8(ascii: "e") || exponent == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            dropSign()
            guard dropDigits() > 0 else { return nil }
        }
        guard rest.isEmpty, let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
            return nil
        }
        return .float(FloatText.json(value))
    }

    private static func looksLikeTimestamp(_ text: String) -> Bool {
        let bytes = Array(text.utf8.prefix(5))
        return bytes.count == 5 && bytes[4] == UInt8(ascii: "-")
            && bytes.prefix(4).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension LocatedScalar {
    /// The scalar as a key of a JSON object; nil for null and for what is not a number, which kubectl refuses.
    var keyName: String? {
        switch resolved {
        case .string(let text): text
        case .bool(let value): value ? "true" : "false"
        case .integer(let text): text
        case .float(let text): Double(text).map(FloatText.key) ?? text
        case .nonFinite(let text): text
        case .null: nil
        }
    }
}
