/// Why a document is refused, and where.
///
/// The error itself is a trivial value: throwing it allocates nothing, and text is made only when somebody asks.
package struct JSONError: Error, Equatable, Sendable {
    package var reason: Reason
    /// Byte offset from the document's first byte; equal to its length when the document ends too early.
    package var offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package enum Reason: Equatable, Sendable {
        /// Nothing but white space.
        case emptyDocument
        /// U+FEFF stands before the first value; RFC 8259 section 8.1 forbids adding it.
        case byteOrderMark
        case unexpectedEnd(expected: Expectation)
        case unexpectedByte(UInt8, expected: Expectation)
        /// The document is legal JSON so far, but holds another kind of value than the reader asked for.
        case wrongKind(found: JSONKind, expected: JSONKind)
        /// A byte below 0x20 inside a string; RFC 8259 section 7 wants it escaped.
        case controlCharacter(UInt8)
        /// The byte after a backslash is none of `"\/bfnrtu`.
        case invalidEscape(UInt8)
        /// `\u` is not followed by four hexadecimal digits.
        case invalidUnicodeEscape
        /// Not a well-formed UTF-8 sequence (Unicode 16, table 3-7): overlong, surrogate, beyond U+10FFFF, or cut off.
        case invalidUTF8
        /// A digit follows a leading zero.
        case leadingZero
        case nestingTooDeep(limit: Int)
        /// Something other than white space follows the document's value.
        case trailingContent(UInt8)
    }

    /// What the grammar allows at the place of the error.
    package enum Expectation: Equatable, Sendable {
        case value
        case memberName
        case memberNameOrObjectEnd
        case colon
        case commaOrObjectEnd
        case valueOrArrayEnd
        case commaOrArrayEnd
        case closingQuote
        case digit
        case literal(JSONKind)
    }
}

extension JSONError: CustomStringConvertible {
    /// One line that places the error by its byte offset; `message(in:)` gives line and column.
    package var description: String { "byte \(offset): \(reason)" }

    /// One line such as `line 3, column 14: expected ',' or '}' after the member, found 'x'`.
    /// - Parameter document: the bytes the failing cursor was made on.
    package func message(in document: UnsafeRawBufferPointer) -> String {
        let (line, column) = position(in: document)
        return "line \(line), column \(column): \(reason)"
    }

    /// Line and column of the error, both counted from 1.
    ///
    /// A line ends with a line feed; a column is one Unicode scalar (every byte that is not a UTF-8 continuation).
    /// Linear in `offset`, so it is for the error path only.
    package func position(in document: UnsafeRawBufferPointer) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for byte in document.prefix(max(0, offset)) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }
}

extension JSONError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .emptyDocument:
            "expected a JSON value, found an empty document"
        case .byteOrderMark:
            "expected a JSON value, found a byte order mark; save the document without one"
        case .unexpectedEnd(let expected):
            "expected \(expected), found the end of the document"
        case .unexpectedByte(let byte, let expected):
            "expected \(expected), found \(Self.name(of: byte))"
        case .wrongKind(let found, let expected):
            "expected \(expected), found \(found)"
        case .controlCharacter(let byte):
            "expected an escape such as \\n or \\u0000, found the unescaped control character \(Self.name(of: byte)) "
                + "in a string"
        case .invalidEscape(let byte):
            "expected one of \"\\/bfnrtu after the backslash, found \(Self.name(of: byte))"
        case .invalidUnicodeEscape:
            "expected four hexadecimal digits after \\u, found something else"
        case .invalidUTF8:
            "expected UTF-8 text, found an invalid byte sequence in a string"
        case .leadingZero:
            "expected '.', an exponent or the end of the number after its leading zero, found another digit"
        case .nestingTooDeep(let limit):
            "expected at most \(limit) nested objects and arrays, found one more"
        case .trailingContent(let byte):
            "expected the end of the document after its value, found \(Self.name(of: byte))"
        }
    }

    /// A printable ASCII byte as itself, any other by its number, so that a message stays one clean line.
    private static func name(of byte: UInt8) -> String {
        switch byte {
        case 0x20: "a space"
        case 0x21...0x7E: "'\(Unicode.Scalar(byte))'"
        default: "byte 0x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}

extension JSONError.Expectation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .value: "a value"
        case .memberName: "a member name in double quotes after ','"
        case .memberNameOrObjectEnd: "a member name in double quotes or '}'"
        case .colon: "':' after the member name"
        case .commaOrObjectEnd: "',' or '}' after the member"
        case .valueOrArrayEnd: "a value or ']'"
        case .commaOrArrayEnd: "',' or ']' after the element"
        case .closingQuote: "the string's closing '\"'"
        case .digit: "a digit"
        case .literal(.null): "the literal null"
        case .literal: "the literal true or false"
        }
    }
}
