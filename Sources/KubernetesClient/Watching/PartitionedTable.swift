/// Objects by their keys, in many small hash tables.
///
/// Why not one dictionary: a copy of it, taken by a reader who wants to see everything, would have the writer's next
/// event copy all of it, and even alone it would move everything when it grows, while readers wait. Here an event costs
/// at most the copy, or the growth, of one partition: some hundred objects of fifty thousand.
///
/// It is lean, too: objects lie close together in arrays that grow by an eighth, keys are kept nowhere else than in the
/// objects, and the holes that hashing needs are four bytes each. A dictionary has room for the whole pair in every hole,
/// and between a third and five eighths of its places are holes.
struct PartitionedTable<Object: CachedObject>: Sendable {
    private var partitions = [Partition<Object>](repeating: Partition(), count: Self.partitionCount)
    private(set) var count = 0

    /// Enough that a partition of 50,000 objects has 400, few enough that an empty table has 2 KiB.
    private static var partitionBits: Int { 7 }
    private static var partitionCount: Int { 1 << partitionBits }

    func object(_ key: Object.Key) -> Object? {
        let (partition, hash) = Self.place(of: key)
        return partitions[partition].object(key, hash)
    }

    /// Puts it in the place of the one with its key.
    mutating func put(_ object: Object) {
        let (partition, hash) = Self.place(of: object.key)
        if partitions[partition].put(object, hash) { count += 1 }
    }

    /// Whether it was there.
    @discardableResult
    mutating func remove(_ key: Object.Key) -> Bool {
        let (partition, hash) = Self.place(of: key)
        guard partitions[partition].remove(key, hash) else { return false }
        count -= 1
        return true
    }

    /// In no particular order.
    func forEach(_ body: (Object) -> Void) {
        for partition in partitions { partition.objects.forEach(body) }
    }

    /// The part of the hash that counts inside of a partition.
    fileprivate static func hash(inPartition key: Object.Key) -> Int { place(of: key).hash }

    /// The partition, and what is left of the hash for the place in it.
    private static func place(of key: Object.Key) -> (partition: Int, hash: Int) {
        let hash = UInt(bitPattern: key.hashValue)
        return (Int(hash & UInt(partitionCount - 1)), Int(hash >> UInt(partitionBits)))
    }
}

/// A hash table with open addressing: objects without gaps, and an index into them with linear probing.
private struct Partition<Object: CachedObject>: Sendable {
    private(set) var objects: [Object] = []
    /// One more than the object's index; 0 where nothing is. A power of two of them, or none.
    private var slots: [UInt32] = []

    private static var smallestIndex: Int { 8 }

    func object(_ key: Object.Key, _ hash: Int) -> Object? {
        slot(of: key, hash).map { objects[Int(slots[$0]) - 1] }
    }

    /// False if it replaced another.
    mutating func put(_ object: Object, _ hash: Int) -> Bool {
        if let slot = slot(of: object.key, hash) {
            objects[Int(slots[slot]) - 1] = object
            return false
        }
        // At most three quarters are used, so that a probe ends soon.
        if (objects.count + 1) * 4 > slots.count * 3 { grow() }
        if objects.count == objects.capacity { objects.reserveCapacity(objects.count + max(4, objects.count / 8)) }
        objects.append(object)
        fill(hash, with: UInt32(objects.count))
        return true
    }

    mutating func remove(_ key: Object.Key, _ hash: Int) -> Bool {
        guard let slot = slot(of: key, hash) else { return false }
        let index = Int(slots[slot]) - 1
        let last = objects.count - 1
        // The last object takes the place of the one that goes.
        if index != last, let moved = self.slot(of: objects[last].key, Self.hash(of: objects[last].key)) {
            slots[moved] = UInt32(index + 1)
            objects.swapAt(index, last)
        }
        objects.removeLast()
        close(slot)
        return true
    }

    private static func hash(of key: Object.Key) -> Int { PartitionedTable<Object>.hash(inPartition: key) }

    /// Where the key's number stands.
    private func slot(of key: Object.Key, _ hash: Int) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var slot = hash & mask
        while slots[slot] != 0 {
            if objects[Int(slots[slot]) - 1].key == key { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func fill(_ hash: Int, with number: UInt32) {
        let mask = slots.count - 1
        var slot = hash & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = number
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: max(Self.smallestIndex, slots.count * 2))
        for index in objects.indices { fill(Self.hash(of: objects[index].key), with: UInt32(index + 1)) }
    }

    /// Empties the slot and moves up those after it that were pushed on from it, so that no probe ends too early
    /// (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
    private mutating func close(_ slot: Int) {
        let mask = slots.count - 1
        var hole = slot
        var next = (slot + 1) & mask
        while slots[next] != 0 {
            let home = Self.hash(of: objects[Int(slots[next]) - 1].key) & mask
            // Whether home lies cyclically in (hole, next]: then it stays.
            let stays = hole < next ? (hole < home && home <= next) : (hole < home || home <= next)
            if !stays {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = 0
    }
}
