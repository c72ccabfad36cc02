extension String {
    /// Longest text an error message quotes, in Unicode scalars: the longest group name is 253, and a message
    /// should stay readable whatever somebody sends.
    private static let maximumQuotation = 256

    /// The text as a message can carry it: in one line, without control characters, and cut if it is long.
    package var quotation: String {
        var text = ""
        for (count, scalar) in unicodeScalars.enumerated() {
            if count == Self.maximumQuotation { return text + "…" }
            text.append(scalar.quotation)
        }
        return text
    }
}

extension Unicode.Scalar {
    /// The character, or its number if it is a control character or breaks the line.
    var quotation: String {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: "\\u{\(String(value, radix: 16))}"
        default: String(self)
        }
    }
}
