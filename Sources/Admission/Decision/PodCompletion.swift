package import LabelPolicy

/// What the mutating half does to a Pod: adds what is missing, brings spellings to their canonical form.
package struct PodCompletion: Sendable {
    /// One rule's label. A class, so that a Pod takes hold of it with one reference count.
    package final class Label: Sendable {
        package let key: String
        /// How a record begins to speak of it: `team=`.
        fileprivate let noted: String
        /// Where it stands in the evaluator's table of keys.
        let index: Int?
        /// The operations of a JSON Patch that set it, up to the value.
        let addition: [UInt8]
        let replacement: [UInt8]

        init(_ key: LabelKey, index: Int?) {
            self.key = key.text
            noted = "\(key.text)="
            self.index = index
            addition = Self.operation("add", key)
            replacement = Self.operation("replace", key)
        }

        private static func operation(_ name: String, _ key: LabelKey) -> [UInt8] {
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("op")
            writer.string(name)
            writer.key("path")
            writer.string("/metadata/labels/" + JSONPointerToken.escape(key.text))
            writer.key("value")
            return writer.bytes
        }
    }

    /// One label that is set.
    package struct Change: Sendable {
        package let label: Label
        package let attribution: Attribution
        /// Whether there is a value that gives way.
        package let replaces: Bool

        /// What was set and where it came from, for the audit log: `team=search (namespace, was Search)`.
        var text: String {
            var text = ""
            describe({ text += $0 }, quoting: { text += $0 })
            return text
        }

        /// - Parameters:
        ///   - say: gets words of this program and of the policy.
        ///   - quote: gets what somebody wrote.
        fileprivate func describe(_ say: (String) -> Void, quoting quote: (String) -> Void) {
            say(label.noted)
            quote(attribution.value)
            say(attribution.source.noted)
            if let spelled = attribution.spelled {
                say(", was ")
                quote(spelled)
            }
            say(")")
        }
    }

    /// In the policy's order; empty when there is nothing to do.
    package fileprivate(set) var changes: [Change] = []
    /// Whether there is no map of labels, so that one is added with all of them in it.
    package fileprivate(set) var makesMap = false

    package var isEmpty: Bool { changes.isEmpty }

    /// What was set, for the audit log: the changes' texts, joined by `; `.
    func writeRecord(_ writer: inout JSONWriter) {
        writer.beginString()
        for index in changes.indices {
            if index > 0 { writer.continueString(plain: "; ") }
            changes[index].describe({ writer.continueString(plain: $0) }, quoting: { writer.continueString($0) })
        }
        writer.endString()
    }
}

/// Completes Pods. Made once for a policy, so that a Pod costs no look-up and no operation put together anew.
struct PodCompleter: Sendable {
    /// By the rules' order in the policy.
    private let labels: [PodCompletion.Label]

    init(_ evaluator: Evaluator) {
        labels = evaluator.policy.labels.map { rule in
            PodCompletion.Label(rule.key, index: evaluator.keys.firstIndex(of: rule.key))
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
        completion.makesMap = object.labelsPresence != .map
        for index in verdict.labels.indices {
            let rule = verdict.labels[index].rule
            guard let attribution = verdict.labels[index].attribution, labels.indices.contains(rule) else { continue }
            let label = labels[rule]
            let present = label.index.flatMap { object.labels.value(at: $0) }
            if let present, present == attribution.value || object.hasController { continue }
            if completion.changes.isEmpty { completion.changes.reserveCapacity(labels.count) }
            completion.changes.append(
                PodCompletion.Change(label: label, attribution: attribution, replaces: present != nil))
        }
        return completion
    }

    /// What `complete` would add to a Pod as it is, in the record's words.
    func additions(to object: ScannedObject, _ verdict: Verdict) -> [String] {
        complete(object, verdict).changes.filter { !$0.replaces }.map(\.text)
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
