import LocatedDocuments

extension [UInt8] {
    /// A string with its quotes.
    package mutating func appendJSON(_ text: String) { JSONText.append(text, to: &self) }
}
