import LocatedDocuments
import TestSupport
import Testing

@Suite struct FuzzTests {
    private static let limits = DocumentLimits(fileBytes: 4096, documents: 50, nodes: 2000, depth: 40, diagnostics: 20)

    /// Reads, and uses everything that was read: nothing may trap, every place must lie in the file.
    private func exercise(_ bytes: [UInt8]) {
        let file = SourceFile(name: "fuzz", bytes: bytes)
        let stream = DocumentReader(limits: Self.limits, duplicateKeys: .warning).read(file)
        for diagnostic in stream.diagnostics {
            #expect(diagnostic.position.offset <= bytes.count)
            #expect(!diagnostic.rendered.isEmpty)
        }
        for document in stream.documents {
            check(document.root, bytes.count)
            guard let rendered = try? document.root.json() else { continue }
            // What was rendered is JSON, and means the same.
            let again = DocumentReader(limits: .manifests, duplicateKeys: .error)
                .read(SourceFile(name: "again.json", bytes: rendered))
            #expect(again.diagnostics.isEmpty, "\(bytes)")
            #expect((try? again.documents.first?.root.json()) == rendered, "\(bytes)")
        }
    }

    private func check(_ node: LocatedNode, _ size: Int) {
        #expect(node.start <= node.end && node.end.offset <= size)
        switch node.value {
        case .scalar: break
        case .sequence(let items): for item in items { check(item, size) }
        case .mapping(let entries):
            #expect(Set(entries.map(\.name)).count == entries.count)
            for entry in entries {
                check(entry.key, size)
                check(entry.value, size)
            }
        }
    }

    @Test func randomBytesNeverTrap() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            exercise(
                (0..<Int.random(in: 0...60, using: &generator)).map { _ in .random(in: 0...255, using: &generator) })
        }
    }

    /// Text made of what the parsers look at.
    @Test func randomTokensNeverTrap() {
        let tokens = [
            "a", "b: ", "- ", "\n", "\n  ", "\n    ", ": ", "? ", "{", "}", "[", "]", ",", "\"", "'", "\\u00",
            "\\ud83d",
            "&x ", "*x ", "<<: ", "*x\n", "|\n", ">-\n", "---\n", "...\n", "%YAML 1.1\n", "# c\n", "!!int ", "!t ", "1",
            "0x", "1e9", ".inf", "true", "null", "~", "\t", "\r\n", "\r", "é", "😀", "\u{FEFF}", "\u{85}", "\u{2028}",
            "\u{0}",
        ]
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<6000 {
            let count = Int.random(in: 1...25, using: &generator)
            let text = (0..<count).map { _ in tokens.randomElement(using: &generator) ?? "" }.joined()
            exercise(Array(text.utf8))
        }
    }

    @Test func damagedManifestsNeverTrap() {
        let seed = Array(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, labels: &l {team: "ml-plat\\u0066orm", 'cost-center': 42}}
            spec:
              template:
                metadata:
                  labels:
                    <<: *l
                    note: |
                      two
                      lines
                spec: {containers: [{name: c, image: x}]}
            ---
            {"kind": "Pod", "metadata": {"name": "p\\n", "labels": null}, "n": [1, -2.5e3, true]}
            """.utf8)
        exercise(seed)
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<3000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[index] = .random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(Array("{}[]:,-*&\"'\n ".utf8).randomElement(using: &generator) ?? 32, at: index)
                default: bytes.removeLast(bytes.count - index)
                }
            }
            exercise(bytes)
        }
    }
}
