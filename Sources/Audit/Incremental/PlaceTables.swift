import KubernetesModel

/// Places of records by key. Those of records that are gone are given again, so that a table stays as long as it was at
/// its fullest.
struct KeyedPlaces<Key: Hashable & Sendable>: Sendable {
    private(set) var places: [Key: Int] = [:]
    private var free: [Int] = []
    private var end = 0

    var count: Int { places.count }

    subscript(_ key: Key) -> Int? { places[key] }

    /// The key's place, a new one if it has none; at most one beyond all that were given.
    mutating func place(of key: Key) -> Int {
        if let place = places[key] { return place }
        let place = free.popLast() ?? end
        if place == end { end += 1 }
        places[key] = place
        return place
    }

    mutating func remove(_ key: Key) {
        if let place = places.removeValue(forKey: key) { free.append(place) }
    }
}

/// Several values for one key.
struct SetsByKey<Key: Hashable & Sendable, Value: Hashable & Sendable>: Sendable {
    private var sets: [Key: Set<Value>] = [:]

    var keys: Dictionary<Key, Set<Value>>.Keys { sets.keys }

    subscript(_ key: Key) -> Set<Value> { sets[key] ?? [] }

    mutating func insert(_ value: Value, for key: Key) { sets[key, default: []].insert(value) }

    mutating func remove(_ value: Value, for key: Key) {
        sets[key]?.remove(value)
        if sets[key]?.isEmpty == true { sets[key] = nil }
    }
}

struct NamespacedName: Sendable, Hashable {
    var namespace: StringID
    var name: StringID
}

/// An owner, or an object that carries tags: of these there are many kinds.
struct KindedName: Sendable, Hashable {
    var kind: KindID
    var namespace: StringID
    var name: StringID
}

extension Array {
    /// Puts an element to a place of a `KeyedPlaces`.
    mutating func put(_ element: Element, at place: Int) {
        if place < count { self[place] = element } else { append(element) }
    }
}
