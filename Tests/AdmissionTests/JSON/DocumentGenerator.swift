import TestSupport

/// Makes values, and writes each in one of the many ways JSON has for it.
///
/// Left out are the things on which parsers differ by right (see `Divergence`): surrogates without a partner, members
/// of one name, numbers beyond a double, and nesting beyond 512 levels.
struct DocumentGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func tree(depth: Int = 0) -> JSONTree {
        switch chance(0..<(depth > 6 ? 60 : 100)) {
        case ..<30: return .string(text())
        case ..<45: return .number(number())
        case ..<53: return .bool(chance(0..<2) == 0)
        case ..<60: return .null
        case ..<80:
            var members: [JSONTree.Member] = []
            for _ in 0..<chance(0..<6) {
                let name = text()
                // Foundation keys a dictionary by String, for which canonically equivalent names are the same.
                let isNew = !members.contains { String($0.name) == String(name) }
                if isNew { members.append(.init(name: name, value: tree(depth: depth + 1))) }
            }
            return .object(members)
        default: return .array((0..<chance(0..<6)).map { _ in tree(depth: depth + 1) })
        }
    }

    /// A document that means `tree`: white space and escapes are put where they may stand.
    mutating func document(of tree: JSONTree) -> [UInt8] {
        var output = ""
        space(&output)
        write(tree, to: &output)
        space(&output)
        return Array(output.utf8)
    }

    private mutating func chance(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func text() -> [Unicode.Scalar] {
        // Lengths around a word's, where scanning changes its step.
        let length = chance(0..<4) == 0 ? chance(0..<40) : chance(0..<10)
        let isPlain = chance(0..<2) == 0
        return (0..<length).map { _ in scalar(isPlain: isPlain) }
    }

    private mutating func scalar(isPlain: Bool) -> Unicode.Scalar {
        let ranges: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x61...0x7A, 0x00...0x1F, 0x22...0x22, 0x5C...0x5C, 0x80...0x7FF, 0x800...0xD7FF,
            0xE000...0xFFFF, 0x10000...0x10FFFF, 0x7E...0x81, 0x7FE...0x801, 0xFFFE...0x10001,
        ]
        let range = ranges[isPlain ? chance(0..<2) : chance(0..<ranges.count)]
        return Unicode.Scalar(UInt32.random(in: range, using: &random)) ?? "?"
    }

    private mutating func number() -> String {
        var text = chance(0..<3) == 0 ? "-" : ""
        text += chance(0..<4) == 0 ? "0" : String(chance(1..<1_000_000))
        if chance(0..<3) == 0 { text += "." + String(chance(0..<100_000)) }
        if chance(0..<4) == 0 { text += ["e", "E", "e+", "E-", "e-"][chance(0..<5)] + String(chance(0..<30)) }
        return text
    }

    private mutating func space(_ output: inout String) {
        guard chance(0..<4) == 0 else { return }
        for _ in 0..<chance(1..<4) { output += [" ", "\n", "\t", "\r"][chance(0..<4)] }
    }

    private mutating func write(_ tree: JSONTree, to output: inout String) {
        switch tree {
        case .object(let members):
            output += "{"
            space(&output)
            for (position, member) in members.enumerated() {
                if position > 0 { separate(",", &output) }
                write(member.name, to: &output)
                separate(":", &output)
                write(member.value, to: &output)
            }
            space(&output)
            output += "}"
        case .array(let elements):
            output += "["
            space(&output)
            for (position, element) in elements.enumerated() {
                if position > 0 { separate(",", &output) }
                write(element, to: &output)
            }
            space(&output)
            output += "]"
        case .string(let text): write(text, to: &output)
        case .number(let text): output += text
        case .bool(let value): output += value ? "true" : "false"
        case .null: output += "null"
        }
    }

    private mutating func separate(_ separator: String, _ output: inout String) {
        space(&output)
        output += separator
        space(&output)
    }

    private mutating func write(_ text: [Unicode.Scalar], to output: inout String) {
        let short: [Unicode.Scalar: String] = [
            "\"": "\\\"", "\\": "\\\\", "/": "\\/", "\u{8}": "\\b", "\u{C}": "\\f", "\n": "\\n", "\r": "\\r",
            "\t": "\\t",
        ]
        output += "\""
        for scalar in text {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if let escape = short[scalar], chance(0..<2) == 0 {
                output += escape
            } else if mustEscape || chance(0..<12) == 0 {
                for unit in String(Character(scalar)).utf16 {
                    let digits = String(0x10000 + Int(unit), radix: 16, uppercase: chance(0..<2) == 0).dropFirst()
                    output += "\\u" + digits
                }
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}

extension DocumentGenerator {
    /// The document with a few of its bytes changed, most often to one that means something to a parser.
    mutating func mutation(of document: [UInt8]) -> [UInt8] {
        var document = document
        for _ in 0..<chance(1..<4) {
            let place = chance(0..<(document.count + 1))
            switch chance(0..<6) {
            case 0 where place < document.count:
                document[place] = byte()
            case 1 where place < document.count:
                document[place] ^= 1 << UInt8(chance(0..<8))
            case 2 where place < document.count:
                document.remove(at: place)
            case 3:
                document.insert(byte(), at: place)
            case 4:
                let end = min(document.count, place + chance(0..<8))
                document.insert(contentsOf: document[place..<end], at: chance(0..<(document.count + 1)))
            default:
                let end = min(document.count, place + chance(0..<8))
                document.removeSubrange(place..<end)
            }
        }
        return document
    }

    private mutating func byte() -> UInt8 {
        let telling =
            Array("{}[]:,\"\"\\\\/bfnrtu0123456789+-.eEaAdD \t\r\n\u{0}\u{1F}\u{7F}".utf8)
            + [0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF]
        return chance(0..<4) == 0 ? UInt8(chance(0..<256)) : telling[chance(0..<telling.count)]
    }
}

extension String {
    init(_ scalars: [Unicode.Scalar]) {
        self.init(String.UnicodeScalarView(scalars))
    }
}
