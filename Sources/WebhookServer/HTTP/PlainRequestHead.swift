/// The head of a request as API servers write it, recognised in one look at the bytes.
///
/// This is no second HTTP parser: it takes a small part of RFC 9112's language, and all that is not certainly in that
/// part, be it wrong or merely unusual, is left to the decoder, bytes and judgement. What it takes, the decoder would
/// take for the same request; a test holds the two against each other.
///
/// - `GET`, `HEAD` or `POST`, one space, a target of letters, digits and ``/?&=-._~%``, one space, `HTTP/1.1`.
/// - Fields of a fixed list of names, none of which says how the message is framed but Content-Length; values of
///   printable ASCII; exactly one Host; at most one Content-Length of digits without leading zeros; no Content-Type but
///   `application/json`, once.
/// - Every line ended by CR LF, the last of them empty, and all of it within the limits.
struct PlainRequestHead: Equatable {
    private(set) var method: RequestMethod
    /// Where the target stands.
    private(set) var target: Range<Int>
    private(set) var contentLength: Int?
    private(set) var isJSON = false
    /// Bytes of the head, the empty line included.
    private(set) var length: Int

    private enum Field {
        case host, contentLength, contentType
        /// Says nothing that the transport reads.
        case ignored
    }

    /// Nil for what is left to the decoder.
    init?(_ bytes: UnsafeRawBufferPointer, limits: HTTPLimits) {
        // Every index is compared with this before the byte is read.
        let end = min(bytes.count, limits.headerBytes)
        guard let method = Self.method(bytes) else { return nil }
        self.method = method.method
        let start = method.length
        var index = start
        while index < end, Self.isTargetByte(bytes[index]) { index += 1 }
        target = start..<index
        guard index > start, index - start <= limits.headerFieldBytes, bytes[start] == UInt8(ascii: "/"),
            Self.hasText(" HTTP/1.1\r\n", bytes, at: index)
        else { return nil }
        index += 11
        length = index
        var hosts = 0
        var contentTypes = 0
        for _ in 0...limits.headerFields {
            if Self.hasText("\r\n", bytes, at: index) {
                length = index + 2
                guard hosts == 1, contentTypes <= 1, length <= end else { return nil }
                return
            }
            let nameStart = index
            while index < end, Self.isNameByte(bytes[index]) { index += 1 }
            guard index < end, bytes[index] == UInt8(ascii: ":"),
                let field = Self.field(UnsafeRawBufferPointer(rebasing: bytes[nameStart..<index]))
            else { return nil }
            index += 1
            while index < end, bytes[index] == 0x20 { index += 1 }
            let valueStart = index
            while index < end, bytes[index] >= 0x20, bytes[index] < 0x7F { index += 1 }
            guard index - nameStart <= limits.headerFieldBytes, Self.hasText("\r\n", bytes, at: index) else {
                return nil
            }
            let value = UnsafeRawBufferPointer(rebasing: bytes[valueStart..<index])
            index += 2
            switch field {
            case .ignored: break
            case .host: hosts += 1
            case .contentType:
                contentTypes += 1
                isJSON = value.equals("application/json")
                guard isJSON else { return nil }
            case .contentLength:
                guard contentLength == nil, value.count == 1 || value.first != UInt8(ascii: "0"),
                    let number = decimal(value)
                else { return nil }
                contentLength = number
            }
        }
        // More fields than are allowed.
        return nil
    }

    private static func method(_ bytes: UnsafeRawBufferPointer) -> (method: RequestMethod, length: Int)? {
        if hasText("POST ", bytes, at: 0) { return (.post, 5) }
        if hasText("GET ", bytes, at: 0) { return (.get, 4) }
        return hasText("HEAD ", bytes, at: 0) ? (.head, 5) : nil
    }

    /// Whether `text` stands at `index`, all of it.
    @inline(__always)
    private static func hasText(_ text: StaticString, _ bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
        guard bytes.count - index >= text.utf8CodeUnitCount else { return false }
        for position in 0..<text.utf8CodeUnitCount where bytes[index + position] != text.utf8Start[position] {
            return false
        }
        return true
    }

    private static func field(_ name: UnsafeRawBufferPointer) -> Field? {
        switch name.count {
        case 4 where name.equalsLowercased("host"): .host
        case 6 where name.equalsLowercased("accept"): .ignored
        case 10 where name.equalsLowercased("user-agent"): .ignored
        case 10 where name.equalsLowercased("tracestate"): .ignored
        case 11 where name.equalsLowercased("traceparent"): .ignored
        case 12 where name.equalsLowercased("content-type"): .contentType
        case 13 where name.equalsLowercased("authorization"): .ignored
        case 14 where name.equalsLowercased("content-length"): .contentLength
        case 15 where name.equalsLowercased("accept-encoding"): .ignored
        default: nil
        }
    }

    @inline(__always)
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    @inline(__always)
    private static func isNameByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "-") }

    @inline(__always)
    private static func isTargetByte(_ byte: UInt8) -> Bool {
        if isAlphanumeric(byte) { return true }
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "&"), UInt8(ascii: "="), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"):
            return true
        default: return false
        }
    }
}
