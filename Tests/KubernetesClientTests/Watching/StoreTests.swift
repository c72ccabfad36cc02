import KubernetesClient
import Synchronization
import TestSupport
import Testing

@Suite("Store")
struct StoreTests {
    private typealias Contents = StoreContents<TestObject>

    private static func contents(_ values: [String: String]) -> Contents {
        var contents = Contents()
        contents.put { pool in values.map { TestObject($0.key, $0.value, in: &pool) } }
        return contents
    }

    /// As an event brings it: with a pool of its own.
    private static func put(_ key: String, _ value: String, into writer: inout StoreWriter<TestObject>) {
        var pool = TestObject.makeShared()
        let object = TestObject(key, value, in: &pool)
        writer.put(object, from: pool)
    }

    private static func value(_ key: String, in store: Store<TestObject>) -> StoreAnswer<String> {
        store.find(key) { object, pool in object.value(in: pool) }
    }

    @Test("Contents are what a dictionary's would be", arguments: 0..<20)
    func likeADictionary(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var contents = Contents()
        var model: [String: String] = [:]
        var snapshots: [(Contents, [String: String])] = []
        // Many keys grow the tables, few keys collide and come and go.
        let keys = random.oneIn(2) ? 60 : 3000
        for step in 0..<4000 {
            let key = "key-\(Int.random(in: 0..<keys, using: &random))"
            if random.oneIn(3) {
                #expect(contents.remove(key) == (model.removeValue(forKey: key) != nil))
            } else {
                let value = "value-\(Int.random(in: 0..<50, using: &random))"
                model[key] = value
                var pool = TestObject.makeShared()
                let object = TestObject(key, value, in: &pool)
                contents.put(object, from: pool)
            }
            #expect(contents.count == model.count)
            if step % 1000 == 500 { snapshots.append((contents, model)) }
        }
        #expect(contents.values == model)
        for key in 0..<keys {
            let found = contents["key-\(key)"].map { $0.value(in: contents.shared) }
            #expect(found == model["key-\(key)"])
        }
        // What was taken before has not changed.
        for (contents, model) in snapshots { #expect(contents.values == model) }
    }

    @Test("Nothing is said before the first sync; then what is not there is absent")
    func readiness() {
        var writer = StoreWriter<TestObject>()
        let store = writer.store
        #expect(Self.value("a", in: store) == .notSynced)
        #expect(store.snapshot() == nil)
        #expect(store.status.isSynced == false)
        writer.replace(with: Self.contents(["a": "1"]))
        #expect(Self.value("a", in: store) == .found("1"))
        #expect(Self.value("b", in: store) == .absent)
        #expect(store.snapshot()?.values == ["a": "1"])
        #expect(store.status.isSynced)
    }

    @Test("A replacement tells what has gone")
    func replacement() {
        var writer = StoreWriter<TestObject>()
        #expect(writer.replace(with: Self.contents(["a": "1", "b": "2", "c": "3"])) == [])
        let removed = writer.replace(with: Self.contents(["b": "2", "d": "4"]))
        #expect(Set(removed) == ["a", "c"])
        #expect(writer.store.snapshot()?.values == ["b": "2", "d": "4"])
        #expect(writer.store.status.objects == 2)
    }

    @Test("The generation rises with every change, and not without")
    func generation() {
        var writer = StoreWriter<TestObject>()
        let store = writer.store
        writer.replace(with: Self.contents(["a": "1"]))
        let first = store.status.generation
        writer.remove("b")
        writer.noteContact(at: .now)
        #expect(store.status.generation == first)
        writer.remove("a")
        Self.put("c", "3", into: &writer)
        #expect(store.status.generation == first + 2)
    }

    @Test("The age is the time since the last contact")
    func age() {
        let writer = StoreWriter<TestObject>()
        let now = ContinuousClock.now
        #expect(writer.store.status.age(at: now) == nil)
        writer.noteContact(at: now)
        #expect(writer.store.status.age(at: now + .seconds(90)) == .seconds(90))
        #expect(writer.store.status.age(at: now - .seconds(1)) == .zero)
    }

    @Test("A snapshot stays as it was while the store goes on")
    func snapshots() {
        var writer = StoreWriter<TestObject>()
        writer.replace(with: Self.contents(["a": "1", "b": "2"]))
        let before = writer.store.snapshot()
        Self.put("a", "changed", into: &writer)
        writer.remove("b")
        #expect(before?.values == ["a": "1", "b": "2"])
        #expect(writer.store.snapshot()?.values == ["a": "changed"])
    }

    @Test("What objects share does not grow without end as they come and go")
    func sharedGrowth() {
        var writer = StoreWriter<TestObject>()
        writer.replace(with: Self.contents(["fixed": "stays"]))
        var largest = 0
        for number in 0..<2000 {
            Self.put("object-\(number % 10)", "value-\(number)", into: &writer)
            largest = max(largest, writer.store.snapshot()?.footprint ?? 0)
        }
        // Twice what is unremarkable, and the one event that makes it more.
        #expect(largest <= 2 * 64 * 1024 + 2 * 1024)
        var expected = Dictionary(uniqueKeysWithValues: (1990..<2000).map { ("object-\($0 % 10)", "value-\($0)") })
        expected["fixed"] = "stays"
        #expect(writer.store.snapshot()?.values == expected)
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isRaised: Bool { state.withLock { $0 } }
        func raise() { state.withLock { $0 = true } }
    }

    @Test("Readers never see half of a replacement")
    func atomicity() async {
        var writer = StoreWriter<TestObject>()
        let store = writer.store
        let keys = (0..<300).map { "key-\($0)" }
        writer.replace(with: Self.contents(Dictionary(uniqueKeysWithValues: keys.map { ($0, "0") })))
        let isOver = Flag()
        let readers = (0..<2).map { _ in
            Task.detached {
                var torn = 0
                repeat {
                    let values = Set((store.snapshot()?.values ?? [:]).values)
                    if values.count != 1 { torn += 1 }
                    // One by one it only moves forward.
                    let (first, second) = (Self.value("key-1", in: store), Self.value("key-2", in: store))
                    if case (.found(let first), .found(let second)) = (first, second),
                        Int(first) ?? 0 > Int(second) ?? 0
                    {
                        torn += 1
                    }
                    await Task.yield()
                } while !isOver.isRaised
                return torn
            }
        }
        for round in 1...60 {
            writer.replace(with: Self.contents(Dictionary(uniqueKeysWithValues: keys.map { ($0, "\(round)") })))
            await Task.yield()
        }
        isOver.raise()
        for reader in readers { #expect(await reader.value == 0) }
    }
}
