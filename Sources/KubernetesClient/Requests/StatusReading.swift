import LocatedDocuments
import NIOCore
import NIOHTTP1

extension APIStatus {
    /// Reads a refusal. What is in front of an API server refuses in forms of its own; of those the first line is kept.
    ///
    /// - Parameter body: empty if it could not be had.
    init(code: Int, headers: HTTPHeaders, body: ByteBuffer, call: APICall) {
        self.init(code: code, reason: "", message: "", call: call)
        switch ContentType(header: headers.first(name: "Content-Type")) {
        case .json:
            if let root = SmallJSON.tree(body), root["kind"]?.string == "Status" {
                read(root)
            } else {
                message = Self.firstLine(body)
            }
        case .protobuf:
            if let status = ProtobufFields.unwrap(body) { read(ProtobufFields(status)) }
        case .other: message = Self.firstLine(body)
        }
        // The header is how a server asks for it; the body's is the same for those who do not see headers.
        if let header = headers.first(name: "Retry-After"), let seconds = Int(header), seconds >= 0 {
            retryAfterSeconds = seconds
        }
    }

    private mutating func read(_ root: LocatedNode) {
        reason = root["reason"]?.string ?? ""
        message = Terminal.printable(root["message"]?.string ?? "")
        continueToken = root["metadata"]?["continue"]?.string?.nonEmpty
        if let seconds = root["details"]?["retryAfterSeconds"]?.scalar.flatMap({ Int($0.text) }), seconds > 0 {
            retryAfterSeconds = seconds
        }
    }

    /// `meta.v1.Status`: metadata 1, status 2, message 3, reason 4, details 5, code 6.
    private mutating func read(_ fields: ProtobufFields) {
        message = Terminal.printable(fields.text(3))
        reason = fields.text(4)
        if let metadata = fields.bytes(1) { continueToken = ProtobufFields(metadata).text(3).nonEmpty }
        if let details = fields.bytes(5), let seconds = ProtobufFields(details).integer(5), seconds > 0 {
            retryAfterSeconds = Int(clamping: seconds)
        }
    }

    /// Enough to see what it was.
    private static let lineLimit = 200

    private static func firstLine(_ body: ByteBuffer) -> String {
        let text = String(decoding: body.readableBytesView.prefix(4 * lineLimit), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } } ?? ""
        return Terminal.printable(String(line.prefix(lineLimit)))
    }
}
