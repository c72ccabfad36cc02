import KubernetesModel
import TestSupport
import Testing

@testable import ClusterSnapshot

/// What a stranger may put into a file under a sound checksum: read or refused, never a trap.
@Suite struct SnapshotMutationTests {
    private static func content() throws -> [UInt8] {
        var builder = ClusterBuilder()
        builder.namespace("shop", labels: ["team": "web"])
        builder.node("n1", capacity: ["cpu": 1000])
        let owner = builder.owner(kind: "Deployment", namespace: "shop", name: "web", templateLabels: ["a": "b"])
        for number in 0..<5 {
            builder.pod("p\(number)", namespace: "shop", requests: ["cpu": 100], controller: owner)
        }
        builder.state.notes = [ReadingNote(resource: "nodes", gap: .failed("x"))]
        var content: [UInt8] = []
        let decompressor = try GzipDecompressor()
        try SnapshotWriter.write(builder.state) { piece in
            try decompressor.read(piece) { content += $0 }
        }
        return content
    }

    private func read(_ content: [UInt8]) throws(SnapshotError) -> ClusterState? {
        var reader = SnapshotContent(filters: .everything())
        try content.withUnsafeBufferPointer { bytes throws(SnapshotError) in
            try reader.take(UnsafeRawBufferPointer(bytes))
        }
        return reader.finish()
    }

    @Test func `every prefix is a beginning, and no more`() throws {
        let content = try Self.content()
        #expect(try read(content)?.pods.count == 5)
        for length in 0..<content.count { #expect(try read(Array(content[..<length])) == nil) }
    }

    @Test(arguments: 0..<4) func `any change is read or refused`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let content = try Self.content()
        var refused = 0
        for _ in 0..<2_000 {
            var changed = content
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: changed.indices, using: &random)
                switch random.next() % 3 {
                case 0: changed[place] = UInt8.random(in: 0...255, using: &random)
                case 1: changed.insert(random.pick([0, 1, 0x7F, 0xFF]), at: place)
                default: changed.remove(at: place)
                }
            }
            do {
                let state = try read(changed)
                #expect((state?.pods.count ?? 0) <= 5)
            } catch {
                refused += 1
                #expect(!error.description.contains("\n"))
            }
        }
        #expect(refused > 100)
    }

    @Test func `another version is refused by its number`() throws {
        var content = try Self.content()
        // Behind the magic and the frame's head: the tag of the version, then the version.
        content[SnapshotFormat.magic.count + SnapshotFormat.frameHeadSize + 1] = 2
        #expect(throws: SnapshotError.version(2)) { try read(content) }
    }

    private static let object: [UInt8] = [3, 0, 0, 0, 0]
    private static let unknown: [UInt8] = [9, 0, 0, 0, 0]
    private static let section: [UInt8] = [2, 0, 0, 0, 0]
    private static let note: [UInt8] = [4, 0, 0, 0, 0]
    private static let tooLong: [UInt8] = [3, 0xFF, 0xFF, 0xFF, 0xFF]
    /// Of a snapshot with one object.
    private static let end: [UInt8] = [5, 2, 0, 0, 0, 0x08, 0x01]

    @Test func `what is out of turn is refused`() throws {
        let content = try Self.content()
        let start = SnapshotFormat.magic.count
        let end = start + SnapshotFormat.frameHeadSize + Int(content[start + 1])
        let magic = Array(content[..<start])
        let header = Array(content[start..<end])
        let cases: [(name: String, bytes: [UInt8])] = [
            ("a second header", magic + header + header),
            ("an object without a section", magic + header + Self.object),
            ("an unknown frame", magic + header + Self.unknown),
            ("a section before the header", magic + Self.section),
            ("a frame behind the end", content + Self.note),
            ("a frame too long", magic + header + Self.tooLong),
        ]
        for (name, bytes) in cases {
            #expect(throws: SnapshotError.self, "\(name)") { try read(bytes) }
        }
        #expect(throws: SnapshotError.count(kind: "any", expected: 1, found: 0)) {
            try read(magic + header + Self.end)
        }
    }

    @Test func `a small file cannot fill the memory with objects`() throws {
        let content = try Self.content()
        var reader = SnapshotContent(filters: .everything(), maximumObjects: 7)
        #expect(throws: SnapshotError.tooManyObjects) {
            try content.withUnsafeBufferPointer { bytes throws(SnapshotError) in
                try reader.take(UnsafeRawBufferPointer(bytes))
            }
        }
    }
}
