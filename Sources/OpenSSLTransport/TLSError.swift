/// What went wrong with a certificate, a setting or a connection.
///
/// `description` is one line: what failed, where, OpenSSL's own words and the remedy.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        // Loading
        case unreadableFile = "unreadable-file"
        case malformedCertificate = "malformed-certificate"
        case malformedPrivateKey = "malformed-private-key"
        case encryptedPrivateKey = "encrypted-private-key"
        case keyMismatch = "key-mismatch"
        case refusedCertificate = "refused-certificate"
        case unsupportedSetting = "unsupported-setting"
        case libraryFailure = "library-failure"
        // Handshaking
        case plainHTTP = "plain-http"
        case notTLS = "not-tls"
        case noCommonParameters = "no-common-parameters"
        case noCommonProtocol = "no-common-protocol"
        case clientCertificateMissing = "client-certificate-missing"
        case clientCertificateRefused = "client-certificate-refused"
        case certificateRefusedByPeer = "certificate-refused-by-peer"
        case handshakeFailed = "handshake-failed"
        case handshakeInterrupted = "handshake-interrupted"
        // Afterwards
        case protocolViolation = "protocol-violation"
        case truncated
        case outputBacklog = "output-backlog"
    }

    package var code: Code
    /// What failed.
    package var what: String
    /// The file it was read from, if any.
    package var file: String?
    /// OpenSSL's or the system's own words, if it had any.
    package var cause: String?
    /// What to do about it.
    package var remedy: String

    package init(_ code: Code, _ what: String, file: String? = nil, cause: String? = nil, remedy: String) {
        self.code = code
        self.what = what
        self.file = file
        self.cause = cause
        self.remedy = remedy
    }

    package var description: String {
        var line = ""
        if let file {
            line += "\(file): "
        }
        line += what
        if let cause {
            line += ": \(cause)"
        }
        return "\(line); \(remedy)"
    }
}

extension TLSError {
    /// A call into OpenSSL that fails only when memory or the library itself does.
    package static func library(_ what: String) -> TLSError {
        TLSError(
            .libraryFailure, what, cause: ErrorQueue.drainText(),
            remedy: "check the memory limit of the process and OpenSSL's configuration file")
    }
}
