/// Whether a file can be read as text at all.
enum SourceEncoding {
    static func problem(in file: SourceFile, limits: DocumentLimits) -> DocumentProblem? {
        let bytes = file.bytes
        guard bytes.count <= limits.fileBytes else {
            return DocumentProblem(
                message: "the file has \(bytes.count) bytes, more than the \(limits.fileBytes) that are read",
                remedy: "split the file", offset: 0)
        }
        if isUTF16(bytes) {
            return DocumentProblem(
                message: "the file is encoded in UTF-16 or UTF-32", remedy: "save it as UTF-8", offset: 0)
        }
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            return DocumentProblem(
                message: "the file is not valid UTF-8 from here on", remedy: "save it as UTF-8",
                offset: error.byteOffsets.lowerBound)
        }
        return nil
    }

    /// By its byte order mark, or by the zero byte that every ASCII character has there: the first character of
    /// YAML and JSON is one.
    private static func isUTF16(_ bytes: [UInt8]) -> Bool {
        let head = bytes.prefix(2)
        return head == [0xFF, 0xFE] || head == [0xFE, 0xFF] || (head.count == 2 && head.contains(0))
    }
}
