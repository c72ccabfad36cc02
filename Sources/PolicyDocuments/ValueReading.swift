import Attribution
import LabelPolicy
import LocatedDocuments

// Readers of single values: each reports what is wrong and returns nil.

extension FileLog {
    func string(_ node: LocatedNode, _ path: String) -> String? {
        if let text = node.string { return text }
        let quoted = node.scalar.flatMap { $0.text.isEmpty ? nil : "write it in quotes: \"\($0.text)\"" }
        error("\(path) must be a string, found \(node.foundDescription)", remedy: quoted, at: node)
        return nil
    }

    /// A string that says something: for owners, reasons and names that people read.
    func text(_ node: LocatedNode, _ path: String, maximumLength: Int = TextLimits.text) -> String? {
        guard let text = string(node, path) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            error("\(path) is empty", remedy: "write something, or remove the line", at: node)
            return nil
        }
        guard text.unicodeScalars.count <= maximumLength else {
            error("\(path) is longer than \(maximumLength) characters", remedy: "shorten it", at: node)
            return nil
        }
        return text
    }

    func bool(_ node: LocatedNode, _ path: String) -> Bool? {
        if let value = node.bool { return value }
        error("\(path) must be true or false, found \(node.foundDescription)", at: node)
        return nil
    }

    func date(_ node: LocatedNode, _ path: String) -> CivilDate? {
        guard let text = string(node, path) else { return nil }
        if let date = CivilDate(text) { return date }
        error(
            "\(path) is no date: \"\(text)\"", remedy: "write a day of the calendar as YYYY-MM-DD, such as 2027-01-31",
            at: node)
        return nil
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type, _ node: LocatedNode, _ path: String
    ) -> Choice? where Choice.RawValue == String {
        let words = type.allCases.map(\.rawValue)
        guard let text = node.scalar?.text else {
            error("\(path) must be one of \(listed(words)), found \(node.foundDescription)", at: node)
            return nil
        }
        if let value = type.init(rawValue: text) { return value }
        error(
            "\(path) cannot be \"\(text)\"",
            remedy: didYouMean(text, words).map { "did you mean \"\($0)\"?" } ?? "it is one of \(listed(words))",
            at: node)
        return nil
    }

    func labelKey(_ node: LocatedNode, _ path: String) -> LabelKey? {
        guard let text = string(node, path) else { return nil }
        do throws(LabelSyntaxProblem) {
            return try LabelKey(text)
        } catch {
            self.error("\(path): the label key \"\(text)\" \(error.explanation)", at: node)
            return nil
        }
    }

    func labelValue(_ node: LocatedNode, _ path: String) -> LabelValue? {
        guard let text = string(node, path) else { return nil }
        do throws(LabelSyntaxProblem) {
            return try LabelValue(text)
        } catch .emptyName {
            self.error("\(path) is empty", remedy: "nobody can be billed under an empty value", at: node)
        } catch {
            self.error("\(path): the label value \"\(text)\" \(error.explanation)", at: node)
        }
        return nil
    }

    /// An amount of money that is not negative. Read from the text as it stands, so that no digit passes through a double.
    func money(_ node: LocatedNode, _ path: String) -> Money? {
        switch node.resolved {
        case .integer, .float:
            let written = node.scalar?.text ?? ""
            if let amount = try? Money(parsing: written, allowsExponent: true), !amount.isNegative { return amount }
            error(
                "\(path) must be an amount from 0 to 9223372036, found `\(written)`",
                remedy: "write digits and at most nine decimals, such as 20000 or 1500.50", at: node)
        default:
            error("\(path) must be a number, found \(node.foundDescription)", remedy: "write it as 20000", at: node)
        }
        return nil
    }

    func integer(_ node: LocatedNode, _ path: String, in range: ClosedRange<Int64>) -> Int64? {
        if case .integer(let digits) = node.resolved, let value = Int64(digits), range.contains(value) { return value }
        error(
            "\(path) must be a whole number from \(range.lowerBound) to \(range.upperBound), found "
                + node.foundDescription, at: node)
        return nil
    }

    /// A list of which every element could be read; nil if one could not, so that positions in what is returned are
    /// those in the file.
    func list<Element>(
        _ node: LocatedNode, _ path: String, maximumCount: Int = TextLimits.list,
        _ read: (LocatedNode, String) -> Element?
    ) -> [Element]? {
        guard let items = node.sequence else {
            error("\(path) must be a list, found \(node.foundDescription)", remedy: "write it as [...]", at: node)
            return nil
        }
        guard items.count <= maximumCount else {
            error("\(path) has \(items.count) items, more than \(maximumCount)", remedy: "shorten it", at: node)
            return nil
        }
        let values = items.enumerated().map { read($1, "\(path)[\($0)]") }
        let known = values.compactMap { $0 }
        return known.count == values.count ? known : nil
    }

    /// A list that must not be empty, because an empty one would mean something else than an absent one.
    func filledList<Element>(
        _ node: LocatedNode, _ path: String, remedy: String, _ read: (LocatedNode, String) -> Element?
    ) -> [Element]? {
        if node.sequence?.isEmpty == true {
            error("\(path) is empty", remedy: remedy, at: node)
            return nil
        }
        return list(node, path, read)
    }

    /// A pattern of names in which `*` is the only wildcard.
    func glob(_ node: LocatedNode, _ path: String, allows: (Unicode.Scalar) -> Bool) -> Glob? {
        guard let text = text(node, path, maximumLength: TextLimits.glob) else { return nil }
        if let stranger = text.unicodeScalars.first(where: { $0 != "*" && !allows($0) }) {
            error(
                "\(path): no name holds '\(stranger)', so \"\(text)\" matches nothing",
                remedy: "names are lower case; `*` is the only wildcard", at: node)
            return nil
        }
        return Glob(text)
    }

    /// The place of a column of a string's content, where it can be told: escapes and folded lines shift it.
    func place(in node: LocatedNode, text: String, column: Int) -> SourcePosition {
        guard let scalar = node.scalar, node.start.line == node.end.line else { return node.start }
        let quotes: Int
        switch scalar.style {
        case .plain: quotes = 0
        case .singleQuoted, .doubleQuoted: quotes = 1
        case .literal, .folded: return node.start
        }
        // The text may stand behind an anchor or a tag: its end is its own.
        let length = text.unicodeScalars.count + 2 * quotes
        let written = file.bytes[max(0, node.end.offset - text.utf8.count - quotes)..<node.end.offset]
        guard written.starts(with: text.utf8), node.end.column - node.start.column >= length else { return node.start }
        let contentOffset = node.end.offset - quotes - text.utf8.count
        let before = text.unicodeScalars.prefix(max(0, column - 1)).reduce(0) { $0 + UTF8.width($1) }
        return file.position(atOffset: contentOffset + before)
    }
}

/// Bounds of single values.
enum TextLimits {
    /// Texts for people: reasons, owners, tickets. They are printed in one line of a report.
    static let text = 1_000
    /// Names of objects have at most 253 characters, user names seldom more; longer patterns match nothing.
    static let glob = 512
    /// AWS allows 128 characters in a tag's key, Google Cloud 63, Azure 512; cost reports know the first.
    static let tag = 128
    /// Items of one list; far more than any policy names, few enough for checks of each against each.
    static let list = 10_000
}

extension Unicode.Scalar {
    /// What names of namespaces and workloads are made of (RFC 1123 subdomains).
    static func isNameCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "0"..."9", "-", ".": true
        default: false
        }
    }
}
