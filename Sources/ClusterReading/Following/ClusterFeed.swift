import KubernetesClient
package import KubernetesModel
import Synchronization

/// What became of objects of the cluster.
package enum FeedChange: Sendable {
    /// Objects that are new or have changed, of any kinds, each the last of its name.
    case upsert(ClusterState)
    /// An object is gone, or is none of interest any more: a Service that is no load balancer now.
    case remove(GroupKind, namespace: String, name: String)
    /// All objects there are of a kind.
    case replace(GroupKind, with: ClusterState)
    /// The kinds whose definitions drop the labels of Pod templates, in the place of those before.
    case pruned([PrunedKind])
}

/// Where the reflectors of a cluster's resources meet: what they list and watch becomes records, and waits here for
/// whoever keeps them.
package final class ClusterFeed: Sendable {
    private struct State {
        var changes: [FeedChange] = []
        /// What came since the last of `changes`.
        var current: FeedBatch
        /// Lists on their way.
        var lists: [GroupKind: FeedBatch] = [:]
        var controllers: Set<GroupKind> = []
        var problems: [ReadingNote] = []

        /// Moves what came to the changes.
        mutating func flush(_ empty: FeedBatch) {
            guard !current.isEmpty else { return }
            let (state, removed) = current.finish()
            current = empty
            note(state)
            if state.hasRecords { changes.append(.upsert(state)) }
            changes += removed.map { FeedChange.remove($0.kind, namespace: $0.namespace, name: $0.name) }
        }

        mutating func note(_ state: ClusterState) {
            controllers.formUnion(state.controllerKinds(in: state.pool))
            problems = (problems + state.notes).suffix(Self.mostNotes)
        }

        /// Notes of objects that cannot be read, for whoever looks; each has some examples.
        private static let mostNotes = 20
    }

    private let state: Mutex<State>
    private let filters: RecordFilters
    private let catalogue: WorkloadCatalogue

    package init(filters: RecordFilters, catalogue: WorkloadCatalogue) {
        self.filters = filters
        self.catalogue = catalogue
        state = Mutex(State(current: FeedBatch(filters: filters, catalogue: catalogue)))
    }

    private var empty: FeedBatch { FeedBatch(filters: filters, catalogue: catalogue) }

    /// Everything since the last time, in an order that leads to what the cluster is.
    package func take() -> [FeedChange] {
        let empty = empty
        return state.withLock { state in
            state.flush(empty)
            defer { state.changes = [] }
            return state.changes
        }
    }

    /// Kinds of controllers that any object named so far.
    package var controllerKinds: Set<GroupKind> { state.withLock { $0.controllers } }

    /// The last problems with single objects.
    package var problems: [ReadingNote] { state.withLock { $0.problems } }

    // MARK: For the reflectors

    /// Reads objects of a kind into the list of it that is on its way, or into what came last.
    func read<Answer: Sendable>(
        _ kind: GroupKind, _ body: (inout FeedBatch) throws(WatchFailure) -> Answer
    ) throws(WatchFailure) -> Answer {
        let empty = empty
        return try state.withLock { (state) throws(WatchFailure) in
            guard var list = state.lists[kind] else { return try body(&state.current) }
            // Not held twice, or reading would copy what is there.
            state.lists[kind] = empty
            defer { state.lists[kind] = list }
            return try body(&list)
        }
    }

    func replacing(_ kind: GroupKind, _ step: ReplacementStep) {
        let empty = empty
        switch step {
        case .began: state.withLock { $0.lists[kind] = empty }
        case .abandoned: state.withLock { $0.lists[kind] = nil }
        case .committed:
            state.withLock { state in
                guard let list = state.lists.removeValue(forKey: kind) else { return }
                state.flush(empty)
                let (objects, removed) = list.finish()
                state.note(objects)
                state.changes.append(.replace(kind, with: objects))
                state.changes += removed.map { FeedChange.remove($0.kind, namespace: $0.namespace, name: $0.name) }
            }
        }
    }

    /// The definitions say that these lose the labels of their templates, and no others.
    func prune(_ kinds: [PrunedKind]) {
        state.withLock { $0.changes.append(.pruned(kinds)) }
    }

    /// The cluster does not have the kind any more.
    func forget(_ kind: GroupKind) {
        let empty = empty
        state.withLock { state in
            state.lists[kind] = nil
            state.flush(empty)
            state.changes.append(.replace(kind, with: ClusterState()))
        }
    }
}

extension ClusterState {
    fileprivate var hasRecords: Bool {
        !(pods.isEmpty && owners.isEmpty && nodes.isEmpty && claims.isEmpty && volumes.isEmpty && services.isEmpty
            && namespaces.isEmpty && tagCarriers.isEmpty)
    }
}
