/// Why a document could not be read, at a byte of its file.
struct DocumentProblem: Error {
    var message: String
    var remedy: String?
    var offset: Int
    /// Characters to underline.
    var length: Int?
}

/// A key that stands twice in one mapping.
struct DuplicateKey {
    var name: String
    var position: SourcePosition
    var length: Int
    var first: SourcePosition
}

/// What is shared by all documents of a file: what has been used up of the limits.
struct DocumentBudget {
    let limits: DocumentLimits
    var nodes = 0

    init(limits: DocumentLimits) {
        self.limits = limits
    }

    mutating func countNodes(_ count: Int, at offset: Int) throws(DocumentProblem) {
        let (sum, overflow) = nodes.addingReportingOverflow(count)
        nodes = overflow ? Int.max : sum
        guard nodes <= limits.nodes else {
            throw DocumentProblem(
                message: "the file stands for more than \(limits.nodes) values once its aliases are expanded",
                remedy: "split the file, or write fewer aliases of aliases", offset: offset)
        }
    }

    func checkDepth(_ depth: Int, at offset: Int) throws(DocumentProblem) {
        guard depth <= limits.depth else {
            throw DocumentProblem(
                message: "mappings and lists are nested more than \(limits.depth) deep",
                remedy: "no Kubernetes object is; check for unbalanced brackets or indentation", offset: offset)
        }
    }
}

/// The entries of one mapping while it is read: keeps keys unique, the last value counting.
struct EntryCollector {
    private(set) var entries: [LocatedEntry] = []
    private(set) var duplicates: [DuplicateKey] = []
    /// Keys that came through a merge key, which a key of the mapping itself may override.
    private var mergedNames: Set<String> = []
    private var indices: [String: Int] = [:]

    /// Up to this many keys a linear search is faster than hashing.
    private static let linearCount = 8

    mutating func add(_ entry: LocatedEntry) {
        if let index = index(of: entry.name) {
            if mergedNames.remove(entry.name) == nil {
                let key = entry.key
                duplicates.append(
                    DuplicateKey(
                        name: entry.name, position: key.start,
                        length: key.end.line == key.start.line ? max(1, key.end.column - key.start.column) : 1,
                        first: entries[index].key.start))
            }
            entries[index] = entry
        } else {
            append(entry)
        }
    }

    /// Adds what a merge key brings. As in go-yaml v2, which kubectl reads with, the order of the text decides: a merge
    /// key overrides what stands above it and is overridden by what stands below it.
    mutating func merge(_ merged: [LocatedEntry]) {
        for entry in merged {
            mergedNames.insert(entry.name)
            if let index = index(of: entry.name) { entries[index] = entry } else { append(entry) }
        }
    }

    private mutating func append(_ entry: LocatedEntry) {
        entries.append(entry)
        if entries.count == Self.linearCount + 1 {
            for (index, entry) in entries.enumerated() { indices[entry.name] = index }
        } else if entries.count > Self.linearCount {
            indices[entry.name] = entries.count - 1
        }
    }

    private func index(of name: String) -> Int? {
        entries.count <= Self.linearCount ? entries.firstIndex { $0.name == name } : indices[name]
    }
}
