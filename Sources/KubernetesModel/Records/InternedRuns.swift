/// Runs of small values, each kept once under a number: strings of bytes, labels of an object, amounts of a request.
///
/// One arena holds all elements, so that a run costs its elements and some twenty bytes; copies share the storage until
/// one is changed. Run 0 is the empty one. Numbers are given in order of first appearance and never change or end.
struct InternedRuns<Element: BitwiseCopyable & Sendable>: Sendable {
    /// Runs one pool can number. Past it a run counts as the empty one and `isFull` says so: with the smallest elements
    /// that takes more than 60 GB.
    static var maximumCount: Int { Int(UInt32.max) }

    private var elements: [Element] = []
    /// Where each run ends; it begins where the one before ends.
    private var ends: [Int] = [0]
    /// Open addressing by linear probing: the hash in the upper half, the run's number in the lower; 0 is free.
    private var slots: [UInt64] = Array(repeating: 0, count: 64)
    private(set) var isFull = false

    var count: Int { ends.count }
    /// Elements of all runs together.
    var elementCount: Int { elements.count }

    init() {}

    /// The number of this run, a new one if it was not seen before.
    mutating func intern(_ run: UnsafeBufferPointer<Element>) -> UInt32 {
        intern(run, hash: RunHash.of(UnsafeRawBufferPointer(run)))
    }

    /// The same with the hash, which the caller has from a look into another pool.
    mutating func intern(_ run: UnsafeBufferPointer<Element>, hash: UInt32) -> UInt32 {
        guard !run.isEmpty else { return 0 }
        let (found, free) = search(run, hash: hash)
        if let found { return found }
        guard ends.count <= Self.maximumCount else {
            isFull = true
            return 0
        }
        // Fits: at most `maximumCount`.
        let number = UInt32(truncatingIfNeeded: ends.count)
        elements.append(contentsOf: run)
        ends.append(elements.count)
        slots[free] = UInt64(hash) << 32 | UInt64(number)
        // At most three quarters full, so that a search ends soon.
        if ends.count * 4 > slots.count * 3 { grow() }
        return number
    }

    /// The number of this run if it is there.
    func find(_ run: UnsafeBufferPointer<Element>, hash: UInt32) -> UInt32? {
        run.isEmpty ? 0 : search(run, hash: hash).found
    }

    func find(_ run: UnsafeBufferPointer<Element>) -> UInt32? {
        find(run, hash: RunHash.of(UnsafeRawBufferPointer(run)))
    }

    /// The elements of a run; none for a number that this pool did not give.
    func withRun<Result>(_ number: UInt32, _ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
        let range = range(of: number)
        return elements.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// Gives back the room that growing has set aside.
    mutating func compact() {
        elements.compact()
        ends.compact()
    }

    private func range(of number: UInt32) -> Range<Int> {
        let index = Int(number)
        guard index > 0, index < ends.count else { return 0..<0 }
        return ends[index - 1]..<ends[index]
    }

    /// The run, or the free slot where it belongs.
    private func search(_ run: UnsafeBufferPointer<Element>, hash: UInt32) -> (found: UInt32?, free: Int) {
        let mask = slots.count - 1
        var position = Int(hash) & mask
        while slots[position] != 0 {
            let slot = slots[position]
            if UInt32(truncatingIfNeeded: slot >> 32) == hash {
                let number = UInt32(truncatingIfNeeded: slot)
                if isEqual(number, run) { return (number, position) }
            }
            position = (position + 1) & mask
        }
        return (nil, position)
    }

    private func isEqual(_ number: UInt32, _ run: UnsafeBufferPointer<Element>) -> Bool {
        let range = range(of: number)
        guard range.count == run.count else { return false }
        return elements.withUnsafeBufferPointer {
            RunHash.areEqual(
                UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: $0[range])), UnsafeRawBufferPointer(run))
        }
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        let mask = larger.count - 1
        for slot in slots where slot != 0 {
            var position = Int(truncatingIfNeeded: slot >> 32) & mask
            while larger[position] != 0 { position = (position + 1) & mask }
            larger[position] = slot
        }
        slots = larger
    }
}

extension Array {
    /// Moves the elements into storage of their number: growing doubles it, so that up to half is room.
    mutating func compact() {
        guard capacity > count else { return }
        var exact: [Element] = []
        exact.reserveCapacity(count)
        exact.append(contentsOf: self)
        self = exact
    }
}

/// The hash the pools share: multiply and fold, 16 bytes a step (the construction of wyhash). Names come from whoever
/// may create objects, so the seed is drawn anew in every process and nobody can choose names that collide.
enum RunHash {
    private static let seed = UInt64.random(in: .min ... .max)

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let count = bytes.count
        var state = seed ^ UInt64(truncatingIfNeeded: count)
        var first: UInt64 = 0
        var second: UInt64 = 0
        if count >= 8 {
            var offset = 0
            while count - offset > 16 {
                state = fold(word(bytes, offset) ^ 0xA076_1D64_78BD_642F, word(bytes, offset + 8) ^ state)
                offset += 16
            }
            // The last 16 bytes, or the first and the last 8 of fewer.
            first = word(bytes, max(count - 16, 0))
            second = word(bytes, count - 8)
        } else if count >= 4 {
            first = UInt64(half(bytes, 0))
            second = UInt64(half(bytes, count - 4))
        } else if count > 0 {
            first = UInt64(bytes[0]) << 16 | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1])
        }
        let mixed = fold(first ^ 0xE703_7ED1_A0B4_28DB, second ^ state)
        return UInt32(truncatingIfNeeded: mixed ^ (mixed >> 32))
    }

    static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        guard count >= 8 else {
            for offset in 0..<count where left[offset] != right[offset] { return false }
            return true
        }
        var offset = 0
        while count - offset > 8 {
            if word(left, offset) != word(right, offset) { return false }
            offset += 8
        }
        return word(left, count - 8) == word(right, count - 8)
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    private static func half(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        return high ^ low
    }
}
