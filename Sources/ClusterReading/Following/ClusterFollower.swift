package import KubernetesClient
package import KubernetesModel
package import Logging
package import NIOCore
import Synchronization

/// The API server, as far as an auditor follows it.
package protocol FollowedCluster: Sendable {
    associatedtype Lists: ListWatching

    /// What the server has now.
    func discover() async throws(APIError) -> ServedResources
    func lists(of resource: APIResource, _ encoding: ResourceEncoding) -> Lists

    /// An object in JSON.
    func object(_ reference: ObjectReference) async throws(APIError) -> ByteBuffer
}

/// The API server behind a client.
package struct FollowedAPI: FollowedCluster {
    /// A server from before aggregated discovery is asked some forty times.
    private static let discoveryTimeout = TimeAmount.seconds(30)

    private let api: KubernetesAPI

    package init(_ api: KubernetesAPI) { self.api = api }

    package func discover() async throws(APIError) -> ServedResources {
        ServedResources(try await api.discover(deadline: .now() + Self.discoveryTimeout))
    }

    package func lists(of resource: APIResource, _ encoding: ResourceEncoding) -> KubernetesClient.ResourceLists {
        KubernetesClient.ResourceLists(api, ResourceQuery(resource, encoding: encoding))
    }

    package func object(_ reference: ObjectReference) async throws(APIError) -> ByteBuffer {
        try await api.get(reference, deadline: .now() + Self.discoveryTimeout).body
    }
}

/// Keeps a feed true to a cluster: follows Pods, nodes, namespaces, claims, volumes, Services and every workload kind of
/// the catalogue that the cluster has, what shows the tags of node groups, and by their metadata all other kinds that
/// control any of these. Of the custom resources among them it looks at the definitions.
///
/// Kinds come and go with their definitions: the cluster is asked for them again and again. What cannot be followed is
/// told by the reflector, counted, and tried again.
package final class ClusterFollower<Source: FollowedCluster>: Sendable {
    /// Resources that are read from the beginning at a time: each holds a page or two.
    private static var simultaneousLists: Int { 4 }
    /// Between two looks whether something has a controller of a kind that is not followed yet.
    private static var glance: Duration { .seconds(1) }

    private struct Followed: Sendable {
        let resource: APIResource
        let status: @Sendable () -> StoreStatus
    }

    private struct State: Sendable {
        var followed: [GroupKind: Followed] = [:]
        var discovery = DiscoveryStanding()
        var definitions = DefinitionBook()
    }

    package let feed: ClusterFeed

    private let source: Source
    private let catalogue: WorkloadCatalogue
    private let group = ReflectorGroup()
    private let permits = Permits(ClusterFollower.simultaneousLists)
    private let metrics: any ReflectorMetrics
    private let pace: DiscoveryPace
    private let watching: WatchSettings
    private let logger: Logger
    private let state = Mutex(State())

    package init(
        _ source: Source, filters: RecordFilters, catalogue: WorkloadCatalogue,
        metrics: any ReflectorMetrics = NoReflectorMetrics(), logger: Logger, pace: DiscoveryPace = DiscoveryPace(),
        watching: WatchSettings = WatchSettings()
    ) {
        self.source = source
        self.catalogue = catalogue
        self.metrics = metrics
        self.pace = pace
        self.watching = watching
        self.logger = logger
        feed = ClusterFeed(filters: filters, catalogue: catalogue)
        for resource in FollowedKinds.core { follow(resource, .protobuf) }
    }

    /// Follows the cluster until its task is cancelled. To be called once.
    package func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.group.run() }
            tasks.addTask { await self.discover() }
            tasks.addTask { await self.readDefinitions() }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    // MARK: Kinds

    private func discover() async {
        let clock = ContinuousClock()
        var next = clock.now
        while !Task.isCancelled {
            if clock.now >= next {
                do throws(APIError) {
                    take(try await source.discover())
                    next = clock.now + pace.interval
                } catch {
                    note(error)
                    next = clock.now + pace.retry
                }
            } else {
                adjust()
            }
            guard (try? await clock.sleep(for: min(Self.glance, pace.interval))) != nil else { return }
        }
    }

    private func note(_ error: APIError) {
        guard let text = state.withLock({ $0.discovery.failed(error) }) else { return }
        logger.warning("Cannot find out which kinds the cluster has; trying again", metadata: ["error": "\(text)"])
    }

    private func take(_ answer: ServedResources) {
        state.withLock { state in
            state.definitions.serve(state.discovery.answered(answer), catalogue)
        }
        adjust()
    }

    /// Begins to follow what is new, and ends what is gone.
    private func adjust() {
        let (served, before) = state.withLock { ($0.discovery.served, $0.followed.mapValues(\.resource)) }
        guard let served else { return }
        let wanted = FollowedKinds.wanted(served, catalogue, controllers: feed.controllerKinds)
        let core = Set(FollowedKinds.core.map(\.groupVersionKind.groupKind))
        for (kind, resource) in before where !core.contains(kind) && wanted[kind]?.resource != resource {
            group.remove(resource.description)
            state.withLock { $0.followed[kind] = nil }
            feed.forget(kind)
            logger.info("The cluster has the kind no more", metadata: ["resource": "\(resource)"])
        }
        for (kind, plan) in wanted where before[kind] != plan.resource { follow(plan.resource, plan.encoding) }
    }

    private func follow(_ resource: APIResource, _ encoding: ResourceEncoding) {
        let kind = resource.groupVersionKind
        let feed = feed
        let reflector = Reflector(
            source.lists(of: resource, encoding), FeedDecoder(feed: feed, kind: kind), settings: watching,
            permits: permits,
            metrics: metrics, logger: logger, replacing: { feed.replacing(kind.groupKind, $0) })
        let store = reflector.store
        group.add(resource.description, reflector)
        state.withLock {
            $0.followed[kind.groupKind] = Followed(resource: resource, status: { store.status })
        }
    }

    // MARK: Definitions

    private func readDefinitions() async {
        let clock = ContinuousClock()
        while !Task.isCancelled {
            for (kind, definition) in state.withLock({ $0.definitions.due(at: clock.now) }) {
                guard await read(definition, of: kind, clock) else { break }
            }
            if let change = state.withLock({ $0.definitions.takeChange() }) { feed.prune(change) }
            guard (try? await clock.sleep(for: min(Self.glance, pace.interval))) != nil else { return }
        }
    }

    /// False if the others need not be tried.
    private func read(_ definition: ObjectReference, of kind: GroupKind, _ clock: ContinuousClock) async -> Bool {
        do throws(APIError) {
            let body = try await source.object(definition)
            let pruned = SchemaPruning.prunedKind(ofJSON: body, catalogue)
            state.withLock { $0.definitions.read(kind, pruned, at: clock.now) }
            return true
        } catch {
            if Task.isCancelled { return false }
            if error.isNotFound {
                state.withLock { $0.definitions.read(kind, nil, at: clock.now) }
                return true
            }
            metrics.failed(definition.resource.description, WatchFailure(error).reason)
            let isAlone = error.isForbidden
            let text = state.withLock {
                $0.definitions.failed(kind, "\(error)", isAlone: isAlone, at: clock.now)
            }
            if let text {
                logger.warning(
                    "Cannot see which custom resources lose labels; trying again", metadata: ["error": "\(text)"])
            }
            return isAlone
        }
    }

    // MARK: Status

    /// In the order of their names.
    package func statuses(at now: ContinuousClock.Instant) -> [CacheStatus] {
        state.withLock { Array($0.followed.values) }
            .map { CacheStatus($0.resource.description, $0.status(), at: now) }
            .sorted { $0.resource < $1.resource }
    }

    /// Kinds that may not be read: nothing is known of their objects.
    package var refusedKinds: Set<GroupKind> {
        let followed = state.withLock { $0.followed }
        return Set(
            followed.filter { _, kind in
                guard case .failing(.forbidden) = kind.status().condition else { return false }
                return true
            }.keys)
    }

    /// The resource of a kind that the cluster has; nil if it is not known.
    package func resource(of kind: GroupKind) -> APIResource? {
        state.withLock { $0.discovery.served?.resources[kind] }
    }

    /// Why it is not known which kinds there are; nil once it is.
    package var discoveryFailure: String? {
        state.withLock { state in
            state.discovery.served == nil
                ? state.discovery.failure ?? "finding out which kinds the cluster has" : nil
        }
    }

    /// Whether nothing is to be waited for any more.
    package func isSettled(at now: ContinuousClock.Instant) -> Bool {
        discoveryFailure == nil && state.withLock { $0.definitions.isSettled }
            && statuses(at: now).allSatisfy(\.isSettled)
    }
}

/// Which resources are followed, and in what form.
package enum FollowedKinds {
    package struct Plan: Sendable, Hashable {
        package var resource: APIResource
        package var encoding: ResourceEncoding
    }

    /// What every cluster has.
    package static let core = [
        APIResource.namespaces, .nodes, .services, .persistentVolumes, .persistentVolumeClaims, .pods,
    ]

    /// What else: workload kinds whole for their templates, except those that are read by metadata, what shows the tags of
    /// node groups whole, and controllers of other kinds by metadata.
    package static func wanted(
        _ served: ServedResources, _ catalogue: WorkloadCatalogue, controllers: Set<GroupKind>
    ) -> [GroupKind: Plan] {
        let core = Set(core.map(\.groupVersionKind.groupKind))
        var wanted: [GroupKind: Plan] = [:]
        for kind in catalogue.kinds.map(\.groupKind) where !core.contains(kind) {
            guard let resource = served.resources[kind] else { continue }
            let isPartial = LiveClusterReader.byMetadata.contains(kind)
            wanted[kind] = Plan(resource: resource, encoding: isPartial ? .metadata : .protobuf)
        }
        for kind in CarrierKind.table.keys where wanted[kind] == nil {
            guard let resource = served.resources[kind] else { continue }
            wanted[kind] = Plan(resource: resource, encoding: .json)
        }
        for kind in controllers where !core.contains(kind) && wanted[kind] == nil {
            guard let resource = served.resources[kind] else { continue }
            wanted[kind] = Plan(resource: resource, encoding: .metadata)
        }
        return wanted
    }
}
