import Glibc

/// What a message about a certificate needs of it. Read from bytes that anybody may have sent: what cannot be read is
/// left out.
struct CertificateFacts: Sendable, Equatable {
    /// The common name of who issued it.
    var issuer: String?
    /// Seconds since 1970.
    var notBefore: Int64
    var notAfter: Int64
    /// DNS names and addresses it is for.
    var names: [String]

    /// - Parameter der: a Certificate of RFC 5280 section 4.1.
    init?(der: [UInt8]) {
        var outer = DERReader(der[...])
        guard let certificate = outer.next(), certificate.tag == DERTag.sequence else { return nil }
        var parts = DERReader(certificate.content)
        guard let signed = parts.next(), signed.tag == DERTag.sequence else { return nil }
        var fields = DERReader(signed.content)
        // version [0], serialNumber, signature, issuer, validity, …
        if fields.peekTag == DERTag.context(0) { _ = fields.next() }
        guard fields.next() != nil, fields.next() != nil, let issuer = fields.next(), let validity = fields.next()
        else {
            return nil
        }
        var times = DERReader(validity.content)
        guard let from = times.next().flatMap(Self.time), let until = times.next().flatMap(Self.time) else {
            return nil
        }
        self.issuer = Self.commonName(issuer.content)
        notBefore = from
        notAfter = until
        names = []
        while let field = fields.next() {
            if field.tag == DERTag.context(3) { names = Self.alternativeNames(field.content) }
        }
    }

    /// UTCTime `YYMMDDHHMMSSZ` or GeneralizedTime `YYYYMMDDHHMMSSZ`.
    private static func time(_ item: DERItem) -> Int64? {
        let text = String(decoding: item.content, as: UTF8.self)
        let digits: String
        switch (item.tag, text.utf8.count) {
        case (DERTag.utcTime, 13): digits = (text < "50" ? "20" : "19") + text
        case (DERTag.generalizedTime, 15): digits = text
        default: return nil
        }
        let parts = Array(digits)
        guard parts.count == 15 else { return nil }
        func part(_ range: Range<Int>) -> String { String(parts[range]) }
        return RFC3339.parse(
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z")?.seconds
    }

    /// id-at-commonName, 2.5.4.3.
    private static let commonNameIdentifier: [UInt8] = [0x55, 0x04, 0x03]
    /// id-ce-subjectAltName, 2.5.29.17.
    private static let alternativeNameIdentifier: [UInt8] = [0x55, 0x1D, 0x11]

    private static func commonName(_ name: ArraySlice<UInt8>) -> String? {
        var sets = DERReader(name)
        while let set = sets.next() {
            var pairs = DERReader(set.content)
            while let pair = pairs.next() {
                var parts = DERReader(pair.content)
                guard let identifier = parts.next(), let value = parts.next() else { continue }
                if Array(identifier.content) == commonNameIdentifier {
                    return String(decoding: value.content, as: UTF8.self)
                }
            }
        }
        return nil
    }

    /// More than a certificate's message could show.
    private static let namesShown = 20

    private static func alternativeNames(_ wrapped: ArraySlice<UInt8>) -> [String] {
        var outer = DERReader(wrapped)
        guard let list = outer.next() else { return [] }
        var extensions = DERReader(list.content)
        while let item = extensions.next() {
            var parts = DERReader(item.content)
            guard let identifier = parts.next(), Array(identifier.content) == alternativeNameIdentifier else {
                continue
            }
            var value: DERItem?
            while let part = parts.next() { value = part }
            guard let value, value.tag == DERTag.octetString else { return [] }
            var inner = DERReader(value.content)
            guard let names = inner.next() else { return [] }
            var reader = DERReader(names.content)
            var texts: [String] = []
            while texts.count < namesShown, let name = reader.next() {
                switch name.tag {
                case DERTag.dnsName: texts.append(String(decoding: name.content, as: UTF8.self))
                case DERTag.address: if let text = addressText(Array(name.content)) { texts.append(text) }
                default: break
                }
            }
            return texts
        }
        return []
    }

    private static func addressText(_ bytes: [UInt8]) -> String? {
        let family: Int32
        switch bytes.count {
        case 4: family = AF_INET
        case 16: family = AF_INET6
        default: return nil
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

private enum DERTag {
    static let sequence: UInt8 = 0x30
    static let octetString: UInt8 = 0x04
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    /// Of a GeneralName.
    static let dnsName: UInt8 = 0x82
    static let address: UInt8 = 0x87
    static func context(_ number: UInt8) -> UInt8 { 0xA0 | number }
}

private struct DERItem {
    var tag: UInt8
    var content: ArraySlice<UInt8>
}

/// Tags, lengths and contents, one after the other.
private struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var peekTag: UInt8? { rest.first }

    /// nil at the end and where the bytes are no DER.
    mutating func next() -> DERItem? {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            // Certificates are shorter than 2^24 bytes.
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard rest.count >= length else { return nil }
        defer { rest = rest.dropFirst(length) }
        return DERItem(tag: tag, content: rest.prefix(length))
    }
}
