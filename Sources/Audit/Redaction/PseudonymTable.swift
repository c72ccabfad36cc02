/// Stands a random word in the place of every text: the same word for the same text, within one table.
///
/// The words are drawn, not computed of the texts, so that nobody can try names against them, and two tables (two
/// snapshots) have nothing in common.
struct PseudonymTable<Random: RandomNumberGenerator> {
    /// Fifty random bits: of a million texts in one table two meet once in two thousand tables, and that is looked for.
    private static var length: Int { 10 }
    /// RFC 4648's alphabet in lower case: labels, names and DNS take all of it.
    private static var alphabet: [UInt8] { Array("abcdefghijklmnopqrstuvwxyz234567".utf8) }
    /// So that a reader knows a pseudonym from a name, and so that it begins with a letter.
    private static var prefix: String { "r-" }

    private var random: Random
    private var words: [String: String] = [:]
    private var taken: Set<String> = []

    init(_ random: Random) { self.random = random }

    /// An absent text stays absent.
    mutating func word(for text: String) -> String {
        if text.isEmpty { return text }
        if let word = words[text] { return word }
        var word = draw()
        while !taken.insert(word).inserted { word = draw() }
        words[text] = word
        return word
    }

    private mutating func draw() -> String {
        let alphabet = Self.alphabet
        var bits = random.next()
        var letters: [UInt8] = []
        for _ in 0..<Self.length {
            letters.append(alphabet[Int(bits & 31)])
            bits >>= 5
        }
        return Self.prefix + String(decoding: letters, as: UTF8.self)
    }
}
