/// Something wrong in a file, where it is, and what to do about it.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable {
        case error, warning, note
    }

    package var severity: Severity
    /// One sentence without a full stop, starting in lower case.
    package var message: String
    /// What to do, in the same form.
    package var remedy: String?
    package var file: String
    package var position: SourcePosition
    /// Characters to underline from the position on; nil for the position alone.
    package var length: Int?
    /// The line the position is on, for the excerpt, shortened to a window around the position; nil when unknown.
    package var excerpt: SourceExcerpt?

    package init(
        severity: Severity, message: String, remedy: String? = nil, file: String, position: SourcePosition,
        length: Int? = nil, excerpt: SourceExcerpt? = nil
    ) {
        self.severity = severity
        self.message = message
        self.remedy = remedy
        self.file = file
        self.position = position
        self.length = length
        self.excerpt = excerpt
    }

    /// `file:line:column: severity: message; remedy`, in one line: for logs and for the first line of a report.
    package var line: String {
        let place = "\(file):\(position.line):\(position.column)"
        let text = "\(place): \(severity.rawValue): \(message)" + (remedy.map { "; \($0)" } ?? "")
        return Terminal.printable(text)
    }
}

extension SourceFile {
    /// A diagnostic at a position of this file.
    package func diagnostic(
        _ severity: Diagnostic.Severity, _ message: String, remedy: String? = nil, at position: SourcePosition,
        length: Int? = nil
    ) -> Diagnostic {
        Diagnostic(
            severity: severity, message: message, remedy: remedy, file: name, position: position, length: length,
            excerpt: excerpt(around: position))
    }

    /// A diagnostic that underlines a node: all of it when it stands on one line, else its first character.
    package func diagnostic(
        _ severity: Diagnostic.Severity, _ message: String, remedy: String? = nil, at node: LocatedNode
    ) -> Diagnostic {
        let isOneLine = node.end.line == node.start.line
        let length = isOneLine ? max(1, node.end.column - node.start.column) : nil
        return diagnostic(severity, message, remedy: remedy, at: node.start, length: length)
    }
}

// MARK: Excerpts

/// A source line cut to a window, and where in it the position is.
package struct SourceExcerpt: Sendable, Hashable {
    /// Printable: control and direction characters are replaced, tabs kept.
    package var text: String
    /// Scalars of `text` before the position.
    package var caret: Int
}

extension SourceFile {
    /// A window this wide on each side shows any hand-written line whole, and of a minified one enough to find it.
    private static let excerptReach = 100

    /// The line a position is on.
    package func excerpt(around position: SourcePosition) -> SourceExcerpt {
        let line = lineBytes(position.line)
        // At most four bytes make a scalar; a wider window than needed is cut by scalars below.
        let reach = Self.excerptReach * 4
        let center = min(max(position.offset, line.startIndex), line.endIndex)
        var lower = max(line.startIndex, center - reach)
        while lower < center, bytes[lower] & 0xC0 == 0x80 { lower += 1 }
        var upper = min(line.endIndex, center + reach)
        while upper > center, upper < line.endIndex, bytes[upper] & 0xC0 == 0x80 { upper -= 1 }
        let before = Array(String(decoding: bytes[lower..<center], as: UTF8.self).unicodeScalars)
        let after = Array(String(decoding: bytes[center..<upper], as: UTF8.self).unicodeScalars)
        let shownBefore = before.suffix(Self.excerptReach)
        let shownAfter = after.prefix(Self.excerptReach)
        let isCutBefore = lower > line.startIndex || shownBefore.count < before.count
        let isCutAfter = upper < line.endIndex || shownAfter.count < after.count
        var text = String.UnicodeScalarView()
        if isCutBefore { text.append("…") }
        text.append(contentsOf: shownBefore.map(Terminal.printable))
        let caret = text.count
        text.append(contentsOf: shownAfter.map(Terminal.printable))
        if isCutAfter { text.append("…") }
        return SourceExcerpt(text: String(text), caret: caret)
    }
}

// MARK: Rendering

extension Diagnostic {
    /// The diagnostic with its excerpt:
    ///
    ///     policy.yaml:7:5: error: unknown field "vaules"
    ///         vaules: {registered: true}
    ///         ^~~~~~
    ///         did you mean "values"?
    package var rendered: String {
        let head = "\(file):\(position.line):\(position.column): \(severity.rawValue): \(message)"
        var lines = [Terminal.printable(head)]
        let indent = "    "
        if let marked = excerpt?.marked(length) {
            lines.append(indent + marked.text)
            lines.append(indent + marked.underline)
        }
        if let remedy { lines.append(indent + Terminal.printable(remedy)) }
        return lines.joined(separator: "\n")
    }
}

extension SourceExcerpt {
    /// The line, and below it a caret with a tilde for each further character; nil for an empty line.
    package func marked(_ length: Int?) -> (text: String, underline: String)? {
        if text.isEmpty { return nil }
        let scalars = Array(text.unicodeScalars)
        let caret = min(caret, scalars.count)
        // Tabs are repeated under the line, so that the caret stands right whatever width a terminal gives them.
        let margin = String(String.UnicodeScalarView(scalars[..<caret].flatMap(Terminal.blank)))
        let marked = scalars[caret...].prefix(max(1, length ?? 1))
        let width = max(1, marked.reduce(0) { $0 + Terminal.width($1) })
        return (text, margin + "^" + String(repeating: "~", count: width - 1))
    }
}

/// What a terminal does with characters, as far as messages and carets need it.
package enum Terminal {
    /// Whether a character shows and changes nothing around it. Control characters could move the cursor or colour the
    /// screen; format characters could reorder a message, or hide in a name.
    package static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }

    /// What files that we did not write hold of such characters is shown as a replacement character; a tab stays.
    static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar == "\t" || isPrintable(scalar) ? scalar : "\u{FFFD}"
    }

    /// Text for one line of a terminal.
    package static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\t" ? " " : printable($0) }))
    }

    /// Blanks as wide as a character.
    static func blank(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        scalar == "\t" ? ["\t"] : Array(repeating: " ", count: width(scalar))
    }

    /// Columns a character takes: none for a combining mark, two for East Asian wide ones and emoji.
    package static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
