import ArgumentParser
import OpenSSLTransport

/// What this program is.
enum Build {
    static let version = "0.1.0"

    static var toolchain: String {
        #if swift(>=6.3)
            "swift-6.3"
        #else
            "swift-6.2"
        #endif
    }
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version, and the TLS libraries it runs on.")

    func run() throws {
        let fips = (OpenSSLLibrary.requiresFIPS ? "" : "not ") + "required by OpenSSL's configuration"
        let providers = OpenSSLLibrary.providers.joined(separator: ", ")
        try StandardOutput.print(
            """
            tallygate \(Build.version)
            toolchain: \(Build.toolchain)
            tls: \(OpenSSLLibrary.version) (providers: \(providers.isEmpty ? "none" : providers))
            fips: \(fips)
            tls to API servers: BoringSSL (swift-nio-ssl), which OpenSSL's configuration does not reach
            """)
        do throws(TLSError) {
            try OpenSSLLibrary.check()
        } catch {
            throw CommandOutcome.inputError("\(error)")
        }
    }
}
