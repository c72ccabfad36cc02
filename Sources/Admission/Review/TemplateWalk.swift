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
        /// By rank; nil where the source is not there. Empty until there is one, as it stays for Pods.
        var sources: [ObservedLabels?] = []
        var accelerators = BitSet()
        var required = BitSet()
        var isDead = false
    }

    /// A few flags. A location has at most five required members and some twenty places that ask for accelerators (a
    /// test holds the catalogue to 64); a bit beyond the set shares one with another rather than trapping.
    private struct BitSet {
        private var bits: UInt64 = 0

        var isEmpty: Bool { bits == 0 }

        subscript(bit: Int) -> Bool {
            get { bits & (1 &<< UInt64(truncatingIfNeeded: bit)) != 0 }
            set {
                let mask: UInt64 = 1 &<< UInt64(truncatingIfNeeded: bit)
                bits = newValue ? bits | mask : bits & ~mask
            }
        }
    }

    /// Labels that a location takes from the object rather than from its template.
    private struct ObjectSource {
        let location: Int
        let rank: Int
        var labels: ObservedLabels?
    }

    /// A GPU request that was not known before: of an instance, or of all of a location's when it stands outside.
    private struct AcceleratorNote {
        let location: Int
        let instance: Int?
        let bit: Int
    }

    /// What a member yielded: the instances begun and the accelerators noted while it was visited.
    private struct Yield {
        let instances: Range<Int>
        let accelerators: Range<Int>

        static var nothing: Yield { Yield(instances: 0..<0, accelerators: 0..<0) }
        var isNothing: Bool { instances.isEmpty && accelerators.isEmpty }
    }

    private let kind: CompiledKind
    private let scanner: ObjectScanner
    private var instances: [Instance] = []
    /// For each location, the instance the walk is inside of: the first, which is all that Pods have, and the others.
    private var currentOfFirst: Int?
    private var currentOfOthers: [Int?]
    private var objectSources: [ObjectSource] = []
    /// Every accelerator that was noted, in the walk's order; what was taken back stays here, undone.
    private var acceleratorNotes: [AcceleratorNote] = []
    /// The accelerators a location's Pods ask for outside of its template, by location.
    private var objectAccelerators: [Int: BitSet] = [:]
    private var wildcards: [WildcardStep] = []
    private var spans: [(position: Int, yield: Yield)] = []
    private var overflowed = false

    init(kind: CompiledKind, scanner: ObjectScanner) {
        self.kind = kind
        self.scanner = scanner
        let others = kind.locations.count - 1
        currentOfOthers = others > 0 ? [Int?](repeating: nil, count: others) : []
    }

    private func current(_ location: Int) -> Int? {
        location == 0 ? currentOfFirst : currentOfOthers[location - 1]
    }

    private mutating func setCurrent(_ location: Int, _ instance: Int?) {
        if location == 0 { currentOfFirst = instance } else { currentOfOthers[location - 1] = instance }
    }

    mutating func root(_ cursor: inout JSONCursor, _ object: inout ScannedObject) throws(JSONError) {
        try visit(0, &cursor, isRoot: &object)
    }

    /// Hands over the templates that are there.
    func finish(_ object: inout ScannedObject) {
        object.hasTooManyTemplates = overflowed
        object.templates.reserveCapacity(instances.count)
        for instance in instances where !instance.isDead {
            if kind.locations[instance.location].hasRequiredMembers, instance.required.isEmpty { continue }
            let outside = objectAccelerators[instance.location]?.isEmpty == false
            object.templates.append(
                ScannedTemplate(
                    location: instance.location, wildcards: instance.wildcards,
                    labels: merged(instance, ownLabels: object.labels),
                    requestsGPU: outside || !instance.accelerators.isEmpty))
        }
    }

    private func merged(_ instance: Instance, ownLabels: ObservedLabels) -> ObservedLabels {
        let location = kind.locations[instance.location]
        var result: ObservedLabels?
        for rank in 0..<location.sourceCount {
            let source: ObservedLabels?
            if rank == location.ownLabelRank {
                source = ownLabels
            } else if let found = instance.sources.isEmpty ? nil : instance.sources[rank] {
                source = found
            } else {
                source = objectSource(instance.location, rank)
            }
            guard let source else { continue }
            if let stronger = result { result = stronger.filled(from: source) } else { result = source }
        }
        return result ?? scanner.noLabels
    }

    private func objectSource(_ location: Int, _ rank: Int) -> ObservedLabels? {
        objectSources.first { $0.location == location && $0.rank == rank }?.labels
    }

    // MARK: Walking

    private mutating func visit(
        _ index: Int, _ cursor: inout JSONCursor, isRoot object: inout ScannedObject
    ) throws(JSONError) {
        let node = kind.nodes[index]
        enter(node)
        try cursor.beginObject()
        var seen = SeenMembers(base: spans.count)
        while let member = try cursor.nextMember() {
            if member.matches("metadata") {
                let start = cursor
                try scanner.metadata(&cursor, &object)
                guard node.anyMember != nil || node.table.position(of: member) != nil else { continue }
                var again = start
                try visitMember(member, node, &seen, &again)
            } else {
                try visitMember(member, node, &seen, &cursor)
            }
        }
        if spans.count > seen.base { spans.removeSubrange(seen.base...) }
        leave(node)
    }

    private mutating func visit(_ index: Int, _ cursor: inout JSONCursor) throws(JSONError) {
        let node = kind.nodes[index]
        let found = try cursor.peek()
        let start = cursor
        var consumed = false
        for action in node.actions {
            switch action {
            case .required(let location, let bit):
                if found != .null, let instance = current(location) { instances[instance].required[bit] = true }
            case .labels(let location, let rank):
                cursor = start
                let labels = try scanner.labels(&cursor).0
                consumed = true
                assign(labels, location, rank)
            case .accelerator(let location, let bit, let reading):
                cursor = start
                let requested = try AcceleratorScan.read(reading, &cursor)
                consumed = true
                if requested { note(AcceleratorNote(location: location, instance: current(location), bit: bit)) }
            }
        }
        if node.isLeaf {
            if found == .object {
                enter(node)
                leave(node)
            }
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
            enter(node)
            try cursor.beginObject()
            var seen = SeenMembers(base: spans.count)
            if node.anyMember == nil {
                while let position = try cursor.nextMember(in: node.table) {
                    try visitNamed(position, node, &seen, &cursor)
                }
            } else {
                while let member = try cursor.nextMember() { try visitMember(member, node, &seen, &cursor) }
            }
            if spans.count > seen.base { spans.removeSubrange(seen.base...) }
            leave(node)
        case .array:
            guard let child = node.anyElement else {
                try cursor.skipValue()
                return
            }
            let isRemembered = kind.nodes[child].holdsTemplates
            try cursor.beginArray()
            var position = 0
            while try cursor.nextElement() {
                if isRemembered { wildcards.append(.element(position)) }
                try visit(child, &cursor)
                if isRemembered { wildcards.removeLast() }
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
                try visitNamed(named, node, &seen, &cursor)
            } else {
                try cursor.skipValue()
            }
            return
        }
        if let named {
            var copy = cursor
            try visitNamed(named, node, &seen, &copy)
        }
        try visitWildcard(member, wildcard, &seen, &cursor)
    }

    private mutating func visitNamed(
        _ position: Int, _ node: CompiledKind.Node, _ seen: inout SeenMembers, _ cursor: inout JSONCursor
    ) throws(JSONError) {
        let child = node.namedChildren[position]
        if seen.named[position] {
            // Perhaps another one, should there be more than are told apart: then nothing of this one is taken back.
            let earlier = spans[seen.base...].lastIndex { $0.position == position }
            takeBack(earlier.map { spans[$0].yield } ?? Yield.nothing, kind.nodes[child])
            if let earlier { spans[earlier].yield = Yield.nothing }
        }
        seen.named[position] = true
        let begin = (instances.count, acceleratorNotes.count)
        try visit(child, &cursor)
        let yield = yield(since: begin)
        if !yield.isNothing { spans.append((position, yield)) }
    }

    private mutating func visitWildcard(
        _ member: JSONStringToken, _ child: Int, _ seen: inout SeenMembers, _ cursor: inout JSONCursor
    ) throws(JSONError) {
        // Looked up whole, because two long names may begin alike.
        if !seen.wildcard.isEmpty, let earlier = seen.wildcard.removeValue(forKey: member.decode()) {
            takeBack(earlier, kind.nodes[child])
        }
        let begin = (instances.count, acceleratorNotes.count)
        let isRemembered = kind.nodes[child].holdsTemplates
        if isRemembered { wildcards.append(.member(member.decode(maximumBytes: ObjectScanner.maximumNameBytes).text)) }
        try visit(child, &cursor)
        if isRemembered { wildcards.removeLast() }
        let yield = yield(since: begin)
        // Only what there is something to take back of: so their number is bounded by that of the instances.
        if !yield.instances.isEmpty { seen.wildcard[member.decode()] = yield }
    }

    /// The members of one object that were met, with what each yielded. What named members yielded, if anything, stands
    /// in the walk's one stack of spans from `base` on, so that objects without wildcards cost no allocation.
    private struct SeenMembers {
        let base: Int
        var named = BitSet()
        var wildcard: [String: Yield] = [:]
    }

    private func yield(since begin: (instances: Int, accelerators: Int)) -> Yield {
        Yield(
            instances: begin.instances..<instances.count,
            accelerators: begin.accelerators..<acceleratorNotes.count)
    }

    // MARK: Noting

    /// Begins the templates that stand at `node`. A location has one node, so the walk is never inside of it twice.
    private mutating func enter(_ node: CompiledKind.Node) {
        for location in node.templates {
            if instances.count < ObjectScanner.maximumTemplates {
                setCurrent(location, instances.count)
                instances.append(Instance(location: location, wildcards: wildcards))
            } else {
                overflowed = true
            }
        }
    }

    private mutating func leave(_ node: CompiledKind.Node) {
        for location in node.templates { setCurrent(location, nil) }
    }

    private mutating func assign(_ labels: ObservedLabels?, _ location: Int, _ rank: Int) {
        if let instance = current(location) {
            if instances[instance].sources.isEmpty {
                guard labels != nil else { return }
                let count = kind.locations[location].sourceCount
                instances[instance].sources = [ObservedLabels?](repeating: nil, count: count)
            }
            instances[instance].sources[rank] = labels
        } else if let known = objectSources.firstIndex(where: { $0.location == location && $0.rank == rank }) {
            objectSources[known].labels = labels
        } else if labels != nil {
            objectSources.append(ObjectSource(location: location, rank: rank, labels: labels))
        }
    }

    private mutating func note(_ note: AcceleratorNote) {
        if let instance = note.instance {
            if instances[instance].accelerators[note.bit] { return }
            instances[instance].accelerators[note.bit] = true
        } else {
            if objectAccelerators[note.location, default: BitSet()][note.bit] { return }
            objectAccelerators[note.location, default: BitSet()][note.bit] = true
        }
        acceleratorNotes.append(note)
    }

    private mutating func takeBack(_ earlier: Yield, _ node: CompiledKind.Node) {
        for index in earlier.instances { instances[index].isDead = true }
        for note in acceleratorNotes[earlier.accelerators] {
            if let instance = note.instance {
                instances[instance].accelerators[note.bit] = false
            } else {
                objectAccelerators[note.location, default: BitSet()][note.bit] = false
            }
        }
        for action in node.subtree {
            switch action {
            case .accelerator: continue
            case .labels(let location, let rank): assign(nil, location, rank)
            case .required(let location, let bit):
                if let instance = current(location) { instances[instance].required[bit] = false }
            }
        }
    }
}
