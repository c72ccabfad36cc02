import LocatedDocuments

/// A mapping of a policy document whose fields are known: reports those that are not, and those that lack.
struct ObjectReader {
    /// As a user would write it: `spec.labels[0].values`; empty for the document itself.
    let path: String
    let log: FileLog
    let node: LocatedNode
    /// Where a missing field is reported: the key the mapping stands under, or its first character.
    private let place: LocatedNode

    /// - Returns: nil, with an error reported, if the node is no mapping.
    init?(
        _ node: LocatedNode, key: LocatedNode? = nil, path: String, fields: [String], advice: [String: String] = [:],
        log: FileLog
    ) {
        guard let entries = node.mapping else {
            log.error(
                "\(path.isEmpty ? "a document" : path) must be a mapping, found \(node.foundDescription)",
                remedy: "its fields are \(listed(fields))", at: node)
            return nil
        }
        self.path = path
        self.log = log
        self.node = node
        self.place = key ?? LocatedNode(value: node.value, start: node.start, end: node.start)
        for entry in entries where !fields.contains(entry.name) {
            let context = path.isEmpty ? "" : " in \(path)"
            let remedy =
                advice[entry.name] ?? didYouMean(entry.name, fields).map { "did you mean \"\($0)\"?" }
                ?? "the fields here are \(listed(fields))"
            log.error("unknown field \"\(entry.name)\"\(context)", remedy: remedy, at: entry.key)
        }
    }

    func path(_ field: String) -> String { path.isEmpty ? field : "\(path).\(field)" }

    /// The value of a field; nil if it is absent. A field without a value is an error: it looks as if it did something.
    func optional(_ field: String) -> LocatedNode? {
        guard let entry = node.entry(field) else { return nil }
        if entry.value.isNull {
            log.error("\(path(field)) has no value", remedy: "give it one, or remove the line", at: entry.key)
            return nil
        }
        return entry.value
    }

    /// The value of a field that has to be there.
    func required(_ field: String, remedy: String) -> LocatedNode? {
        if let value = optional(field) { return value }
        if node.entry(field) == nil {
            let context = path.isEmpty ? "the document" : path
            log.error("\(context) has no field \"\(field)\"", remedy: remedy, at: place)
        }
        return nil
    }

    /// A nested mapping.
    func object(_ field: String, fields: [String]) -> ObjectReader? {
        guard let value = optional(field) else { return nil }
        return ObjectReader(value, key: node.entry(field)?.key, path: path(field), fields: fields, log: log)
    }
}

/// `a, b and c`, for messages.
func listed(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "none" }
    return words.dropLast().joined(separator: ", ") + " and " + last
}
