/// What the records of one cluster share: strings, sets of labels, lists of resources and of names. Records hold
/// numbers that mean something in the pool they were made with, and in copies of it.
package struct RecordPool: Sendable {
    package var strings = StringPool()
    package var labelSets = LabelSets()
    package var resourceLists = ResourceLists()
    /// Lists of names, and groups with kinds.
    private var lists = InternedRuns<StringID>()
    /// Versions in which references name the kinds of controllers; the first one seen of each.
    private(set) var versions: [KindID: StringID] = [:]

    package init() {
        for name in WellKnown.inOrder { _ = strings.intern(name) }
        for name in [WellKnown.pod, WellKnown.node] { _ = kind(group: .empty, name: name) }
    }

    /// Strings and kinds that every pool holds under the same number, so that code can compare without a look-up.
    package enum WellKnown {
        package static let cpu = StringID(rawValue: 1)
        package static let memory = StringID(rawValue: 2)
        package static let ephemeralStorage = StringID(rawValue: 3)
        package static let pods = StringID(rawValue: 4)

        static let pod = StringID(rawValue: 5)
        static let node = StringID(rawValue: 6)
        /// Kinds of the core group, for objects whose records say no kind.
        package static let podKind = KindID(rawValue: 1)
        package static let nodeKind = KindID(rawValue: 2)

        static let inOrder = ["cpu", "memory", "ephemeral-storage", "pods", "Pod", "Node"]
    }

    /// Gives back the room that growing has set aside. For when a list is complete.
    package mutating func compact() {
        strings.compact()
        labelSets.compact()
        resourceLists.compact()
        lists.compact()
    }

    /// All that has a number: what the pool's room grows with.
    package var entryCount: Int { strings.count + labelSets.count + resourceLists.count + lists.count }

    /// Whether something was lost because all numbers of a pool are given.
    package var isFull: Bool { strings.isFull || lists.isFull }
}

// MARK: - UIDs and kinds

extension RecordPool {
    package mutating func uid(_ text: String) -> ObjectUID {
        var text = text
        return text.withUTF8 { uid(utf8: UnsafeRawBufferPointer($0)) }
    }

    package mutating func uid(utf8 text: UnsafeRawBufferPointer) -> ObjectUID {
        ObjectUID(uuid: text) ?? ObjectUID(interned: strings.intern(utf8: text))
    }

    package func text(of uid: ObjectUID) -> String { uid.text(in: strings) }

    package mutating func kind(_ kind: GroupKind) -> KindID {
        self.kind(group: strings.intern(kind.group), name: strings.intern(kind.kind))
    }

    /// The number of a kind if it is there: what is not was in no object read so far.
    package func kind(known kind: GroupKind) -> KindID? {
        guard let group = strings.id(of: kind.group), let name = strings.id(of: kind.kind), !name.isEmpty else {
            return nil
        }
        return withUnsafeTemporaryAllocation(of: StringID.self, capacity: 2) { pair in
            pair.initializeElement(at: 0, to: group)
            pair.initializeElement(at: 1, to: name)
            return lists.find(UnsafeBufferPointer(pair)).map(KindID.init(rawValue:))
        }
    }

    /// - Parameter group: empty for the core group.
    package mutating func kind(group: StringID, name: StringID) -> KindID {
        guard !name.isEmpty else { return .none }
        return withUnsafeTemporaryAllocation(of: StringID.self, capacity: 2) { pair in
            pair.initializeElement(at: 0, to: group)
            pair.initializeElement(at: 1, to: name)
            return KindID(rawValue: lists.intern(UnsafeBufferPointer(pair)))
        }
    }

    package mutating func note(version: StringID, of kind: KindID) {
        if versions[kind] == nil { versions[kind] = version }
    }

    /// The version in which something named a controller of this kind; nil if nothing did.
    package func version(of kind: KindID) -> String? { versions[kind].map { strings[$0] } }

    package subscript(_ id: KindID) -> GroupKind {
        let (group, kind) = lists.withRun(id.rawValue) { $0.count == 2 ? ($0[0], $0[1]) : (.empty, .empty) }
        return GroupKind(group: strings[group], kind: strings[kind])
    }
}

// MARK: - Lists of names

/// A list of names as `RecordPool` numbers it.
package struct NameListID: Sendable, Hashable, BitwiseCopyable {
    package let rawValue: UInt32

    package static let empty = NameListID(rawValue: 0)

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package var isEmpty: Bool { rawValue == 0 }
}

extension RecordPool {
    /// Numbers the list; the order counts.
    package mutating func names(_ names: [StringID]) -> NameListID {
        names.withUnsafeBufferPointer { NameListID(rawValue: lists.intern($0)) }
    }

    package subscript(_ id: NameListID) -> [StringID] { lists.withRun(id.rawValue) { Array($0) } }

    /// The texts of a list.
    package func texts(_ id: NameListID) -> [String] { self[id].map { strings[$0] } }
}

// MARK: - Labels and resources as text, for readers of other formats, for reports and for tests

extension RecordPool {
    /// Of several pairs with one key the last counts.
    package mutating func labels(_ pairs: some Sequence<(key: String, value: String)>) -> LabelSetID {
        var ids = pairs.map { LabelPair(key: strings.intern($0.key), value: strings.intern($0.value)) }
        return labelSets.intern(&ids)
    }

    /// The pairs in the order of their keys.
    package func labels(_ id: LabelSetID) -> [(key: String, value: String)] {
        labelSets[id].map { (strings[$0.key], strings[$0.value]) }.sorted { $0.0 < $1.0 }
    }

    /// The value of a key: nothing if the key is absent, the empty string if it is there without a value.
    package func label(_ key: String, in id: LabelSetID) -> String? {
        strings.id(of: key).flatMap { labelSets.value(of: $0, in: id) }.map { strings[$0] }
    }

    /// Numbers a list of amounts in the units of `ResourceUnit`.
    package mutating func resources(_ amounts: [String: Int64]) -> ResourceListID {
        var list = amounts.sorted { $0.key < $1.key }.map {
            ResourceAmount(name: strings.intern($0.key), amount: $0.value)
        }
        return resourceLists.intern(&list)
    }

    /// The amounts by name, in the units of `ResourceUnit`.
    package func resources(_ id: ResourceListID) -> [String: Int64] {
        Dictionary(
            resourceLists[id].map { (strings[$0.name], $0.amount) }, uniquingKeysWith: { first, _ in first })
    }

    /// One amount in the unit of `ResourceUnit`; 0 if the list does not have it.
    package func amount(of resource: String, in id: ResourceListID) -> Int64 {
        strings.id(of: resource).map { resourceLists.amount(of: $0, in: id) } ?? 0
    }
}
