import FileWatching
import LabelPolicy
import LocatedDocuments
import Logging
import OpenSSLTransport
import PolicyDocuments
import ServiceLifecycle
import WebhookServer

/// Publishes and logs what becomes of the certificate files.
struct CertificateReloading: Service {
    let store: CertificateStore
    let metrics: GateMetrics
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await store.run(now: WallClock.unixSeconds) { outcome in
                switch outcome {
                case .unchanged: break
                case .swapped(let certificates, _):
                    CertificateReports.publish(certificates, metrics)
                    logger.info(
                        "Certificate reloaded",
                        metadata: [
                            "subject": "\(certificates.leaf.subject)",
                            "expires": "\(Timestamp(secondsSinceEpoch: certificates.leaf.notAfter).date)",
                        ])
                case .keptLastGood(let error):
                    metrics.certificateReloadFailures.increment()
                    logger.error("Certificate not reloaded, the last good one stays", metadata: ["error": "\(error)"])
                case .watching(let degradation?):
                    logger.warning("Certificates are polled only", metadata: ["reason": "\(degradation)"])
                case .watching(nil):
                    logger.info("Certificates are watched again")
                }
            }
        }
    }
}

enum CertificateReports {
    static func publish(_ certificates: CertificateSet, _ metrics: GateMetrics) {
        metrics.setCertificateExpiry(Double(certificates.leaf.notAfter), of: .leaf)
        let authority = certificates.authorityExpiry ?? certificates.intermediates.map(\.notAfter).min()
        metrics.setCertificateExpiry(authority.map(Double.init), of: .ca)
    }
}

/// Loads the policy again when its files change; a bad one never replaces a good one.
struct PolicyReloading: Service {
    /// A mounted ConfigMap takes up to a minute to follow its object, so seconds do not matter: this is for what
    /// inotify does not see.
    private static let pollInterval = Duration.seconds(10)

    let paths: [String]
    let holder: PolicyHolder
    let metrics: GateMetrics
    let logger: Logger

    func run() async throws {
        guard !paths.isEmpty else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            let watcher = DirectoryWatcher(directories: directories, pollInterval: Self.pollInterval)
            for await _ in watcher.ticks() { reload() }
        }
    }

    /// A directory is watched itself, a file by the directory it is in, so that a rename counts.
    private var directories: [String] {
        let files = SystemPolicyFiles()
        return Set(
            paths.map { path in
                if case .directory? = try? files.kind(of: path) { return path }
                guard let slash = path.lastIndex(of: "/") else { return "." }
                return slash == path.startIndex ? "/" : String(path[..<slash])
            }
        ).sorted()
    }

    private func reload() {
        let result = PolicyLoader().load(paths, today: WallClock.now().date)
        guard let loaded = result.loaded else {
            let failure = result.errors.first?.line ?? "the policy cannot be read"
            if holder.keep(because: failure) {
                metrics.policyReloadFailures.increment()
                logger.error("Policy not reloaded, the last good one stays", metadata: ["error": "\(failure)"])
            }
            return
        }
        guard holder.adopt(loaded) else { return }
        metrics.setPolicyHash(loaded.hash)
        logger.info(
            "Policy reloaded", metadata: ["policy": "\(loaded.policy.name)", "policy-hash": "\(loaded.hash)"])
    }
}
