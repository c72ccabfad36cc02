import Admission
import KubernetesModel
import LabelPolicy
import LocatedDocuments

/// The maps that the labels of one judged place are read from.
struct LabelMaps {
    /// Where people write them.
    let written: LabelPlace
    /// Every one of them, strongest first.
    let sources: [LabelPlace]
    /// Whether the object's own labels reach the place as its owner's.
    let inheritsOwn: Bool

    /// The own labels of a Pod, a Namespace, a claim or a Service.
    static let own = LabelMaps(written: .ownLabels, sources: [.ownLabels], inheritsOwn: false)

    private init(written: LabelPlace, sources: [LabelPlace], inheritsOwn: Bool) {
        self.written = written
        self.sources = sources
        self.inheritsOwn = inheritsOwn
    }

    init(written: LabelPlace, _ template: ScannedTemplate, of kind: WorkloadKind) {
        let location = kind.templates[template.location]
        self.written = written
        sources = location.labelSources.map { source in
            var wildcards = template.wildcards[...]
            switch source.anchor {
            case .object: return LabelPlace(steps: Self.steps(source.path, &wildcards))
            case .template:
                let begin = Self.steps(location.path, &wildcards)
                return LabelPlace(steps: begin + Self.steps(source.path, &wildcards))
            }
        }
        inheritsOwn = true
    }

    private static func steps(_ path: TemplatePath, _ wildcards: inout ArraySlice<WildcardStep>) -> [LabelPlace.Step] {
        path.segments.map { segment in
            if case .member(let name) = segment { return .member(name) }
            switch wildcards.popFirst() {
            case .member(let name): return .member(name)
            case .element(let index): return .element(index)
            // As many wildcards were met as the paths have.
            case nil: return .member("*")
            }
        }
    }
}

/// Where in a manifest a gap shows.
struct FindingPlace {
    let position: SourcePosition
    /// Characters to underline, at least one.
    let length: Int
    /// The map of labels to mend.
    let labels: LabelPlace
    /// The label's value; nil when it is not there.
    let value: LocatedNode?

    /// The value at fault; for a label that is not there, the key of the map it belongs in, or of the nearest thing that
    /// exists.
    static func find(_ gap: Gap, keys: [LabelKey], _ maps: LabelMaps, in root: LocatedNode) -> FindingPlace {
        if let key = gap.key {
            for source in maps.sources {
                if let entry = entry(key, source, root) { return FindingPlace(entry, source) }
            }
        } else if maps.inheritsOwn, let rejected = gap.rejectedDefaults.first, rejected.source == .owner {
            // The template lacks the label, and the object's own, which would stand in for it, is at fault.
            for key in keys {
                if let entry = entry(key, .ownLabels, root), entry.value.string == rejected.value {
                    return FindingPlace(entry, .ownLabels)
                }
            }
        }
        let found = root.lookup(pointer(maps.written))
        // A key is underlined; of a list's item, which may be a page long, only the beginning is shown.
        return FindingPlace(
            position: found.position, length: found.key.map(width) ?? 1, labels: maps.written, value: nil)
    }

    private init(position: SourcePosition, length: Int, labels: LabelPlace, value: LocatedNode?) {
        self.position = position
        self.length = length
        self.labels = labels
        self.value = value
    }

    private init(_ entry: LocatedEntry, _ labels: LabelPlace) {
        // Where there is nothing to see (`team:`), the key is.
        let shown = entry.value.start.offset == entry.value.end.offset ? entry.key : entry.value
        self.init(position: shown.start, length: Self.width(shown), labels: labels, value: entry.value)
    }

    private static func entry(_ key: LabelKey, _ labels: LabelPlace, _ root: LocatedNode) -> LocatedEntry? {
        root.node(at: pointer(labels))?.entry(key.text)
    }

    private static func pointer(_ labels: LabelPlace) -> JSONPointer {
        JSONPointer(
            tokens: labels.steps.map { step in
                switch step {
                case .member(let name): name
                case .element(let index): String(index)
                }
            })
    }

    private static func width(_ node: LocatedNode) -> Int {
        node.start.line == node.end.line ? max(1, node.end.column - node.start.column) : 1
    }
}
