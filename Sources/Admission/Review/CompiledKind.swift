package import KubernetesModel

/// A workload kind's paths as a trie, so that one walk over an object finds all its templates with their labels and
/// GPU requests.
package struct CompiledKind: Sendable {
    enum Action: Sendable, Hashable {
        /// A template of that location begins here, if an object stands here.
        case template(Int)
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

    struct Node: Sendable {
        var actions: [Action] = []
        var names: [String] = []
        var namedChildren: [Int] = []
        var table = JSONKeyTable([String]())
        var anyMember: Int?
        var anyElement: Int?
        /// Every action of this node and below: what a duplicate of the member takes back.
        var subtree: [Action] = []

        var isLeaf: Bool { namedChildren.isEmpty && anyMember == nil && anyElement == nil }
    }

    package let kind: WorkloadKind
    private(set) var nodes: [Node] = [Node()]
    /// Ranks at which a location takes the object's own `metadata.labels`, which are read anyway.
    private(set) var ownLabelRanks: [Int: Int] = [:]

    package init(_ kind: WorkloadKind) {
        self.kind = kind
        for (index, location) in kind.templates.enumerated() {
            add(.template(index), at: location.path.segments)
            for (rank, source) in location.labelSources.enumerated() {
                let path = Self.absolute(source, in: location)
                if path == [.member("metadata"), .member("labels")] {
                    ownLabelRanks[index] = rank
                } else {
                    add(.labels(location: index, rank: rank), at: path)
                }
            }
            for (bit, member) in location.requiredMembers.enumerated() {
                add(.required(location: index, bit: bit), at: location.path.segments + [.member(member)])
            }
            for (bit, request) in location.accelerators.enumerated() {
                let path = Self.absolute(request.location, in: location)
                let reading: AcceleratorReading
                switch request {
                case .resources: reading = .resources
                case .claims: reading = .claims
                case .device: reading = .device
                }
                add(.accelerator(location: index, bit: bit, reading), at: path)
            }
        }
        for index in nodes.indices { nodes[index].table = JSONKeyTable(nodes[index].names) }
        _ = collectSubtree(0)
    }

    private static func absolute(_ path: AnchoredPath, in location: TemplateLocation) -> [TemplatePath.Segment] {
        switch path.anchor {
        case .object: path.path.segments
        case .template: location.path.segments + path.path.segments
        }
    }

    private mutating func add(_ action: Action, at path: [TemplatePath.Segment]) {
        var node = 0
        for segment in path { node = child(of: node, segment) }
        nodes[node].actions.append(action)
    }

    private mutating func child(of node: Int, _ segment: TemplatePath.Segment) -> Int {
        switch segment {
        case .member(let name):
            if let known = nodes[node].names.firstIndex(of: name) { return nodes[node].namedChildren[known] }
            nodes.append(Node())
            nodes[node].names.append(name)
            nodes[node].namedChildren.append(nodes.count - 1)
        case .anyMember:
            if let known = nodes[node].anyMember { return known }
            nodes.append(Node())
            nodes[node].anyMember = nodes.count - 1
        case .anyElement:
            if let known = nodes[node].anyElement { return known }
            nodes.append(Node())
            nodes[node].anyElement = nodes.count - 1
        }
        return nodes.count - 1
    }

    /// Depth is bounded by `TemplatePath.maximumDepth`.
    private mutating func collectSubtree(_ index: Int) -> [Action] {
        var actions = nodes[index].actions
        for child in nodes[index].namedChildren { actions += collectSubtree(child) }
        if let child = nodes[index].anyMember { actions += collectSubtree(child) }
        if let child = nodes[index].anyElement { actions += collectSubtree(child) }
        nodes[index].subtree = actions
        return actions
    }
}
