/// Codes of "select graphic rendition" (ECMA-48, 8.3.117).
enum TerminalStyle: String {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case magenta = "35"
    case cyan = "36"

    func paint(_ text: String, if isStyled: Bool) -> String {
        isStyled && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
