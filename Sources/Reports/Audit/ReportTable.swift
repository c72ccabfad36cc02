import LocatedDocuments

/// A table as text, Markdown and HTML show it.
struct ReportTable {
    struct Column {
        /// What may be cut out of a cell that has no room.
        enum Cut {
            case never
            case end(minimum: Int)
            /// Names whose beginning and end both tell something.
            case middle(minimum: Int)
            /// `namespace/Kind/name`: each part tells something.
            case path(minimum: Int)
        }

        var title: String
        var isNumber = false
        /// A percentage, which a page may draw.
        var isShare = false
        var cut = Cut.never
        /// Where there is no room at all, columns with the highest number go first; nil stays.
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

/// Lays a table out in columns of a terminal.
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
        var text = TerminalStyle.faint.paint(line(titles, table, kept, final), if: isStyled) + "\n"
        for (cells, row) in zip(rows, table.rows) {
            text += paint(line(cells, table, kept, final), row.emphasis) + "\n"
        }
        return text
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

    /// The columns' widths; nil if they do not fit however much is cut.
    private func layout(
        _ table: ReportTable, _ titles: [TerminalText], _ rows: [[TerminalText]], _ kept: [Int]
    ) -> [Int]? {
        var widths = natural(table, titles, rows, kept)
        var excess = indent + widths.reduce(0, +) + Self.gap * max(0, kept.count - 1) - width
        while excess > 0 {
            // The widest gives way first, so that no column is cut to nothing beside one that is hardly cut.
            let candidates = kept.indices.filter { widths[$0] > minimum(table.columns[kept[$0]]) }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return nil }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func minimum(_ column: ReportTable.Column) -> Int {
        switch column.cut {
        case .never: width
        case .end(let minimum), .middle(let minimum), .path(let minimum): minimum
        }
    }

    private func line(_ cells: [TerminalText], _ table: ReportTable, _ kept: [Int], _ widths: [Int]) -> String {
        var line = String(repeating: " ", count: indent)
        var pending = 0
        for (column, width) in zip(kept, widths) {
            let cell = column < cells.count ? cells[column] : TerminalText("")
            let cut =
                switch table.columns[column].cut {
                case .middle: cell.cutInTheMiddle(to: width)
                case .path: cell.cutAsPath(to: width)
                case .never, .end: cell.cutAtTheEnd(to: width)
                }
            let padding = max(0, width - cut.width)
            let before = table.columns[column].isNumber ? padding : 0
            if cut.width > 0 {
                line += String(repeating: " ", count: pending + before) + cut.text
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
