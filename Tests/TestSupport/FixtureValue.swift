/// A manifest as a tree, read independently of the product's own readers, so that tests can hold those to it.
package indirect enum FixtureValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The token as written.
    case number(String)
    case string(String)
    case array([FixtureValue])
    /// In the order of the document.
    case object([Member])

    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: FixtureValue

        package init(name: String, value: FixtureValue) {
            self.name = name
            self.value = value
        }
    }

    package subscript(name: String) -> FixtureValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The place a JSON pointer (RFC 6901) names.
    package func at(pointer: String) -> FixtureValue? {
        var value: FixtureValue? = self
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            switch value {
            case .object: value = value?[Self.unescaped(token)]
            case .array(let elements):
                guard let index = Int(token), elements.indices.contains(index) else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    private static func unescaped(_ token: Substring) -> String {
        var text = ""
        var escaping = false
        for character in token {
            switch (escaping, character) {
            case (true, "0"): text.append("~")
            case (true, "1"): text.append("/")
            case (false, "~"): break
            default: text.append(character)
            }
            escaping = !escaping && character == "~"
        }
        return text
    }

    /// Compact JSON.
    package var json: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let token): token
        case .string(let text): Self.quoted(text)
        case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.name)):\($0.value.json)" }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case "\t": json += "\\t"
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}

/// A fixture is written in more YAML than this reader knows.
package struct FixtureSyntaxError: Error, CustomStringConvertible {
    package let line: Int
    package let message: String

    package var description: String { "line \(line): \(message)" }
}
