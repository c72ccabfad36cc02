/// A value of a YAML or JSON document and where it stands in its file.
///
/// Aliases are replaced by what they stand for: the node itself has the place of the alias, what is inside it the
/// place of the anchored text. Merge keys (`<<`) are applied. The keys of a mapping are unique: of duplicates, which
/// the reader reports, the last one is kept, as the API server does.
package struct LocatedNode: Sendable {
    package enum Value: Sendable {
        case scalar(LocatedScalar)
        case mapping([LocatedEntry])
        case sequence([LocatedNode])
    }

    package var value: Value
    /// The first character.
    package var start: SourcePosition
    /// The place after the last character.
    package var end: SourcePosition

    package init(value: Value, start: SourcePosition, end: SourcePosition) {
        self.value = value
        self.start = start
        self.end = end
    }
}

/// A key of a mapping with its value.
package struct LocatedEntry: Sendable {
    /// The key as JSON has it: kubectl turns `1:`, `yes:` and `1.50:` into `"1"`, `"true"` and `"1.5"`.
    package var name: String
    package var key: LocatedNode
    package var value: LocatedNode

    package init(name: String, key: LocatedNode, value: LocatedNode) {
        self.name = name
        self.key = key
        self.value = value
    }
}

/// A scalar as written, and as kubectl reads it.
package struct LocatedScalar: Sendable, Equatable {
    package enum Style: Sendable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    /// The content without quotes, escapes decoded.
    package var text: String
    package var style: Style
    package var resolved: ResolvedScalar

    package init(text: String, style: Style, resolved: ResolvedScalar) {
        self.text = text
        self.style = style
        self.resolved = resolved
    }
}

/// What a scalar means to kubectl, which reads YAML 1.1: a plain `yes` is a boolean, `0777` is 511, `~` is null.
package enum ResolvedScalar: Sendable, Equatable {
    case string(String)
    case bool(Bool)
    /// Decimal text, as JSON has it.
    case integer(String)
    /// Decimal text, as JSON has it.
    case float(String)
    /// `.inf`, `-.inf` or `.nan`: JSON has no text for these, kubectl refuses them.
    case nonFinite(String)
    case null
}

// MARK: Reading

extension LocatedNode {
    package var scalar: LocatedScalar? {
        if case .scalar(let scalar) = value { scalar } else { nil }
    }

    /// The scalar's meaning; nil for a mapping or a sequence.
    package var resolved: ResolvedScalar? { scalar?.resolved }

    /// The text of a scalar that is a string.
    package var string: String? {
        if case .string(let text) = resolved { text } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = resolved { value } else { nil }
    }

    package var isNull: Bool { resolved == .null }

    package var mapping: [LocatedEntry]? {
        if case .mapping(let entries) = value { entries } else { nil }
    }

    package var sequence: [LocatedNode]? {
        if case .sequence(let items) = value { items } else { nil }
    }

    /// The entry of a mapping with this key.
    package func entry(_ name: String) -> LocatedEntry? {
        mapping?.first { $0.name == name }
    }

    /// The value of a mapping's key.
    package subscript(_ name: String) -> LocatedNode? { entry(name)?.value }

    /// What was found, in words for a message: "a mapping", "the number 3", "the boolean true (written `yes`)".
    package var foundDescription: String {
        switch value {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .scalar(let scalar):
            let written = Self.shortened(scalar.text)
            switch scalar.resolved {
            case .string(let text): return text.isEmpty ? "an empty string" : "the string \"\(Self.shortened(text))\""
            case .bool(let bool):
                let plain = bool ? "true" : "false"
                return plain == scalar.text ? "the boolean \(plain)" : "the boolean \(plain) (written `\(written)`)"
            case .integer(let text), .float(let text), .nonFinite(let text):
                return text == scalar.text ? "the number \(text)" : "the number \(text) (written `\(written)`)"
            case .null: return scalar.text.isEmpty ? "nothing" : "null"
            }
        }
    }

    /// Long enough to recognise a value by, short enough for one line.
    private static let longestQuotedValue = 60

    private static func shortened(_ text: String) -> String {
        let firstLine = text.prefix { !$0.isNewline }
        if firstLine.count == text.count, text.count <= longestQuotedValue { return text }
        return firstLine.prefix(longestQuotedValue) + "…"
    }
}
