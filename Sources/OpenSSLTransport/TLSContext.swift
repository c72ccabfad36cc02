import COpenSSL

/// Certificates, key and parameters, ready for connections: OpenSSL's `SSL_CTX`.
///
/// `@unchecked Sendable`: the `SSL_CTX` is set up within `init`, before a second reference can exist, and only read
/// afterwards; what OpenSSL itself changes in it later (reference count, ticket keys, statistics) it guards with atomics
/// and locks of its own. Every stored property is a `let`.
package final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    package let certificates: CertificateSet
    package let configuration: TLSConfiguration
    /// SHA-256 over the contents of all files it was made of.
    package let fingerprint: String
    /// Owned: the ALPN callback borrows it for as long as the context lives, and every connection keeps the context.
    private let applicationProtocols: ApplicationProtocols

    /// Reads the files and loads them.
    package convenience init(_ configuration: TLSConfiguration) throws(TLSError) {
        // Before the first digest makes OpenSSL read its configuration in its own way.
        try OpenSSLLibrary.check()
        try self.init(configuration, TLSMaterial(configuration))
    }

    init(_ configuration: TLSConfiguration, _ material: TLSMaterial) throws(TLSError) {
        try OpenSSLLibrary.check()
        guard let context = ErrorQueue.withEmptyQueue({ SSL_CTX_new(TLS_server_method()) }) else {
            throw TLSError.library("OpenSSL could not make a context")
        }
        do {
            certificates = try CertificateLoader(context: context, configuration: configuration).load(material)
            try ContextSettings.apply(configuration, to: context)
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        pointer = context
        self.configuration = configuration
        fingerprint = material.fingerprint
        applicationProtocols = ApplicationProtocols(configuration.applicationProtocols)
        SSL_CTX_set_alpn_select_cb(
            context, ApplicationProtocols.select, Unmanaged.passUnretained(applicationProtocols).toOpaque())
    }

    deinit {
        SSL_CTX_free(pointer)
    }
}

/// The certificates a context was made of.
package struct CertificateSet: Sendable, Equatable {
    package var leaf: CertificateInfo
    /// As they follow the leaf in the file.
    package var intermediates: [CertificateInfo]
    /// Those a client's certificate must come from; empty if none is asked for.
    package var clientAuthorities: [CertificateInfo]
    /// Those named as signers of the leaf; empty if no file is configured.
    package var authorities: [CertificateInfo]
    /// Why the file of `authorities` could not be read. It is there for its expiry alone, so the pair serves without it.
    package var authorityProblem: TLSError?

    /// The first moment at which the leaf or one of its intermediates is no longer valid, in seconds since
    /// 1970-01-01T00:00:00Z.
    package var chainExpiry: Int64 { intermediates.map(\.notAfter).reduce(leaf.notAfter, min) }
    package var authorityExpiry: Int64? { authorities.map(\.notAfter).min() }
    package var clientAuthorityExpiry: Int64? { clientAuthorities.map(\.notAfter).min() }
}

/// The parameters that do not come from files.
enum ContextSettings {
    /// Sessions of one context are its own: tickets of another configuration do not open here. Without an identifier
    /// a connection with a client certificate cannot be resumed at all.
    private static let sessionIdentifier = Array("tallygate".utf8)

    /// RFC 8446 suggests one ticket per connection the client may want to open; an API server keeps its connections.
    private static let ticketsPerConnection = 1

    static func apply(_ configuration: TLSConfiguration, to context: OpaquePointer) throws(TLSError) {
        func demand(_ setting: String, _ call: () -> Int32) throws(TLSError) {
            guard ErrorQueue.withEmptyQueue(call) == 1 else {
                throw TLSError(
                    .unsupportedSetting, "OpenSSL refuses \(setting)", cause: ErrorQueue.drainText(),
                    remedy: "check what OpenSSL's configuration file and its providers allow")
            }
        }
        let version =
            switch configuration.minimumVersion {
            case .tls12: TLS1_2_VERSION
            case .tls13: TLS1_3_VERSION
            }
        try demand("the minimum version") { tallygate_SSL_CTX_set_min_proto_version(context, version) }
        try demand("the TLS 1.2 ciphers") { SSL_CTX_set_cipher_list(context, TLSConfiguration.cipherList) }
        try demand("the TLS 1.3 cipher suites") { SSL_CTX_set_ciphersuites(context, TLSConfiguration.cipherSuites) }
        let groups = OpenSSLLibrary.requiresFIPS ? TLSConfiguration.approvedGroups : TLSConfiguration.groups
        try demand("the groups \(groups)") { tallygate_SSL_CTX_set1_groups_list(context, groups) }
        SSL_CTX_set_options(
            context,
            TALLYGATE_SSL_OP_NO_RENEGOTIATION | TALLYGATE_SSL_OP_NO_COMPRESSION
                | TALLYGATE_SSL_OP_CIPHER_SERVER_PREFERENCE | TALLYGATE_SSL_OP_PRIORITIZE_CHACHA)
        // Record buffers (34 KiB per connection) are given back between records. Fetching them anew costs less than
        // what differs from run to run (about 20 µs of CPU for a request of 4.8 KB with its HTTP), and an idle
        // connection takes some 27 KiB instead of 50 to 60.
        tallygate_SSL_CTX_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
        // A record and its header in one read of the queue instead of two.
        tallygate_SSL_CTX_set_read_ahead(context, 1)
        // Resumption by tickets: the state is with the client, nothing here grows with the number of clients.
        tallygate_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        try demand("the number of tickets") { SSL_CTX_set_num_tickets(context, ticketsPerConnection) }
        try demand("the session identifier") {
            SSL_CTX_set_session_id_context(context, sessionIdentifier, UInt32(sessionIdentifier.count))
        }
        if configuration.clientAuthorityFile != nil {
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        } else {
            SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        }
    }
}

/// The protocols this side speaks, as the ALPN callback reads them.
final class ApplicationProtocols {
    private let names: [[UInt8]]

    init(_ names: [String]) {
        self.names = names.map { Array($0.utf8) }
    }

    /// Captures nothing; `argument` is the unretained `ApplicationProtocols` of the context.
    static let select:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, chosen, chosenLength, offered, offeredLength, argument in
            guard let chosen, let chosenLength, let offered, let argument else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            let own = Unmanaged<ApplicationProtocols>.fromOpaque(argument).takeUnretainedValue()
            let list = UnsafeBufferPointer(start: offered, count: Int(offeredLength))
            guard let match = own.firstMatch(in: list), let start = list.baseAddress else {
                return SSL_TLSEXT_ERR_ALERT_FATAL
            }
            // Into the client's list, which OpenSSL copies from.
            chosen.pointee = start + match.lowerBound
            chosenLength.pointee = UInt8(match.count)
            return SSL_TLSEXT_ERR_OK
        }

    /// Where in the client's list, names prefixed by their lengths, our most preferred name stands.
    func firstMatch(in list: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        for name in names {
            var position = 0
            while position < list.count {
                let start = position + 1
                let end = start + Int(list[position])
                guard end <= list.count else { return nil }
                if list[start..<end].elementsEqual(name) {
                    return start..<end
                }
                position = end
            }
        }
        return nil
    }
}
