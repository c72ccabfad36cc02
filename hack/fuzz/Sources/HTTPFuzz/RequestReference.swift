/// A client's stream read as RFC 9112 has it, and no other way: slow, strict, and written apart from the server and its
/// parser. What it takes for a complete request is one; nothing else may be answered as if it were.
struct RequestReference {
    struct Request {
        var method: String
        var target: String
        var body: [UInt8]
        /// Whether the client waits for `100 Continue`.
        var expectsContinue: Bool
        /// Whether there is nothing about it that a server could take amiss: one Host, JSON or no body, and no field
        /// beyond what these need.
        var isPlain: Bool
        var hasJSON: Bool
    }

    private(set) var complete: [Request] = []
    /// Whether what follows the complete requests can no longer become one, and any server must have seen it: the
    /// empty line has come that ends a head, or what goes wrong before it.
    private(set) var isMalformed = false
    /// Whether something follows the complete requests.
    private(set) var hasRest = false

    private let bytes: [UInt8]
    private var offset = 0

    private enum Stop: Error {
        case incomplete
        case malformed
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        while true {
            var start = offset
            do throws(Stop) {
                // A server ignores empty lines before a request (2.2).
                while offset < bytes.count, bytes[offset] == 0x0D || bytes[offset] == 0x0A { offset += 1 }
                if offset == bytes.count { return }
                start = offset
                complete.append(try request())
            } catch {
                isMalformed = error == .malformed && Self.hasEmptyLine(bytes[start...])
                hasRest = true
                return
            }
        }
    }

    private static func hasEmptyLine(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.indices.dropFirst(3).contains { bytes[($0 - 3)...$0].elementsEqual("\r\n\r\n".utf8) }
    }

    private mutating func request() throws(Stop) -> Request {
        // More than one space may stand between the parts, and none before or after them (3).
        let line = try line()
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: true)
        guard line.first != 0x20, line.last != 0x20, parts.count == 3, !parts[0].isEmpty,
            parts[0].allSatisfy(Self.isToken), !parts[1].isEmpty,
            parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .malformed }
        // Begins the preface of HTTP/2 (RFC 9113, 3.4) and nothing else; it goes on behind the empty line, and a server
        // may hear it out.
        if parts[0].elementsEqual("PRI".utf8) { throw .incomplete }
        let version = String(decoding: parts[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else { throw .malformed }
        let fields = try fields()
        let lengths = fields.filter { $0.name == "content-length" }.map(\.value)
        let encodings = fields.filter { $0.name == "transfer-encoding" }.map(\.value)
        var body: [UInt8] = []
        var isPlain = version == "HTTP/1.1" && Self.arePlain(fields)
        if let encoding = encodings.first {
            guard encodings.count == 1, encoding.lowercased() == "chunked", lengths.isEmpty, version == "HTTP/1.1"
            else { throw .malformed }
            let (chunks, arePlain) = try chunkedBody()
            body = chunks
            isPlain = isPlain && arePlain
        } else if let length = lengths.first {
            guard lengths.count == 1, !length.isEmpty, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let count = Int(length)
            else { throw .malformed }
            body = Array(try take(count))
        }
        return Request(
            method: String(decoding: parts[0], as: UTF8.self), target: String(decoding: parts[1], as: UTF8.self),
            body: body, expectsContinue: fields.contains { $0.name == "expect" },
            isPlain: isPlain,
            hasJSON: fields.contains { $0.name == "content-type" })
    }

    private struct Field {
        var name: String
        var value: String
        /// White space around a value is no part of it. After a length, though, the server's parser takes no tab.
        var isFollowedByTab: Bool
    }

    private static func arePlain(_ fields: [Field]) -> Bool {
        let names = fields.map(\.name)
        guard names.count(where: { $0 == "host" }) == 1, names.count(where: { $0 == "content-type" }) <= 1 else {
            return false
        }
        return fields.allSatisfy { field in
            switch field.name {
            case "host": !field.value.isEmpty && field.value.utf8.allSatisfy { (0x61...0x7A).contains($0) }
            case "content-type": field.value == "application/json"
            case "content-length": !field.isFollowedByTab
            case "transfer-encoding", "x": true
            default: false
            }
        }
    }

    private mutating func fields() throws(Stop) -> [Field] {
        var fields: [Field] = []
        while true {
            let line = try line()
            if line.isEmpty { return fields }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(Self.isToken)
            else { throw .malformed }
            let value = line[(colon + 1)...].drop(while: Self.isBlank)
            let end = value.lastIndex { !Self.isBlank($0) }.map { $0 + 1 } ?? value.startIndex
            guard value[..<end].allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw .malformed }
            fields.append(
                Field(
                    name: String(decoding: line[..<colon], as: UTF8.self).lowercased(),
                    value: String(decoding: value[..<end], as: UTF8.self),
                    isFollowedByTab: value[end...].contains(0x09)))
        }
    }

    /// What extensions may say is not looked at; nobody sends any.
    private mutating func chunkedBody() throws(Stop) -> (body: [UInt8], isPlain: Bool) {
        var body: [UInt8] = []
        var isPlain = true
        while true {
            let line = try line()
            let digits = line.prefix { Self.isHexadecimal($0) }
            let extensions = line[digits.endIndex...].drop(while: Self.isBlank)
            guard !digits.isEmpty, extensions.isEmpty || extensions.first == UInt8(ascii: ";"),
                let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw .malformed }
            if digits.count < line.count || digits.count > 8 { isPlain = false }
            if size == 0 {
                let hasTrailers = try !fields().isEmpty
                return (body, isPlain && !hasTrailers)
            }
            body += try take(size)
            guard try self.line().isEmpty else { throw .malformed }
        }
    }

    /// Up to the next CR LF, which is passed.
    private mutating func line() throws(Stop) -> ArraySlice<UInt8> {
        guard let end = bytes[offset...].firstIndex(of: 0x0A) else { throw .incomplete }
        guard end > offset, bytes[end - 1] == 0x0D else { throw .malformed }
        let line = bytes[offset..<(end - 1)]
        guard !line.contains(0x0D) else { throw .malformed }
        offset = end + 1
        return line
    }

    private mutating func take(_ count: Int) throws(Stop) -> ArraySlice<UInt8> {
        guard count <= bytes.count - offset else { throw .incomplete }
        defer { offset += count }
        return bytes[offset..<(offset + count)]
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        "0123456789abcdefABCDEF".utf8.contains(byte)
    }

    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
