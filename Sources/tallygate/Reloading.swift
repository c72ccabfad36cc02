import Admission
import FileWatching
import LabelPolicy
import LocatedDocuments
import Logging
import OpenSSLTransport
import PolicyDocuments
import Reports
import ServiceLifecycle
import WebhookServer

/// Publishes and logs what becomes of the certificate files.
struct CertificateReloading: Service, CustomStringConvertible {
    let store: CertificateStore
    let metrics: GateMetrics
    let logger: Logger

    // Services are named by their descriptions. Without one, start-up would go through all they hold by reflection.
    var description: String { "certificate reloading" }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await store.run(now: WallClock.unixSeconds) { outcome in
                switch outcome {
                case .unchanged: break
                case .swapped(let certificates, _):
                    CertificateReports.publish(certificates, metrics)
                    CertificateReports.warnIfInvalid(certificates, logger)
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
    static func warnIfInvalid(_ certificates: CertificateSet, _ logger: Logger) {
        if let problem = certificates.authorityProblem {
            logger.warning("The expiry of the CA is not known", metadata: ["error": "\(problem)"])
        }
        let leaf = certificates.leaf
        guard leaf.validity(at: WallClock.unixSeconds()) != .valid else { return }
        logger.warning(
            "The certificate is not valid now; API servers will refuse it",
            metadata: [
                "from": "\(Timestamp(secondsSinceEpoch: leaf.notBefore).rfc3339)",
                "until": "\(Timestamp(secondsSinceEpoch: leaf.notAfter).rfc3339)",
            ])
    }

    static func publish(_ certificates: CertificateSet, _ metrics: GateMetrics) {
        metrics.setCertificateExpiry(Double(certificates.leaf.notAfter), of: .leaf)
        let authority = certificates.authorityExpiry ?? certificates.intermediates.map(\.notAfter).min()
        metrics.setCertificateExpiry(authority.map(Double.init), of: .ca)
    }
}

/// Who puts a policy in force.
protocol PolicyAdopting: Sendable {
    func isInForce(_ hash: String) -> Bool
    /// Notes that the files are again those in force. Returns whether they were not.
    func recovered() -> Bool
    /// Keeps the last good policy. Returns false when this failure was said already.
    func keep(because failure: String) -> Bool
    func adopt(_ loaded: LoadedPolicy) async
    func countFailure()
}

/// The gate's.
struct GatePolicyAdoption: PolicyAdopting {
    let holder: PolicyHolder
    let knowledge: any KnowledgeProviding
    let metrics: GateMetrics

    func isInForce(_ hash: String) -> Bool { holder.isInForce(hash) }
    func recovered() -> Bool { holder.recovered() }
    func keep(because failure: String) -> Bool { holder.keep(because: failure) }
    func countFailure() { metrics.policyReloadFailures.increment() }

    func adopt(_ loaded: LoadedPolicy) async {
        let gate = AdmissionGate(policy: loaded.policy, catalogue: loaded.catalogue)
        let known = await knowledge.knowledge(for: gate, loaded.catalogue)
        holder.adopt(gate, known, loaded)
        await knowledge.settled(on: known)
        metrics.setPolicyHash(loaded.hash)
    }
}

/// Loads the policy again when its files change; a bad one never replaces a good one.
struct PolicyReloading: Service, CustomStringConvertible {
    /// A mounted ConfigMap takes up to a minute to follow its object, so seconds do not matter: this is for what
    /// inotify does not see.
    private static let pollInterval = Duration.seconds(10)

    let paths: [String]
    let holder: any PolicyAdopting
    let logger: Logger

    var description: String { "policy reloading" }

    func run() async throws {
        guard !paths.isEmpty else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            let watcher = DirectoryWatcher(directories: directories, pollInterval: Self.pollInterval)
            let ticks = watcher.ticks()
            // What changed between the first load and the watch.
            var known = await reload(unless: nil)
            for await _ in ticks { known = await reload(unless: known) }
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

    /// Files are written in steps, and a policy cut at a document's end reads well: what counts is what two looks
    /// in a row agree on.
    private static let settlingTime = Duration.milliseconds(500)
    /// A file that is written all the time is taken as it is after so many looks.
    private static let maximumLooks = 20

    /// Loads what is there, unless it is what was looked at last. Returns what was looked at; nil if that cannot be said.
    private func reload(unless known: PolicyFingerprint?) async -> PolicyFingerprint? {
        let loader = PolicyLoader()
        var fingerprint = loader.fingerprint(paths)
        if let known, fingerprint == known { return known }
        // The first look compares with what was loaded at start, and that is at rest.
        if known != nil || fingerprint == nil {
            for _ in 0..<Self.maximumLooks {
                guard (try? await Task.sleep(for: Self.settlingTime)) != nil else { return nil }
                let again = loader.fingerprint(paths)
                let isSettled = again == fingerprint
                fingerprint = again
                if isSettled { break }
            }
        }
        await take(loader.load(paths, today: WallClock.now().date))
        // Should they have changed under the load, the next look has to load again.
        return loader.fingerprint(paths) == fingerprint ? fingerprint : nil
    }

    private func take(_ result: PolicyLoadResult) async {
        if let hash = result.loaded?.hash, holder.isInForce(hash) {
            if holder.recovered() {
                logger.info("Policy files are in order again", metadata: ["policy-hash": "\(hash)"])
            }
            return
        }
        guard let loaded = result.loaded else {
            let failure = result.errors.first?.line ?? "the policy cannot be read"
            if holder.keep(because: failure) {
                holder.countFailure()
                logger.error("Policy not reloaded, the last good one stays", metadata: ["error": "\(failure)"])
            }
            return
        }
        for warning in result.warnings { logger.warning("Policy warning", metadata: ["warning": "\(warning.line)"]) }
        await holder.adopt(loaded)
        logger.info(
            "Policy reloaded", metadata: ["policy": "\(loaded.policy.name)", "policy-hash": "\(loaded.hash)"])
    }
}
