/// The six kinds of value RFC 8259 knows.
package enum JSONKind: Equatable, Sendable {
    case object
    case array
    case string
    case number
    case bool
    case null
}

extension JSONKind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .bool: "a boolean"
        case .null: "null"
        }
    }
}
