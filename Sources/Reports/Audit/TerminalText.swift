import LocatedDocuments

/// Text for a place of bounded width on a terminal: printable, with the columns it takes.
struct TerminalText {
    let text: String
    let width: Int

    init(_ text: String) {
        let printable = Terminal.printable(text)
        self.text = printable
        width = Self.width(printable)
    }

    private init(printable scalars: [Unicode.Scalar]) {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        self.text = String(text)
        width = scalars.reduce(0) { $0 + Terminal.width($1) }
    }

    static func width(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + Terminal.width($1) } }

    /// Lines of at most so many columns, broken at blanks and after what separates the parts of a name, where that fills
    /// a third of the line at least, else wherever the line is full. All of the text is in them but blanks at breaks.
    func folded(to limit: Int) -> [TerminalText] {
        if width <= limit { return [self] }
        var lines: [TerminalText] = []
        var rest = Array(text.unicodeScalars)[...]
        while !rest.isEmpty {
            var head = Self.prefix(rest, max(2, limit))
            if head.count < rest.count,
                let place = head.lastIndex(where: { Self.separators.contains($0) }), place >= head.count / 3
            {
                head = Array(head[...place])
            }
            rest = rest.dropFirst(head.count).drop { $0 == " " }
            while head.last == " " { head.removeLast() }
            lines.append(TerminalText(printable: head))
        }
        return lines
    }

    private static let separators: Set<Unicode.Scalar> = [" ", "/", "-", ".", "_", ",", ":", "="]

    private static func prefix(_ scalars: some Sequence<Unicode.Scalar>, _ limit: Int) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var used = 0
        for scalar in scalars {
            used += Terminal.width(scalar)
            if used > limit { break }
            result.append(scalar)
        }
        return result
    }

    /// Lines of at most `width` columns, broken at blanks, and inside of words only where one has no room on a line.
    static func wrap(_ text: String, width: Int) -> [String] {
        let room = max(2, width)
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in Terminal.printable(text).split(separator: " ") {
            var rest = String(word)
            var length = Self.width(rest)
            if used > 0, used + 1 + length <= room {
                line += " " + rest
                used += 1 + length
                continue
            }
            if used > 0 { lines.append(line) }
            while length > room {
                let head = prefix(rest.unicodeScalars, room)
                lines.append(String(String.UnicodeScalarView(head)))
                rest = String(rest.unicodeScalars.dropFirst(head.count))
                length = Self.width(rest)
            }
            line = rest
            used = length
        }
        if used > 0 { lines.append(line) }
        return lines
    }
}
