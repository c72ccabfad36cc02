import LabelPolicy
import TestSupport
import Testing

@Suite struct NearestMatchTests {
    static let teams = ["ml-platform", "payments", "search", "web"]

    @Test(
        arguments: [
            ("ml-platform", "ml-platform"), ("ml-plattform", "ml-platform"), ("ml-platfrom", "ml-platform"),
            ("mlplatform", "ml-platform"), ("ML-Platform", "ml-platform"), ("ML_PLATFORM", "ml-platform"),
            ("payment", "payments"), ("serch", "search"), ("wbe", "web"), ("we", "web"),
            // More edits than a third of the word: rather nothing than nonsense.
            ("mlp", nil), ("finance", nil), ("wxyz", nil), ("", nil),
        ] as [(String, String?)])
    func table(_ word: String, _ expected: String?) {
        #expect(NearestMatch.find(word, among: Self.teams) == expected)
    }

    @Test(
        arguments: [
            // The first of equals, and the nearest rather than the first.
            ("abcd", ["abce", "abcf"], "abce"), ("abcdef", ["abcxyf", "abcdxf"], "abcdxf"), ("abcd", [], nil),
            // One edit of one letter leaves nothing in common.
            ("x", ["y", "xy", ""], "xy"), ("x", ["y", "X"], "X"), ("x", ["y"], nil),
        ] as [(String, [String], String?)])
    func ties(_ word: String, _ candidates: [String], _ expected: String?) {
        #expect(NearestMatch.find(word, among: candidates) == expected)
    }

    @Test func boundsItsWork() {
        let long = String(repeating: "a", count: NearestMatch.maximumLength + 1)
        #expect(NearestMatch.find(long, among: [long]) == nil)
        let fill = (0..<NearestMatch.maximumCandidates).map { "filler-\($0)" }
        #expect(NearestMatch.find("payments", among: fill + ["payments"]) == nil)
        #expect(NearestMatch.find("payments", among: fill.dropLast() + ["payments"]) == "payments")
    }

    /// Against the definition of the optimal string alignment distance, spelled out without any bound.
    @Test func findsTheNearest() {
        func distance(_ left: [Character], _ right: [Character]) -> Int {
            var table = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
            for row in 0...left.count {
                for column in 0...right.count {
                    if row == 0 || column == 0 {
                        table[row][column] = row + column
                        continue
                    }
                    let same = left[row - 1] == right[column - 1]
                    var cost = min(
                        table[row - 1][column] + 1, table[row][column - 1] + 1,
                        table[row - 1][column - 1] + (same ? 0 : 1))
                    if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                        cost = min(cost, table[row - 2][column - 2] + 1)
                    }
                    table[row][column] = cost
                }
            }
            return table[left.count][right.count]
        }
        var random = SeededGenerator(seed: 7)
        func word(_ lengths: ClosedRange<Int>) -> String {
            (0..<Int.random(in: lengths, using: &random)).map { _ in random.pick(["a", "b", "c"]) }.joined()
        }
        var found = 0
        for _ in 0..<2_000 {
            let wanted = word(2...12)
            let candidates = (0..<4).map { _ in word(0...12) }
            let limit = min(3, max(1, wanted.count / 3))
            let ranked = candidates.map { (text: $0, distance: distance(Array(wanted), Array($0))) }
            let least = ranked.map(\.distance).min() ?? .max
            let expected = least <= limit ? ranked.first { $0.distance == least }?.text : nil
            #expect(NearestMatch.find(wanted, among: candidates) == expected, "\(wanted) among \(candidates)")
            found += expected == nil ? 0 : 1
        }
        #expect(found > 100)
    }
}
