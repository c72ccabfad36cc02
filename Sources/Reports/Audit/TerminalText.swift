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

    /// The beginning, with `…` where something is cut off.
    func cutAtTheEnd(to limit: Int) -> TerminalText {
        guard width > limit else { return self }
        return TerminalText(printable: Self.prefix(text.unicodeScalars, limit - 1) + ["…"])
    }

    /// The beginning and the end, with `…` between them. The end gets more: names differ there.
    func cutInTheMiddle(to limit: Int) -> TerminalText {
        guard width > limit else { return self }
        let head = Self.prefix(text.unicodeScalars, max(0, limit - 1) / 3)
        let room = limit - 1 - head.reduce(0) { $0 + Terminal.width($1) }
        return TerminalText(printable: head + ["…"] + Self.suffix(text.unicodeScalars, room))
    }

    private static func prefix(_ scalars: String.UnicodeScalarView, _ limit: Int) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var used = 0
        for scalar in scalars {
            used += Terminal.width(scalar)
            if used > limit { break }
            result.append(scalar)
        }
        return result
    }

    private static func suffix(_ scalars: String.UnicodeScalarView, _ limit: Int) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var used = 0
        for scalar in scalars.reversed() {
            used += Terminal.width(scalar)
            if used > limit { break }
            result.append(scalar)
        }
        // A combining mark whose base is cut off would join the ellipsis.
        while let last = result.last, Terminal.width(last) == 0 { result.removeLast() }
        return result.reversed()
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
