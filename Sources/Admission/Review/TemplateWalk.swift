import KubernetesModel
import LabelPolicy

/// The walk over one object along its kind's trie.
///
/// Duplicate members: the last counts, as for the API server. Whatever an earlier duplicate yielded (templates begun
/// below it, labels and GPU requests noted in an enclosing template) is taken back when the later one begins.
struct TemplateWalk {
    private struct Instance {
        let location: Int
        let wildcards: [WildcardStep]
        /// By rank; nil where the source is not there.
        var sources: [ObservedLabels?]
        var acceleratorBits: UInt64 = 0
        var hasRequired = false
        var isDead = false
    }

    private let kind: CompiledKind
    private let scanner: ObjectScanner
    private var instances: [Instance] = []
    /// For each location, the instance the walk is inside of.
    private var current: [Int?]
    /// Labels a location takes from the object rather than from its template, by location and rank.
    private var objectSources: [[ObservedLabels?]]
    private var wildcards: [WildcardStep] = []
    private var spans: [(position: Int, instances: Range<Int>)] = []
    private var overflowed = false

    init(kind: CompiledKind, scanner: ObjectScanner) {
        self.kind = kind
        self.scanner = scanner
        current = [Int?](repeating: nil, count: kind.kind.templates.count)
        objectSources = kind.kind.templates.map { [ObservedLabels?](repeating: nil, count: $0.labelSources.count) }
    }

    mutating func root(_ cursor: inout JSONCursor, _ object: inout ScannedObject) throws(JSONError) {
        try visit(0, &cursor, isRoot: &object)
    }

    /// Hands over the templates that are there.
    func finish(_ object: inout ScannedObject) {
        object.hasTooManyTemplates = overflowed
        object.templates.reserveCapacity(instances.count)
        for instance in instances where !instance.isDead {
            let location = kind.kind.templates[instance.location]
            if !location.requiredMembers.isEmpty, !instance.hasRequired { continue }
            object.templates.append(
                ScannedTemplate(
                    location: instance.location, wildcards: instance.wildcards,
                    labels: merged(instance, ownLabels: object.labels), requestsGPU: instance.acceleratorBits != 0))
        }
    }

    private func merged(_ instance: Instance, ownLabels: ObservedLabels) -> ObservedLabels {
        let ownRank = kind.ownLabelRanks[instance.location]
        if instance.sources.count == 1 {
            if ownRank == 0 { return ownLabels }
            if let only = instance.sources[0] { return only }
        }
        var result: ObservedLabels?
        for rank in instance.sources.indices {
            let source =
                rank == ownRank ? ownLabels : instance.sources[rank] ?? objectSources[instance.location][rank]
            guard let source else { continue }
            if let stronger = result { result = stronger.filled(from: source) } else { result = source }
        }
        return result ?? ownLabels.cleared()
    }

    // MARK: Walking

    private mutating func visit(
        _ index: Int, _ cursor: inout JSONCursor, isRoot object: inout ScannedObject
    ) throws(JSONError) {
        let node = kind.nodes[index]
        let entered = enter(node)
        try cursor.beginObject()
        var seen = SeenMembers(base: spans.count)
        while let member = try cursor.nextMember() {
            if member.matches("metadata") {
                let start = cursor
                try scanner.metadata(&cursor, &object)
                guard let child = node.table.position(of: member) else { continue }
                var again = start
                try visitMember(child, node, seen, &again)
            } else {
                try visitMember(member, node, &seen, &cursor)
            }
        }
        spans.removeSubrange(seen.base...)
        leave(node, entered)
    }

    private mutating func visit(_ index: Int, _ cursor: inout JSONCursor) throws(JSONError) {
        let node = kind.nodes[index]
        let found = try cursor.peek()
        let start = cursor
        var consumed = false
        for action in node.actions {
            switch action {
            case .template: continue
            case .required(let location):
                if found != .null, let instance = current[location] { instances[instance].hasRequired = true }
            case .labels(let location, let rank):
                cursor = start
                let labels = try scanner.labels(&cursor).0
                consumed = true
                assign(labels, location, rank)
            case .accelerator(let location, let bit, let reading):
                cursor = start
                let requested = try AcceleratorScan.read(reading, &cursor)
                consumed = true
                if requested, let instance = current[location] {
                    instances[instance].acceleratorBits |= 1 << UInt64(bit & 63)
                }
            }
        }
        if node.isLeaf {
            if found == .object { leave(node, enter(node)) }
            if !consumed { try cursor.skipValue() }
            return
        }
        cursor = start
        try descend(node, found, &cursor)
    }

    private mutating func descend(
        _ node: CompiledKind.Node, _ found: JSONKind, _ cursor: inout JSONCursor
    ) throws(JSONError) {
        switch found {
        case .object:
            let entered = enter(node)
            try cursor.beginObject()
            var seen = SeenMembers(base: spans.count)
            while let member = try cursor.nextMember() { try visitMember(member, node, &seen, &cursor) }
            spans.removeSubrange(seen.base...)
            leave(node, entered)
        case .array:
            guard let child = node.anyElement else {
                try cursor.skipValue()
                return
            }
            try cursor.beginArray()
            var position = 0
            while try cursor.nextElement() {
                wildcards.append(.element(position))
                try visit(child, &cursor)
                wildcards.removeLast()
                position += 1
            }
        case .string, .number, .bool, .null:
            try cursor.skipValue()
        }
    }

    private mutating func visitMember(
        _ member: JSONStringToken, _ node: CompiledKind.Node, _ seen: inout SeenMembers, _ cursor: inout JSONCursor
    ) throws(JSONError) {
        let named = node.table.position(of: member)
        guard let wildcard = node.anyMember else {
            if let named {
                try visitMember(named, node, seen, &cursor)
            } else {
                try cursor.skipValue()
            }
            return
        }
        if let named {
            var copy = cursor
            try visitMember(named, node, seen, &copy)
        }
        let name = member.decode(maximumBytes: ObjectScanner.maximumNameBytes).text
        if let earlier = seen.wildcard[name] { takeBack(earlier, kind.nodes[wildcard]) }
        let begin = instances.count
        wildcards.append(.member(name))
        try visit(wildcard, &cursor)
        wildcards.removeLast()
        seen.wildcard[name] = begin..<instances.count
    }

    private mutating func visitMember(
        _ position: Int, _ node: CompiledKind.Node, _ seen: SeenMembers, _ cursor: inout JSONCursor
    ) throws(JSONError) {
        let child = node.namedChildren[position]
        let earlier = span(of: position, seen)
        if let earlier { takeBack(spans[earlier].instances, kind.nodes[child]) }
        let begin = instances.count
        try visit(child, &cursor)
        if let earlier {
            spans[earlier].instances = begin..<instances.count
        } else {
            spans.append((position, begin..<instances.count))
        }
    }

    /// The members of one object that were met, with the instances begun below each. Named members stand in the walk's
    /// one stack of spans from `base` on, so that objects without wildcards cost no allocation.
    private struct SeenMembers {
        let base: Int
        var wildcard: [String: Range<Int>] = [:]
    }

    private func span(of position: Int, _ seen: SeenMembers) -> Int? {
        spans[seen.base...].lastIndex { $0.position == position }
    }

    // MARK: Noting

    /// Begins the templates that stand at `node`; returns what `leave` restores.
    private mutating func enter(_ node: CompiledKind.Node) -> [(location: Int, before: Int?)] {
        var entered: [(location: Int, before: Int?)] = []
        for action in node.actions {
            guard case .template(let location) = action else { continue }
            entered.append((location, current[location]))
            guard instances.count < ObjectScanner.maximumTemplates else {
                overflowed = true
                current[location] = nil
                continue
            }
            current[location] = instances.count
            let sources = kind.kind.templates[location].labelSources.count
            instances.append(
                Instance(
                    location: location, wildcards: wildcards,
                    sources: [ObservedLabels?](repeating: nil, count: sources)))
        }
        return entered
    }

    private mutating func leave(_ node: CompiledKind.Node, _ entered: [(location: Int, before: Int?)]) {
        for entry in entered.reversed() { current[entry.location] = entry.before }
    }

    private mutating func assign(_ labels: ObservedLabels?, _ location: Int, _ rank: Int) {
        if let instance = current[location] {
            instances[instance].sources[rank] = labels
        } else {
            objectSources[location][rank] = labels
        }
    }

    private mutating func takeBack(_ earlier: Range<Int>, _ node: CompiledKind.Node) {
        for index in earlier { instances[index].isDead = true }
        for action in node.subtree {
            switch action {
            case .template: continue
            case .labels(let location, let rank): assign(nil, location, rank)
            case .required(let location):
                if let instance = current[location] { instances[instance].hasRequired = false }
            case .accelerator(let location, let bit, _):
                if let instance = current[location] {
                    instances[instance].acceleratorBits &= ~(1 << UInt64(bit & 63))
                }
            }
        }
    }
}
