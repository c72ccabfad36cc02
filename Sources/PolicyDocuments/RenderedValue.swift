import LocatedDocuments

/// What a policy is rendered from: JSON's values, with the order of fields kept.
indirect enum RenderedValue {
    case string(String)
    case bool(Bool)
    /// Decimal digits as they stand.
    case number(String)
    case list([RenderedValue])
    case object([(String, RenderedValue)])

    static func strings(_ texts: some Sequence<String>) -> RenderedValue { .list(texts.map { .string($0) }) }
}

// MARK: JSON

extension RenderedValue {
    /// Without spaces and line breaks.
    var json: String {
        var output: [UInt8] = []
        appendJSON(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func appendJSON(to output: inout [UInt8]) {
        switch self {
        case .string(let text): JSONText.append(text, to: &output)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let digits): output.append(contentsOf: digits.utf8)
        case .list(let items):
            output.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                item.appendJSON(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let fields):
            output.append(UInt8(ascii: "{"))
            for (index, field) in fields.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONText.append(field.0, to: &output)
                output.append(UInt8(ascii: ":"))
                field.1.appendJSON(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }
}

// MARK: YAML

extension RenderedValue {
    /// In blocks of two spaces; lists of scalars in one line, since that is how people write them.
    var yaml: String {
        var lines: [String] = []
        appendYAML(to: &lines, indent: 0, lead: "")
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Parameter lead: what the first line starts with instead of blanks: `- ` of a list's item.
    private func appendYAML(to lines: inout [String], indent: Int, lead: String) {
        let blanks = String(repeating: " ", count: indent)
        var prefix = lead.isEmpty ? blanks : lead
        switch self {
        case .string, .bool, .number: lines.append(prefix + scalarText)
        case .list(let items):
            guard let line = flowText else {
                for item in items {
                    item.appendYAML(to: &lines, indent: indent + 2, lead: prefix + "- ")
                    prefix = blanks
                }
                return
            }
            lines.append(prefix + line)
        case .object(let fields):
            guard !fields.isEmpty else {
                lines.append(prefix + "{}")
                return
            }
            for (name, value) in fields {
                let key = prefix + YAMLText.scalar(name) + ":"
                prefix = blanks
                if let line = value.flowText {
                    lines.append(key + " " + line)
                } else {
                    lines.append(key)
                    let isList = if case .list = value { true } else { false }
                    value.appendYAML(to: &lines, indent: isList ? indent : indent + 2, lead: "")
                }
            }
        }
    }

    /// The value in one line, if it is a scalar, a list of scalars or empty.
    private var flowText: String? {
        switch self {
        case .string, .bool, .number: return scalarText
        case .list(let items):
            let texts = items.compactMap { item -> String? in
                switch item {
                case .string, .bool, .number: item.scalarText
                case .list, .object: nil
                }
            }
            return texts.count == items.count ? "[" + texts.joined(separator: ", ") + "]" : nil
        case .object(let fields): return fields.isEmpty ? "{}" : nil
        }
    }

    private var scalarText: String {
        switch self {
        case .string(let text): YAMLText.scalar(text)
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .list, .object: ""
        }
    }
}
