/// Values by text, for tables of a policy: a handful of entries is compared one by one, which is faster than to hash a
/// text (and most labels' values fit into a String without storage, where a comparison is one of two words).
struct TextTable<Value: Sendable>: Sendable {
    /// Beyond this many entries hashing is cheaper.
    private static var maximumListed: Int { 8 }

    private let list: [(text: String, value: Value)]
    private let dictionary: [String: Value]

    /// Of entries with the same text the first counts.
    init(_ entries: some Sequence<(String, Value)>) {
        let dictionary = Dictionary(entries.map { ($0.0, $0.1) }) { first, _ in first }
        let isSmall = dictionary.count <= Self.maximumListed
        list = isSmall ? dictionary.map { (text: $0.key, value: $0.value) } : []
        self.dictionary = isSmall ? [:] : dictionary
    }

    subscript(text: String) -> Value? {
        for entry in list where entry.text == text { return entry.value }
        return dictionary.isEmpty ? nil : dictionary[text]
    }
}

extension TextTable where Value == Bool {
    init(_ texts: some Sequence<String>) { self.init(texts.map { ($0, true) }) }

    func contains(_ text: String) -> Bool { self[text] != nil }
}
