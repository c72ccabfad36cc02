import COpenSSL

/// Puts certificates and key into a context that is being set up, and says what is wrong with them.
struct CertificateLoader {
    let context: OpaquePointer
    let configuration: TLSConfiguration

    func load(_ material: TLSMaterial) throws(TLSError) -> CertificateSet {
        let chain = try loadChain(material.certificateChain.get())
        try loadKey(material.privateKey.get())
        var clientAuthorities: [CertificateInfo] = []
        if let file = configuration.clientAuthorityFile, let contents = material.clientAuthority {
            clientAuthorities = try loadClientAuthorities(contents.get(), file)
        }
        var authorities: [CertificateInfo] = []
        var authorityProblem: TLSError?
        if let file = configuration.authorityFile, let contents = material.authority {
            do throws(TLSError) {
                authorities = try certificates(in: contents.get(), file).map { CertificateInfo($0.pointer) }
            } catch {
                authorityProblem = error
            }
        }
        return CertificateSet(
            leaf: chain.leaf, intermediates: chain.intermediates, clientAuthorities: clientAuthorities,
            authorities: authorities, authorityProblem: authorityProblem)
    }

    private func loadChain(
        _ contents: FileContents
    ) throws(TLSError) -> (leaf: CertificateInfo, intermediates: [CertificateInfo]) {
        let file = configuration.certificateChainFile
        let chain = try certificates(in: contents, file)
        guard let leaf = chain.first else { throw noCertificate(file) }
        guard ErrorQueue.withEmptyQueue({ SSL_CTX_use_certificate(context, leaf.pointer) }) == 1 else {
            throw refused("the server's certificate is refused", file)
        }
        for intermediate in chain.dropFirst() {
            guard
                ErrorQueue.withEmptyQueue({ tallygate_SSL_CTX_add1_chain_cert(context, intermediate.pointer) }) == 1
            else {
                throw refused("an intermediate certificate is refused", file)
            }
        }
        return (CertificateInfo(leaf.pointer), chain.dropFirst().map { CertificateInfo($0.pointer) })
    }

    private func loadKey(_ contents: FileContents) throws(TLSError) {
        let file = configuration.privateKeyFile
        let source = try source(contents)
        defer { BIO_free(source) }
        // OpenSSL's own callback would ask for the password on the terminal.
        let key = ErrorQueue.withEmptyQueue { PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil) }
        guard let key else {
            let entries = ErrorQueue.drain()
            let cause = entries.isEmpty ? nil : entries.map(\.text).joined(separator: ": ")
            if entries.contains(where: { $0.isFromPEM && $0.reason == PEM_R_BAD_PASSWORD_READ }) {
                throw TLSError(
                    .encryptedPrivateKey, "the private key is encrypted", file: file, cause: cause,
                    remedy: "decrypt it with `openssl pkey -in \(file)` and protect the file instead")
            }
            throw TLSError(
                .malformedPrivateKey, "no private key can be read", file: file, cause: cause,
                remedy: "it must hold one PEM block that begins with `-----BEGIN PRIVATE KEY-----`, complete")
        }
        defer { EVP_PKEY_free(key) }
        guard let leaf = SSL_CTX_get0_certificate(context),
            ErrorQueue.withEmptyQueue({ X509_check_private_key(leaf, key) }) == 1
        else {
            throw TLSError(
                .keyMismatch, "the private key does not belong to the certificate", file: file,
                cause: ErrorQueue.drainText(),
                remedy: "put the key of the first certificate of \(configuration.certificateChainFile) there")
        }
        guard ErrorQueue.withEmptyQueue({ SSL_CTX_use_PrivateKey(context, key) }) == 1 else {
            throw refused("the private key is refused", file)
        }
    }

    private func loadClientAuthorities(
        _ contents: FileContents, _ file: String
    ) throws(TLSError) -> [CertificateInfo] {
        let store = SSL_CTX_get_cert_store(context)
        var infos: [CertificateInfo] = []
        for authority in try certificates(in: contents, file) {
            // Trusted, and named to the client, which chooses its certificate by these names.
            guard
                ErrorQueue.withEmptyQueue({ X509_STORE_add_cert(store, authority.pointer) }) == 1,
                ErrorQueue.withEmptyQueue({ SSL_CTX_add_client_CA(context, authority.pointer) }) == 1
            else {
                throw refused("a client authority is refused", file)
            }
            infos.append(CertificateInfo(authority.pointer))
        }
        return infos
    }

    /// All certificates of a PEM file; at least one. A block that does not parse fails the file: a chain cut short
    /// would be served as if it were whole.
    private func certificates(in contents: FileContents, _ file: String) throws(TLSError) -> [OwnedCertificate] {
        let source = try source(contents)
        defer { BIO_free(source) }
        var found: [OwnedCertificate] = []
        while let certificate = ErrorQueue.withEmptyQueue({
            PEM_read_bio_X509_AUX(source, nil, { _, _, _, _ in -1 }, nil)
        }) {
            found.append(OwnedCertificate(certificate))
        }
        let entries = ErrorQueue.drain()
        // The end of the file is told as an error too: no further start line.
        guard let last = entries.last, last.isFromPEM, last.reason == PEM_R_NO_START_LINE else {
            throw TLSError(
                .malformedCertificate, "certificate \(found.count + 1) of the file cannot be read", file: file,
                cause: entries.isEmpty ? nil : entries.map(\.text).joined(separator: ": "),
                remedy: "it must be a complete PEM block; if the file is being written, it is read again when done")
        }
        guard !found.isEmpty else { throw noCertificate(file) }
        return found
    }

    private func source(_ contents: FileContents) throws(TLSError) -> OpaquePointer {
        let bytes = contents.bytes
        guard
            let source = ErrorQueue.withEmptyQueue({ BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) })
        else {
            throw TLSError.library("OpenSSL could not make a buffer")
        }
        return source
    }

    private func noCertificate(_ file: String) -> TLSError {
        TLSError(
            .malformedCertificate, "the file holds no certificate", file: file,
            remedy: "it must hold PEM blocks that begin with `-----BEGIN CERTIFICATE-----`")
    }

    private func refused(_ what: String, _ file: String) -> TLSError {
        TLSError(
            .refusedCertificate, what, file: file, cause: ErrorQueue.drainText(),
            remedy: "issue one with an ECDSA P-256 or RSA 2048 key (or stronger) and a SHA-256 signature")
    }
}

/// One reference to an `X509`, given back at the end.
private final class OwnedCertificate {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        X509_free(pointer)
    }
}
