import Synchronization

/// A copy of a resource's objects, for readers on any thread, event loops included.
///
/// Readers take a lock in which nothing but a look-up or one event's change happens: decoding, lists and whatever waits
/// for I/O is done outside, by the one writer (`StoreWriter`). A list takes the place of the whole copy at once: no
/// reader sees half of it.
package final class Store<Object: CachedObject>: Sendable {
    package typealias Instant = ContinuousClock.Instant

    struct State: Sendable {
        var contents = StoreContents<Object>()
        var isSynced = false
        var generation: UInt64 = 0
        var lastContact: Instant?
        var condition = WatchMachine.Condition.syncing
    }

    private let state = Mutex(State())

    init() {}

    /// - Parameter body: called in the lock with the object and what it refers to. It is brief, and asks no store.
    package func find<Answer: Sendable>(
        _ key: Object.Key, _ body: (Object, Object.Shared) -> Answer
    ) -> StoreAnswer<Answer> {
        state.withLock { state in
            guard state.isSynced else { return .notSynced }
            return state.contents[key].map { .found(body($0, state.contents.shared)) } ?? .absent
        }
    }

    /// The object by itself, for those that share nothing.
    package func find(_ key: Object.Key) -> StoreAnswer<Object> where Object.Shared == NothingShared {
        find(key) { object, _ in object }
    }

    /// Everything at this moment; nil before the first sync. It is as cheap to have as a look-up. While it is kept, each
    /// partition that the writer changes is copied once, and so is what is shared when something new comes to it.
    package func snapshot() -> StoreContents<Object>? {
        state.withLock { $0.isSynced ? $0.contents : nil }
    }

    package var status: StoreStatus {
        state.withLock { state in
            StoreStatus(
                isSynced: state.isSynced, objects: state.contents.count, generation: state.generation,
                lastContact: state.lastContact, condition: state.condition)
        }
    }

    /// For the writer.
    func update<Answer: Sendable>(_ body: (inout State) -> Answer) -> Answer {
        state.withLock { body(&$0) }
    }
}

package enum StoreAnswer<Answer: Sendable>: Sendable {
    /// Nothing has been read yet, so that nothing can be said.
    case notSynced
    /// The cluster had no such object when it was last heard.
    case absent
    case found(Answer)
}

extension StoreAnswer: Equatable where Answer: Equatable {}

/// How a store stands, for readiness and metrics.
package struct StoreStatus: Sendable, Hashable {
    /// Everything has been read once. It stays true: an old copy is better than none, and its age is told.
    package var isSynced: Bool
    package var objects: Int
    /// Rises with every change of the contents.
    package var generation: UInt64
    /// When the server last gave a sign of being there; nil before the first.
    package var lastContact: ContinuousClock.Instant?
    package var condition: WatchMachine.Condition

    /// Since the last contact; nil before the first. A server that sends bookmarks keeps it about a minute or below.
    package func age(at now: ContinuousClock.Instant) -> Duration? {
        lastContact.map { max(.zero, now - $0) }
    }
}
