/// One label or annotation.
package struct LabelPair: Sendable, Hashable, BitwiseCopyable {
    package let key: StringID
    package let value: StringID

    package init(key: StringID, value: StringID) {
        self.key = key
        self.value = value
    }
}

/// The labels (or annotations, or tags) of an object, as `LabelSets` numbers them: equal numbers, equal labels.
package struct LabelSetID: Sendable, Hashable, BitwiseCopyable {
    package let rawValue: UInt32

    package static let empty = LabelSetID(rawValue: 0)

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package var isEmpty: Bool { rawValue == 0 }
}

/// Sets of labels, each kept once: the Pods of a workload mostly share theirs.
package struct LabelSets: Sendable {
    private var runs = InternedRuns<LabelPair>()

    package init() {}

    /// Distinct sets, the empty one included.
    package var count: Int { runs.count }

    /// Numbers the set. The pairs may come in any order; of several with one key the last counts, as in a protobuf
    /// map. The array is left sorted and without duplicates, for the caller to empty and use again.
    package mutating func intern(_ pairs: inout [LabelPair]) -> LabelSetID {
        Self.normalize(&pairs)
        return pairs.withUnsafeBufferPointer { LabelSetID(rawValue: runs.intern($0)) }
    }

    /// The pairs, sorted by the number of the key.
    package subscript(_ id: LabelSetID) -> [LabelPair] { runs.withRun(id.rawValue) { Array($0) } }

    package func count(of id: LabelSetID) -> Int { runs.withRun(id.rawValue) { $0.count } }

    /// The value of a key: nothing if the key is absent, the empty string if it is there without a value.
    package func value(of key: StringID, in id: LabelSetID) -> StringID? {
        runs.withRun(id.rawValue) { pairs in
            var low = 0
            var high = pairs.count
            while low < high {
                let middle = (low + high) / 2
                if pairs[middle].key.rawValue < key.rawValue { low = middle + 1 } else { high = middle }
            }
            return low < pairs.count && pairs[low].key == key ? pairs[low].value : nil
        }
    }

    /// Whether all pairs of `selector` stand among the labels; an empty selector selects nothing.
    package func selects(_ selector: LabelSetID, _ labels: LabelSetID) -> Bool {
        let wanted = self[selector]
        return !wanted.isEmpty && wanted.allSatisfy { value(of: $0.key, in: labels) == $0.value }
    }

    package mutating func compact() { runs.compact() }

    /// Insertion sort: sets are small and mostly come in an order seen before.
    private static func normalize(_ pairs: inout [LabelPair]) {
        guard pairs.count > 1 else { return }
        guard pairs.count <= 32 else { return normalizeMany(&pairs) }
        var kept = 0
        for index in pairs.indices {
            let pair = pairs[index]
            var place = kept
            while place > 0, pairs[place - 1].key.rawValue > pair.key.rawValue { place -= 1 }
            if place > 0, pairs[place - 1].key == pair.key {
                pairs[place - 1] = pair
                continue
            }
            var moved = kept
            while moved > place {
                pairs[moved] = pairs[moved - 1]
                moved -= 1
            }
            pairs[place] = pair
            kept += 1
        }
        pairs.removeLast(pairs.count - kept)
    }

    private static func normalizeMany(_ pairs: inout [LabelPair]) {
        // Stable by the place in the input, so that the last of equal keys is known.
        let sorted = pairs.enumerated().sorted {
            ($0.element.key.rawValue, $0.offset) < ($1.element.key.rawValue, $1.offset)
        }
        pairs.removeAll(keepingCapacity: true)
        for (_, pair) in sorted {
            if pairs.last?.key == pair.key { pairs.removeLast() }
            pairs.append(pair)
        }
    }
}
