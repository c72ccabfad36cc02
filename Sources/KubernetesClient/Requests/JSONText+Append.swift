import LocatedDocuments

extension [UInt8] {
    /// A string with its quotes.
    mutating func appendJSON(_ text: String) { JSONText.append(text, to: &self) }
}
