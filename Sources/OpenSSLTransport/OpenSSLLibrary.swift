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

    /// Whether only FIPS-approved algorithms are used unless a call asks otherwise (`default_properties = fips=yes`).
    package static var requiresFIPS: Bool {
        _ = configuration
        return EVP_default_properties_is_fips_enabled(nil) == 1
    }

    /// OpenSSL's configuration file (`OPENSSL_CONF`, else the system's), read once by this process.
    ///
    /// OpenSSL by itself passes over what it cannot do there and goes on without: a FIPS provider that does not load
    /// would be replaced by the default one in silence. So it is read here, before anything else makes OpenSSL read
    /// it, and what fails is kept.
    static let configuration: Result<Void, TLSError> = {
        func failure(_ what: String) -> TLSError {
            TLSError(
                .libraryFailure, what, file: configurationFile, cause: ErrorQueue.drainText(),
                remedy: "mend the file or unset OPENSSL_CONF; for FIPS, install the module (fips.so) and run "
                    + "`openssl fipsinstall`")
        }
        ERR_clear_error()
        guard OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil) == 1 else {
            return .failure(failure("OpenSSL could not be initialised"))
        }
        let flags = UInt(CONF_MFLAGS_DEFAULT_SECTION | CONF_MFLAGS_IGNORE_MISSING_FILE)
        guard CONF_modules_load_file(nil, nil, flags) == 1 else {
            return .failure(failure("OpenSSL's configuration cannot be applied"))
        }
        ERR_clear_error()
        return .success(())
    }()

    private static var configurationFile: String? {
        guard let path = CONF_get1_default_config_file() else { return nil }
        defer { CRYPTO_free(path, #fileID, #line) }
        return String(cString: path)
    }
}
