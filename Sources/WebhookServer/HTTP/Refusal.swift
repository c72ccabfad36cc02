/// Why a request is refused by the transport, before anybody looks at its meaning.
enum Refusal: Hashable, Sendable {
    case malformed(StaticReason)
    case unknownPath
    case method(allow: AllowedMethods)
    case mediaType
    case contentEncoding
    case bodyTooLarge(limit: Int)
    case headersTooLarge
    case expectation
    case transferEncoding
    case version
    case timeout
    case tooManyPipelined
    case serviceFailed
    case noAnswerInTime

    enum AllowedMethods: Hashable, Sendable {
        case post
        case getHead

        var headerLine: StaticString {
            switch self {
            case .post: "Allow: POST\r\n"
            case .getHead: "Allow: GET, HEAD\r\n"
            }
        }
    }

    /// What is wrong with the message; the texts are constant, so nothing a client sent is echoed.
    enum StaticReason: Hashable, Sendable {
        case requestLine
        case headerField
        case host
        case framing
        case contentLength
        case chunk
        case lengthAndTransferEncoding
        case transferEncodingInHTTP10
        case unexpectedBody
        case syntax
    }

    var status: ReplyStatus {
        switch self {
        case .malformed, .tooManyPipelined: .badRequest
        case .unknownPath: .notFound
        case .method: .methodNotAllowed
        case .mediaType, .contentEncoding: .unsupportedMediaType
        case .bodyTooLarge: .tooLarge
        case .headersTooLarge: .headersTooLarge
        case .expectation: .expectationFailed
        case .transferEncoding: .notImplemented
        case .version: .versionNotSupported
        case .timeout: .requestTimeout
        case .serviceFailed: .internalError
        case .noAnswerInTime: .unavailable
        }
    }

    /// One line: what is wrong, and what to do.
    var text: String {
        switch self {
        case .malformed(let reason):
            switch reason {
            case .requestLine: "malformed request line: send METHOD SP target SP HTTP/1.1"
            case .headerField: "malformed header field: a name, a colon and a value, without control characters"
            case .host: "an HTTP/1.1 request carries exactly one Host field"
            case .framing: "malformed message framing: end every line with CR LF"
            case .contentLength: "Content-Length is not one decimal number: send it once, digits only"
            case .chunk: "malformed chunk: its size in hexadecimal, CR LF, that many bytes, CR LF"
            case .lengthAndTransferEncoding:
                "both Content-Length and Transfer-Encoding: send one of them, or the length is ambiguous"
            case .transferEncodingInHTTP10: "Transfer-Encoding is not part of HTTP/1.0: send Content-Length"
            case .unexpectedBody: "this path takes no request body: send none"
            case .syntax: "not an HTTP/1.1 request: check that the client speaks HTTP/1.1 to this port"
            }
        case .unknownPath: "no such path: see the documentation for the paths this port serves"
        case .method(let allow):
            switch allow {
            case .post: "method not allowed: send POST"
            case .getHead: "method not allowed: send GET or HEAD"
            }
        case .mediaType: "unsupported content type: send Content-Type: application/json"
        case .contentEncoding: "unsupported content encoding: send the body uncompressed, without Content-Encoding"
        case .bodyTooLarge(let limit): "the body is larger than \(limit) bytes: send a smaller object"
        case .headersTooLarge: "the header fields are too many or too large: send fewer or shorter ones"
        case .expectation: "unsupported expectation: only Expect: 100-continue is known"
        case .transferEncoding: "unsupported transfer coding: send chunked alone, or Content-Length"
        case .version: "unsupported HTTP version: send HTTP/1.1"
        case .timeout: "the request did not arrive in time: send it without pauses"
        case .tooManyPipelined: "too many pipelined requests: wait for answers before sending more"
        case .serviceFailed: "the request could not be decided: see the log of the server"
        case .noAnswerInTime: "the request could not be decided in time: try again"
        }
    }

    var allowHeaderLine: StaticString? {
        switch self {
        case .method(let allow): allow.headerLine
        case .malformed, .unknownPath, .mediaType, .contentEncoding, .bodyTooLarge, .headersTooLarge, .expectation,
            .transferEncoding, .version, .timeout, .tooManyPipelined, .serviceFailed, .noAnswerInTime:
            nil
        }
    }
}
