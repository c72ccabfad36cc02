/// Turns counts of Unicode scalars, as libyaml keeps places, into positions. Events come nearly in order, so it walks on
/// from the last place; `SourceFile`'s tables serve where it would have to go back or far.
struct PositionCursor {
    private let file: SourceFile
    /// Scalars of the file before the stream.
    private let baseScalar: Int
    private var scalar: Int
    private var offset: Int
    private var line: Int
    private var column: Int

    /// Walking further than this costs more than the tables do.
    private static let reach = 512

    /// - Parameter baseOffset: where the stream that the scalars are counted in starts.
    init(file: SourceFile, baseOffset: Int) {
        self.file = file
        baseScalar = file.scalarCount(before: baseOffset)
        let position = file.position(atOffset: baseOffset)
        scalar = baseScalar
        (offset, line, column) = (position.offset, position.line, position.column)
    }

    mutating func position(ofScalar streamScalar: Int) -> SourcePosition {
        let target = baseScalar + streamScalar
        if target < scalar || target - scalar > Self.reach {
            let position = file.position(atOffset: file.offset(ofScalar: target))
            scalar = target
            (offset, line, column) = (position.offset, position.line, position.column)
            return position
        }
        file.bytes.withUnsafeBufferPointer { bytes in
            while scalar < target, offset < bytes.count {
                let byte = bytes[offset]
                offset += 1
                while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
                scalar += 1
                let endsLine =
                    byte == UInt8(ascii: "\n")
                    || (byte == UInt8(ascii: "\r") && (offset == bytes.count || bytes[offset] != UInt8(ascii: "\n")))
                if endsLine { (line, column) = (line + 1, 1) } else { column += 1 }
            }
        }
        return SourcePosition(line: line, column: column, offset: offset)
    }
}
