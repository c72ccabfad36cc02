/// RFC 8259 as a machine that takes one byte at a time and knows nothing of words, tokens or encodings: slow, and
/// unlike the cursor in every way that matters, so that the two do not share a mistake. UTF-8 is not its business.
struct ReferenceGrammar {
    private enum State {
        /// White space, then a value; `orArrayEnd` right behind a `[`.
        case value(orArrayEnd: Bool)
        /// White space, then a name's quote; `orObjectEnd` right behind a `{`.
        case name(orObjectEnd: Bool)
        case colon
        /// White space, then what may follow a complete value.
        case afterValue
        case string(isName: Bool)
        case escape(isName: Bool)
        case hexadecimal(left: Int, isName: Bool)
        case literal(rest: Substring)
        case number(NumberState)
    }

    private enum NumberState {
        case minus, zero, integer, point, fraction, exponent, exponentSign, exponentDigits

        var mayEnd: Bool {
            switch self {
            case .zero, .integer, .fraction, .exponentDigits: true
            case .minus, .point, .exponent, .exponentSign: false
            }
        }
    }

    private var state = State.value(orArrayEnd: false)
    /// True for an object, false for an array.
    private var open: [Bool] = []
    private let maximumDepth: Int

    init(maximumDepth: Int) {
        self.maximumDepth = maximumDepth
    }

    /// Whether the document may end here.
    mutating func end() -> Bool {
        if case .number(let number) = state { return number.mayEnd && open.isEmpty }
        if case .afterValue = state { return open.isEmpty }
        return false
    }

    /// Whether the byte is legal here.
    mutating func accept(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
        switch state {
        case .value(let orArrayEnd):
            if isSpace { return true }
            if character == "]" && orArrayEnd { return close(isObject: false) }
            return beginValue(character)
        case .name(let orObjectEnd):
            if isSpace { return true }
            if character == "}" && orObjectEnd { return close(isObject: true) }
            state = .string(isName: true)
            return character == "\""
        case .colon:
            if isSpace { return true }
            state = .value(orArrayEnd: false)
            return character == ":"
        case .afterValue:
            if isSpace { return true }
            guard let isObject = open.last else { return false }
            if character == "," {
                state = isObject ? .name(orObjectEnd: false) : .value(orArrayEnd: false)
                return true
            }
            return character == (isObject ? "}" : "]") && close(isObject: isObject)
        case .string(let isName):
            if character == "\"" {
                state = isName ? .colon : .afterValue
            } else if character == "\\" {
                state = .escape(isName: isName)
            }
            return byte >= 0x20
        case .escape(let isName):
            state = character == "u" ? .hexadecimal(left: 4, isName: isName) : .string(isName: isName)
            return "\"\\/bfnrtu".contains(character)
        case .hexadecimal(let left, let isName):
            state = left == 1 ? .string(isName: isName) : .hexadecimal(left: left - 1, isName: isName)
            return "0123456789abcdefABCDEF".contains(character)
        case .literal(let rest):
            let isLegal = rest.first == character
            state = rest.count > 1 ? .literal(rest: rest.dropFirst()) : .afterValue
            return isLegal
        case .number(let number):
            if let next = Self.next(number, character) {
                state = .number(next)
                return true
            }
            guard number.mayEnd else { return false }
            state = .afterValue
            return accept(byte)
        }
    }

    private mutating func beginValue(_ character: Character) -> Bool {
        switch character {
        case "{":
            open.append(true)
            state = .name(orObjectEnd: true)
        case "[":
            open.append(false)
            state = .value(orArrayEnd: true)
        case "\"": state = .string(isName: false)
        case "t": state = .literal(rest: "rue")
        case "f": state = .literal(rest: "alse")
        case "n": state = .literal(rest: "ull")
        case "-": state = .number(.minus)
        case "0": state = .number(.zero)
        case "1"..."9": state = .number(.integer)
        default: return false
        }
        return open.count <= maximumDepth
    }

    private mutating func close(isObject: Bool) -> Bool {
        state = .afterValue
        return open.popLast() == isObject
    }

    private static func next(_ state: NumberState, _ character: Character) -> NumberState? {
        let isDigit = ("0"..."9").contains(character)
        switch (state, character) {
        case (.minus, "0"): return .zero
        case (.minus, _) where isDigit: return .integer
        case (.integer, _) where isDigit: return .integer
        case (.zero, "."), (.integer, "."): return .point
        case (.point, _) where isDigit, (.fraction, _) where isDigit: return .fraction
        case (.zero, "e"), (.zero, "E"), (.integer, "e"), (.integer, "E"), (.fraction, "e"), (.fraction, "E"):
            return .exponent
        case (.exponent, "+"), (.exponent, "-"): return .exponentSign
        case (.exponent, _) where isDigit, (.exponentSign, _) where isDigit, (.exponentDigits, _) where isDigit:
            return .exponentDigits
        default: return nil
        }
    }
}
