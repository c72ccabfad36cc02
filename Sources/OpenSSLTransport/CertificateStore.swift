package import FileWatching
import Synchronization

/// What came of looking at the certificate files.
package enum ReloadOutcome: Sendable, Equatable {
    /// The contents are those already looked at, be they in use or refused.
    case unchanged
    /// New connections get these; connections that stand keep theirs.
    case swapped(CertificateSet, CertificateInfo.Validity)
    /// The contents are new and not usable; what was in use stays.
    case keptLastGood(TLSError)
    /// Whether changes are seen at once has changed; nil: they are again.
    case watching(DirectoryWatcher.Degradation?)
}

/// The certificate in use, exchanged when its files change.
///
/// A pair that does not load (half written, certificate without its key) never replaces one that did.
package final class CertificateStore: Sendable {
    private struct State {
        var context: TLSContext
        /// Of the contents looked at last: those of `context`, or of what failed.
        var lookedAt: String
        var failure: TLSError?
    }

    /// A kubelet takes up to a minute to bring a changed Secret, so seconds do not matter: this is for files changed
    /// where inotify does not see it (network file systems, targets of links).
    package static let defaultPollInterval = Duration.seconds(10)

    package let configuration: TLSConfiguration
    private let state: Mutex<State>
    /// One reload at a time; apart from `state`, so that connections do not wait for it.
    private let reloading = Mutex<Void>(())

    /// Loads the files; without a usable pair there is no store.
    package convenience init(_ configuration: TLSConfiguration) throws(TLSError) {
        self.init(try TLSContext(configuration))
    }

    /// Takes the pair instead of files; `replace` exchanges it.
    package convenience init(_ configuration: TLSConfiguration, _ pair: SuppliedPair) throws(TLSError) {
        try OpenSSLLibrary.check()
        self.init(try TLSContext(configuration, TLSMaterial(configuration, pair)))
    }

    private init(_ context: TLSContext) {
        configuration = context.configuration
        state = Mutex(State(context: context, lookedAt: context.fingerprint, failure: nil))
    }

    /// For new connections.
    package var currentContext: TLSContext { state.withLock { $0.context } }

    /// Why the files as they are now are not in use; nil if they are.
    package var failure: TLSError? { state.withLock { $0.failure } }

    /// The directories in which a change of the files shows.
    package var directories: [String] {
        let files = [
            configuration.certificateChainFile, configuration.privateKeyFile, configuration.clientAuthorityFile,
            configuration.authorityFile,
        ]
        return Set(files.compactMap { $0.map(Self.directory) }).sorted()
    }

    private static func directory(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    /// Looks at the files and loads them if their contents are others than last time. Blocks while it reads a few KiB.
    ///
    /// - Parameter now: seconds since 1970-01-01T00:00:00Z; decides nothing but the validity that is reported.
    package func reload(now: Int64) -> ReloadOutcome {
        take(now) { TLSMaterial(configuration) }
    }

    /// Loads the pair if it is another than last time.
    ///
    /// - Parameter now: as for `reload`.
    package func replace(with pair: SuppliedPair, now: Int64) -> ReloadOutcome {
        take(now) { TLSMaterial(configuration, pair) }
    }

    private func take(_ now: Int64, _ read: () -> TLSMaterial) -> ReloadOutcome {
        reloading.withLock { _ in
            let material = read()
            guard material.fingerprint != state.withLock({ $0.lookedAt }) else { return .unchanged }
            if material.fingerprint == currentContext.fingerprint {
                // Back to what is in use after something unusable: what was complained of is mended.
                return adopt(currentContext, now)
            }
            do throws(TLSError) {
                return adopt(try TLSContext(configuration, material), now)
            } catch {
                state.withLock {
                    $0.lookedAt = material.fingerprint
                    $0.failure = error
                }
                return .keptLastGood(error)
            }
        }
    }

    private func adopt(_ context: TLSContext, _ now: Int64) -> ReloadOutcome {
        // The old context is let go outside of the lock: freeing it takes longer than the exchange.
        let old = state.withLock { state in
            let old = state.context
            state = State(context: context, lookedAt: context.fingerprint, failure: nil)
            return old
        }
        return withExtendedLifetime(old) { .swapped(context.certificates, context.certificates.leaf.validity(at: now)) }
    }

    /// Watches and reloads until it is cancelled.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970-01-01T00:00:00Z, asked at each reload.
    ///   - report: told what happens, `unchanged` excepted, in order, and each failure once per contents.
    package func run(
        now: @Sendable () -> Int64,
        pollInterval: Duration = CertificateStore.defaultPollInterval,
        settlingTime: Duration = ReloadSettling.defaultTime,
        report: @Sendable (ReloadOutcome) -> Void
    ) async {
        let watcher = DirectoryWatcher(directories: directories, pollInterval: pollInterval)
        // Before the first look, so that no change falls between.
        let ticks = watcher.ticks()
        var settling = ReloadSettling()
        var degradation: DirectoryWatcher.Degradation?

        func look() async {
            var outcome = reload(now: now())
            // A certificate is often written before its key: what fails gets a little time to become whole.
            while settling.wants(toWaitAfter: outcome) {
                guard (try? await Task.sleep(for: settlingTime)) != nil else { return }
                outcome = reload(now: now())
            }
            if let outcome = settling.take() {
                report(outcome)
            }
        }

        await look()
        for await tick in ticks {
            if tick.degradation != degradation {
                degradation = tick.degradation
                report(.watching(degradation))
            }
            await look()
        }
    }
}
