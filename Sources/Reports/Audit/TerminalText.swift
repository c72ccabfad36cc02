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

    /// `namespace/Kind/name` with every part of it to be made out, as far as there is room: what is cut is the middle of
    /// the name first. Other texts as `cutInTheMiddle`.
    func cutAsPath(to limit: Int) -> TerminalText {
        guard width > limit else { return self }
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            .map { TerminalText(printable: Array($0.unicodeScalars)) }
        guard parts.count == 3, limit >= Self.minimumPath else { return cutInTheMiddle(to: limit) }
        let kind = parts[1].cutAtTheEnd(to: Self.maximumKind)
        let room = limit - kind.width - 2
        let namespace = parts[0].cutInTheMiddle(to: max(room / 2, room - parts[2].width))
        let name = parts[2].cutInTheMiddle(to: room - namespace.width)
        return TerminalText(printable: Array("\(namespace.text)/\(kind.text)/\(name.text)".unicodeScalars))
    }

    /// Columns of a kind in a path that is cut: `StatefulSet` fits.
    private static let maximumKind = 12
    /// Below it no three parts can be made out.
    private static let minimumPath = 24

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
