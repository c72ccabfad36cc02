import Admission
import GateCache
import KubernetesClient
import KubernetesModel
import LabelPolicy
import Logging
import ServiceLifecycle
import Synchronization
import WebhookServer

/// The gate's connection to its cluster: keeps the copies that the policy in force needs, and those of the next policy
/// until it is.
final class GateCluster<Source: ClusterSource>: KnowledgeProviding, Service {
    typealias Generation = CacheGeneration<Source>

    /// How long a changed policy waits for copies made for it. In a cluster of 50,000 owners they take some seconds; a
    /// policy must not wait for a server that does not answer.
    private static var patience: Duration { .seconds(30) }
    /// Between two looks whether they are there.
    private static var glance: Duration { .milliseconds(100) }

    private let source: Source
    private let metrics: GateMetrics
    private let logger: Logger
    /// The last is the one in force, or about to be.
    private let generations = Mutex<[Generation]>([])
    /// A kind that is new to the cluster, or one that cannot be read for a while, costs look-ups; taking the gate out of
    /// its Service for it would cost the admissions.
    private let namespaceLatch = ReadinessLatch()
    private let ownerLatch = ReadinessLatch()
    private let starting: AsyncStream<Generation>
    private let starter: AsyncStream<Generation>.Continuation

    init(_ source: Source, metrics: GateMetrics, logger: Logger) {
        self.source = source
        self.metrics = metrics
        self.logger = logger
        (starting, starter) = AsyncStream.makeStream(of: Generation.self)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [starting] in
            await withDiscardingTaskGroup { group in
                for await generation in starting { group.addTask { await generation.run() } }
                group.cancelAll()
            }
        }
    }

    // MARK: Knowledge

    func knowledge(for gate: AdmissionGate, _ catalogue: WorkloadCatalogue) async -> GateKnowledge {
        let (generation, isFirst) = generation(for: gate, catalogue)
        // At start readiness waits in its stead.
        if !isFirst { await wait(for: generation) }
        return GateKnowledge(facts: generation.cache, lookups: generation.lookups)
    }

    private func generation(
        for gate: AdmissionGate, _ catalogue: WorkloadCatalogue
    ) -> (generation: Generation, isFirst: Bool) {
        if let last = generations.withLock({ $0.last }), last.serves(gate.evaluator, catalogue) { return (last, false) }
        let generation = Generation(
            source, evaluator: gate.evaluator, catalogue: catalogue, metrics: ReflectorCounter(metrics: metrics),
            logger: logger,
            observeLookup: { [metrics] lookup, answer in
                metrics.recordLookup(LookupSubject(lookup), LookupResult(answer))
            })
        let isFirst = generations.withLock { generations in
            generations.append(generation)
            return generations.count == 1
        }
        starter.yield(generation)
        return (generation, isFirst)
    }

    private func wait(for generation: Generation) async {
        let clock = ContinuousClock()
        let end = clock.now + Self.patience
        while !generation.isSettled(at: clock.now) {
            if clock.now >= end {
                logger.warning("The policy is in force before all copies of the cluster are there for it")
                return
            }
            guard (try? await clock.sleep(for: Self.glance)) != nil else { return }
        }
    }

    func settled(on knowledge: GateKnowledge) async {
        let old = generations.withLock { generations in
            let old = generations.dropLast()
            generations.removeFirst(old.count)
            return old
        }
        for generation in old { generation.stop() }
    }

    // MARK: Status

    private var current: Generation? { generations.withLock { $0.first } }

    func cacheAges() -> [(labelValue: String, value: Double)] {
        guard let current else { return [] }
        let now = ContinuousClock().now
        let statuses = [current.namespaceStatus(at: now)] + (current.ownerStatuses(at: now) ?? [])
        return statuses.compactMap { status in status.age.map { (status.resource, $0 / .seconds(1)) } }
    }

    func namespacesStatus() -> ReadinessCheck.Status { namespaceLatch.pass(namespacesNow()) }
    func ownersStatus() -> ReadinessCheck.Status { ownerLatch.pass(ownersNow()) }

    private func namespacesNow() -> ReadinessCheck.Status {
        guard let current else { return .failing("not begun") }
        return CacheReadiness.status(of: [current.namespaceStatus(at: ContinuousClock().now)])
    }

    private func ownersNow() -> ReadinessCheck.Status {
        guard let current else { return .failing("not begun") }
        guard let statuses = current.ownerStatuses(at: ContinuousClock().now) else {
            return .failing(current.discoveryFailure ?? "finding out which kinds the cluster has")
        }
        return CacheReadiness.status(of: statuses)
    }
}

/// What copies that are not as they should be mean for readiness.
enum CacheReadiness {
    /// A copy this old tells of a cluster that was: several times what a server that is in touch leaves (it sends a
    /// bookmark about each minute).
    static let staleAfter = Duration.seconds(300)

    /// Ready once every copy is there that can be; whatever is wrong is said.
    ///
    /// - Parameter withoutCopy: what becomes of resources of which there is none.
    static func status(
        of statuses: [CacheStatus], withoutCopy: String = "looked up one by one"
    ) -> ReadinessCheck.Status {
        let waiting = statuses.filter { !$0.isSettled }
        if !waiting.isEmpty {
            return .failing("not read yet: " + list(waiting) { status in status.failure.map(\.rawValue) })
        }
        let missing = statuses.filter { !$0.isSynced }
        if !missing.isEmpty {
            return .degraded(withoutCopy + ": " + list(missing) { status in status.failure.map(\.rawValue) })
        }
        let stale = statuses.filter { ($0.age ?? .zero) >= staleAfter }
        if !stale.isEmpty {
            return .degraded(
                "no word from the API server: " + list(stale) { "for \(($0.age ?? .zero).components.seconds) s" })
        }
        return .ok
    }

    private static func list(_ statuses: [CacheStatus], _ remark: (CacheStatus) -> String?) -> String {
        statuses.map { status in status.resource + (remark(status).map { " (\($0))" } ?? "") }.joined(separator: ", ")
    }
}

/// Counts what goes wrong with lists and watches.
private struct ReflectorCounter: ReflectorMetrics {
    let metrics: GateMetrics

    func replaced(_ resource: String, objects: Int, removed: Int) {}
    func failed(_ resource: String, _ reason: WatchFailure.Reason) { metrics.recordWatchFailure(reason.rawValue) }
    func skipped(_ resource: String, objects: Int) {}
}

extension LookupSubject {
    init(_ lookup: Lookup) {
        switch lookup {
        case .namespace: self = .namespace
        case .owner: self = .owner
        }
    }
}

extension LookupResult {
    init(_ answer: LookupAnswer) {
        switch answer {
        case .namespace, .owner: self = .found
        case .absent: self = .absent
        case .forbidden: self = .forbidden
        case .unanswered: self = .unanswered
        }
    }
}
