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

    /// The beginning and the end, with `…` between them. The end gets more: names differ there.
    func cutInTheMiddle(to limit: Int) -> TerminalText {
        guard width > limit else { return self }
        let head = Self.prefix(text.unicodeScalars, max(0, limit - 1) / 3)
        let room = limit - 1 - head.reduce(0) { $0 + Terminal.width($1) }
        return TerminalText(printable: head + ["…"] + Self.suffix(text.unicodeScalars, room))
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
        var line = String.UnicodeScalarView()
        var used = 0
        func end() {
            lines.append(String(line))
            line = String.UnicodeScalarView()
            used = 0
        }
        for word in Terminal.printable(text).unicodeScalars.split(separator: " ") {
            let length = word.reduce(0) { $0 + Terminal.width($1) }
            if used > 0, used + 1 + length <= room {
                line.append(" ")
                line.append(contentsOf: word)
                used += 1 + length
                continue
            }
            if used > 0 { end() }
            for scalar in word {
                let width = Terminal.width(scalar)
                if used + width > room { end() }
                line.append(scalar)
                used += width
            }
        }
        if used > 0 { end() }
        return lines
    }
}
