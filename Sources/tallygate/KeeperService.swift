import CertificateKeeping
import Certificates
import KubernetesClient
import Logging
import ServiceLifecycle
import Synchronization
import WebhookServer

/// The keeper of certificates while it leads, and what it shows of itself on its health port.
final class KeeperService: Sendable {
    private struct State {
        var isLeading = false
        /// Whether anything was ever heard of the Lease.
        var knowsLease = false
        /// Why the Lease cannot be had; nil: it can.
        var leaseFailure: String?
        var standing = Standing.unknown
    }

    /// How the certificates stood when all was last looked at.
    private enum Standing {
        case unknown, inOrder
        case waiting(String)
    }

    private let metrics: KeeperMetrics
    private let logger: Logger
    private let state = Mutex(State())
    private let leaseLatch = ReadinessLatch()
    private let certificateLatch = ReadinessLatch()

    init(metrics: KeeperMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    /// Runs until its task is cancelled.
    func run(_ keeper: CertificateKeeper, _ lease: LeaseRunner) async {
        await lease.run { [self] in
            lead(true)
            await keeper.run()
            lead(false)
        }
    }

    private func lead(_ leads: Bool) {
        state.withLock { ($0.isLeading, $0.standing) = (leads, .unknown) }
        metrics.setLeader(leads)
    }

    // MARK: What happens

    func note(_ event: KeeperEvent) {
        switch event {
        case .looked(let action, let renewals):
            let isInOrder: Bool
            if case .wait(.steady) = action { isInOrder = true } else { isInOrder = false }
            state.withLock { $0.standing = isInOrder ? .inOrder : .waiting(Self.reason(action)) }
            metrics.recordCheck(
                isInOrder: isInOrder, at: WallClock.unixSeconds(), leafRenewal: renewals.leaf,
                authorityRenewal: renewals.authority)
        case .failed:
            state.withLock { $0.standing = .waiting("something cannot be read or written; the log has it") }
            metrics.recordFailure()
        case .keptOtherwise:
            state.withLock { $0.standing = .waiting("by the webhook configurations somebody else keeps them") }
            metrics.forget()
        case .done(let step):
            switch step {
            case .authority: metrics.recordWrite(.authority)
            case .bundle: metrics.recordWrite(.bundle)
            case .leaf: metrics.recordWrite(.leaf)
            case .retirement: metrics.recordWrite(.retirement)
            case .restored: metrics.recordWrite(.restored)
            }
        }
    }

    private static func reason(_ action: RotationAction) -> String {
        switch action {
        case .wait(let wait): "\(wait)"
        case .establishAuthority(let cause, _, _): cause.rawValue
        case .publish: "the caBundles are being written"
        case .issueLeaf(let cause): "\(cause)"
        case .retire: "an old CA is being taken out"
        }
    }

    func note(_ change: LeaseRunner.Change) {
        switch change {
        case .elected:
            heard()
            logger.info("Leading")
        case .lost: logger.warning("No longer leading")
        case .observed(let holder):
            heard()
            logger.info("Another leads", metadata: ["holder": "\(holder)"])
        case .failed(let error):
            metrics.leaseFailures.increment()
            let isNew = state.withLock { state in
                defer { state.leaseFailure = "\(error)" }
                return state.leaseFailure != "\(error)"
            }
            if isNew { logger.warning("The Lease cannot be kept", metadata: ["error": "\(error)"]) }
        case .released: logger.info("Gave the Lease back")
        }
    }

    private func heard() { state.withLock { ($0.knowsLease, $0.leaseFailure) = (true, nil) } }

    // MARK: Health

    /// Nobody is sent to a keeper. Being ready is for who installs: it has its Lease, or knows who has, and could read
    /// what it keeps. Later troubles are told and change nothing, as another process would have them too.
    var readinessChecks: [ReadinessCheck] {
        [
            ReadinessCheck("lease") { [self] in leaseLatch.pass(leaseStatus()) },
            ReadinessCheck("certificates") { [self] in certificateLatch.pass(certificateStatus()) },
        ]
    }

    private func leaseStatus() -> ReadinessCheck.Status {
        state.withLock { state in
            guard state.knowsLease else { return .failing(state.leaseFailure ?? "the Lease was not read yet") }
            return state.leaseFailure.map(ReadinessCheck.Status.degraded) ?? .ok
        }
    }

    private func certificateStatus() -> ReadinessCheck.Status {
        state.withLock { state in
            guard state.isLeading else { return .ok }
            switch state.standing {
            case .unknown: return .failing("not looked at yet")
            case .inOrder: return .ok
            case .waiting(let reason): return .degraded(reason)
            }
        }
    }
}

/// The keeper, and its health port while it runs.
struct ServedKeeper: Service, CustomStringConvertible {
    let health: HealthServer
    let service: KeeperService
    let keeper: CertificateKeeper
    let lease: LeaseRunner

    var description: String { "certificate keeping" }

    func run() async throws {
        try await health.serving {
            await cancelWhenGracefulShutdown { [service, keeper, lease] in await service.run(keeper, lease) }
        }
    }
}
