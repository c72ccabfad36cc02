/// A place in a source file.
///
/// `line` and `column` count from 1. A column counts characters as compilers and SARIF's `unicodeCodePoints` do: one
/// per Unicode scalar, a tab included. `offset` is the place in bytes from the start of the file, a byte order mark
/// included.
package struct SourcePosition: Hashable, Comparable, Sendable {
    // 32 bits each: a tree keeps two positions per node, and `DocumentLimits` keeps files far below 4 GiB.
    private let storedLine: UInt32
    private let storedColumn: UInt32
    private let storedOffset: UInt32

    package var line: Int { Int(storedLine) }
    package var column: Int { Int(storedColumn) }
    package var offset: Int { Int(storedOffset) }

    /// The first character of a file.
    package static let start = SourcePosition(line: 1, column: 1, offset: 0)

    package init(line: Int, column: Int, offset: Int) {
        storedLine = UInt32(clamping: line)
        storedColumn = UInt32(clamping: column)
        storedOffset = UInt32(clamping: offset)
    }

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        left.storedOffset < right.storedOffset
    }
}
