import COpenSSL

/// The system's OpenSSL, as this process found it.
package enum OpenSSLLibrary {
    /// For example `OpenSSL 3.0.19 27 Jan 2026`.
    package static var version: String {
        String(cString: OpenSSL_version(OPENSSL_VERSION))
    }

    /// The providers OpenSSL has loaded, by name: `default`, `fips`, `legacy`, … Sorted.
    package static var providers: [String] {
        _ = configuration
        // The first fetch of an algorithm is what activates the default provider if no other was configured.
        EVP_MD_free(ErrorQueue.withEmptyQueue { EVP_MD_fetch(nil, "SHA2-256", nil) })
        _ = ErrorQueue.drain()
        let list = NameList()
        _ = OSSL_PROVIDER_do_all(
            nil,
            { provider, argument in
                guard let provider, let argument, let name = OSSL_PROVIDER_get0_name(provider) else { return 1 }
                Unmanaged<NameList>.fromOpaque(argument).takeUnretainedValue().names.append(String(cString: name))
                return 1
            }, Unmanaged.passUnretained(list).toOpaque())
        return withExtendedLifetime(list) { list.names.sorted() }
    }

    /// Collects within one call: the callback can capture nothing.
    private final class NameList {
        var names: [String] = []
    }

    /// Throws why this process cannot use OpenSSL as its configuration file has it.
    package static func check() throws(TLSError) {
        try configuration.get()
    }

    /// Whether only FIPS-approved algorithms are used unless a call asks otherwise (`default_properties = fips=yes`).
    package static var requiresFIPS: Bool {
        _ = configuration
        return EVP_default_properties_is_fips_enabled(nil) == 1
    }

    /// OpenSSL's configuration file (`OPENSSL_CONF`, else the system's), read once by this process.
    ///
    /// It is read here, before anything else makes OpenSSL read it: by itself OpenSSL passes over what it cannot do and
    /// goes on without, and why a provider did not load is lost.
    ///
    /// Demanding FIPS takes both an activated provider (`fips`, from `openssl fipsinstall`) and `default_properties =
    /// fips=yes`; the latter alone makes OpenSSL refuse everything else, so that a module that is missing stops the
    /// server instead of weakening it.
    static let configuration: Result<Void, TLSError> = {
        ERR_clear_error()
        guard OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil) == 1 else {
            return .failure(refusal("OpenSSL could not be initialised", cause: ErrorQueue.drainText()))
        }
        let flags = UInt(CONF_MFLAGS_DEFAULT_SECTION | CONF_MFLAGS_IGNORE_MISSING_FILE)
        let isApplied = CONF_modules_load_file(nil, nil, flags) == 1
        guard isApplied else {
            return .failure(refusal("OpenSSL's configuration cannot be applied", cause: ErrorQueue.drainText()))
        }
        if EVP_default_properties_is_fips_enabled(nil) == 1 && OSSL_PROVIDER_available(nil, "fips") != 1 {
            // Asked for by itself, it says why.
            ERR_clear_error()
            if let provider = OSSL_PROVIDER_try_load(nil, "fips", 1) {
                OSSL_PROVIDER_unload(provider)
            }
            let cause = ErrorQueue.drainText()
            return .failure(refusal("FIPS is demanded, and its provider is not loaded", cause: cause))
        }
        ERR_clear_error()
        return .success(())
    }()

    private static func refusal(_ what: String, cause: String?) -> TLSError {
        TLSError(
            .libraryFailure, what, file: configurationFile, cause: cause,
            remedy: "mend the file or unset OPENSSL_CONF; for FIPS, install the module (fips.so) and include what "
                + "`openssl fipsinstall` writes")
    }

    private static var configurationFile: String? {
        guard let path = CONF_get1_default_config_file() else { return nil }
        defer { CRYPTO_free(path, #fileID, #line) }
        return String(cString: path)
    }
}
