/// A file's bytes under the name to report it by, with the tables that turn byte offsets into lines and columns.
///
/// A line ends at LF, CR LF or a lone CR, as in editors. (YAML 1.1 also ends lines at NEL, LS and PS; counting those
/// would send a reader to the wrong line, so positions are computed here and not taken from the YAML parser.)
package struct SourceFile: Sendable {
    /// As given by the user: a path, or `<stdin>`.
    package let name: String
    package let bytes: [UInt8]

    private let lineStarts: [UInt32]
    /// Scalars before each block of `blockSize` bytes; nil when every byte is ASCII and offsets are scalar counts.
    private let scalarsBeforeBlock: [UInt32]?

    /// A conversion scans at most one block, and the table costs 4 bytes per block: under 2 % of the file.
    private static let blockSize = 256

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        var starts: [UInt32] = [0]
        var blocks: [UInt32] = []
        var scalars: UInt32 = 0
        var isASCII = true
        bytes.withUnsafeBufferPointer { buffer in
            for (offset, byte) in buffer.enumerated() {
                if offset % Self.blockSize == 0 { blocks.append(scalars) }
                if byte & 0xC0 != 0x80 { scalars &+= 1 }
                if byte >= 0x80 { isASCII = false }
                let next = offset + 1
                if byte == UInt8(ascii: "\n") {
                    starts.append(UInt32(clamping: next))
                } else if byte == UInt8(ascii: "\r"), next == buffer.count || buffer[next] != UInt8(ascii: "\n") {
                    starts.append(UInt32(clamping: next))
                }
            }
        }
        lineStarts = starts
        scalarsBeforeBlock = isASCII ? nil : blocks
    }

    /// A file from text, for what is compiled in and for tests.
    package init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// The position of a byte offset; offsets outside the file are clamped to its ends.
    package func position(atOffset offset: Int) -> SourcePosition {
        let offset = min(max(offset, 0), bytes.count)
        let line = lineIndex(ofOffset: offset)
        let start = Int(lineStarts[line])
        var column = scalarCount(before: offset) - scalarCount(before: start)
        if line == 0, start == 0, offset >= Self.byteOrderMark.count, hasByteOrderMark {
            // No editor counts the byte order mark as a column.
            column -= 1
        }
        return SourcePosition(line: line + 1, column: column + 1, offset: offset)
    }

    /// The bytes of a line (counted from 1) without its line break; empty when there is no such line.
    package func lineBytes(_ line: Int) -> ArraySlice<UInt8> {
        guard line >= 1, line <= lineStarts.count else { return [] }
        var start = Int(lineStarts[line - 1])
        var end = line < lineStarts.count ? Int(lineStarts[line]) : bytes.count
        while end > start, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        if start == 0, hasByteOrderMark { start = min(Self.byteOrderMark.count, end) }
        return bytes[start..<end]
    }

    // MARK: Scalar counts

    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    var hasByteOrderMark: Bool { bytes.starts(with: Self.byteOrderMark) }

    /// How many Unicode scalars start before a byte offset.
    func scalarCount(before offset: Int) -> Int {
        guard let blocks = scalarsBeforeBlock, !blocks.isEmpty else { return offset }
        let block = min(offset / Self.blockSize, blocks.count - 1)
        var count = Int(blocks[block])
        for byte in bytes[(block * Self.blockSize)..<offset] where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The byte offset at which the scalar with this number (from 0) starts; the end of the file when there are fewer.
    func offset(ofScalar scalar: Int) -> Int {
        guard let blocks = scalarsBeforeBlock else { return min(scalar, bytes.count) }
        // The last block with at most `scalar` scalars before it.
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) / 2
            if Int(blocks[middle]) <= scalar { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return 0 }
        var offset = (low - 1) * Self.blockSize
        var remaining = scalar - Int(blocks[low - 1])
        while offset < bytes.count {
            if bytes[offset] & 0xC0 != 0x80 {
                if remaining == 0 { return offset }
                remaining -= 1
            }
            offset += 1
        }
        return bytes.count
    }

    private func lineIndex(ofOffset offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while low < high {
            let middle = (low + high) / 2
            if Int(lineStarts[middle]) <= offset { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}
