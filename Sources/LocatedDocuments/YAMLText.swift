/// YAML for strings.
package enum YAMLText {
    /// The string as a scalar that reads back as this string, in block and in flow style: plain where nobody could
    /// mistake it, else in double quotes.
    package static func scalar(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    /// Words of letters, digits and inner `-_./`, which neither YAML 1.1 nor 1.2 takes for anything but a string.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isLetter(first), isLetter(last) || isDigit(last)
        else { return false }
        let isWord = text.utf8.allSatisfy { byte in
            isLetter(byte) || isDigit(byte) || [UInt8]("-_./".utf8).contains(byte)
        }
        guard isWord, let resolved = try? ResolvedScalar(yamlText: text, tag: nil, isPlain: true) else { return false }
        return resolved == .string(text)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                if isPrintable(scalar) {
                    output.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16)
                    let (escape, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                    output += "\\" + escape + String(repeating: "0", count: width - digits.count) + digits
                }
            }
        }
        return output + "\""
    }

    /// What may stand in a YAML stream, less what breaks lines, marks byte order or turns a terminal's direction.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: true
        case 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: Terminal.printable(scalar) == scalar
        default: false
        }
    }
}
