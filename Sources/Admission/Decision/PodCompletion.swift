import KubernetesModel
import LabelPolicy

/// What the mutating half does to a Pod: adds what is missing, brings spellings to their canonical form.
struct PodCompletion {
    /// The operations, in the policy's order, what is added before what is replaced; empty when there is nothing to do.
    var operations: [PatchOperation] = []
    /// What was set and where it came from, for the audit log: `team=ml-platform (namespace)`, joined by `; `.
    var record = ""
}

/// Completes Pods. Made once for a policy, so that a Pod costs no look-up and no pointer put together anew.
struct PodCompleter: Sendable {
    /// One rule's label. A class, so that a Pod takes hold of it with one reference count rather than four.
    private final class Place: Sendable {
        let key: String
        /// Where it stands in the evaluator's table of keys.
        let index: Int?
        let pointer: String
        /// How a record begins: `team=`.
        let noted: String

        init(_ key: LabelKey, index: Int?) {
            self.key = key.text
            self.index = index
            pointer = "/metadata/labels/" + JSONPointerToken.escape(key.text)
            noted = "\(key.text)="
        }
    }

    /// Bytes a record takes as a rule: six labels, half of them set.
    private static let ordinaryRecord = 192

    /// By the rules' order in the policy.
    private let places: [Place]

    init(_ evaluator: Evaluator) {
        places = evaluator.policy.labels.map { rule in
            Place(rule.key, index: evaluator.keys.firstIndex(of: rule.key))
        }
    }

    /// - Parameter object: a Pod that is being created.
    ///
    /// A value that is there is changed only on a Pod without a controller: a ReplicaSet selects its Pods by their
    /// labels, and would make Pods without end if they came out with others.
    func complete(_ object: ScannedObject, _ verdict: Verdict) -> PodCompletion {
        var completion = PodCompletion()
        // The API server never sends a Pod without metadata, or labels that are no map; there would be nothing to add
        // labels to.
        guard object.hasMetadata, object.labelsPresence != .malformed else { return completion }
        var record: [UInt8] = []
        var members: [(key: String, value: String)] = []
        var replacements: [PatchOperation] = []
        for label in verdict.labels {
            guard let attribution = label.attribution, places.indices.contains(label.rule) else { continue }
            let place = places[label.rule]
            let present = place.index.flatMap { object.labels.value(at: $0) }
            if present == attribution.value { continue }
            if present != nil {
                if object.hasController { continue }
                replacements.append(.replace(pointer: place.pointer, value: attribution.value))
            } else if object.labelsPresence == .map {
                completion.operations.append(.add(pointer: place.pointer, value: attribution.value))
            } else {
                members.append((place.key, attribution.value))
            }
            Self.note(place, attribution, in: &record)
        }
        if !members.isEmpty {
            // `add` on a null member replaces it, so one operation serves both.
            completion.operations = [.addMap(pointer: "/metadata/labels", members: members)]
        } else if !replacements.isEmpty {
            completion.operations += replacements
        }
        completion.record = String(decoding: record, as: UTF8.self)
        return completion
    }

    /// What `complete` would add to a Pod as it is, in the record's words.
    func additions(to object: ScannedObject, _ verdict: Verdict) -> [String] {
        guard object.hasMetadata, object.labelsPresence != .malformed else { return [] }
        return verdict.labels.compactMap { label in
            guard let attribution = label.attribution, places.indices.contains(label.rule) else { return nil }
            let place = places[label.rule]
            guard place.index.flatMap({ object.labels.value(at: $0) }) == nil else { return nil }
            var record: [UInt8] = []
            Self.note(place, attribution, in: &record)
            return String(decoding: record, as: UTF8.self)
        }
    }

    /// In bytes, as a string would be looked over at every part that joins it.
    private static func note(_ place: Place, _ attribution: Attribution, in record: inout [UInt8]) {
        func append(_ text: String) {
            var text = text
            text.withUTF8 { record.append(contentsOf: $0) }
        }
        if record.isEmpty {
            record.reserveCapacity(ordinaryRecord)
        } else {
            record.append(UInt8(ascii: ";"))
            record.append(UInt8(ascii: " "))
        }
        append(place.noted)
        append(attribution.value)
        append(attribution.source.noted)
        if let spelled = attribution.spelled {
            append(", was ")
            append(spelled)
        }
        record.append(UInt8(ascii: ")"))
    }
}

extension Source {
    /// How a record begins to speak of it.
    fileprivate var noted: String {
        switch self {
        case .own: " (own"
        case .alias: " (alias"
        case .owner: " (owner"
        case .namespace: " (namespace"
        case .registry: " (registry"
        case .value: " (value"
        case .nodegroup: " (nodegroup"
        }
    }
}
