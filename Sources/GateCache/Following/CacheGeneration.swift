package import Admission
package import KubernetesClient
package import KubernetesModel
package import LabelPolicy
package import Logging
import Synchronization

/// The copies that are kept for one policy, and what keeps them.
package final class CacheGeneration<Source: ClusterSource>: Sendable {
    /// Resources that are read from the beginning at a time: each holds a page or two.
    private static var simultaneousLists: Int { 4 }

    private struct Followed: Sendable {
        let resource: APIResource
        let status: @Sendable () -> StoreStatus
    }

    private struct State: Sendable {
        var followed: [GroupKind: Followed] = [:]
        var discovery = DiscoveryStanding()
    }

    package let cache: ClusterCache
    package let lookups: LiveLookups

    private let source: Source
    private let catalogue: WorkloadCatalogue
    private let reading: ObjectReading
    private let reader: LookupReader<Source>
    private let group = ReflectorGroup()
    private let permits = Permits(CacheGeneration.simultaneousLists)
    private let metrics: any ReflectorMetrics
    private let pace: DiscoveryPace
    private let logger: Logger
    private let namespaces: @Sendable () -> StoreStatus
    private let state = Mutex(State())
    private let stopping: AsyncStream<Never>
    private let stopper: AsyncStream<Never>.Continuation

    package init(
        _ source: Source, evaluator: Evaluator, catalogue: WorkloadCatalogue, metrics: any ReflectorMetrics,
        logger: Logger, pace: DiscoveryPace = DiscoveryPace(),
        observeLookup: @escaping @Sendable (Lookup, LookupAnswer) -> Void
    ) {
        self.source = source
        self.catalogue = catalogue
        self.metrics = metrics
        self.pace = pace
        self.logger = logger
        let reading = ObjectReading(evaluator: evaluator, kinds: OwnerKinds(catalogue))
        self.reading = reading
        let reader = LookupReader(source, reading, observe: observeLookup)
        self.reader = reader
        lookups = LiveLookups { await reader.read($0) }
        let reflector = Reflector(
            source.lists(of: .namespaces), HeadDecoder(filter: reading.filter) { reading.namespace($0, &$1) },
            permits: permits, metrics: metrics, logger: logger)
        let store = reflector.store
        namespaces = { store.status }
        cache = ClusterCache(kinds: reading.kinds, namespaces: store)
        (stopping, stopper) = AsyncStream.makeStream(of: Never.self)
        group.add(APIResource.namespaces.description, reflector)
    }

    /// Whether it keeps what a gate of this policy reads.
    package func serves(_ evaluator: Evaluator, _ catalogue: WorkloadCatalogue) -> Bool {
        evaluator.keys == reading.evaluator.keys && OwnerKinds(catalogue) == reading.kinds
    }

    /// Follows the cluster until it is stopped or its task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.group.run() }
            tasks.addTask { await self.discover() }
            tasks.addTask { for await _ in self.stopping {} }
            // The first to end is the stop, or a cancellation that ends all.
            await tasks.next()
            tasks.cancelAll()
        }
    }

    package func stop() { stopper.finish() }

    // MARK: Kinds

    private func discover() async {
        while !Task.isCancelled {
            var pause = pace.interval
            do throws(APIError) {
                take(try await source.discover(groups: Set(catalogue.kinds.map(\.group))))
            } catch {
                pause = pace.retry
                note(error)
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }

    private func note(_ error: APIError) {
        guard let text = state.withLock({ $0.discovery.failed(error) }) else { return }
        logger.warning("Cannot find out which kinds the cluster has; trying again", metadata: ["error": "\(text)"])
    }

    private func take(_ answer: ServedResources) {
        let (served, before) = state.withLock { state in
            (state.discovery.answered(answer), state.followed.mapValues(\.resource))
        }
        reader.setServed(served)
        let wanted = FollowPlan.wanted(served, catalogue)
        for (kind, resource) in before where wanted[kind] != resource {
            group.remove(resource.description)
            cache.setStore(nil, of: kind)
            state.withLock { $0.followed[kind] = nil }
            logger.info("The cluster has the kind no more", metadata: ["resource": "\(resource)"])
        }
        for (kind, resource) in wanted where before[kind] != resource { follow(resource, kind) }
    }

    private func follow(_ resource: APIResource, _ kind: GroupKind) {
        let reading = reading
        let reflector = Reflector(
            source.lists(of: resource), HeadDecoder(filter: reading.filter) { reading.owner($0, &$1) },
            permits: permits, metrics: metrics, logger: logger)
        let store = reflector.store
        // The name of one that was just removed is free at once.
        group.add(resource.description, reflector)
        cache.setStore(store, of: kind)
        state.withLock { $0.followed[kind] = Followed(resource: resource, status: { store.status }) }
    }

    // MARK: Status

    package func namespaceStatus(at now: ContinuousClock.Instant) -> CacheStatus {
        CacheStatus(APIResource.namespaces.description, namespaces(), at: now)
    }

    /// In the order of their names; nil until it is known which there are.
    package func ownerStatuses(at now: ContinuousClock.Instant) -> [CacheStatus]? {
        let followed = state.withLock { $0.discovery.served == nil ? nil : Array($0.followed.values) }
        return followed?.map { CacheStatus($0.resource.description, $0.status(), at: now) }
            .sorted { $0.resource < $1.resource }
    }

    /// Why it is not known which kinds there are.
    package var discoveryFailure: String? { state.withLock { $0.discovery.failure } }

    /// Whether nothing is to be waited for any more.
    package func isSettled(at now: ContinuousClock.Instant) -> Bool {
        namespaceStatus(at: now).isSettled && (ownerStatuses(at: now)?.allSatisfy(\.isSettled) ?? false)
    }
}
