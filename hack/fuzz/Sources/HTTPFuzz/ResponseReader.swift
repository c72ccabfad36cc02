import FuzzSupport

/// The server's stream, read strictly: every deviation is a mistake of the server.
struct ResponseReader {
    struct Response {
        var status: Int
        var saysClose: Bool
        /// Empty for an answer to a HEAD.
        var body: ArraySlice<UInt8>
    }

    /// The answers to requests, in order.
    private(set) var final: [Response] = []
    /// How often `100 Continue` was said.
    private(set) var continues = 0

    private static let statuses: Set<Int> = [
        200, 400, 404, 405, 408, 413, 415, 417, 431, 500, 501, 503, 505,
    ]
    private static let fieldNames: Set<String> = [
        "Date", "Content-Type", "Allow", "Connection", "Content-Length",
    ]

    private let bytes: [UInt8]
    private var offset = 0

    /// - Parameter isHead: whether the request of that number was a HEAD, so that its answer has no body; nil where
    ///   that cannot be told.
    init(_ bytes: [UInt8], isHead: (Int) -> Bool?) {
        self.bytes = bytes
        while offset < bytes.count { readOne(isHead) }
    }

    private mutating func readOne(_ isHead: (Int) -> Bool?) {
        let parts = line().split(separator: " ", maxSplits: 2).map(String.init)
        require(parts.count == 3 && parts[0] == "HTTP/1.1", "an answer begins with a status line: \(parts)")
        guard let status = Int(parts[1]) else { fatalError("does not hold: a status is a number: \(parts)") }
        var fields: [String: String] = [:]
        while case let line = line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else {
                fatalError("does not hold: a field has a colon: \(line)")
            }
            let name = String(line[..<colon])
            require(Self.fieldNames.contains(name), "fields are of a closed set: \(line)")
            require(line[colon...].hasPrefix(": "), "a value follows the colon: \(line)")
            require(fields.updateValue(String(line[colon...].dropFirst(2)), forKey: name) == nil, "fields stand once")
        }
        if status == 100 {
            require(fields.isEmpty, "100 Continue says nothing more")
            continues += 1
            return
        }
        require(Self.statuses.contains(status), "statuses are of a closed set: \(status)")
        require(fields["Date"]?.utf8.count == 29, "an answer has its date")
        require(fields["Content-Type"] != nil, "an answer has a content type")
        require((fields["Allow"] != nil) == (status == 405), "405 says what is allowed, and nothing else does")
        guard let length = fields["Content-Length"].flatMap(Int.init), length >= 0 else {
            fatalError("does not hold: an answer has a length")
        }
        let connection = fields["Connection"]
        require(
            connection == nil || connection == "close" || connection == "keep-alive", "Connection: \(connection ?? "")")
        require(final.last?.saysClose != true, "nothing follows the answer that closes")
        let saysClose = connection == "close"
        let rest = bytes.count - offset
        let isFollowed = rest >= length
        let hasBody: Bool
        switch isHead(final.count) {
        case false?: hasBody = true
        // Who refuses a head before it is read to its end cannot tell a HEAD, and says that nothing will follow.
        case true?: hasBody = saysClose && (status == 400 || status == 431) && rest == length
        // The last answer, to a request that was never complete.
        case nil: hasBody = rest == length
        }
        require(isFollowed || !hasBody, "a body is as long as it says")
        let body = bytes[offset...].prefix(hasBody ? length : 0)
        offset = body.endIndex
        final.append(Response(status: status, saysClose: saysClose, body: body))
    }

    private mutating func line() -> String {
        guard let end = bytes[offset...].firstIndex(of: 0x0A), end > offset, bytes[end - 1] == 0x0D else {
            fatalError("does not hold: a line ends with CR LF: \(String(decoding: bytes[offset...], as: UTF8.self))")
        }
        let line = String(decoding: bytes[offset..<(end - 1)], as: UTF8.self)
        require(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "a head is printable: \(line)")
        offset = end + 1
        return line
    }
}
