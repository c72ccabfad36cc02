import LocatedDocuments

/// One kubeconfig file: its entries by name, not yet read further. An entry that is not asked for may hold anything.
struct KubeconfigFile {
    enum Section: String, CaseIterable {
        case clusters, users, contexts

        /// What one of them is, and the key under which its content stands.
        var entryName: String {
            switch self {
            case .clusters: "cluster"
            case .users: "user"
            case .contexts: "context"
            }
        }
    }

    struct Entry {
        var name: String
        var content: KubeconfigFields
    }

    let source: SourceFile
    let currentContext: LocatedNode?
    let entries: [Section: [Entry]]

    /// - Parameter source: named by its path.
    init(_ source: SourceFile) throws(ConfigurationError) {
        self.source = source
        let stream = DocumentReader(limits: .kubeconfig, duplicateKeys: .error).read(source)
        if let error = stream.diagnostics.first { throw .document(error) }
        guard let root = stream.documents.first?.root else {
            (currentContext, entries) = (nil, [:])
            return
        }
        let top = try KubeconfigFields(source: source, node: root, path: "a kubeconfig")
        try Self.checkHead(top)
        let current = top.node["current-context"]
        if let current, try top.string("current-context") != nil {
            currentContext = current
        } else {
            currentContext = nil
        }
        var entries: [Section: [Entry]] = [:]
        for section in Section.allCases { entries[section] = try Self.entries(of: section, top) }
        self.entries = entries
    }

    private static func checkHead(_ top: KubeconfigFields) throws(ConfigurationError) {
        if let kind = try top.string("kind"), kind != "Config", let node = top.node["kind"] {
            throw top.problem(
                "this is a \(Terminal.printable(kind)), not a kubeconfig (kind: Config)",
                remedy: "give the file that kubectl uses", at: node)
        }
        if let version = try top.string("apiVersion"), version != "v1", let node = top.node["apiVersion"] {
            throw top.problem(
                "a kubeconfig's apiVersion is v1, not \(Terminal.printable(version))", remedy: "write v1", at: node)
        }
    }

    private static func entries(
        of section: Section, _ top: KubeconfigFields
    ) throws(ConfigurationError) -> [Entry] {
        guard let list = top.node[section.rawValue], !list.isNull else { return [] }
        guard let items = list.sequence else {
            throw top.problem(
                "\(section.rawValue) must be a list, found \(list.foundDescription)",
                remedy: "write it as - name: …", at: list)
        }
        var entries: [Entry] = []
        var seen: Set<String> = []
        for (index, item) in items.enumerated() {
            let path = "\(section.rawValue)[\(index)]"
            let fields = try KubeconfigFields(source: top.source, node: item, path: path)
            guard let name = try fields.string("name") else {
                throw top.problem("\(path) has no name", remedy: "add name: …", at: item)
            }
            guard seen.insert(name).inserted else {
                throw top.problem(
                    "\(section.rawValue) holds \"\(name)\" twice", remedy: "rename or remove one of the two",
                    at: item["name"] ?? item)
            }
            let content = item[section.entryName]
            entries.append(
                Entry(
                    name: name,
                    content: try KubeconfigFields(
                        source: top.source,
                        node: content.flatMap { $0.isNull ? nil : $0 }
                            ?? LocatedNode(value: .mapping([]), start: item.start, end: item.start),
                        path: "\(section.entryName) \"\(name)\"")))
        }
        return entries
    }
}

extension DocumentLimits {
    /// A kubeconfig's: some 40 values to an entry.
    static let kubeconfig = DocumentLimits(
        fileBytes: FileLimits.kubeconfig, documents: 1, nodes: 200_000, depth: 64, diagnostics: 20)
}

/// A mapping of a kubeconfig. Fields nobody asks for are left alone, as kubectl does; those that are asked for have to
/// be of their type.
struct KubeconfigFields {
    let source: SourceFile
    let node: LocatedNode
    /// As messages name it.
    let path: String

    init(source: SourceFile, node: LocatedNode, path: String) throws(ConfigurationError) {
        self.source = source
        self.node = node
        self.path = path
        guard node.mapping != nil else {
            throw .document(
                source.diagnostic(.error, "\(path) must be a mapping, found \(node.foundDescription)", at: node))
        }
    }

    /// What relative paths are relative to.
    var folder: String { LocalFile.folder(of: source.name) }

    func problem(_ message: String, remedy: String?, at node: LocatedNode) -> ConfigurationError {
        .document(source.diagnostic(.error, Terminal.printable(message), remedy: remedy, at: node))
    }

    /// nil if it is absent, null or empty: kubectl writes empty fields for absent ones.
    func string(_ field: String) throws(ConfigurationError) -> String? {
        guard let value = value(field) else { return nil }
        guard let text = value.string else {
            throw problem(
                "\(path): \(field) must be a string, found \(value.foundDescription)",
                remedy: value.scalar.map { _ in "write it in quotes" }, at: value)
        }
        return text.isEmpty ? nil : text
    }

    func bool(_ field: String) throws(ConfigurationError) -> Bool {
        guard let value = value(field) else { return false }
        guard let bool = value.bool else {
            throw problem(
                "\(path): \(field) must be true or false, found \(value.foundDescription)", remedy: nil, at: value)
        }
        return bool
    }

    func strings(_ field: String) throws(ConfigurationError) -> [String] {
        guard let value = value(field) else { return [] }
        let items = value.sequence?.map(\.string) ?? [nil]
        let texts = items.compactMap { $0 }
        guard texts.count == items.count else {
            throw problem("\(path): \(field) must be a list of strings", remedy: nil, at: value)
        }
        return texts
    }

    func object(_ field: String) throws(ConfigurationError) -> KubeconfigFields? {
        guard let value = value(field) else { return nil }
        return try KubeconfigFields(source: source, node: value, path: "\(path): \(field)")
    }

    func objects(_ field: String) throws(ConfigurationError) -> [KubeconfigFields] {
        guard let value = value(field) else { return [] }
        guard let items = value.sequence else {
            throw problem("\(path): \(field) must be a list, found \(value.foundDescription)", remedy: nil, at: value)
        }
        var all: [KubeconfigFields] = []
        for (index, item) in items.enumerated() {
            all.append(try KubeconfigFields(source: source, node: item, path: "\(path): \(field)[\(index)]"))
        }
        return all
    }

    /// `FIELD-data` in base64, or else the file that `FIELD` names.
    func bytes(_ field: String, limit: Int) throws(ConfigurationError) -> ConfiguredBytes? {
        if let text = try string(field + "-data"), let value = value(field + "-data") {
            guard let bytes = Base64.decode(text) else {
                throw problem(
                    "\(path): \(field)-data is not base64", remedy: "encode the file with base64 -w0", at: value)
            }
            guard bytes.count <= limit else {
                throw problem(
                    "\(path): \(field)-data has more than \(limit) bytes", remedy: "is it the right file?", at: value)
            }
            return .bytes(bytes)
        }
        return try file(field).map { .file(path: $0) }
    }

    /// A file's path, relative ones resolved.
    func file(_ field: String) throws(ConfigurationError) -> String? {
        try string(field).map { LocalFile.resolve($0, in: folder) }
    }

    private func value(_ field: String) -> LocatedNode? {
        guard let value = node[field], !value.isNull else { return nil }
        return value
    }
}
