/// A path through an object's members and array elements, with wildcards: `spec.template`,
/// `spec.workers[*].template`, `spec.pytorchReplicaSpecs.*.template`.
///
/// A path may match many places of one object; a place counts only if it is there.
package struct TemplatePath: Sendable, Hashable, CustomStringConvertible {
    package enum Segment: Sendable, Hashable, ExpressibleByStringLiteral {
        /// The member of this name.
        case member(String)
        /// Every member of an object: `*`.
        case anyMember
        /// Every element of an array: `[*]`.
        case anyElement

        package init(stringLiteral value: String) { self = .member(value) }
    }

    /// Longest accepted text, in UTF-8 bytes. The longest path to labels in the built-in catalogue has
    /// 113; the bound keeps an error message that quotes the path readable.
    package static let maximumLength = 512

    /// Most segments accepted. The deepest path to labels in the built-in catalogue has 13; the bound
    /// keeps the scanner's path trie, and so its stack, small.
    package static let maximumDepth = 32

    package let segments: [Segment]

    package init(_ segments: Segment...) { self.segments = segments }

    package init(segments: [Segment]) { self.segments = segments }

    /// The place itself: for Pods, whose template is the object.
    package static let root = TemplatePath()

    package var isRoot: Bool { segments.isEmpty }

    /// Whether the path matches at most one place.
    package var isConcrete: Bool {
        segments.allSatisfy { segment in
            switch segment {
            case .member: true
            case .anyMember, .anyElement: false
            }
        }
    }

    package func appending(_ other: TemplatePath) -> TemplatePath {
        TemplatePath(segments: segments + other.segments)
    }

    /// The text `init(parsing:)` reads back; empty for `root`.
    package var description: String {
        var text = ""
        for segment in segments {
            switch segment {
            case .member(let name) where Self.isBare(name):
                if !text.isEmpty { text.append(".") }
                text.append(name)
            case .member(let name):
                text.append("[\"")
                for scalar in name.unicodeScalars {
                    if scalar == "\"" || scalar == "\\" { text.append("\\") }
                    text.unicodeScalars.append(scalar)
                }
                text.append("\"]")
            case .anyMember:
                if !text.isEmpty { text.append(".") }
                text.append("*")
            case .anyElement:
                text.append("[*]")
            }
        }
        return text
    }

    /// Whether a member name needs no quotes: letters, digits, `_` and `-`.
    static func isBare(_ name: String) -> Bool {
        !name.isEmpty && name.unicodeScalars.allSatisfy(isBare)
    }

    static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }
}

/// Why a text is not a template path, where in it, and what to write instead.
package struct TemplatePathError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case empty
        case tooLong(bytes: Int)
        case tooDeep
        case leadingDot
        case leadingDollar
        case leadingElement
        case emptySegment
        case trailingDot
        case unexpectedCharacter(Unicode.Scalar)
        case missingDot
        case wildcardInName
        case elementIndex
        case badBracket
        case unterminatedQuote
        case badEscape(Unicode.Scalar)
        case emptyName
    }

    package let reason: Reason
    /// The text that was read.
    package let text: String
    /// Where in the text, counted in Unicode scalars from 1.
    package let column: Int

    package init(reason: Reason, text: String, column: Int) {
        self.reason = reason
        self.text = text
        self.column = column
    }

    package var description: String {
        switch reason {
        case .tooLong:
            // The text itself would fill the message it is too long for.
            "template path: \(fault): \(remedy)"
        default:
            "template path '\(text.quotation)', column \(column): \(fault): \(remedy)"
        }
    }

    /// What is wrong, in a few words.
    package var fault: String {
        switch reason {
        case .empty: "the path is empty"
        case .tooLong(let bytes): "the path has \(bytes) bytes, more than \(TemplatePath.maximumLength)"
        case .tooDeep: "the path has more than \(TemplatePath.maximumDepth) segments"
        case .leadingDot: "the path begins with a dot"
        case .leadingDollar: "the path begins with '$'"
        case .leadingElement: "the path begins with [*], but an object is no array"
        case .emptySegment: "a member name is missing between two dots"
        case .trailingDot: "the path ends with a dot"
        case .unexpectedCharacter(let scalar): "unexpected character '\(scalar.quotation)'"
        case .missingDot: "a dot is missing after the bracket"
        case .wildcardInName: "'*' stands inside a member name"
        case .elementIndex: "a bracket holds a number"
        case .badBracket: "a bracket holds neither * nor a quoted name"
        case .unterminatedQuote: "the quoted name does not end with \"]"
        case .badEscape(let scalar): "unknown escape '\\\(scalar.quotation)' in a quoted name"
        case .emptyName: "the quoted name is empty"
        }
    }

    /// What to write instead.
    package var remedy: String {
        switch reason {
        case .empty: "write where the Pod template stands, such as spec.template"
        case .tooLong, .tooDeep: "name the template by a shorter path, such as spec.template"
        case .leadingDot, .leadingDollar: "begin with the first member, such as spec.template"
        case .leadingElement: "begin with the first member, such as spec.workers[*].template"
        case .emptySegment: "write one dot, or the missing name"
        case .trailingDot: "leave the last dot out, or add the missing name"
        case .unexpectedCharacter: "quote a name of other characters than letters, digits, _ and -: [\"a.b/c\"]"
        case .missingDot: "write it, as in spec.workers[*].template"
        case .wildcardInName: "write * alone for every member, as in spec.replicaSpecs.*.template"
        case .elementIndex: "a path names every element: write [*]"
        case .badBracket: "write [*] for every element, or a name in double quotes: [\"a.b\"]"
        case .unterminatedQuote: "close it, as in [\"a.b\"]"
        case .badEscape: "only \\\" and \\\\ are escapes here"
        case .emptyName: "write the member's name between the quotes"
        }
    }
}
