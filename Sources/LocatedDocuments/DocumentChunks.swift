/// The parts of a stream between its `---` and `...` lines, in order.
struct DocumentChunks: Sequence, IteratorProtocol {
    struct Chunk {
        var range: Range<Int>
        /// Where the text starts when it may be JSON, that is, when its first character is `{` or `[`.
        var jsonStart: Int?
    }

    private let bytes: [UInt8]
    private var offset: Int

    init(file: SourceFile) {
        bytes = file.bytes
        offset = file.hasByteOrderMark ? SourceFile.byteOrderMark.count : 0
    }

    mutating func next() -> Chunk? {
        guard offset < bytes.count else { return nil }
        let start = offset
        // Comments and directives (`%YAML 1.1`) belong to the document that follows them.
        var hasContent = false
        var jsonStart: Int?
        var sawText = false
        var line = start
        while line < bytes.count {
            let isStart = isMarker(at: line, UInt8(ascii: "-"))
            if isStart, hasContent { break }
            let next = lineEnd(from: line)
            if isMarker(at: line, UInt8(ascii: ".")) {
                offset = next
                return Chunk(range: start..<next, jsonStart: nil)
            }
            let textStart = isStart ? line + 3 : line
            if let first = firstCharacter(from: textStart, to: next) {
                switch bytes[first] {
                case UInt8(ascii: "#"): break
                case UInt8(ascii: "%") where !hasContent: break
                default:
                    if !sawText, bytes[first] == UInt8(ascii: "{") || bytes[first] == UInt8(ascii: "[") {
                        jsonStart = first
                    }
                    sawText = true
                    hasContent = true
                }
            }
            if isStart { hasContent = true }
            line = next
        }
        offset = line
        return Chunk(range: start..<line, jsonStart: jsonStart)
    }

    /// Three hyphens (or dots) at the start of a line, and a blank or the line's end behind them.
    private func isMarker(at line: Int, _ byte: UInt8) -> Bool {
        guard line + 3 <= bytes.count, bytes[line] == byte, bytes[line + 1] == byte, bytes[line + 2] == byte else {
            return false
        }
        guard line + 3 < bytes.count else { return true }
        switch bytes[line + 3] {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return true
        default: return false
        }
    }

    /// The start of the next line.
    private func lineEnd(from line: Int) -> Int {
        var end = line
        while end < bytes.count {
            let byte = bytes[end]
            end += 1
            if byte == UInt8(ascii: "\n") { return end }
            if byte == UInt8(ascii: "\r"), end == bytes.count || bytes[end] != UInt8(ascii: "\n") { return end }
        }
        return end
    }

    private func firstCharacter(from start: Int, to end: Int) -> Int? {
        var offset = start
        while offset < end {
            switch bytes[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): offset += 1
            default: return offset
            }
        }
        return nil
    }
}
