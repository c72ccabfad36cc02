/// Kubernetes' syntax of label keys and values.
///
/// Source: "Labels and Selectors: Syntax and character set" of the Kubernetes documentation, the same rules as
/// `IsQualifiedName` and `IsValidLabelValue` of apimachinery. Every character they allow is ASCII, so lengths are bytes.
package enum LabelSyntax {
    /// A key's name part and a value hold at most 63 characters.
    package static let maximumNameLength = 63
    /// A key's prefix is a DNS subdomain: at most 253 characters.
    package static let maximumPrefixLength = 253

    /// Why `text` is no label value; nil when it is one. The empty text is a legal value to Kubernetes.
    package static func problem(ofValue text: String) -> LabelSyntaxProblem? {
        if text.utf8.count > maximumNameLength {
            return .tooLong(length: text.utf8.count, limit: maximumNameLength)
        }
        return text.isEmpty || isName(text) ? nil : problem(ofName: text.utf8)
    }

    /// Why `text` is no label key; nil when it is one.
    package static func problem(ofKey text: String) -> LabelSyntaxProblem? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.last else { return .severalSlashes }
        if parts.count == 2, let prefix = parts.first {
            if let problem = problem(ofSubdomain: prefix) { return problem }
        }
        if name.isEmpty { return .emptyName }
        if name.count > maximumNameLength { return .tooLong(length: name.count, limit: maximumNameLength) }
        return problem(ofName: name)
    }

    /// Whether nothing is wrong with a name: what nearly always holds, in one look at the bytes.
    private static func isName(_ text: String) -> Bool {
        let answer = text.utf8.withContiguousStorageIfAvailable { name in
            guard let first = name.first, let last = name.last, isAlphanumeric(first), isAlphanumeric(last) else {
                return false
            }
            for byte in name where !isAlphanumeric(byte) && !isInnerPunctuation(byte) { return false }
            return true
        }
        return answer ?? false
    }

    private static func problem(ofName name: some BidirectionalCollection<UInt8>) -> LabelSyntaxProblem? {
        if let bad = name.first(where: { !isAlphanumeric($0) && !isInnerPunctuation($0) }) {
            return .illegalCharacter(describe(bad))
        }
        guard let first = name.first, let last = name.last else { return .emptyName }
        if !isAlphanumeric(first) { return .badStart(describe(first)) }
        if !isAlphanumeric(last) { return .badEnd(describe(last)) }
        return nil
    }

    private static func problem(ofSubdomain prefix: Substring.UTF8View) -> LabelSyntaxProblem? {
        isSubdomain(prefix) ? nil : .badPrefix(String(Substring(prefix)))
    }

    /// Whether `text` is a DNS subdomain in lower case, as the names of most objects are.
    static func isSubdomain(_ text: Substring.UTF8View) -> Bool {
        if text.isEmpty || text.count > maximumPrefixLength { return false }
        let hyphen = UInt8(ascii: "-")
        return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.first != hyphen && part.last != hyphen
                && part.allSatisfy { isLowercase($0) || isDigit($0) || $0 == hyphen }
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    static func isLowercase(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
    static func isUppercase(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isLowercase(byte) || isUppercase(byte) || isDigit(byte) }
    private static func isInnerPunctuation(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }

    static func hasUppercase(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { $0.contains(where: isUppercase) }
            ?? text.utf8.contains(where: isUppercase)
    }

    /// A printable form of one byte, for messages.
    private static func describe(_ byte: UInt8) -> String {
        if byte > 0x20 && byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
        if byte == 0x20 { return "a space" }
        return byte < 0x80 ? "a control character" : "a character outside ASCII"
    }
}

/// What is wrong with a label key or value.
package enum LabelSyntaxProblem: Error, Hashable, Sendable {
    case emptyName
    case tooLong(length: Int, limit: Int)
    case illegalCharacter(String)
    case badStart(String)
    case badEnd(String)
    case badPrefix(String)
    case severalSlashes

    /// What is wrong, as the end of a sentence that begins with the text at fault.
    package var explanation: String {
        switch self {
        case .emptyName: "has no name"
        case .tooLong(let length, let limit): "has \(length) characters; Kubernetes allows \(limit)"
        case .illegalCharacter(let character):
            "holds \(character); Kubernetes allows letters, digits, '-', '_' and '.'"
        case .badStart(let character): "begins with \(character); it must begin with a letter or digit"
        case .badEnd(let character): "ends with \(character); it must end with a letter or digit"
        case .badPrefix(let prefix): "has the prefix \"\(prefix)\", which is not a lowercase DNS subdomain"
        case .severalSlashes: "has more than one '/'; a key is NAME or PREFIX/NAME"
        }
    }
}

/// A label key that Kubernetes accepts: `team`, `app.kubernetes.io/name`.
package struct LabelKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(LabelSyntaxProblem) {
        if let problem = LabelSyntax.problem(ofKey: text) { throw problem }
        self.text = text
    }

    package var description: String { text }
    package static func < (left: LabelKey, right: LabelKey) -> Bool { left.text < right.text }

    /// The part after the prefix: `team` of `acme.io/team`.
    package var name: Substring {
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return text[...] }
        return text[text.utf8.index(after: slash)...]
    }
}

/// A label value that Kubernetes accepts and that is not empty: nobody can be billed under an empty name.
package struct LabelValue: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(LabelSyntaxProblem) {
        if text.isEmpty { throw .emptyName }
        if let problem = LabelSyntax.problem(ofValue: text) { throw problem }
        self.text = text
    }

    package var description: String { text }
    package static func < (left: LabelValue, right: LabelValue) -> Bool { left.text < right.text }
}
