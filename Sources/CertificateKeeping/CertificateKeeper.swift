import CertificateIssuing
package import Certificates
package import KubernetesClient
package import Logging
package import NIOCore
package import OpenSSLTransport
import Synchronization

/// Keeps the Secret, the webhook configurations and the gates in agreement, for as long as it runs.
///
/// To be run by one process at a time, which a Lease sees to. Two at once would not break anything: every write says
/// which version it was made for, and whoever comes second looks again.
package final class CertificateKeeper: Sendable {
    /// Steps in a row without a pause: a whole rotation is six. More means that somebody undoes them.
    private static let stepsInARow = 12
    /// Of one write.
    private static let writeTimeout = TimeAmount.seconds(10)
    /// The same trouble is told again after so long.
    private static let reminderInterval = Duration.seconds(300)

    private let api: KubernetesAPI
    private let settings: KeeperSettings
    private let observer: CertificateObserver
    private let timing: APITiming
    private let logger: Logger
    private let report: @Sendable (KeeperEvent) -> Void
    private let state: Mutex<State>

    private struct State {
        var rotation: CertificateRotation
        /// What every webhook trusted when all was last looked at: PEM by fingerprint. Empty while they differ.
        var trusted: [String: [UInt8]] = [:]
        var told: (text: String, at: NIODeadline)?
    }

    /// - Parameters:
    ///   - group: whose threads the connections to gates live on.
    ///   - unixSeconds: the time of day.
    ///   - report: told what is found and done while it runs, for metrics.
    package init(
        _ api: KubernetesAPI, _ settings: KeeperSettings, group: any EventLoopGroup, timing: APITiming = .system,
        unixSeconds: @escaping @Sendable () -> Int64, logger: Logger,
        report: @escaping @Sendable (KeeperEvent) -> Void = { _ in }
    ) {
        self.api = api
        self.settings = settings
        self.timing = timing
        self.logger = logger
        self.report = report
        observer = CertificateObserver(
            api: api, settings: settings, group: group, unixSeconds: unixSeconds, timing: timing)
        state = Mutex(State(rotation: CertificateRotation(settings.rotation)))
    }

    /// What stands where now; changes nothing.
    package func look() async throws(APIError) -> CertificateFindings { try await observer.look() }

    /// What would be done next about it.
    package func plan(_ findings: CertificateFindings) -> RotationAction {
        state.withLock { $0.rotation.next(findings.observation) }
    }

    /// Puts a new CA beside those there are, before its time; `work` does the rest.
    package func renewAuthority(_ findings: CertificateFindings) async throws(KeeperError) {
        try await perform(state.withLock { $0.rotation.renewedAuthority(findings.observation) }, findings)
    }

    // MARK: Running

    /// Goes on until its task is cancelled.
    package func run() async {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask { [api, timing, settings] in
                await ObjectFollower(api, settings.secret, timing: timing).run { wake.yield() }
            }
            for configuration in settings.configurations {
                group.addTask { [api, timing] in
                    await ObjectFollower(api, configuration, timing: timing).run {
                        await self.restore()
                        wake.yield()
                    }
                }
            }
            group.addTask { [timing, settings] in
                while !Task.isCancelled {
                    wake.yield()
                    let pause = TimeAmount.nanoseconds(settings.checkInterval.nanoseconds)
                    do throws(CancellationError) { try await timing.sleep(pause) } catch { return }
                }
            }
            for await _ in wakes { await work() }
            group.cancelAll()
        }
    }

    /// Does all that can be done now.
    package func work() async {
        for _ in 0..<Self.stepsInARow {
            guard !Task.isCancelled else { return }
            let isOver: Bool
            do throws(KeeperError) {
                isOver = try await step()
            } catch {
                if !Task.isCancelled {
                    report(.failed)
                    tell("\(error)")
                }
                return
            }
            if isOver { return }
        }
        tell("\(Self.stepsInARow) steps in a row were not enough; somebody else changes the same objects")
    }

    /// - Returns: whether there is nothing more to do now.
    private func step() async throws(KeeperError) -> Bool {
        let findings: CertificateFindings
        do throws(APIError) { findings = try await look() } catch { throw .api(error) }
        if let mode = findings.keptOtherwise {
            report(.keptOtherwise)
            tell("certificates.mode is \(mode) by the webhook configurations; they are left alone", level: .info)
            return true
        }
        let action = plan(findings)
        remember(findings)
        report(.looked(action, findings.renewals))
        if case .wait(let wait) = action {
            await relinquish(findings)
            switch wait {
            case .steady: state.withLock { $0.told = nil }
            case .settling: tell("\(wait)", level: .info)
            case .replicas, .clockBehind: tell("\(wait)")
            }
            return true
        }
        do throws(KeeperError) {
            try await perform(action, findings)
        } catch {
            // Somebody was faster: what there is now decides.
            if case .api(let refusal) = error, refusal.isOutdated { return false }
            throw error
        }
        return false
    }

    /// Puts back at once what a configuration lacks of the Secret's CAs. Every moment counts, as admissions fail meanwhile,
    /// so that no gate is asked first; whatever else is to be done about the bundle follows when all have been looked at.
    ///
    /// It only ever adds to what is trusted, and only what the Secret says or was trusted when all was last looked at.
    package func restore() async {
        guard !Task.isCancelled, let findings = try? await observer.lookAtObjects(), findings.keptOtherwise == nil,
            case .present(let secret) = findings.observation.secret, !secret.authorities.isEmpty
        else { return }
        let own = secret.authorities.map(\.fingerprint)
        let trusted = state.withLock { $0.trusted }
        // A CA that the Secret has and no webhook was ever given is on its way: the next look publishes it.
        guard own.contains(where: { trusted[$0] != nil }) else { return }
        var restored = false
        for (configuration, facts) in zip(findings.configurations, findings.observation.configurations)
        where own.contains(where: { trusted[$0] != nil && !facts.carries($0) }) {
            let standing = facts.bundles.flatMap { $0 ?? [] }.map(\.fingerprint)
            var seen = Set(own)
            let others = (standing + trusted.keys.sorted()).filter { seen.insert($0).inserted }
            let authorities = findings.authorities.merging(trusted) { found, _ in found }
            let bundle = (own + others).compactMap { authorities[$0] }.flatMap { $0 }
            do throws(APIError) {
                try await write(configuration.reference, configuration.document.patch(caBundle: bundle))
            } catch {
                // A full look follows and says what is wrong.
                continue
            }
            restored = true
            report(.done(.restored))
            logger.warning(
                "Somebody changed a caBundle; put back what gates need",
                metadata: ["configuration": "\(facts.configuration)"])
        }
        if restored { state.withLock { $0.rotation.bundleWasRestored() } }
    }

    /// What fails is tried again with the next look, and matters to Helm alone.
    private func relinquish(_ findings: CertificateFindings) async {
        for (reference, document) in findings.configurations {
            guard let patch = document.relinquishment else { continue }
            _ = try? await write(reference, patch)
        }
    }

    private func write(_ configuration: ObjectReference, _ patch: ByteBuffer) async throws(APIError) {
        _ = try await api.patch(
            configuration, .json, body: patch, options: WriteOptions(fieldManager: WebhookConfiguration.fieldManager),
            deadline: timing.now() + Self.writeTimeout)
    }

    private func remember(_ findings: CertificateFindings) {
        let bundles = findings.observation.configurations.flatMap(\.bundles)
        guard let first = bundles.first ?? nil, !first.isEmpty else { return }
        let fingerprints = Set(first.map(\.fingerprint))
        guard bundles.allSatisfy({ $0.map { Set($0.map(\.fingerprint)) == fingerprints } ?? false }) else { return }
        state.withLock { $0.trusted = findings.authorities.filter { fingerprints.contains($0.key) } }
    }

    private func tell(_ text: String, level: Logger.Level = .warning) {
        let now = timing.now()
        let isNew = state.withLock { state in
            if let told = state.told, told.text == text,
                now - told.at < .nanoseconds(Self.reminderInterval.nanoseconds)
            {
                return false
            }
            state.told = (text, now)
            return true
        }
        if isNew {
            logger.log(level: level, "Certificates are not as they should be yet", metadata: ["why": "\(text)"])
        }
    }

    // MARK: Steps

    package func perform(_ action: RotationAction, _ findings: CertificateFindings) async throws(KeeperError) {
        switch action {
        case .wait: break
        case .establishAuthority(let cause, let keeping, let keepsLeaf):
            try await establish(keeping, keepsLeaf, findings)
            report(.done(.authority))
            logger.notice(
                "Made a new CA", metadata: ["because": "\(cause.rawValue)", "beside": "\(keeping.count) older"])
        case .publish(let fingerprints): try await publish(fingerprints, findings)
        case .issueLeaf(let cause):
            try await issueLeaf(cause, findings)
            report(.done(.leaf))
        case .retire(let keeping):
            guard var secret = findings.secret else { return }
            secret.authorities = bundle(keeping, findings)
            try await store(secret, isNew: false)
            report(.done(.retirement))
            logger.notice("Every gate serves the new certificate; the CA before goes", metadata: [:])
        }
    }

    private func establish(
        _ keeping: [String], _ keepsLeaf: Bool, _ findings: CertificateFindings
    ) async throws(KeeperError) {
        let now = findings.observation.now
        let validity = settings.rotation.authorityValidity(at: now)
        // Told apart by their names too, for people.
        let name = "\(settings.serverName.prefix(32)) CA \(RFC3339.format(now))"
        let pair: IssuedPair
        do throws(TLSError) {
            pair = try CertificateIssuer().authority(
                commonName: name, .init(notBefore: validity.notBefore, notAfter: validity.notAfter))
        } catch {
            throw .issuing(error)
        }
        let authorities = pair.certificate + bundle(keeping, findings)
        guard var secret = findings.secret else {
            return try await store(
                CertificateSecret(
                    settings.secret, authorities: authorities, authorityKey: pair.key, owner: await owner()),
                isNew: true)
        }
        (secret.authorities, secret.authorityKey) = (authorities, pair.key)
        if !keepsLeaf { (secret.certificateChain, secret.privateKey) = ([], PrivateKeyPEM([])) }
        try await store(secret, isNew: false)
    }

    private func publish(_ fingerprints: [String], _ findings: CertificateFindings) async throws(KeeperError) {
        let wanted = Set(fingerprints)
        let bundle = bundle(fingerprints, findings)
        let published = zip(findings.configurations, findings.observation.configurations)
        for (configuration, facts) in published where !facts.carries(exactly: wanted) {
            do throws(APIError) {
                try await write(configuration.reference, configuration.document.patch(caBundle: bundle))
            } catch {
                throw .api(error)
            }
            report(.done(.bundle))
            logger.notice(
                "Published the CA bundle",
                metadata: ["configuration": "\(facts.configuration)", "certificates": "\(fingerprints.count)"])
        }
    }

    private func issueLeaf(_ cause: LeafCause, _ findings: CertificateFindings) async throws(KeeperError) {
        guard var secret = findings.secret, let newest = findings.newest else { return }
        let authority = AuthorityFacts(
            fingerprint: newest.info.fingerprint, notBefore: newest.info.notBefore, notAfter: newest.info.notAfter)
        let validity = settings.rotation.leafValidity(at: findings.observation.now, signedBy: authority)
        let pair: IssuedPair
        do throws(TLSError) {
            pair = try CertificateIssuer().leaf(
                names: settings.rotation.names, .init(notBefore: validity.notBefore, notAfter: validity.notAfter),
                signedBy: IssuedPair(certificate: newest.pem, key: secret.authorityKey))
        } catch {
            throw .issuing(error)
        }
        (secret.certificateChain, secret.privateKey) = (pair.certificate, pair.key)
        try await store(secret, isNew: false)
        logger.notice(
            "Issued a certificate",
            metadata: ["because": "\(cause)", "expires": "\(RFC3339.format(validity.notAfter))"])
    }

    private func bundle(_ fingerprints: [String], _ findings: CertificateFindings) -> [UInt8] {
        fingerprints.compactMap { findings.authorities[$0] }.flatMap { $0 }
    }

    private func owner() async -> ObjectOwner? {
        guard let name = settings.owner, let namespace = settings.secret.namespace else { return nil }
        return await OwnerFinder(api, namespace: namespace, serviceAccount: name)
            .find(deadline: timing.now() + Self.writeTimeout)
    }

    private func store(_ secret: CertificateSecret, isNew: Bool) async throws(KeeperError) {
        let (object, deadline) = (settings.secret, timing.now() + Self.writeTimeout)
        do throws(APIError) {
            if isNew {
                _ = try await api.create(
                    object.resource, namespace: object.namespace, name: object.name, body: secret.body,
                    deadline: deadline)
            } else {
                _ = try await api.update(object, body: secret.body, deadline: deadline)
            }
        } catch {
            throw .api(error)
        }
    }
}

/// Why a step was not done.
package enum KeeperError: Error, Sendable, CustomStringConvertible {
    case api(APIError)
    case issuing(TLSError)

    package var description: String {
        switch self {
        case .api(let error): error.description
        case .issuing(let error): "\(error)"
        }
    }
}

extension APIError {
    /// The object is another than the change supposes: a conflict, a test of a JSON patch that fails, or gone.
    fileprivate var isOutdated: Bool {
        if isConflict || isNotFound { return true }
        guard case .status(let status) = self else { return false }
        // The server words a failed test as any other error of a patch.
        return status.code == 422 && status.call.verb == .patch
    }
}

extension Duration {
    /// The most there can be for what is longer.
    fileprivate var nanoseconds: Int64 {
        let (product, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product &+ components.attoseconds / 1_000_000_000
    }
}
