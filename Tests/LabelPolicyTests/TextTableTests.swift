import Testing

@testable import LabelPolicy

/// Listed and hashed alike.
@Suite struct TextTableTests {
    @Test(arguments: [0, 1, 7, 8, 9, 100])
    func findsEveryEntryAndNoOther(count: Int) {
        let texts = (0..<count).map { "value-\($0)-of-a-table-with-texts-of-some-length" }
        let table = TextTable(zip(texts, 0...))
        for (position, text) in texts.enumerated() { #expect(table[text] == position) }
        #expect(table[""] == nil)
        #expect(table["value-\(count)"] == nil)
    }

    @Test(arguments: [2, 20])
    func theFirstOfTwoCounts(count: Int) {
        let entries = (0..<count).map { ("text-\($0 % (count - 1))", $0) }
        #expect(TextTable(entries)["text-0"] == 0)
    }
}
