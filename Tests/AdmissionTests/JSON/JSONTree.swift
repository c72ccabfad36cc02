import Admission
import Testing

/// A whole document as a value, so that tests can compare what two readers made of the same bytes.
enum JSONTree: Equatable, Sendable {
    case object([Member])
    case array([JSONTree])
    /// Scalars rather than a String: strings that are canonically equivalent are different JSON strings.
    case string([Unicode.Scalar])
    /// The number's text.
    case number(String)
    case bool(Bool)
    case null

    struct Member: Equatable, Sendable {
        var name: [Unicode.Scalar]
        var value: JSONTree
    }

    static func string(_ text: String) -> JSONTree { .string(Array(text.unicodeScalars)) }
}

extension JSONTree {
    /// Reads a whole document by the cursor's typed methods.
    static func read(_ document: [UInt8]) throws -> JSONTree {
        try withCursor(document) { cursor in
            let tree = try JSONTree(readingFrom: &cursor)
            try cursor.endDocument()
            return tree
        }
    }

    init(readingFrom cursor: inout JSONCursor) throws(JSONError) {
        switch try cursor.peek() {
        case .object:
            var members: [Member] = []
            try cursor.beginObject()
            while let name = try cursor.nextMember() {
                members.append(
                    Member(name: Array(name.decode().unicodeScalars), value: try JSONTree(readingFrom: &cursor)))
            }
            self = .object(members)
        case .array:
            var elements: [JSONTree] = []
            try cursor.beginArray()
            while try cursor.nextElement() {
                elements.append(try JSONTree(readingFrom: &cursor))
            }
            self = .array(elements)
        case .string:
            self = .string(try cursor.string().decode())
        case .number:
            self = .number(String(decoding: cursor.bytes[try cursor.number()], as: UTF8.self))
        case .bool:
            self = .bool(try cursor.bool())
        case .null:
            try cursor.null()
            self = .null
        }
    }
}

/// The error with which skipping the whole document ends; nil when it is accepted.
func skipError(_ document: [UInt8]) -> JSONError? {
    withCursor(document) { cursor in
        do throws(JSONError) {
            try cursor.skipValue()
            try cursor.endDocument()
            return nil
        } catch {
            return error
        }
    }
}

/// The error with which reading the whole document ends; nil when it is accepted.
func readError(_ document: [UInt8]) -> JSONError? {
    withCursor(document) { cursor in
        do throws(JSONError) {
            _ = try JSONTree(readingFrom: &cursor)
            try cursor.endDocument()
            return nil
        } catch {
            return error
        }
    }
}

/// A document for test tables: shown as text in a test's name, and able to hold any bytes.
struct Document: CustomTestStringConvertible, ExpressibleByStringLiteral, Sendable {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(stringLiteral text: String) { bytes = Array(text.utf8) }

    /// A string whose contents are these bytes.
    static func quoted(_ contents: UInt8...) -> Document {
        Document([UInt8(ascii: "\"")] + contents + [UInt8(ascii: "\"")])
    }

    static func bytes(_ bytes: UInt8...) -> Document { Document(bytes) }

    var testDescription: String {
        let shown = bytes.prefix(60).map { (0x20...0x7E).contains($0) ? String(Unicode.Scalar($0)) : "<\($0)>" }
        return shown.joined() + (bytes.count > 60 ? "… (\(bytes.count) bytes)" : "")
    }
}
