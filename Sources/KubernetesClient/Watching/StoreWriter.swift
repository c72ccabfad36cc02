/// The one who changes a store. It cannot be copied, and its methods cannot overlap.
package struct StoreWriter<Object: CachedObject>: ~Copyable, Sendable {
    package let store = Store<Object>()
    /// What was shared when it was last built from nothing.
    private var builtFootprint = 0

    /// Growth of what is shared that is not worth building it anew for; bytes, if that is what the objects count.
    private static var unremarkableFootprint: Int { 64 * 1024 }

    package init() {}

    /// The copy becomes `contents`, and the store is synced.
    ///
    /// - Returns: the keys of the objects that are there no more.
    @discardableResult
    package mutating func replace(with contents: consuming StoreContents<Object>) -> [Object.Key] {
        let new = contents
        builtFootprint = new.footprint
        let old = store.update { state in
            let old = state.contents
            state.contents = new
            state.isSynced = true
            state.generation &+= 1
            return old
        }
        // Outside of the lock, as is the old contents' end.
        return old.keys(missingFrom: new)
    }

    /// - Parameter shared: what the object refers to, read by itself.
    package mutating func put(_ object: Object, from shared: Object.Shared) {
        let footprint = store.update { state in
            state.contents.put(object, from: shared)
            state.generation &+= 1
            return state.contents.footprint
        }
        // What objects shared that are gone is still there, and names come without end.
        if footprint / 2 > max(builtFootprint, Self.unremarkableFootprint) { rebuild() }
    }

    package mutating func remove(_ key: Object.Key) {
        store.update { state in
            if state.contents.remove(key) { state.generation &+= 1 }
        }
    }

    /// The server gave a sign of being there.
    package func noteContact(at now: ContinuousClock.Instant) {
        store.update { $0.lastContact = now }
    }

    package func note(_ condition: WatchMachine.Condition) {
        store.update { $0.condition = condition }
    }

    /// Nobody else changes the contents meanwhile, so that they can be built outside of the lock.
    private mutating func rebuild() {
        let new = store.update { $0.contents }.rebuilt()
        builtFootprint = new.footprint
        let old = store.update { state in
            let old = state.contents
            state.contents = new
            return old
        }
        // The old contents end here, outside of the lock.
        _ = consume old
    }
}
