/// Why a tree has no JSON.
package struct JSONRenderingError: Error, Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
        /// `.inf` or `.nan`, for which JSON has no text.
        case nonFiniteNumber
        /// More bytes than asked for; aliases can make a small file large.
        case tooLarge(limit: Int)
    }

    package var reason: Reason
    package var position: SourcePosition

    package var message: String {
        switch reason {
        case .nonFiniteNumber: "infinities and .nan have no place in Kubernetes objects"
        case .tooLarge(let limit): "the object is larger than \(limit) bytes once its aliases are expanded"
        }
    }
}

extension LocatedNode {
    /// The API server takes bodies of at most 3 MiB; the rest is room for objects that only a review would carry.
    package static let maximumRenderedBytes = 8 << 20

    /// The JSON kubectl would send for this tree: same keys and values, in the order of the text and without spaces.
    package func json(maximumBytes: Int = maximumRenderedBytes) throws(JSONRenderingError) -> [UInt8] {
        var writer = JSONTreeWriter(maximumBytes: maximumBytes)
        try writer.write(self)
        return writer.output
    }
}

/// Recursion is bounded by the depth of trees, see `DocumentLimits.depth`.
private struct JSONTreeWriter {
    let maximumBytes: Int
    var output: [UInt8] = []

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    mutating func write(_ node: LocatedNode) throws(JSONRenderingError) {
        switch node.value {
        case .scalar(let scalar):
            switch scalar.resolved {
            case .string(let text): write(string: text)
            case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
            case .integer(let text), .float(let text): output.append(contentsOf: text.utf8)
            case .null: output.append(contentsOf: "null".utf8)
            case .nonFinite: throw JSONRenderingError(reason: .nonFiniteNumber, position: node.start)
            }
        case .sequence(let items):
            output.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try write(item)
            }
            output.append(UInt8(ascii: "]"))
        case .mapping(let entries):
            output.append(UInt8(ascii: "{"))
            for (index, entry) in entries.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(string: entry.name)
                output.append(UInt8(ascii: ":"))
                try write(entry.value)
            }
            output.append(UInt8(ascii: "}"))
        }
        guard output.count <= maximumBytes else {
            throw JSONRenderingError(reason: .tooLarge(limit: maximumBytes), position: node.start)
        }
    }

    mutating func write(string: String) {
        JSONText.append(string, to: &output)
    }
}

/// JSON string literals.
package enum JSONText {
    /// Appends a string with its quotes; control characters, quotes and backslashes are escaped.
    package static func append(_ string: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case UInt8(ascii: "\n"): output.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): output.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                output.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
