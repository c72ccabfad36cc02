extension FixtureValue {
    /// Reads the part of YAML the fixtures are written in: one document of block mappings and sequences, flow
    /// collections on one line, plain and quoted scalars, literal blocks and comments. Anything else is an error.
    package init(yaml: String) throws {
        var reader = FixtureYAMLReader(yaml)
        self = try reader.document()
    }
}

private struct FixtureYAMLReader {
    private struct Line {
        var indent: Int
        var content: Substring
        let number: Int
        /// As in the file, for literal blocks.
        let raw: Substring
    }

    private var lines: [Line] = []
    private var position = 0

    init(_ text: String) {
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = raw.drop { $0 == " " }
            lines.append(Line(indent: raw.count - content.count, content: content, number: index + 1, raw: raw))
        }
    }

    mutating func document() throws -> FixtureValue {
        skipBlanks()
        guard let line = current else { return .null }
        let value = try node(indent: line.indent)
        skipBlanks()
        if let line = current { throw FixtureSyntaxError(line: line.number, message: "unexpected indentation") }
        return value
    }

    private var current: Line? { position < lines.count ? lines[position] : nil }

    private mutating func skipBlanks() {
        while let line = current, line.content.isEmpty || line.content.hasPrefix("#") { position += 1 }
    }

    private static func isItem(_ line: Line) -> Bool { line.content == "-" || line.content.hasPrefix("- ") }

    private mutating func node(indent: Int) throws -> FixtureValue {
        guard let line = current else { return .null }
        if Self.isItem(line) { return try sequence(indent: indent) }
        if Self.colon(in: line.content) != nil { return try mapping(indent: indent) }
        position += 1
        return try scalar(line.content, line: line.number)
    }

    private mutating func sequence(indent: Int) throws -> FixtureValue {
        var elements: [FixtureValue] = []
        while let line = current, line.indent == indent, Self.isItem(line) {
            let rest = line.content.dropFirst().drop { $0 == " " }
            if rest.isEmpty {
                position += 1
                skipBlanks()
                guard let next = current, next.indent > indent else {
                    elements.append(.null)
                    continue
                }
                elements.append(try node(indent: next.indent))
            } else {
                // The item begins on the dash's line: read on as if the dash were indentation.
                let inner = indent + line.content.count - rest.count
                lines[position].indent = inner
                lines[position].content = rest
                elements.append(try node(indent: inner))
            }
            skipBlanks()
        }
        return .array(elements)
    }

    private mutating func mapping(indent: Int) throws -> FixtureValue {
        var members: [FixtureValue.Member] = []
        while let line = current, line.indent == indent, !Self.isItem(line) {
            guard let colon = Self.colon(in: line.content) else {
                throw FixtureSyntaxError(line: line.number, message: "expected a member name and a colon")
            }
            guard case .string(let name) = try scalar(line.content[..<colon], line: line.number, isName: true) else {
                throw FixtureSyntaxError(line: line.number, message: "expected a member name")
            }
            let rest = line.content[line.content.index(after: colon)...].drop { $0 == " " }
            position += 1
            members.append(FixtureValue.Member(name: name, value: try memberValue(rest, line: line, indent: indent)))
            skipBlanks()
        }
        return .object(members)
    }

    private mutating func memberValue(_ rest: Substring, line: Line, indent: Int) throws -> FixtureValue {
        if rest == "|" { return literal(below: indent) }
        if !rest.isEmpty, !rest.hasPrefix("#") { return try scalar(rest, line: line.number) }
        skipBlanks()
        guard let next = current else { return .null }
        if next.indent > indent || (next.indent == indent && Self.isItem(next)) {
            return try node(indent: next.indent)
        }
        return .null
    }

    private mutating func literal(below indent: Int) -> FixtureValue {
        var text = ""
        var blockIndent: Int?
        while let line = current, line.indent > indent || line.content.isEmpty {
            let dropped = blockIndent ?? line.indent
            blockIndent = dropped
            text += line.raw.dropFirst(dropped) + "\n"
            position += 1
        }
        return .string(text)
    }

    /// The colon after a member name: outside quotes, and before a space or the end.
    private static func colon(in content: Substring) -> Substring.Index? {
        guard let first = content.first, first != "{", first != "[" else { return nil }
        var quote: Character?
        for index in content.indices {
            let character = content[index]
            if let open = quote {
                if character == open { quote = nil }
                continue
            }
            if character == "\"" || character == "'" { quote = character }
            let next = content.index(after: index)
            if character == ":", next == content.endIndex || content[next] == " " { return index }
        }
        return nil
    }

    private func scalar(_ text: Substring, line: Int, isName: Bool = false) throws -> FixtureValue {
        var flow = FixtureFlowReader(text, line: line)
        return isName ? .string(try flow.name()) : try flow.whole()
    }
}

/// Scalars and flow collections within one line.
private struct FixtureFlowReader {
    private var rest: Substring
    private let line: Int

    init(_ text: Substring, line: Int) {
        self.rest = text
        self.line = line
    }

    mutating func whole() throws -> FixtureValue {
        let value = try node(terminators: [])
        skipSpaces()
        guard rest.isEmpty || rest.hasPrefix("#") else { throw error("unexpected '\(rest)'") }
        return value
    }

    mutating func name() throws -> String {
        if let text = try quoted() { return text }
        return String(rest)
    }

    private mutating func node(terminators: Set<Character>) throws -> FixtureValue {
        skipSpaces()
        switch rest.first {
        case "{": return try mapping()
        case "[": return try sequence()
        case "&", "*", "!", "|", ">", "%", "@", "`": throw error("not read here: '\(rest)'")
        default: break
        }
        if let text = try quoted() { return .string(text) }
        return plain(terminators: terminators)
    }

    private mutating func sequence() throws -> FixtureValue {
        rest.removeFirst()
        var elements: [FixtureValue] = []
        while !take("]") {
            elements.append(try node(terminators: [",", "]"]))
            skipSpaces()
            guard take(",") || rest.first == "]" else { throw error("expected , or ]") }
        }
        return .array(elements)
    }

    private mutating func mapping() throws -> FixtureValue {
        rest.removeFirst()
        var members: [FixtureValue.Member] = []
        while !take("}") {
            skipSpaces()
            let name: String
            if let text = try quoted() {
                name = text
                guard take(":") else { throw error("expected :") }
            } else {
                guard let end = rest.indices.first(where: { rest[$0...].hasPrefix(": ") }) else {
                    throw error("expected a member name and a colon")
                }
                name = String(rest[..<end])
                rest = rest[end...].dropFirst()
            }
            members.append(FixtureValue.Member(name: name, value: try node(terminators: [",", "}"])))
            skipSpaces()
            guard take(",") || rest.first == "}" else { throw error("expected , or }") }
        }
        return .object(members)
    }

    private mutating func quoted() throws -> String? {
        guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
        let body = rest.dropFirst()
        guard let end = body.firstIndex(of: quote) else { throw error("unterminated quote") }
        let text = body[..<end]
        guard !text.contains("\\") else { throw error("escapes are not read here") }
        rest = body[end...].dropFirst()
        return String(text)
    }

    private mutating func plain(terminators: Set<Character>) -> FixtureValue {
        var end = rest.startIndex
        while end < rest.endIndex, !terminators.contains(rest[end]), !rest[end...].hasPrefix(" #") {
            end = rest.index(after: end)
        }
        var text = rest[..<end]
        rest = rest[end...]
        while text.last == " " { text.removeLast() }
        switch text {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: return Double(text) == nil ? .string(String(text)) : .number(String(text))
        }
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpaces()
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpaces() { rest = rest.drop { $0 == " " } }

    private func error(_ message: String) -> FixtureSyntaxError { FixtureSyntaxError(line: line, message: message) }
}
