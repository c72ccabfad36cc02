import TestSupport
import Testing

@testable import LocatedDocuments

@Suite struct PositionTests {
    /// Every key and scalar with its place.
    private func places(_ text: String) -> [String] {
        func walk(_ node: LocatedNode) -> [String] {
            let span = "\(place(node.start))-\(place(node.end))"
            switch node.value {
            case .scalar(let scalar): return ["\(scalar.text)@\(span)"]
            case .sequence(let items): return ["[]@\(span)"] + items.flatMap(walk)
            case .mapping(let entries): return ["{}@\(span)"] + entries.flatMap { walk($0.key) + walk($0.value) }
            }
        }
        return read(text).documents.flatMap { walk($0.root) }
    }

    @Test(arguments: [
        ("a: b\n", ["{}@1:1-1:5", "a@1:1-1:2", "b@1:4-1:5"]),
        (
            "a:\n  - x\n  - 'y z'\n\nb: 1\n",
            ["{}@1:1-5:5", "a@1:1-1:2", "[]@2:3-3:10", "x@2:5-2:6", "y z@3:5-3:10", "b@5:1-5:2", "1@5:4-5:5"]
        ),
        ("{\"k\": [1]}", ["{}@1:1-1:11", "k@1:2-1:5", "[]@1:7-1:10", "1@1:8-1:9"]),
        ("---\n\u{FEFF}", []),
        ("\u{FEFF}a: b", ["{}@1:1-1:5", "a@1:1-1:2", "b@1:4-1:5"]),
        (
            "é: 日本\nb: \"😀\" # c\n",
            ["{}@1:1-2:7", "é@1:1-1:2", "日本@1:4-1:6", "b@2:1-2:2", "😀@2:4-2:7"]
        ),
        ("a: 1\r\nb: 2\r\n", ["{}@1:1-2:5", "a@1:1-1:2", "1@1:4-1:5", "b@2:1-2:2", "2@2:4-2:5"]),
        ("a: 1\rb: 2\r", ["{}@1:1-2:5", "a@1:1-1:2", "1@1:4-1:5", "b@2:1-2:2", "2@2:4-2:5"]),
        // NEL and LS end lines in YAML 1.1, not in an editor.
        (
            "# \u{85}\u{2028}x: y\n",
            ["{}@1:5-1:9", "x@1:5-1:6", "y@1:8-1:9"]
        ),
        ("é: 1\n---\nb: ü\n", ["{}@1:1-1:5", "é@1:1-1:2", "1@1:4-1:5", "{}@3:1-3:5", "b@3:1-3:2", "ü@3:4-3:5"]),
        (
            "a: &x [b]\nc: *x\n",
            ["{}@1:1-2:6", "a@1:1-1:2", "[]@1:4-1:10", "b@1:8-1:9", "c@2:1-2:2", "[]@2:4-2:6", "b@1:8-1:9"]
        ),
    ])
    func placesAreExact(text: String, expected: [String]) {
        #expect(places(text) == expected)
    }

    /// The tables agree with counting from the start of the file, at every byte.
    @Test(arguments: [
        "", "a", "a\nb\r\nc\rd", "é\n日本😀\r\n\n", String(repeating: "x日\n", count: 400),
        String(repeating: "é", count: 700), "\u{FEFF}a\n\u{FEFF}b",
    ])
    func positionsAgreeWithCounting(text: String) {
        let file = SourceFile(name: "f", text: text)
        var line = 1
        var column = 1
        var offset = 0
        var previous: Unicode.Scalar = " "
        for (index, scalar) in text.unicodeScalars.enumerated() {
            if previous == "\n" || (previous == "\r" && scalar != "\n") { (line, column) = (line + 1, 1) }
            let position = file.position(atOffset: offset)
            #expect(position.line == line && position.column == column && position.offset == offset)
            let isMark = index == 0 && scalar == "\u{FEFF}"
            column += isMark ? 0 : 1
            offset += UTF8.width(scalar)
            previous = scalar
        }
        #expect(file.position(atOffset: Int.max).offset == offset)
        #expect(file.position(atOffset: -1) == .start)
    }

    /// Places asked for in any order are those the tables give.
    @Test func theCursorAgreesWithTheTables() {
        var generator = SeededGenerator(seed: 5)
        let pieces = ["a", "\n", "\r\n", "\r", "é", "日", "😀", "\t", String(repeating: "x", count: 300)]
        for _ in 0..<50 {
            let text = (0..<60).map { _ in generator.pick(pieces) }.joined()
            let file = SourceFile(name: "f", text: "\u{FEFF}" + text)
            let count = file.scalarCount(before: file.bytes.count)
            let base = file.offset(ofScalar: Int.random(in: 1...(count / 2), using: &generator))
            let baseScalar = file.scalarCount(before: base)
            var cursor = PositionCursor(file: file, baseOffset: base)
            var scalar = 0
            for _ in 0..<100 {
                let step = Int.random(in: generator.oneIn(8) ? -900...900 : 0...20, using: &generator)
                scalar = min(max(0, scalar + step), count - baseScalar)
                let expected = file.position(atOffset: file.offset(ofScalar: baseScalar + scalar))
                #expect(cursor.position(ofScalar: scalar) == expected)
            }
        }
    }
}
