import NIOHTTP1

/// The header fields the transport reads, gathered in one pass over the block.
struct RequestFields {
    enum Length: Equatable {
        case absent
        case invalid
        case value(Int)
    }
    enum TransferEncoding: Equatable { case absent, chunked, other }
    enum Expectation: Equatable { case absent, `continue`, unknown }

    private(set) var contentLength = Length.absent
    private(set) var transferEncoding = TransferEncoding.absent
    private(set) var expectation = Expectation.absent
    private(set) var isJSON = false
    private(set) var hasContentEncoding = false
    private(set) var hasUpgrade = false
    private(set) var hostCount = 0
    private var contentTypeCount = 0

    /// Those of a head that can have no others.
    init(plain head: PlainRequestHead) {
        self.contentLength = head.contentLength.map(Length.value) ?? .absent
        self.isJSON = head.isJSON
        self.hostCount = 1
    }

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            let bytes = name.utf8
            // The length of a name rules out nearly all comparisons.
            switch bytes.count {
            case 4 where bytes.equalsLowercased("host"):
                self.hostCount += 1
            case 6 where bytes.equalsLowercased("expect"):
                self.expectation = value.utf8.equalsLowercased("100-continue") ? .continue : .unknown
            case 7 where bytes.equalsLowercased("upgrade"):
                self.hasUpgrade = true
            case 12 where bytes.equalsLowercased("content-type"):
                self.contentTypeCount += 1
                self.isJSON = self.contentTypeCount == 1 && isApplicationJSON(value)
            case 14 where bytes.equalsLowercased("content-length"):
                // Blanks after a value are no part of it (RFC 9110, 5.5), but the parser leaves them after a length.
                if self.contentLength == .absent, let length = decimal(value.utf8.droppingBlanksAtEnd()) {
                    self.contentLength = .value(length)
                } else {
                    self.contentLength = .invalid
                }
            case 16 where bytes.equalsLowercased("content-encoding"):
                self.hasContentEncoding = !value.utf8.equalsLowercased("identity")
            case 17 where bytes.equalsLowercased("transfer-encoding"):
                let isOnlyOne = self.transferEncoding == .absent
                self.transferEncoding = isOnlyOne && value.utf8.equalsLowercased("chunked") ? .chunked : .other
            default:
                break
            }
        }
    }

    /// Whether bytes of a body follow the head (or may, as its length is not known).
    var announcesBody: Bool {
        guard self.transferEncoding == .absent else { return true }
        switch self.contentLength {
        case .absent: return false
        case .invalid: return true
        case .value(let length): return length > 0
        }
    }
}

/// `application/json`, in any case, with or without parameters.
private func isApplicationJSON(_ value: String) -> Bool {
    let bytes = value.utf8
    let mediaType = bytes.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    guard mediaType.equalsLowercased("application/json") else { return false }
    let rest = bytes[mediaType.endIndex...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return rest.first.map { $0 == UInt8(ascii: ";") } ?? true
}

/// Digits only, in range of `Int`: no sign, no blanks, no list.
func decimal(_ digits: some Collection<UInt8>) -> Int? {
    guard !digits.isEmpty else { return nil }
    var number = 0
    for digit in digits {
        guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
        let (tens, tooManyTens) = number.multipliedReportingOverflow(by: 10)
        let (sum, tooMuch) = tens.addingReportingOverflow(Int(digit &- UInt8(ascii: "0")))
        guard !tooManyTens, !tooMuch else { return nil }
        number = sum
    }
    return number
}

extension Collection<UInt8> {
    /// Compares ASCII without regard to case; `lowercase` has to be in lower case.
    func equalsLowercased(_ lowercase: StaticString) -> Bool {
        lowercase.withUTF8Buffer { expected in
            guard self.count == expected.count else { return false }
            return zip(self, expected).allSatisfy { byte, wanted in
                let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                return (isUpper ? byte | 0x20 : byte) == wanted
            }
        }
    }

    /// Without the spaces and tabs at the end.
    func droppingBlanksAtEnd() -> SubSequence where Self: BidirectionalCollection {
        let last = self.lastIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        return last.map { self[...$0] } ?? self.prefix(0)
    }

    /// Compares bytes exactly.
    func equals(_ bytes: StaticString) -> Bool {
        bytes.withUTF8Buffer { expected in
            guard self.count == expected.count else { return false }
            return zip(self, expected).allSatisfy { $0 == $1 }
        }
    }
}

/// Path and query of a request target in origin form, or in absolute form as clients send it to a proxy.
func requestTarget(_ uri: String) -> (path: Substring.UTF8View, query: Substring.UTF8View) {
    var rest = uri[...].utf8
    if rest.first != UInt8(ascii: "/") {
        for scheme in ["https://", "http://"] as [StaticString]
        where rest.prefix(scheme.utf8CodeUnitCount).equalsLowercased(scheme) {
            rest = rest.dropFirst(scheme.utf8CodeUnitCount).drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            break
        }
    }
    // A fragment has no business in a request, and no meaning.
    rest = rest.prefix { $0 != UInt8(ascii: "#") }
    let path = rest.prefix { $0 != UInt8(ascii: "?") }
    let query = rest[path.endIndex...].dropFirst()
    return (path, query)
}
