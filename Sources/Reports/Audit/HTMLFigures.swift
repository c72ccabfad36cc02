import LocatedDocuments

/// Text in HTML, between tags and in quoted attributes.
enum HTML {
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in Terminal.printable(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// Drawings of shares, as inline SVG: it prints, where backgrounds of style sheets do not.
enum HTMLFigures {
    /// A ring that is filled by a share; its text says the same.
    static func ring(_ basisPoints: Int?, of what: String) -> String {
        let share = min(max(basisPoints ?? 0, 0), 10_000)
        let style = share >= 9_000 ? "good" : share >= 6_000 ? "fair" : "bad"
        let text = AmountText.percent(basisPoints)
        // A circumference of 100 makes percents of its lengths: the radius is 50/π.
        return """
            <svg class="ring" viewBox="0 0 42 42" role="img" aria-label="\(text) \(what) attributed">\
            <circle class="track" cx="21" cy="21" r="15.9155"/>\
            <circle class="\(style)" cx="21" cy="21" r="15.9155" stroke-dasharray="\(percent(share)) 100" \
            transform="rotate(-90 21 21)"/>\
            <text class="figure" x="21" y="22">\(text)</text><text class="unit" x="21" y="26.5">\(what)</text></svg>

            """
    }

    /// Shares of one whole, side by side.
    static func stack(_ parts: [(name: String, share: Int, style: String)]) -> String {
        let words = parts.map { "\($0.name) \(AmountText.percent($0.share))" }.joined(separator: ", ")
        var text = "<svg class=\"stack\" viewBox=\"0 0 10000 1\" preserveAspectRatio=\"none\" role=\"img\" "
        text += "aria-label=\"\(words)\"><rect class=\"track\" width=\"10000\" height=\"1\"/>"
        var start = 0
        for part in parts {
            text += "<rect class=\"\(part.style)\" x=\"\(start)\" width=\"\(max(0, part.share))\" height=\"1\"/>"
            start += max(0, part.share)
        }
        text += "</svg>\n<ul class=\"legend\">"
        for part in parts {
            text += "<li><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect class=\"\(part.style)\" width=\"1\" "
            text += "height=\"1\"/></svg>\(part.name) \(AmountText.percent(part.share))</li>"
        }
        return text + "</ul>\n"
    }

    /// A bar beside the text of a percentage: `61.0%`. The text stands for itself, so the bar is hidden from readers.
    static func bar(_ text: String) -> String {
        guard text.hasSuffix("%"), let point = text.firstIndex(of: "."), let whole = Int(text[..<point]) else {
            return ""
        }
        let width = min(max(whole, 0), 100)
        return "<svg class=\"bar\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
            + "<rect class=\"track\" width=\"100\" height=\"1\"/>"
            + "<rect class=\"\(whole > 100 ? "bad" : "fill")\" width=\"\(width)\" height=\"1\"/></svg>"
    }

    private static func percent(_ basisPoints: Int) -> String {
        let rest = basisPoints % 100
        return "\(basisPoints / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

/// A `ReportTable` in HTML.
enum HTMLTable {
    static func render(
        _ table: ReportTable, caption: String, isSortable: Bool = false, hidesCaption: Bool = false
    ) -> String {
        var text = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(HTML.escape(caption))\">\n"
        text += "<table\(isSortable ? " class=\"sortable\"" : "")>\n"
        text += "<caption\(hidesCaption ? " class=\"hidden\"" : "")>\(HTML.escape(caption))</caption>\n<thead><tr>"
        for column in table.columns {
            text += "<th scope=\"col\"\(column.isNumber ? " class=\"n\"" : "")>\(HTML.escape(column.title))</th>"
        }
        text += "</tr></thead>\n<tbody>\n"
        for row in table.rows where row.emphasis != .total { text += line(row, table) }
        text += "</tbody>\n"
        let totals = table.rows.filter { $0.emphasis == .total }
        if !totals.isEmpty {
            text += "<tfoot>\n" + totals.map { line($0, table) }.joined() + "</tfoot>\n"
        }
        return text + "</table>\n</div>\n"
    }

    private static func line(_ row: ReportTable.Row, _ table: ReportTable) -> String {
        var text = row.emphasis == .reserved ? "<tr class=\"reserved\">" : "<tr>"
        for (index, (cell, column)) in zip(row.cells, table.columns).enumerated() {
            let bar = column.isShare ? HTMLFigures.bar(cell) : ""
            if index == 0 {
                text += "<th scope=\"row\">\(HTML.escape(cell))</th>"
            } else {
                let number = bar.isEmpty ? HTML.escape(cell) : "\(bar)<span class=\"share\">\(HTML.escape(cell))</span>"
                text += "<td\(column.isNumber ? " class=\"n\"" : "")>\(number)</td>"
            }
        }
        return text + "</tr>\n"
    }
}
