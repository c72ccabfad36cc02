/// The objects of a resource at one time, and what they share. A copy costs nothing until one of the two is changed,
/// and then what is changed (see `PartitionedTable`), not all.
package struct StoreContents<Object: CachedObject>: Sendable {
    private var table = PartitionedTable<Object>()
    package private(set) var shared = Object.makeShared()

    package init() {}

    package var count: Int { table.count }

    package subscript(_ key: Object.Key) -> Object? { table.object(key) }

    /// In no particular order.
    package func forEach(_ body: (Object) -> Void) { table.forEach(body) }

    /// Has `read` add to what is shared, and takes the objects that it returns.
    package mutating func put<Failure: Error>(
        reading read: (inout Object.Shared) throws(Failure) -> [Object]
    ) throws(Failure) {
        for object in try read(&shared) { table.put(object) }
    }

    /// Takes an object that refers to something else than the rest.
    package mutating func put(_ object: Object, from other: Object.Shared) {
        table.put(object.moved(from: other, to: &shared))
    }

    /// Whether it was there.
    @discardableResult
    package mutating func remove(_ key: Object.Key) -> Bool { table.remove(key) }

    package var footprint: Int { Object.footprint(of: shared) }

    /// The same objects with only what they still need.
    package func rebuilt() -> StoreContents {
        var new = StoreContents()
        forEach { new.put($0, from: shared) }
        return new
    }

    /// The keys that the other does not have.
    package func keys(missingFrom other: StoreContents) -> [Object.Key] {
        var keys: [Object.Key] = []
        forEach { object in
            if other[object.key] == nil { keys.append(object.key) }
        }
        return keys
    }
}
