/// Builds trees from the events of one YAML stream. Iterative: the input cannot use up the stack.
struct YAMLTreeBuilder {
    private struct Frame {
        enum Kind {
            case sequence
            case mapping
        }

        var kind: Kind
        // Two plain fields, not payloads of `kind`: they are changed in place, without copies.
        var items: [LocatedNode] = []
        var entries = EntryCollector()
        var start: SourcePosition
        var isFlow: Bool
        var anchor: String?
        /// Nodes counted before this one, so that the difference at its end is the size of its subtree.
        var nodesBefore: Int
        /// A mapping's key that waits for its value.
        var pendingKey: PendingKey?
        /// Where the last child ends. A block's end event stands where the next token starts, often lines below.
        var lastEnd: SourcePosition?
    }

    private enum PendingKey {
        case key(name: String, node: LocatedNode)
        case merge
    }

    private struct Anchored {
        var node: LocatedNode
        var size: Int
    }

    private var cursor: PositionCursor
    private var frames: [Frame] = []
    private var anchors: [String: Anchored] = [:]

    private(set) var roots: [LocatedNode] = []
    private(set) var duplicates: [DuplicateKey] = []

    init(file: SourceFile, baseOffset: Int) {
        cursor = PositionCursor(file: file, baseOffset: baseOffset)
    }

    /// Takes one event.
    mutating func take(_ event: YAMLEvent, budget: inout DocumentBudget) throws(DocumentProblem) {
        let start = cursor.position(ofScalar: event.startScalar)
        let end = cursor.position(ofScalar: event.endScalar)
        switch event.kind {
        case .streamStart, .streamEnd, .documentEnd:
            break
        case .documentStart:
            frames = []
            anchors = [:]
        case .alias(let name):
            try takeAlias(name, start: start, end: end, budget: &budget)
        case .scalar(let text, let tag, let anchor, let style):
            try budget.countNodes(1, at: start.offset)
            let isMerge = isKeyPosition && style == .plain && text == "<<" && (tag == nil || tag == Self.mergeTag)
            let resolved: ResolvedScalar
            if isMerge || tag == Self.mergeTag {
                resolved = .string(text)
            } else {
                do {
                    resolved = try ResolvedScalar(yamlText: text, tag: tag, isPlain: style == .plain)
                } catch {
                    throw Self.problem(error, at: start, length: Self.length(start, end))
                }
            }
            let scalar = LocatedScalar(text: text, style: style, resolved: resolved)
            let node = LocatedNode(value: .scalar(scalar), start: start, end: end)
            if isMerge {
                frames[frames.count - 1].pendingKey = .merge
            } else {
                try complete(node, anchor: anchor, size: 1)
            }
        case .sequenceStart(let anchor, let isFlow):
            try open(.sequence, anchor: anchor, isFlow: isFlow, start: start, budget: &budget)
        case .mappingStart(let anchor, let isFlow):
            try open(.mapping, anchor: anchor, isFlow: isFlow, start: start, budget: &budget)
        case .sequenceEnd, .mappingEnd:
            try close(end: end, budget: budget)
        }
    }

    // MARK: Collections

    private mutating func open(
        _ kind: Frame.Kind, anchor: String?, isFlow: Bool, start: SourcePosition, budget: inout DocumentBudget
    ) throws(DocumentProblem) {
        try budget.checkDepth(frames.count + 1, at: start.offset)
        let nodesBefore = budget.nodes
        try budget.countNodes(1, at: start.offset)
        frames.append(
            Frame(kind: kind, start: start, isFlow: isFlow, anchor: anchor, nodesBefore: nodesBefore))
    }

    private mutating func close(end: SourcePosition, budget: DocumentBudget) throws(DocumentProblem) {
        guard let frame = frames.popLast() else { return }
        let value: LocatedNode.Value
        switch frame.kind {
        case .sequence: value = .sequence(frame.items)
        case .mapping:
            value = .mapping(frame.entries.entries)
            duplicates.append(contentsOf: frame.entries.duplicates)
        }
        let node = LocatedNode(value: value, start: frame.start, end: frame.isFlow ? end : frame.lastEnd ?? end)
        try complete(node, anchor: frame.anchor, size: budget.nodes - frame.nodesBefore)
    }

    /// Puts a node that is read to its end where it belongs.
    private mutating func complete(_ node: LocatedNode, anchor: String?, size: Int) throws(DocumentProblem) {
        if let anchor { anchors[anchor] = Anchored(node: node, size: size) }
        guard !frames.isEmpty else {
            roots.append(node)
            return
        }
        let top = frames.count - 1
        frames[top].lastEnd = node.end
        switch (frames[top].kind, frames[top].pendingKey) {
        case (.sequence, _):
            frames[top].items.append(node)
        case (.mapping, nil):
            frames[top].pendingKey = .key(name: try Self.keyName(of: node), node: node)
        case (.mapping, .key(let name, let key)):
            frames[top].entries.add(LocatedEntry(name: name, key: key, value: node))
            frames[top].pendingKey = nil
        case (.mapping, .merge):
            frames[top].entries.merge(try Self.mergedEntries(of: node))
            frames[top].pendingKey = nil
        }
    }

    private var isKeyPosition: Bool {
        guard let frame = frames.last, frame.kind == .mapping else { return false }
        return frame.pendingKey == nil
    }

    private static func keyName(of node: LocatedNode) throws(DocumentProblem) -> String {
        if let name = node.scalar?.keyName { return name }
        let found = node.foundDescription
        throw DocumentProblem(
            message: "a key must be a string, found \(found)",
            remedy: node.scalar == nil
                ? "if this is a template's `{{ … }}`, render the template first; if it is a value, quote it"
                : "write the key in quotes",
            offset: node.start.offset, length: node.scalar == nil ? nil : length(node.start, node.end))
    }

    // MARK: Aliases and merge keys

    private mutating func takeAlias(
        _ name: String, start: SourcePosition, end: SourcePosition, budget: inout DocumentBudget
    ) throws(DocumentProblem) {
        guard let anchored = anchors[name] else {
            let containsItself = frames.contains { $0.anchor == name }
            throw DocumentProblem(
                message: containsItself
                    ? "the alias *\(name) stands inside what it refers to" : "the alias *\(name) refers to no anchor",
                remedy: containsItself
                    ? "write the value out"
                    : "define it before with &\(name), in the same document, or quote the value if a `*` was meant",
                offset: start.offset, length: Self.length(start, end))
        }
        try budget.countNodes(anchored.size, at: start.offset)
        // What the alias stands for adds its own depth to the depth it stands at.
        try budget.checkDepth(frames.count + anchored.node.depth, at: start.offset)
        try complete(
            LocatedNode(value: anchored.node.value, start: start, end: end), anchor: nil, size: anchored.size)
    }

    private static let mergeTag = "tag:yaml.org,2002:merge"

    private static func mergedEntries(of node: LocatedNode) throws(DocumentProblem) -> [LocatedEntry] {
        switch node.value {
        case .mapping(let entries):
            return entries
        case .sequence(let items):
            // Of several, the first has the say, so it is merged last.
            var entries: [LocatedEntry] = []
            for item in items.reversed() {
                guard let mapping = item.mapping else { throw mergeProblem(item) }
                entries.append(contentsOf: mapping)
            }
            return entries
        case .scalar:
            throw mergeProblem(node)
        }
    }

    private static func mergeProblem(_ node: LocatedNode) -> DocumentProblem {
        DocumentProblem(
            message: "the merge key << takes a mapping or a list of mappings, found \(node.foundDescription)",
            remedy: "write `<<: *anchor`, or quote the key as \"<<\" if it is meant as a name",
            offset: node.start.offset, length: length(node.start, node.end))
    }

    // MARK: Places

    private static func length(_ start: SourcePosition, _ end: SourcePosition) -> Int? {
        end.line == start.line ? max(1, end.column - start.column) : nil
    }

    private static func problem(_ error: ScalarTagError, at start: SourcePosition, length: Int?) -> DocumentProblem {
        switch error {
        case .mismatch(let tag, let text):
            DocumentProblem(
                message: "`\(text)` is not a \(tag)", remedy: "remove the tag, or correct the value",
                offset: start.offset, length: length)
        case .binary:
            DocumentProblem(
                message: "!!binary values have no place in Kubernetes objects",
                remedy: "write the base64 text as a plain string, without the tag", offset: start.offset,
                length: length)
        }
    }
}

extension LocatedNode {
    /// Levels of mappings and lists in this value: 0 for a scalar. Bounded recursion: trees are at most
    /// `DocumentLimits.depth` deep when they are made.
    var depth: Int {
        switch value {
        case .scalar: 0
        case .sequence(let items): 1 + (items.lazy.map(\.depth).max() ?? 0)
        case .mapping(let entries): 1 + (entries.lazy.map { max($0.key.depth, $0.value.depth) }.max() ?? 0)
        }
    }
}
