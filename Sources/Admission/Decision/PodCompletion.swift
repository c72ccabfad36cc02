import KubernetesModel
import LabelPolicy

/// What the mutating half does to a Pod: adds what is missing, brings spellings to their canonical form.
struct PodCompletion {
    /// The operations, in the policy's order; empty when there is nothing to do.
    let operations: [PatchOperation]
    /// What was set and where it came from, for the audit log: `team=ml-platform (namespace)`.
    let record: [String]

    /// - Parameter object: a Pod that is being created.
    ///
    /// A value that is there is changed only on a Pod without a controller: a ReplicaSet selects its Pods by their
    /// labels, and would make Pods without end if they came out with others.
    init(_ object: ScannedObject, verdict: Verdict, keys: [LabelKey]) {
        var additions: [(key: String, value: String)] = []
        var replacements: [PatchOperation] = []
        var record: [String] = []
        for label in verdict.labels {
            guard let attribution = label.attribution else { continue }
            let present = keys.firstIndex(of: label.key).flatMap { object.labels.value(at: $0) }
            if present == attribution.value { continue }
            if present != nil {
                if object.controller != nil { continue }
                let pointer = "/metadata/labels/" + JSONPointerToken.escape(label.key.text)
                replacements.append(.replace(pointer: pointer, value: attribution.value))
            } else {
                additions.append((label.key.text, attribution.value))
            }
            record.append(Self.note(label.key, attribution))
        }
        // The API server never sends a Pod without metadata, or labels that are no map; there would be nothing to add
        // labels to.
        guard object.hasMetadata, object.labelsPresence != .malformed else {
            (operations, self.record) = ([], [])
            return
        }
        self.record = record
        if additions.isEmpty {
            operations = replacements
        } else if object.labelsPresence == .map {
            operations =
                additions.map {
                    .add(pointer: "/metadata/labels/" + JSONPointerToken.escape($0.key), value: $0.value)
                } + replacements
        } else {
            // `add` on a null member replaces it, so one operation serves both.
            operations = [.addMap(pointer: "/metadata/labels", members: additions)]
        }
    }

    /// What a completion would add to the Pod, in the words of its record; nothing for a Pod that is complete.
    static func additions(to object: ScannedObject, _ verdict: Verdict, keys: [LabelKey]) -> [String] {
        guard object.hasMetadata, object.labelsPresence != .malformed else { return [] }
        return verdict.labels.compactMap { label in
            guard let attribution = label.attribution,
                keys.firstIndex(of: label.key).flatMap({ object.labels.value(at: $0) }) == nil
            else { return nil }
            return note(label.key, attribution)
        }
    }

    private static func note(_ key: LabelKey, _ attribution: Attribution) -> String {
        let spelled = attribution.spelled.map { ", was \($0)" } ?? ""
        return "\(key)=\(attribution.value) (\(attribution.source.rawValue)\(spelled))"
    }
}
