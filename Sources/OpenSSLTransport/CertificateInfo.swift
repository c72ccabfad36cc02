import COpenSSL
import Glibc

/// What is worth knowing of a certificate: for logs, metrics and `certificates`.
package struct CertificateInfo: Sendable, Equatable {
    package enum Validity: Sendable, Equatable {
        case notYetValid
        case valid
        case expired
    }

    package enum AlternativeName: Sendable, Hashable, CustomStringConvertible {
        case dns(String)
        case ip(String)
        case uri(String)
        case email(String)

        package var description: String {
            switch self {
            case .dns(let name): "DNS:\(name)"
            case .ip(let address): "IP:\(address)"
            case .uri(let uri): "URI:\(uri)"
            case .email(let address): "email:\(address)"
            }
        }
    }

    /// RFC 2253, control characters escaped.
    package var subject: String
    package var issuer: String
    package var alternativeNames: [AlternativeName]
    /// Hexadecimal.
    package var serialNumber: String
    /// Seconds since 1970-01-01T00:00:00Z.
    package var notBefore: Int64
    /// Seconds since 1970-01-01T00:00:00Z.
    package var notAfter: Int64
    /// SHA-256 of the DER form, in hexadecimal.
    package var fingerprint: String

    /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
    package func validity(at now: Int64) -> Validity {
        if now < notBefore { return .notYetValid }
        return now > notAfter ? .expired : .valid
    }
}

extension CertificateInfo {
    /// Reads a certificate, which stays the caller's.
    package init(_ certificate: OpaquePointer) {
        subject = Self.text(of: X509_get_subject_name(certificate))
        issuer = Self.text(of: X509_get_issuer_name(certificate))
        alternativeNames = Self.alternativeNames(of: certificate)
        serialNumber = Self.serialNumber(of: certificate)
        notBefore = Self.seconds(X509_get0_notBefore(certificate))
        notAfter = Self.seconds(X509_get0_notAfter(certificate))
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let made = ErrorQueue.withEmptyQueue { X509_digest(certificate, EVP_sha256(), &digest, &length) }
        fingerprint = made == 1 ? Hexadecimal.text(digest.prefix(Int(length))) : ""
    }

    private static func text(of name: OpaquePointer?) -> String {
        guard let name, let sink = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(sink) }
        // Escapes control characters, so a name cannot forge a line of a log.
        guard ErrorQueue.withEmptyQueue({ X509_NAME_print_ex(sink, name, 0, TALLYGATE_XN_FLAG_RFC2253_UTF8) }) >= 0
        else { return "" }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(sink))
        let count = BIO_read(sink, &bytes, Int32(clamping: bytes.count))
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }

    private static func serialNumber(of certificate: OpaquePointer) -> String {
        guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil) else { return "" }
        defer { BN_free(number) }
        guard let text = BN_bn2hex(number) else { return "" }
        defer { CRYPTO_free(text, #fileID, #line) }
        return String(cString: text).lowercased()
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var broken = tm()
        guard let time, ErrorQueue.withEmptyQueue({ ASN1_TIME_to_tm(time, &broken) }) == 1 else { return 0 }
        return Int64(timegm(&broken))
    }

    private static func alternativeNames(of certificate: OpaquePointer) -> [AlternativeName] {
        guard
            let extensionValue = ErrorQueue.withEmptyQueue({
                X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
            })
        else { return [] }
        let names = OpaquePointer(extensionValue)
        defer { GENERAL_NAMES_free(names) }
        return (0..<max(0, OPENSSL_sk_num(names))).compactMap { index in
            guard let name = OPENSSL_sk_value(names, index) else { return nil }
            return alternativeName(name.assumingMemoryBound(to: GENERAL_NAME.self))
        }
    }

    private static func alternativeName(_ name: UnsafePointer<GENERAL_NAME>) -> AlternativeName? {
        var type: Int32 = 0
        guard let value = GENERAL_NAME_get0_value(name, &type) else { return nil }
        guard type == GEN_DNS || type == GEN_IPADD || type == GEN_URI || type == GEN_EMAIL else { return nil }
        let string = value.assumingMemoryBound(to: ASN1_STRING.self)
        guard let start = ASN1_STRING_get0_data(string) else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: Int(max(0, ASN1_STRING_length(string))))
        switch type {
        case GEN_DNS: return .dns(String(decoding: bytes, as: UTF8.self))
        case GEN_URI: return .uri(String(decoding: bytes, as: UTF8.self))
        case GEN_EMAIL: return .email(String(decoding: bytes, as: UTF8.self))
        default: return address(bytes).map(AlternativeName.ip)
        }
    }

    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let family: Int32
        switch bytes.count {
        case 4: family = AF_INET
        case 16: family = AF_INET6
        default: return nil
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0f)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
