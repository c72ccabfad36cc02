import KubernetesModel
import LabelPolicy

/// What the mutating half does to a Pod: adds what is missing, brings spellings to their canonical form.
struct PodCompletion {
    /// The operations, in the policy's order; empty when there is nothing to do.
    let operations: [PatchOperation]
    /// What was set and where it came from, for the audit log: `team=ml-platform (namespace)`.
    let record: [String]
    /// Those of them whose label is not there.
    let additions: [String]

    /// - Parameter object: a Pod that is being created.
    ///
    /// A value that is there is changed only on a Pod without a controller: a ReplicaSet selects its Pods by their
    /// labels, and would make Pods without end if they came out with others.
    init(_ object: ScannedObject, verdict: Verdict, keys: [LabelKey]) {
        var additions: [(key: String, value: String)] = []
        var added: [String] = []
        var replacements: [PatchOperation] = []
        var record: [String] = []
        for label in verdict.labels {
            guard let attribution = label.attribution else { continue }
            let present = keys.firstIndex(of: label.key).flatMap { object.labels.value(at: $0) }
            if present == attribution.value { continue }
            let spelled = attribution.spelled.map { ", was \($0)" } ?? ""
            let note = "\(label.key)=\(attribution.value) (\(attribution.source.rawValue)\(spelled))"
            if present != nil {
                if object.controller != nil { continue }
                let pointer = "/metadata/labels/" + JSONPointerToken.escape(label.key.text)
                replacements.append(.replace(pointer: pointer, value: attribution.value))
            } else {
                additions.append((label.key.text, attribution.value))
                added.append(note)
            }
            record.append(note)
        }
        // The API server never sends a Pod without metadata, or labels that are no map; there would be nothing to add
        // labels to.
        guard object.hasMetadata, object.labelsPresence != .malformed else {
            (operations, self.record, self.additions) = ([], [], [])
            return
        }
        (self.record, self.additions) = (record, added)
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
}
