import KubernetesModel
package import LabelPolicy

/// Reads what the policy wants of one object in a single pass, by recursive descent over the kind's path trie. The
/// depth of the recursion is the trie's, never the document's.
///
/// Immutable; a class, because every walk takes hold of it.
package final class ObjectScanner: Sendable {
    /// Templates kept of one object. A RayCluster has tens of worker groups; the bound keeps an object of the largest
    /// body from costing more memory than the body itself does.
    package static let maximumTemplates = 4_096
    /// Bytes kept of a label's value for judging and quoting. Kubernetes allows 63; what is longer is refused whatever
    /// it says.
    static let maximumValueBytes = 128
    /// Bytes kept of a name. Kubernetes allows 253.
    static let maximumNameBytes = 256

    private enum MetadataField: String, CaseIterable {
        case name, generateName, namespace, labels, annotations, ownerReferences, deletionTimestamp
    }

    private let metadataFields = FieldTable<MetadataField>()
    /// The member of a Service's `spec` that is read.
    private let serviceType = JSONKeyTable(["type"])
    /// The annotation that is looked for.
    private let mirrorAnnotation = JSONKeyTable(["kubernetes.io/config.mirror"])
    /// The evaluator's keys, in its order.
    private let keys: JSONKeyTable
    /// No labels at all. Copies share its storage until a label is set, so that objects without any cost nothing.
    let noLabels: ObservedLabels

    package init(keys: [LabelKey]) {
        self.keys = JSONKeyTable(keys.map(\.text))
        noLabels = ObservedLabels(count: keys.count)
    }

    /// Reads the value the cursor stands before. What is no object yields an object without anything.
    package func scan(_ cursor: inout JSONCursor, as target: ScanTarget) throws(JSONError) -> ScannedObject {
        var object = ScannedObject(labels: noLabels)
        try read(&cursor, as: target, &object)
        return object
    }

    private func read(
        _ cursor: inout JSONCursor, as target: ScanTarget, _ object: inout ScannedObject
    ) throws(JSONError) {
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return
        }
        switch target {
        case .workload(let kind):
            var walk = TemplateWalk(kind: kind, scanner: self)
            try walk.root(&cursor, &object)
            walk.finish(&object)
        case .namespace, .claim, .service:
            try cursor.beginObject()
            while let member = try cursor.nextMember() {
                if member.matches("metadata") {
                    try metadata(&cursor, &object)
                } else if case .service = target, member.matches("spec") {
                    object.serviceType = try cursor.textMember(serviceType, maximumBytes: Self.maximumNameBytes)
                } else {
                    try cursor.skipValue()
                }
            }
        }
    }

    /// `metadata`; a second one replaces all that the first one said.
    func metadata(_ cursor: inout JSONCursor, _ object: inout ScannedObject) throws(JSONError) {
        if object.hasMetadata {
            object.name = ""
            object.generateName = ""
            object.namespace = ""
            object.labels = noLabels
            object.labelsPresence = .absent
            object.controller = nil
            object.isMirror = false
            object.isTerminating = false
        }
        object.hasMetadata = try cursor.enterObject()
        guard object.hasMetadata else { return }
        while let field = try metadataFields.next(&cursor) {
            switch field {
            case .labels: (object.labels, object.labelsPresence) = try labels(&cursor)
            case .name: object.name = try cursor.text(maximumBytes: Self.maximumNameBytes)
            case .generateName: object.generateName = try cursor.text(maximumBytes: Self.maximumNameBytes)
            case .namespace: object.namespace = try cursor.text(maximumBytes: Self.maximumNameBytes)
            case .annotations: object.isMirror = try hasMember(mirrorAnnotation, &cursor)
            case .ownerReferences: object.controller = try controller(&cursor)
            case .deletionTimestamp:
                object.isTerminating = try cursor.peek() != .null
                try cursor.skipValue()
            }
        }
    }

    /// A map of labels; of duplicate keys the last counts.
    func labels(_ cursor: inout JSONCursor) throws(JSONError) -> (ObservedLabels, MapPresence) {
        switch try cursor.peek() {
        case .object: break
        case .null:
            try cursor.null()
            return (noLabels, .null)
        case .array, .string, .number, .bool:
            try cursor.skipValue()
            return (noLabels, .malformed)
        }
        var observed = noLabels
        try cursor.beginObject()
        while let index = try cursor.nextMember(in: keys) {
            observed.set(index, to: try labelValue(&cursor))
        }
        return (observed, .map)
    }

    /// A label's value. What is no string cannot be a label: it is kept as a text no label can be, so that the verdict
    /// quotes it and refuses it. `null` decodes to the empty text, as in Go.
    private func labelValue(_ cursor: inout JSONCursor) throws(JSONError) -> String {
        let kind = try cursor.peek()
        if kind == .string { return try cursor.string().text(maximumBytes: Self.maximumValueBytes) }
        try cursor.skipValue()
        return kind == .null ? "" : "(\(kind))"
    }

    /// Whether a map has one of these members, and it is not `null`.
    private func hasMember(_ names: JSONKeyTable, _ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        var found = false
        guard try cursor.enterObject() else { return false }
        while try cursor.nextMember(in: names) != nil {
            found = try cursor.peek() != .null
            try cursor.skipValue()
        }
        return found
    }

    /// The reference with `controller: true`, of which the API server allows one.
    private func controller(_ cursor: inout JSONCursor) throws(JSONError) -> OwnerReference? {
        var result: OwnerReference?
        var isFound = false
        guard try cursor.enterArray() else { return nil }
        while try cursor.nextElement() {
            if isFound {
                try cursor.skipValue()
            } else if let reference = try OwnerReference(&cursor, maximumBytes: Self.maximumNameBytes),
                reference.controller
            {
                isFound = true
                result = reference
            }
        }
        return result
    }
}
