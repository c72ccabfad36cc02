import LocatedDocuments

/// A table as text, Markdown and HTML show it.
struct ReportTable {
    struct Column {
        var title: String
        var isNumber = false
        /// A percentage, which a page may draw.
        var isShare = false
        /// Where there is no room, longer texts go on in the next line, in no fewer columns than these; nil: they have as
        /// many columns as they take.
        var minimum: Int?
        /// Where there is no room for that either, columns with the highest number go first; nil stays.
        var dropOrder: Int?
    }

    enum Emphasis {
        case normal, total, reserved, required, recommended
    }

    struct Row {
        var cells: [String]
        var emphasis = Emphasis.normal
    }

    var columns: [Column]
    var rows: [Row]
}

/// Lays a table out in columns of a terminal. Nothing is cut off: what has no room in its column goes on in the next line,
/// and columns for which there is no room at all are named below the table.
struct TextTable {
    private static let gap = 2

    let width: Int
    let indent: Int
    let isStyled: Bool

    /// Lines that each end in a line feed and have no blanks at their end.
    func render(_ table: ReportTable) -> String {
        let titles = table.columns.map { TerminalText($0.title) }
        let rows = table.rows.map { row in row.cells.map { TerminalText($0) } }
        var kept = Array(table.columns.indices)
        var widths = layout(table, titles, rows, kept)
        while widths == nil, let dropped = Self.next(toDrop: kept, of: table) {
            kept.removeAll { $0 == dropped }
            widths = layout(table, titles, rows, kept)
        }
        let final = widths ?? natural(table, titles, rows, kept)
        var text = ""
        for line in lines(titles, table, kept, final) {
            text += TerminalStyle.faint.paint(line, if: isStyled) + "\n"
        }
        for (cells, row) in zip(rows, table.rows) {
            for line in lines(cells, table, kept, final) { text += paint(line, row.emphasis) + "\n" }
        }
        return text + dropped(titles.indices.filter { !kept.contains($0) }.map { titles[$0].text })
    }

    private func dropped(_ titles: [String]) -> String {
        if titles.isEmpty { return "" }
        let blank = String(repeating: " ", count: indent)
        return TerminalText.wrap("(no room for: \(titles.joined(separator: ", ")))", width: width - indent)
            .map { blank + TerminalStyle.faint.paint($0, if: isStyled) + "\n" }.joined()
    }

    private static func next(toDrop kept: [Int], of table: ReportTable) -> Int? {
        let candidates = kept.filter { table.columns[$0].dropOrder != nil }
        return candidates.max { (table.columns[$0].dropOrder ?? 0) < (table.columns[$1].dropOrder ?? 0) }
    }

    private func natural(
        _ table: ReportTable, _ titles: [TerminalText], _ rows: [[TerminalText]], _ kept: [Int]
    ) -> [Int] {
        kept.map { column in
            let cells = rows.map { column < $0.count ? $0[column].width : 0 }
            return min(width, max(titles[column].width, cells.max() ?? 0))
        }
    }

    /// The columns' widths; nil if they do not fit however much is wrapped.
    private func layout(
        _ table: ReportTable, _ titles: [TerminalText], _ rows: [[TerminalText]], _ kept: [Int]
    ) -> [Int]? {
        var widths = natural(table, titles, rows, kept)
        var excess = indent + widths.reduce(0, +) + Self.gap * max(0, kept.count - 1) - width
        while excess > 0 {
            // The widest gives way first, so that no column is narrow beside one that has all its room.
            let candidates = kept.indices.filter { widths[$0] > table.columns[kept[$0]].minimum ?? width }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return nil }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    /// A row: one line, or as many as its longest cell takes.
    private func lines(
        _ cells: [TerminalText], _ table: ReportTable, _ kept: [Int], _ widths: [Int]
    ) -> [String] {
        let pieces = zip(kept, widths).map { column, width in
            column < cells.count ? cells[column].folded(to: width) : []
        }
        let count = max(1, pieces.map(\.count).max() ?? 1)
        return (0..<count).map { number in
            line(pieces.map { number < $0.count ? $0[number] : TerminalText("") }, table, kept, widths)
        }
    }

    private func line(_ cells: [TerminalText], _ table: ReportTable, _ kept: [Int], _ widths: [Int]) -> String {
        var line = String(repeating: " ", count: indent)
        var pending = 0
        for ((column, width), cell) in zip(zip(kept, widths), cells) {
            let padding = max(0, width - cell.width)
            let before = table.columns[column].isNumber ? padding : 0
            if cell.width > 0 {
                line += String(repeating: " ", count: pending + before) + cell.text
                pending = padding - before + Self.gap
            } else {
                pending += width + Self.gap
            }
        }
        return line
    }

    private func paint(_ line: String, _ emphasis: ReportTable.Emphasis) -> String {
        switch emphasis {
        case .normal: line
        case .total: TerminalStyle.bold.paint(line, if: isStyled)
        case .reserved: TerminalStyle.faint.paint(line, if: isStyled)
        case .required: TerminalStyle.red.paint(line, if: isStyled)
        case .recommended: TerminalStyle.yellow.paint(line, if: isStyled)
        }
    }
}
