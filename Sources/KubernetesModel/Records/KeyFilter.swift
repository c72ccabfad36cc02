/// Which labels or annotations of an object are kept. A cluster's objects carry many that nobody asks for, and one such
/// as `controller-uid` makes every set of labels a different one.
package struct KeyFilter: Sendable {
    private enum Rule: Sendable {
        case everything
        case chosen(names: StringPool, prefixes: [[UInt8]])
        case excluded(names: StringPool)
    }

    private let rule: Rule

    private init(_ rule: Rule) { self.rule = rule }

    package static let everything = KeyFilter(.everything)
    package static let nothing = KeyFilter.keys([])

    /// Keeps these keys, and those that begin with a prefix (`karpenter.sh/`).
    package static func keys(_ names: some Sequence<String>, prefixes: [String] = []) -> KeyFilter {
        var pool = StringPool()
        for name in names { _ = pool.intern(name) }
        return KeyFilter(.chosen(names: pool, prefixes: prefixes.map { Array($0.utf8) }))
    }

    /// Keeps all keys but these.
    package static func allExcept(_ names: some Sequence<String>) -> KeyFilter {
        var pool = StringPool()
        for name in names { _ = pool.intern(name) }
        return KeyFilter(.excluded(names: pool))
    }

    package func keeps(_ key: String) -> Bool {
        var key = key
        return key.withUTF8 {
            let bytes = UnsafeRawBufferPointer($0)
            return keeps(utf8: bytes, hash: RunHash.of(bytes))
        }
    }

    /// - Parameter hash: of these bytes; the caller needs it again if the key is kept.
    func keeps(utf8 key: UnsafeRawBufferPointer, hash: UInt32) -> Bool {
        switch rule {
        case .everything: return true
        case .chosen(let names, let prefixes):
            // The empty key is no key.
            if let id = names.id(utf8: key, hash: hash) { return !id.isEmpty }
            return prefixes.contains { key.starts(with: $0) }
        case .excluded(let names): return names.id(utf8: key, hash: hash) == nil
        }
    }

    /// Whether nothing is kept whatever the key, so that a reader need not look.
    var keepsNothing: Bool {
        switch rule {
        case .everything, .excluded: false
        case .chosen(let names, let prefixes): names.count <= 1 && prefixes.isEmpty
        }
    }
}

/// What is kept of each kind's labels and annotations.
package struct RecordFilters: Sendable {
    package struct Metadata: Sendable {
        package var labels: KeyFilter
        package var annotations: KeyFilter

        package init(labels: KeyFilter, annotations: KeyFilter = .nothing) {
            self.labels = labels
            self.annotations = annotations
        }
    }

    package var pods: Metadata
    /// Owners of Pods, and their templates' labels.
    package var owners: Metadata
    package var nodes: Metadata
    /// Selectors read all labels of a namespace.
    package var namespaces = Metadata(labels: .everything)
    /// Claims, volumes and services.
    package var resources: Metadata

    package init(pods: Metadata, owners: Metadata, nodes: Metadata, resources: Metadata) {
        self.pods = pods
        self.owners = owners
        self.nodes = nodes
        self.resources = resources
    }

    /// All labels, and these annotations: for tests and small clusters.
    package static func everything(annotations: KeyFilter = .everything) -> RecordFilters {
        let all = Metadata(labels: .everything, annotations: annotations)
        var filters = RecordFilters(pods: all, owners: all, nodes: all, resources: all)
        filters.namespaces = all
        return filters
    }
}
