package import KubernetesModel

/// A workload kind's paths as a trie, so that one walk over an object finds all its templates with their labels and
/// GPU requests.
///
/// Immutable; classes, because the walk hands kinds and nodes on and a copy must cost no more than one reference.
package final class CompiledKind: Sendable {
    enum Action: Sendable, Hashable {
        /// A map of labels of that location, with its rank among the location's sources (0 is strongest).
        case labels(location: Int, rank: Int)
        /// One of the members without which a template of that location makes no Pods: its bit among them.
        case required(location: Int, bit: Int)
        /// A place of that location that can ask for accelerators: its bit among them, and how to read it.
        case accelerator(location: Int, bit: Int, AcceleratorReading)
    }

    enum AcceleratorReading: Sendable, Hashable {
        case resources, claims, device
    }

    final class Node: Sendable {
        /// The locations whose template begins here, if an object stands here.
        let templates: [Int]
        /// What is read here.
        let actions: [Action]
        let table: JSONKeyTable
        /// By the position in `table`.
        let namedChildren: [Int]
        let anyMember: Int?
        let anyElement: Int?
        /// Every action of this node and below: what a duplicate of the member takes back.
        let subtree: [Action]
        let isLeaf: Bool
        /// Whether a template begins here or below: then the way here is part of its place.
        let holdsTemplates: Bool

        fileprivate init(_ draft: Draft, subtree: [Action], holdsTemplates: Bool) {
            self.holdsTemplates = holdsTemplates
            templates = draft.templates
            actions = draft.actions
            table = JSONKeyTable(draft.names)
            namedChildren = draft.namedChildren
            anyMember = draft.anyMember
            anyElement = draft.anyElement
            self.subtree = subtree
            isLeaf = draft.isLeaf
        }
    }

    /// What the walk asks of a location for every template it finds.
    struct Location: Sendable {
        let sourceCount: Int
        /// The rank at which it takes the object's own `metadata.labels`, which are read anyway.
        let ownLabelRank: Int?
        let hasRequiredMembers: Bool
    }

    package let kind: WorkloadKind
    /// Whether objects of the kind are Pods: the one workload that is its own template.
    let isPod: Bool
    /// By index; the root is the first.
    let nodes: [Node]
    let locations: [Location]

    package init(_ kind: WorkloadKind) {
        var trie = Trie()
        var locations: [Location] = []
        for (index, location) in kind.templates.enumerated() {
            trie.begin(index, at: location.path.segments)
            let sources = location.labelSources
            var ownLabelRank: Int?
            for (rank, source) in sources.enumerated() {
                let path = Self.absolute(source, in: location)
                if path == [.member("metadata"), .member("labels")] {
                    ownLabelRank = rank
                } else {
                    trie.add(.labels(location: index, rank: rank), at: path)
                }
            }
            for (bit, member) in location.requiredMembers.enumerated() {
                trie.add(.required(location: index, bit: bit), at: location.path.segments + [.member(member)])
            }
            for (bit, request) in location.accelerators.enumerated() {
                let reading: AcceleratorReading
                switch request {
                case .resources: reading = .resources
                case .claims: reading = .claims
                case .device: reading = .device
                }
                trie.add(
                    .accelerator(location: index, bit: bit, reading), at: Self.absolute(request.location, in: location))
            }
            locations.append(
                Location(
                    sourceCount: sources.count, ownLabelRank: ownLabelRank,
                    hasRequiredMembers: !location.requiredMembers.isEmpty))
        }
        self.kind = kind
        isPod = kind.isPod
        self.locations = locations
        nodes = trie.drafts.indices.map {
            Node(trie.drafts[$0], subtree: trie.subtree($0), holdsTemplates: trie.holdsTemplates($0))
        }
    }

    private static func absolute(_ path: AnchoredPath, in location: TemplateLocation) -> [TemplatePath.Segment] {
        switch path.anchor {
        case .object: path.path.segments
        case .template: location.path.segments + path.path.segments
        }
    }

    fileprivate struct Draft {
        var templates: [Int] = []
        var actions: [Action] = []
        var names: [String] = []
        var namedChildren: [Int] = []
        var anyMember: Int?
        var anyElement: Int?

        var isLeaf: Bool { namedChildren.isEmpty && anyMember == nil && anyElement == nil }
    }

    private struct Trie {
        var drafts: [Draft] = [Draft()]

        mutating func begin(_ location: Int, at path: [TemplatePath.Segment]) {
            drafts[node(at: path)].templates.append(location)
        }

        mutating func add(_ action: Action, at path: [TemplatePath.Segment]) {
            drafts[node(at: path)].actions.append(action)
        }

        private mutating func node(at path: [TemplatePath.Segment]) -> Int {
            var node = 0
            for segment in path { node = child(of: node, segment) }
            return node
        }

        private mutating func child(of node: Int, _ segment: TemplatePath.Segment) -> Int {
            switch segment {
            case .member(let name):
                if let known = drafts[node].names.firstIndex(of: name) { return drafts[node].namedChildren[known] }
                drafts[node].names.append(name)
                drafts[node].namedChildren.append(drafts.count)
            case .anyMember:
                if let known = drafts[node].anyMember { return known }
                drafts[node].anyMember = drafts.count
            case .anyElement:
                if let known = drafts[node].anyElement { return known }
                drafts[node].anyElement = drafts.count
            }
            drafts.append(Draft())
            return drafts.count - 1
        }

        func holdsTemplates(_ index: Int) -> Bool {
            let draft = drafts[index]
            return !draft.templates.isEmpty || draft.namedChildren.contains(where: holdsTemplates)
                || draft.anyMember.map(holdsTemplates) == true || draft.anyElement.map(holdsTemplates) == true
        }

        /// Depth is bounded by `TemplatePath.maximumDepth`.
        func subtree(_ index: Int) -> [Action] {
            var actions = drafts[index].actions
            for child in drafts[index].namedChildren { actions += subtree(child) }
            if let child = drafts[index].anyMember { actions += subtree(child) }
            if let child = drafts[index].anyElement { actions += subtree(child) }
            return actions
        }
    }
}
