import KubernetesModel
import TestSupport
import Testing

@Suite struct PoolTests {
    /// Strings of every length around the steps of the hash, among them many that differ in one byte.
    @Test func `every string is found again under its own number`() {
        var random = SeededGenerator(seed: 11)
        var texts: [String] = []
        for length in 0..<200 {
            let text = String((0..<length).map { _ in random.pick(Array("abcdefgh-./")) })
            texts.append(text)
            for position in stride(from: 0, to: length, by: 3) {
                var bytes = Array(text.utf8)
                bytes[position] ^= 1
                texts.append(String(decoding: bytes, as: UTF8.self))
            }
        }
        var pool = StringPool()
        var numbers: [String: StringID] = [:]
        for text in texts + texts.reversed() {
            let id = pool.intern(text)
            #expect(numbers[text] ?? id == id)
            numbers[text] = id
        }
        #expect(Set(numbers.values).count == Set(texts).count)
        #expect(pool.count == Set(texts).count)
        for (text, id) in numbers {
            #expect(pool[id] == text)
            #expect(pool.id(of: text) == id)
        }
        #expect(pool.id(of: "not there") == nil)
        #expect(pool.intern("") == .empty)
    }

    @Test func `a copy is a value of its own`() {
        var pool = StringPool()
        let first = pool.intern("first")
        var copy = pool
        let second = copy.intern("second")
        #expect(pool.id(of: "second") == nil)
        #expect(pool[second] == "")
        copy.compact()
        #expect(copy[first] == "first")
        #expect(copy.intern("third") != second)
        #expect(copy[second] == "second")
    }

    @Test func `bytes that are no UTF-8 are kept`() {
        var pool = StringPool()
        let ids = [[0xFF], [0xFE], [0x61, 0xC3]].map { (bytes: [UInt8]) in
            bytes.withUnsafeBytes { pool.intern(utf8: $0) }
        }
        #expect(Set(ids).count == 3)
        #expect(pool[ids[2]] == "a\u{FFFD}")
    }

    @Test(arguments: [0, 1, 5, 32, 33, 200]) func `labels in any order are one set, and the last of a key counts`(
        count: Int
    ) {
        var random = SeededGenerator(seed: UInt64(count))
        var pool = RecordPool()
        for number in 0..<count { _ = pool.strings.intern("key\((number * 7919) % 1000)") }
        let pairs = (0..<count).map { (key: "key\($0)", value: "value\($0)") }
        let set = pool.labels(pairs)
        let older = pairs.shuffled(using: &random).map { (key: $0.key, value: "older") }
        #expect(pool.labels(older + pairs.shuffled(using: &random)) == set)
        #expect(pool.labelSets.count(of: set) == count)
        #expect(pool.labels(set).map(\.key) == pairs.map(\.key).sorted())
        for (key, value) in pairs { #expect(pool.label(key, in: set) == value) }
        #expect(pool.label("none", in: set) == nil)
        _ = pool.strings.intern("none")
        #expect(pool.label("none", in: set) == nil)
        #expect(pool.labels([(key: "key0", value: "other")]) != set)
    }

    @Test func `a label without a value is there`() {
        var pool = RecordPool()
        let set = pool.labels([(key: "team", value: "")])
        #expect(pool.label("team", in: set) == "")
    }

    @Test func `resources are one list by name and amount`() {
        var pool = RecordPool()
        let amounts: [String: Int64] = [
            "cpu": 1500, "memory": .max, "nvidia.com/gpu": 8, "odd": -1, "least": .min, "edge": 0xFFFF_FFFF,
        ]
        let list = pool.resources(amounts)
        #expect(pool.resources(list) == amounts)
        #expect(pool.resources(amounts) == list)
        #expect(pool.amount(of: "nvidia.com/gpu", in: list) == 8)
        #expect(pool.resourceLists.amount(of: RecordPool.WellKnown.cpu, in: list) == 1500)
        #expect(pool.amount(of: "amd.com/gpu", in: list) == 0)
        #expect(pool.resources(amounts.merging(["cpu": 1501]) { $1 }) != list)
    }

    @Test(
        arguments: [
            ("cpu", 0, 0), ("cpu", 1, 1), ("cpu", 1_000_000, 1), ("cpu", 1_000_001, 2), ("memory", 1, 1),
            ("memory", 1_000_000_000, 1), ("memory", 1_000_000_001, 2), ("memory", -1_500_000_000, -1),
        ] as [(String, Int128, Int64)])
    func `amounts are rounded up to whole units`(resource: String, nanos: Int128, amount: Int64) {
        #expect(ResourceUnit(resource: resource).amount(nanos: nanos) == amount)
    }

    @Test func `an amount beyond 64 bits is none`() {
        #expect(ResourceUnit.whole.amount(nanos: Int128(Int64.max) * 1_000_000_000) == .max)
        #expect(ResourceUnit.whole.amount(nanos: Int128(Int64.max) * 1_000_000_000 + 1) == nil)
        #expect(ResourceUnit.millicores.amount(nanos: .min) == nil)
    }

    @Test(arguments: [
        "8f3a6a0e-98c1-4a51-8a0c-2b7f6f0d1e2c", "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff", "ffffffff-ffff-ffff-0000-000000000001",
        "fffffffe-ffff-ffff-ffff-ffffffffffff", "", "a", "8F3A6A0E-98C1-4A51-8A0C-2B7F6F0D1E2C",
        "8f3a6a0e98c14a518a0c2b7f6f0d1e2c", "8f3a6a0e-98c1-4a51-8a0c-2b7f6f0d1e2g",
        "8f3a6a0e-98c1-4a51-8a0c+2b7f6f0d1e2c", "8f3a6a0e--8c1-4a51-8a0c-2b7f6f0d1e2c",
    ])
    func `a UID is read back as it was`(text: String) {
        var pool = RecordPool()
        _ = pool.uid("another")
        let uid = pool.uid(text)
        #expect(pool.text(of: uid) == text)
        #expect(pool.uid(text) == uid)
        #expect(uid.isNone == text.isEmpty)
        #expect(MemoryLayout<ObjectUID>.size == 16)
    }

    @Test func `well-known names have their numbers`() {
        var pool = RecordPool()
        #expect(pool.strings.id(of: "cpu") == RecordPool.WellKnown.cpu)
        #expect(pool.strings.id(of: "memory") == RecordPool.WellKnown.memory)
        #expect(pool.strings.id(of: "ephemeral-storage") == RecordPool.WellKnown.ephemeralStorage)
        #expect(pool.strings.id(of: "pods") == RecordPool.WellKnown.pods)
        #expect(pool.kind(GroupKind(group: "", kind: "Pod")) == RecordPool.WellKnown.podKind)
        #expect(pool.kind(GroupKind(group: "", kind: "Node")) == RecordPool.WellKnown.nodeKind)
        #expect(pool[RecordPool.WellKnown.podKind] == GroupKind(group: "", kind: "Pod"))
        let deployment = GroupKind(group: "apps", kind: "Deployment")
        let kind = pool.kind(deployment)
        #expect(pool[kind] == deployment)
        #expect(pool.kind(GroupKind(group: "apps", kind: "")) == .none)
    }

    @Test func `lists of names keep their order`() {
        var pool = RecordPool()
        let names = ["b", "a", "b"].map { pool.strings.intern($0) }
        let list = pool.names(names)
        #expect(pool.texts(list) == ["b", "a", "b"])
        #expect(pool.names(names.reversed()) == list)
        #expect(pool.names([]) == .empty)
    }

    @Test func `a filter keeps the keys it names`() {
        let filter = KeyFilter.keys(["team", "cost-center"], prefixes: ["karpenter.sh/"])
        let kept = ["team", "cost-center", "karpenter.sh/nodepool", "karpenter.sh/"]
        for key in kept { #expect(filter.keeps(key)) }
        for key in ["", "tea", "teams", "Team", "karpenter.sh", "x"] { #expect(!filter.keeps(key)) }
        #expect(KeyFilter.everything.keeps("x"))
        #expect(!KeyFilter.nothing.keeps("x"))
        #expect(!KeyFilter.nothing.keeps(""))
    }
}
