/// A strict JSON parser (RFC 8259) that keeps positions. libyaml reads most JSON too, but refuses surrogate pairs
/// (`"\ud83d\ude00"`), tabs between tokens and long keys, and accepts what is no JSON.
///
/// The input is valid UTF-8: the reader checks that before. Recursion is bounded by `DocumentLimits.depth`.
struct JSONTreeParser {
    private let file: SourceFile
    private let bytes: [UInt8]
    private let end: Int
    private(set) var offset: Int
    private var depth = 0
    private(set) var duplicates: [DuplicateKey] = []

    init(file: SourceFile, range: Range<Int>) {
        self.file = file
        self.bytes = file.bytes
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    /// The next of the values that stand one after the other, as in the output of several `kubectl get -o json`; nil
    /// at the end.
    mutating func nextValue(budget: inout DocumentBudget) throws(DocumentProblem) -> LocatedNode? {
        skipSpace()
        guard offset < end else { return nil }
        depth = 0
        return try value(budget: &budget)
    }

    // MARK: Piece by piece, for lists too large for a tree

    var isAtEnd: Bool { offset >= end }

    /// Skips space and then this byte; false, and no step, if another stands there.
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard current == byte else { return false }
        offset += 1
        return true
    }

    /// Skips the rest of an array whose opening bracket was taken; false if it does not end. Brackets are counted, not
    /// matched: whoever reads the items finds what is wrong with them.
    mutating func skipArray() -> Bool {
        var depth = 1
        var isInString = false
        while let byte = current {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "\\") where isInString: offset += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"): if !isInString { depth += 1 }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if !isInString { depth -= 1 }
                if depth == 0 { return true }
            default: break
            }
        }
        return false
    }

    mutating func forgetDuplicates() { duplicates = [] }

    private var current: UInt8? { offset < end ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = current,
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
                || byte == UInt8(ascii: "\t")
        {
            offset += 1
        }
    }

    private mutating func value(budget: inout DocumentBudget) throws(DocumentProblem) -> LocatedNode {
        skipSpace()
        let start = offset
        try budget.countNodes(1, at: start)
        switch current {
        case UInt8(ascii: "{"): return try object(from: start, budget: &budget)
        case UInt8(ascii: "["): return try array(from: start, budget: &budget)
        case UInt8(ascii: "\""):
            let text = try string()
            return node(
                .scalar(LocatedScalar(text: text, style: .doubleQuoted, resolved: .string(text))), from: start)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number(from: start)
        case UInt8(ascii: "t"): return try literal("true", .bool(true), from: start)
        case UInt8(ascii: "f"): return try literal("false", .bool(false), from: start)
        case UInt8(ascii: "n"): return try literal("null", .null, from: start)
        default: throw unexpected("a value")
        }
    }

    private mutating func object(from start: Int, budget: inout DocumentBudget) throws(DocumentProblem) -> LocatedNode {
        try descend(budget)
        var entries = EntryCollector()
        offset += 1
        skipSpace()
        if current == UInt8(ascii: "}") {
            offset += 1
        } else {
            while true {
                skipSpace()
                guard current == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
                let keyStart = offset
                try budget.countNodes(1, at: keyStart)
                let name = try string()
                let scalar = LocatedScalar(text: name, style: .doubleQuoted, resolved: .string(name))
                let key = node(.scalar(scalar), from: keyStart)
                skipSpace()
                guard current == UInt8(ascii: ":") else { throw unexpected("`:` after the key") }
                offset += 1
                let value = try value(budget: &budget)
                entries.add(LocatedEntry(name: name, key: key, value: value))
                skipSpace()
                if current == UInt8(ascii: "}") { break }
                guard current == UInt8(ascii: ",") else { throw unexpected("`,` or `}`") }
                offset += 1
            }
            offset += 1
        }
        depth -= 1
        duplicates.append(contentsOf: entries.duplicates)
        return node(.mapping(entries.entries), from: start)
    }

    private mutating func array(from start: Int, budget: inout DocumentBudget) throws(DocumentProblem) -> LocatedNode {
        try descend(budget)
        var items: [LocatedNode] = []
        offset += 1
        skipSpace()
        if current == UInt8(ascii: "]") {
            offset += 1
        } else {
            while true {
                items.append(try value(budget: &budget))
                skipSpace()
                if current == UInt8(ascii: "]") { break }
                guard current == UInt8(ascii: ",") else { throw unexpected("`,` or `]`") }
                offset += 1
            }
            offset += 1
        }
        depth -= 1
        return node(.sequence(items), from: start)
    }

    private mutating func descend(_ budget: DocumentBudget) throws(DocumentProblem) {
        depth += 1
        try budget.checkDepth(depth, at: offset)
    }

    // MARK: Scalars

    private mutating func literal(
        _ word: StaticString, _ resolved: ResolvedScalar, from start: Int
    ) throws(DocumentProblem) -> LocatedNode {
        let text = word.description
        guard bytes[offset..<end].starts(with: text.utf8) else { throw unexpected("a value") }
        offset += text.utf8.count
        return node(.scalar(LocatedScalar(text: text, style: .plain, resolved: resolved)), from: start)
    }

    private mutating func number(from start: Int) throws(DocumentProblem) -> LocatedNode {
        var isInteger = true
        if current == UInt8(ascii: "-") { offset += 1 }
        if current == UInt8(ascii: "0") {
            offset += 1
            if let byte = current, Self.isDigit(byte) {
                throw DocumentProblem(
                    message: "a JSON number has no leading zeros", remedy: "quote the value if it is text",
                    offset: start, length: nil)
            }
        } else {
            try digits()
        }
        if current == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        let resolved = isInteger ? ResolvedScalar.integer(text) : .float(text)
        return node(.scalar(LocatedScalar(text: text, style: .plain, resolved: resolved)), from: start)
    }

    private mutating func digits() throws(DocumentProblem) {
        guard let byte = current, Self.isDigit(byte) else { throw unexpected("a digit") }
        while let byte = current, Self.isDigit(byte) { offset += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func string() throws(DocumentProblem) -> String {
        let start = offset
        offset += 1
        var text = ""
        var runStart = offset
        while true {
            guard let byte = current else {
                throw DocumentProblem(
                    message: "the string that starts here has no closing quote", remedy: "add the missing `\"`",
                    offset: start, length: nil)
            }
            switch byte {
            case UInt8(ascii: "\""):
                text += String(decoding: bytes[runStart..<offset], as: UTF8.self)
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                text += String(decoding: bytes[runStart..<offset], as: UTF8.self)
                text.unicodeScalars.append(try escape())
                runStart = offset
            case 0..<0x20:
                let isBreak = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
                throw DocumentProblem(
                    message: isBreak
                        ? "a line break inside a JSON string" : "a control character inside a JSON string",
                    remedy: isBreak ? "close the string, or write \\n" : "write it as an escape such as \\t",
                    offset: offset, length: nil)
            default:
                offset += 1
            }
        }
    }

    private mutating func escape() throws(DocumentProblem) -> Unicode.Scalar {
        let start = offset
        offset += 1
        let byte = current
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try codeUnit(escapeStart: start)
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // Half a surrogate pair alone becomes U+FFFD, as in the API server's decoder.
            guard (0xD800..<0xDC00).contains(unit), current == UInt8(ascii: "\\"),
                offset + 1 < end, bytes[offset + 1] == UInt8(ascii: "u")
            else { return "\u{FFFD}" }
            let secondStart = offset
            offset += 2
            let second = try codeUnit(escapeStart: secondStart)
            guard (0xDC00..<0xE000).contains(second) else {
                offset = secondStart
                return "\u{FFFD}"
            }
            let scalar = 0x10000 + (UInt32(unit - 0xD800) << 10) + UInt32(second - 0xDC00)
            return Unicode.Scalar(scalar) ?? "\u{FFFD}"
        default:
            throw DocumentProblem(
                message: "JSON has no such escape", remedy: "write `\\\\` for a backslash", offset: start, length: 2)
        }
    }

    private mutating func codeUnit(escapeStart: Int) throws(DocumentProblem) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Self.hexadecimalDigit(byte) else {
                throw DocumentProblem(
                    message: "\\u takes four hexadecimal digits", remedy: nil, offset: escapeStart, length: nil)
            }
            unit = unit << 4 | digit
            offset += 1
        }
        return unit
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    // MARK: Results

    private func node(_ value: LocatedNode.Value, from start: Int) -> LocatedNode {
        LocatedNode(
            value: value, start: file.position(atOffset: start), end: file.position(atOffset: offset))
    }

    func unexpected(_ expected: String) -> DocumentProblem {
        guard let byte = current else {
            return DocumentProblem(
                message: "the JSON ends where \(expected) should stand",
                remedy: "close what is open, or restore the part that was cut off", offset: offset, length: nil)
        }
        let remedy: String? =
            switch byte {
            case UInt8(ascii: "}"), UInt8(ascii: "]"): "remove the comma before it"
            case UInt8(ascii: "'"): "JSON strings take double quotes"
            case UInt8(ascii: "/"), UInt8(ascii: "#"): "JSON has no comments"
            default: nil
            }
        var length = 1
        while offset + length < end, bytes[offset + length] & 0xC0 == 0x80 { length += 1 }
        let found = String(decoding: bytes[offset..<(offset + length)], as: UTF8.self)
        return DocumentProblem(
            message: "expected \(expected), found `\(found)`", remedy: remedy, offset: offset, length: 1)
    }
}
