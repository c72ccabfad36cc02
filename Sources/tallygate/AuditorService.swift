import Audit
import AuditController
import ClusterReading
import KubernetesClient
import KubernetesModel
import LabelPolicy
import Logging
import PolicyDocuments
import Reports
import Synchronization
import WebhookServer

/// Follows the cluster, audits it, and writes what was found while it leads.
final class AuditorService: Sendable {
    private typealias Loop = AuditLoop<LedgerAudit>

    /// What follows and audits by one policy.
    private struct Generation: Sendable {
        let follower: ClusterFollower<FollowedAPI>
        let loop: Loop
        let policy: Policy
    }

    private struct State {
        var current: Generation?
        var figures: FigureTables?
        var isLeading = false
    }

    private let api: KubernetesAPI
    private let settings: AuditorSettings
    private let cluster: String
    private let policy: AuditorPolicy
    private let metrics: AuditorMetrics
    private let logger: Logger
    private let state: Mutex<State>
    private let hasAudited = Atomic(false)

    init(
        _ api: KubernetesAPI, settings: AuditorSettings, cluster: String, policy: AuditorPolicy,
        metrics: AuditorMetrics, logger: Logger
    ) {
        self.api = api
        self.settings = settings
        self.cluster = cluster
        self.policy = policy
        self.metrics = metrics
        self.logger = logger
        state = Mutex(State())
        metrics.cacheAge.observe { [weak self] in self?.cacheAges() ?? [] }
    }

    /// Runs until its task is cancelled.
    func run() async {
        let keeper = settings.reportAPI.map { makeKeeper($0) }
        let teller = settings.tellsEvents ? makeTeller() : nil
        await withDiscardingTaskGroup { group in
            group.addTask { await self.audit(keeper, teller) }
            group.addTask { await self.lead(keeper, teller) }
        }
    }

    // MARK: Auditing

    /// By the policy in force. One that follows begins with what the cluster is read for anew, since it may ask for
    /// other labels and kinds; until then the figures of the last stay.
    private func audit(_ keeper: ReportKeeper?, _ teller: EventTeller?) async {
        var running: Task<Void, Never>?
        for await loaded in policy.policies {
            running?.cancel()
            await running?.value
            let generation = make(loaded)
            state.withLock { $0.current = generation }
            running = Task { await self.run(generation, keeper, teller) }
        }
        // The policies end with this task.
        running?.cancel()
        await running?.value
    }

    private func make(_ loaded: LoadedPolicy) -> Generation {
        let follower = ClusterFollower(
            FollowedAPI(api), filters: loaded.auditFilters, catalogue: loaded.catalogue,
            metrics: FollowerCounter(metrics: metrics), logger: logger)
        let loop = AuditLoop(
            LedgerAudit(
                policy: loaded.policy, catalogue: loaded.catalogue, input: loaded.auditInput, cluster: cluster,
                at: WallClock.now()),
            interval: settings.interval,
            renderer: settings.reportAPI.map { PolicyReportRenderer($0, policy: loaded.policy.name) },
            unixSeconds: WallClock.unixSeconds)
        return Generation(follower: follower, loop: loop, policy: loaded.policy)
    }

    private func run(_ generation: Generation, _ keeper: ReportKeeper?, _ teller: EventTeller?) async {
        let follower = generation.follower
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await follower.run() }
            group.addTask {
                await generation.loop.run(
                    take: { follower.feed.take() }, refused: { follower.refusedKinds },
                    isComplete: { Self.isComplete(follower) },
                    publish: { await self.publish($0, of: generation, keeper, teller) })
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Without Pods there is nothing an audit could find, and that must not look like a clean cluster.
    private static func isComplete(_ follower: ClusterFollower<FollowedAPI>) -> Bool {
        let now = ContinuousClock().now
        return follower.isSettled(at: now)
            && follower.statuses(at: now).contains { $0.resource == APIResource.pods.description && $0.isSynced }
    }

    private func publish(
        _ round: AuditRound, of generation: Generation, _ keeper: ReportKeeper?, _ teller: EventTeller?
    ) async {
        let tables = FigureTables(round.figures, policy: generation.policy, maximumNames: settings.metricNames)
        state.withLock { state in
            state.figures = tables
            if state.isLeading { show(tables) }
        }
        metrics.recordAudit(round.duration)
        await keeper?.want(round.changed, isAll: round.isFirst)
        await teller?.changed(round.changed, isAll: round.isFirst)
        if !hasAudited.exchange(true, ordering: .relaxed) {
            logger.info(
                "Audited the cluster",
                metadata: [
                    "pods": "\(round.figures.pods)", "nodes": "\(round.figures.nodes)",
                    "seconds": "\(round.duration / .seconds(1))",
                ])
        }
    }

    /// In the state's lock, so that whoever leads no more shows nothing.
    private func show(_ tables: FigureTables?) {
        func rows(_ rows: [FigureTables.Row]?) -> [TableGaugeFamily.Row] {
            (rows ?? []).map { TableGaugeFamily.Row($0.labels, $0.value) }
        }
        metrics.coverage.set(rows(tables?.coverage))
        metrics.cost.set(rows(tables?.cost))
        metrics.unattributedCost.set(rows(tables?.unattributed))
        metrics.tagGaps.set(rows(tables?.tagGaps))
    }

    // MARK: Leading

    private func lead(_ keeper: ReportKeeper?, _ teller: EventTeller?) async {
        let work: @Sendable () async -> Void = { await self.write(keeper, teller) }
        guard settings.isElecting else { return await work() }
        await LeaseRunner(
            api: api, namespace: settings.leaseNamespace, name: settings.leaseName,
            settings: LeaderElection.Settings(identity: settings.identity),
            wallClock: { RFC3339.Moment(seconds: WallClock.unixSeconds()) },
            report: { self.note($0) }
        ).run(work)
    }

    /// Until this process leads no more. Requests under way are given up then, seconds before another may lead.
    private func write(_ keeper: ReportKeeper?, _ teller: EventTeller?) async {
        state.withLock { state in
            state.isLeading = true
            show(state.figures)
        }
        metrics.setLeader(true)
        await withDiscardingTaskGroup { group in
            if let keeper { group.addTask { await keeper.run() } }
            if let teller { group.addTask { await teller.run() } }
            group.addTask {
                while (try? await Task.sleep(for: .seconds(3_600))) != nil {}
            }
        }
        state.withLock { state in
            state.isLeading = false
            show(nil)
        }
        metrics.setLeader(false)
    }

    private func note(_ change: LeaseRunner.Change) {
        switch change {
        case .elected: logger.info("Leading: this process writes")
        case .lost: logger.warning("Not leading any more: the Lease could not be renewed, or is another's")
        case .observed(let holder): logger.info("Another process leads", metadata: ["holder": "\(holder)"])
        case .released: logger.info("Gave the Lease back")
        case .failed(let error):
            metrics.leaseFailures.increment()
            logger.warning("Cannot use the Lease; trying again", metadata: ["error": "\(error)"])
        }
    }

    private func makeKeeper(_ reports: ReportAPI) -> ReportKeeper {
        let metrics = metrics
        return ReportKeeper(
            ReportStore(api, reports), interval: settings.reportInterval, logger: logger,
            record: { result in
                switch result {
                case .written: metrics.recordReport(.written)
                case .removed: metrics.recordReport(.removed)
                case .failed: metrics.recordReport(.failed)
                case .standing(let count): metrics.setReports(count)
                }
            },
            render: { [weak self] scope in
                guard let loop = self?.state.withLock({ $0.current?.loop }) else { return nil }
                return await loop.report(of: scope)
            })
    }

    private func makeTeller() -> EventTeller {
        let metrics = metrics
        let writer = EventWriter(
            api, instance: settings.identity,
            resource: { [weak self] kind in
                self?.state.withLock { $0.current?.follower }?.resource(of: kind)
            })
        return EventTeller(
            writer, logger: logger, now: { RFC3339.Moment(seconds: WallClock.unixSeconds()) },
            record: { result in
                switch result {
                case .created: metrics.recordEvent(.created)
                case .known: metrics.recordEvent(.known)
                case .failed: metrics.recordEvent(.failed)
                case .postponed(let count): metrics.recordEvent(.postponed, count: count)
                }
            },
            findings: { [weak self] scope in
                guard let loop = self?.state.withLock({ $0.current?.loop }) else { return [] }
                return await loop.findings(of: scope)
            })
    }

    // MARK: Status

    var readinessChecks: [ReadinessCheck] {
        [
            ReadinessCheck("cluster") { [self] in once(clusterStatus()) },
            ReadinessCheck("audit") { [self] in
                hasAudited.load(ordering: .relaxed) ? .ok : .failing("the cluster was not audited yet")
            },
            ReadinessCheck("policy") { [self] in policy.failure.map(ReadinessCheck.Status.degraded) ?? .ok },
        ]
    }

    private func clusterStatus() -> ReadinessCheck.Status {
        guard let follower = state.withLock({ $0.current?.follower }) else { return .failing("not begun") }
        if let failure = follower.discoveryFailure { return .failing(failure) }
        return CacheReadiness.status(of: follower.statuses(at: ContinuousClock().now), withoutCopy: "left out")
    }

    /// An auditor that was ready stays so: another policy, or a server that is away, takes nothing from its figures but
    /// their freshness, which has a metric.
    private func once(_ status: ReadinessCheck.Status) -> ReadinessCheck.Status {
        guard case .failing(let reason) = status, hasAudited.load(ordering: .relaxed) else { return status }
        return .degraded(reason)
    }

    private func cacheAges() -> [(labelValue: String, value: Double)] {
        guard let follower = state.withLock({ $0.current?.follower }) else { return [] }
        return follower.statuses(at: ContinuousClock().now).compactMap { status in
            status.age.map { (status.resource, $0 / .seconds(1)) }
        }
    }
}

/// Counts what goes wrong with lists and watches.
private struct FollowerCounter: ReflectorMetrics {
    let metrics: AuditorMetrics

    func replaced(_ resource: String, objects: Int, removed: Int) {}
    func failed(_ resource: String, _ reason: WatchFailure.Reason) { metrics.recordWatchFailure(reason.rawValue) }
    func skipped(_ resource: String, objects: Int) { metrics.recordUnreadable(objects) }
}
